package api

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/tracing"
)

type contextKey int

const (
	keyNote contextKey = iota
	keyCaller
)

// note is what becomes known of a request while it is answered, for its log line.
type note struct {
	requestID   string
	sender      string      // address
	traceparent string      // of the request, or of our span for it; "" if nobody traces it
	caller      auth.Caller // once it is known, or claimed with a key or link that does not stand any more
	object      string      // id of the thing that the request made or found, where its path does not name it
	made        []string    // keys that it made beside that
}

func noteOf(ctx context.Context) *note {
	f, ok := ctx.Value(keyNote).(*note)
	if !ok {
		return &note{}
	}
	return f
}

// requestID returns the name of the request that ctx belongs to.
func requestID(ctx context.Context) string { return noteOf(ctx).requestID }

// safeRequestID is what a proxy in front may name a request.
var safeRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

func (s *Server) nameRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Header.Get("X-Request-Id")
		if !safeRequestID.MatchString(name) {
			name = uuid.NewString()
		}
		w.Header().Set("X-Request-Id", name)
		n := &note{requestID: name, sender: senderOf(r, s.cfg.TrustedProxies), traceparent: traceparent(r.Header.Get("Traceparent"))}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyNote, n)))
	})
}

// quiet paths are asked for every few seconds by machines.
var quiet = []string{"/healthz", "/readyz"}

// observe logs and measures a request once it is answered.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			status := answer.Status()
			if status == 0 {
				status = http.StatusOK
			}
			route := chi.RouteContext(r.Context()).RoutePattern()
			took := time.Since(start)
			s.metrics.observe(route, r.Method, status, took)
			level := slog.LevelInfo
			if slices.Contains(quiet, r.URL.Path) {
				level = slog.LevelDebug
			}
			attrs := []slog.Attr{
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("route", route),
				slog.Int("status", status), slog.Int("bytes", answer.BytesWritten()),
				slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", requestID(r.Context())),
				slog.String("from", noteOf(r.Context()).sender), slog.String("tenant", noteOf(r.Context()).caller.Tenant),
				slog.String("actor", noteOf(r.Context()).caller.Actor),
			}
			if id := tracing.ID(noteOf(r.Context()).traceparent); id != "" {
				attrs = append(attrs, slog.String("trace", id))
			}
			s.log.LogAttrs(r.Context(), level, "request", attrs...)
		}()
		next.ServeHTTP(answer, r)
	})
}

// recovered answers a panic with a problem, if nothing has been answered yet.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.log.ErrorContext(r.Context(), "panic", "request_id", requestID(r.Context()), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			if answer, ok := w.(middleware.WrapResponseWriter); ok && answer.Status() != 0 {
				panic(http.ErrAbortHandler) // the client must not take the half answer for a whole one
			}
			s.fail(w, r, refuse(http.StatusInternalServerError, types.CodeInternal, "This is our fault. If it stays, report it with the request_id."))
		}()
		next.ServeHTTP(w, r)
	})
}

// guard sets the headers that keep a browser from doing more with an answer than it should.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			h.Set("Cache-Control", "no-store") // presigned URLs, and states that change
		}
		next.ServeHTTP(w, r)
	})
}

// addressed refuses requests that speak of another host, where only this machine is listened to and nobody logs in: a page of
// another site may have its own name point at this machine, and its scripts then count as ours.
func (s *Server) addressed(next http.Handler) http.Handler {
	here, _, err := net.SplitHostPort(s.cfg.Listen)
	if err != nil || s.cfg.Auth != AuthOff || !loopback(here) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := func(origin string) bool { _, host, _ := strings.Cut(origin, "://"); return host == r.Host }
		if !loopback(hostOf(r)) && !slices.ContainsFunc(s.cfg.CORSOrigins, named) {
			s.fail(w, r, refuse(http.StatusForbidden, types.CodeCrossOrigin, fmt.Sprintf(
				"Nobody logs in here, so only localhost is answered, not %q. Behind a proxy, switch keys on, or name its address in MESHGEN_CORS_ORIGINS.", r.Host)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin keeps the pages of other sites from changing anything through the browser of somebody who can reach us,
// and lets those of the configured origins call the API.
func (s *Server) crossOrigin() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	for _, origin := range s.cfg.CORSOrigins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(err) // Config.Validate lets origins pass only
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			if origin := r.Header.Get("Origin"); len(s.cfg.CORSOrigins) > 0 {
				h.Add("Vary", "Origin")
				if slices.Contains(s.cfg.CORSOrigins, origin) {
					h.Set("Access-Control-Allow-Origin", origin)
					h.Set("Access-Control-Expose-Headers", "Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id")
					if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
						h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE")
						h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Prefer, Last-Event-ID, X-Request-Id, Traceparent")
						h.Set("Access-Control-Max-Age", "7200")
						w.WriteHeader(http.StatusNoContent)
						return
					}
				}
			}
			if err := protection.Check(r); err != nil {
				s.fail(w, r, refuse(http.StatusForbidden, types.CodeCrossOrigin,
					"A page of another site may not do this. If it should, add its origin to MESHGEN_CORS_ORIGINS."))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// maxBody bounds a JSON body, in bytes.
const maxBody = 1 << 20

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		next.ServeHTTP(w, r)
	})
}

// noRoute leaves to the page what is not of the API.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if s.page != nil && reads && !strings.HasPrefix(r.URL.Path, "/v1/") {
		s.page.ServeHTTP(w, r)
		return
	}
	s.fail(w, r, refuse(http.StatusNotFound, types.CodeNotFound, "There is nothing at this path. See /docs."))
}

func (s *Server) noMethod(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
		as := method
		if as == http.MethodHead {
			as = http.MethodGet
		}
		if s.router.Match(chi.NewRouteContext(), as, r.URL.Path) {
			allowed = append(allowed, method)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.fail(w, r, refuse(http.StatusMethodNotAllowed, types.CodeMethodNotAllowed,
		fmt.Sprintf("%s is not possible here; %s is.", r.Method, strings.Join(allowed, ", "))))
}
