package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
)

func (s *Server) addHealth() {
	tags := []string{tagService}
	s.ready = &readiness{server: s}
	huma.Register(s.api, huma.Operation{
		OperationID: "get-health", Method: http.MethodGet, Path: "/healthz", Tags: tags, Security: security(public),
		Summary: "Is the process alive?", Description: "Says nothing of what it depends on.",
	}, func(context.Context, *struct{}) (*healthOutput, error) {
		return &healthOutput{types.Health{Status: "ok"}}, nil
	})
	add(s, huma.Operation{
		OperationID: "get-readiness", Method: http.MethodGet, Path: "/readyz", Tags: tags, Metadata: needs(public),
		Summary:     "Can the service do its work?",
		Description: "Asks Postgres, Redis and S3, at most once a second. 503 names what is away.",
		Errors:      []int{500},
		Responses: map[string]*huma.Response{"503": {
			Description: "Something is away, or the process is about to stop",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema[types.Readiness](s)}},
		}},
	}, s.getReadiness)
}

type healthOutput struct{ Body types.Health }

type readinessOutput struct {
	Status int
	Body   types.Readiness
}

func (s *Server) getReadiness(ctx context.Context, _ *struct{}) (*readinessOutput, error) {
	r := s.ready.get(ctx)
	if s.life.Err() != nil {
		r.Status = "unavailable"
		r.Checks = append([]types.Checked{{Name: "process", Reason: "is about to stop"}}, r.Checks...)
	}
	out := &readinessOutput{Status: http.StatusOK, Body: r}
	if r.Status != "ready" {
		out.Status = http.StatusServiceUnavailable
	}
	return out, nil
}

const (
	readinessAge     = time.Second     // an answer is given again for so long
	readinessTimeout = 2 * time.Second // a server that takes longer counts as away
)

// readiness asks the servers behind us, side by side, and remembers the answer for a second.
type readiness struct {
	server *Server

	mu      sync.Mutex
	latest  types.Readiness
	checked time.Time
}

func (r *readiness) get(ctx context.Context) types.Readiness {
	r.mu.Lock() // who comes meanwhile gets the same answer
	defer r.mu.Unlock()
	if time.Since(r.checked) > readinessAge {
		r.latest, r.checked = r.ask(context.WithoutCancel(ctx)), time.Now()
	}
	return r.latest
}

func (r *readiness) ask(ctx context.Context) types.Readiness {
	ctx, cancel := context.WithTimeout(ctx, readinessTimeout)
	defer cancel()
	s := r.server
	checks := []struct {
		name string
		ask  func(context.Context) error
	}{{"postgres", s.db.Ping}, {"redis", s.queue.Ping}, {"s3", s.blobs.Ping}}

	now := time.Now()
	out := types.Readiness{Status: "ready", Checks: make([]types.Checked, len(checks)), CheckedAt: &now}
	var asking sync.WaitGroup
	for i, c := range checks {
		asking.Go(func() {
			out.Checks[i] = types.Checked{Name: c.name, OK: true}
			if err := c.ask(ctx); err != nil {
				s.log.WarnContext(ctx, "not ready", "server", c.name, "error", err)
				out.Checks[i] = types.Checked{Name: c.name, Reason: reason(ctx, err)}
			}
		})
	}
	asking.Wait()
	for _, c := range out.Checks {
		if !c.OK {
			out.Status = "unavailable"
		}
	}
	return out
}

// reason is what a stranger may know of a failed check: addresses and names stay in the log.
func reason(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "does not answer in time"
	case away(err):
		return "cannot be reached"
	}
	return "cannot be used; the log of the server says why"
}
