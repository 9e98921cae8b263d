package api

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"meshgen/internal/tracing"
)

// safeTraceparent is a W3C trace context that may be handed on.
var safeTraceparent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

func traceparent(header string) string {
	if safeTraceparent.MatchString(header) {
		return header
	}
	return ""
}

// traceOf returns what the job of a request is to be traced under: our span for it, or what the client said where we trace nothing.
func traceOf(ctx context.Context) string { return noteOf(ctx).traceparent }

// traced makes a span of each request, under that of the client if it names one. It is not there where nothing is traced.
func (s *Server) traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(quiet, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		n := noteOf(r.Context())
		ctx, span := s.tracer.Start(tracing.Under(r.Context(), n.traceparent), r.Method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		n.traceparent = tracing.Traceparent(ctx)
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			route := chi.RouteContext(ctx).RoutePattern()
			if route != "" {
				span.SetName(r.Method + " " + route)
			}
			status := answer.Status()
			span.SetAttributes(
				attribute.String("http.request.method", r.Method), attribute.String("http.route", route), attribute.String("url.path", r.URL.Path),
				attribute.Int("http.response.status_code", status), attribute.String("meshgen.request_id", n.requestID),
				attribute.String("meshgen.tenant", n.caller.Tenant))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, http.StatusText(status))
			}
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
	})
}
