package worker

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"meshgen/internal/engine"
	"meshgen/internal/store"
	"meshgen/internal/tracing"
)

// What a collector of traces is told of a job:
//
//	the request that queued it (the API's span)
//	├─ queued           until the first claim
//	└─ job mesh         from the claim until it is finished or given back
//	   ├─ fetch
//	   ├─ engine rung   one for each rung that was tried
//	   │  └─ import, mesh1d, mesh2d, …   by what the engine says while it works; it knows of no traces itself
//	   ├─ put msh       one for each file
//	   ├─ upload        what is left of the puts when the mesh is there
//	   └─ finish

// traceJob begins the span of a claim, under what queued the job.
func (w *Worker) traceJob(ctx context.Context, c store.Claim) (context.Context, trace.Span) {
	ctx = tracing.Under(ctx, c.Traceparent)
	if c.Attempt == 1 {
		_, queued := w.tracer.Start(ctx, "queued", trace.WithTimestamp(c.QueuedAt), trace.WithAttributes(attribute.String("meshgen.class", string(c.Class))))
		queued.End()
	}
	return w.tracer.Start(ctx, "job "+string(c.Kind), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("meshgen.job", c.JobID), attribute.Int("meshgen.attempt", c.Attempt), attribute.String("meshgen.tenant", c.TenantID),
		attribute.String("meshgen.subject", c.Subject()), attribute.String("meshgen.worker", w.ID), attribute.Bool("meshgen.hot", c.Hot)))
}

// endJob tells how a job ended, before its span does.
func endJob(span trace.Span, outcome store.Outcome, err error) {
	switch {
	case err != nil:
		span.SetStatus(codes.Error, err.Error())
	case outcome.Error != nil: // the file's fault, not the service's
		span.SetAttributes(attribute.String("meshgen.failed", string(outcome.Error.Code)))
	}
}

// traceOf names the trace of a job, for its log: also one that others make, where nothing is traced here.
func traceOf(ctx context.Context) []any {
	if id := tracing.ID(tracing.Traceparent(ctx)); id != "" {
		return []any{"trace", id}
	}
	return nil
}

// traced begins a span of the job's, and returns what ends it.
func (r *run) traced(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := r.w.tracer.Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// trace begins the span of a rung, and returns what ends it.
func (g *rung) trace(ctx context.Context) (context.Context, func(engine.Result, error)) {
	ctx, span := g.w.tracer.Start(ctx, "engine "+g.try.Name, trace.WithSpanKind(trace.SpanKindClient))
	g.spans = stageSpans{tracer: g.w.tracer, under: ctx}
	return ctx, func(result engine.Result, err error) {
		g.spans.end()
		switch {
		case err != nil:
			span.SetStatus(codes.Error, err.Error())
		case result.Error != nil:
			span.SetStatus(codes.Error, string(result.Error.Code))
		}
		span.End()
	}
}

// stageSpans are those of the stages of a rung.
type stageSpans struct {
	tracer trace.Tracer
	under  context.Context

	mu    sync.Mutex
	stage engine.Stage
	span  trace.Span
}

// reach ends the span of the last stage and begins that of another.
func (s *stageSpans) reach(stage engine.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stage == s.stage {
		return
	}
	if s.span != nil {
		s.span.End()
	}
	s.stage = stage
	_, s.span = s.tracer.Start(s.under, string(stage))
}

// end ends the last of them.
func (s *stageSpans) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.span != nil {
		s.span.End()
	}
}
