// Package api is the HTTP server: it lets clients bring geometries, ask for meshes, follow the work and fetch results.
// It holds no mesher code and no state of its own.
//
//	POST ──▶ jobs.Service ──▶ Postgres, then Redis   whatever changes something
//	GET  ──▶ store.DB                                whatever is read, for one tenant
//	SSE  ──▶ queue.Hub, and store.DB where events were lost
//	files ─▶ blob.Store: streamed in, presigned out
//
// The calls are JSON operations of huma, which makes the OpenAPI document of their types (package types), but for four
// that are written on chi and described by hand: the form upload (never buffered), and the streams of events. Every error
// is application/problem+json.
package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/otel/trace"

	"meshgen/internal/blob"
	"meshgen/internal/fetch"
	"meshgen/internal/jobs"
	"meshgen/internal/oidc"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/webhooks"
)

// Deps are what the API stands on.
type Deps struct {
	DB    *store.DB
	Jobs  *jobs.Service
	Queue *queue.Queue
	Blobs *blob.Store
	Log   *slog.Logger
	// Tracer makes a span of each request; nil traces nothing.
	Tracer trace.Tracer
	// Webhooks says whether a mesh may name an address to be told.
	Webhooks webhooks.Config
	// Fetch gets files that requests name by their address; nil for none.
	Fetch *fetch.Fetcher
	// OIDC takes the tokens of an identity provider; nil for none.
	OIDC *oidc.Verifier
	// Page serves whatever is not of the API: the page in the browser. Without it / leads to /docs.
	Page http.Handler
}

// Server answers the API's requests.
type Server struct {
	cfg   Config
	db    *store.DB
	jobs  *jobs.Service
	queue *queue.Queue
	blobs *blob.Store
	log   *slog.Logger
	page  http.Handler

	webhooks webhooks.Config
	fetcher  *fetch.Fetcher
	oidc     *oidc.Verifier // nil for none
	tracer   trace.Tracer

	router  chi.Router
	api     huma.API
	metrics *metrics
	facts   *factCache
	pace    *pace // nil for no limit
	ready   *readiness

	standing *standing
	seldom   seldom

	// life ends when the process is about to stop.
	life context.Context
	end  context.CancelFunc
}

// New returns a Server that answers; Run makes it listen.
func New(cfg Config, d Deps) *Server {
	s := &Server{
		cfg: cfg, db: d.DB, jobs: d.Jobs, queue: d.Queue, blobs: d.Blobs, log: d.Log, page: d.Page, webhooks: d.Webhooks, fetcher: d.Fetch, oidc: d.OIDC,
		tracer: d.Tracer,
		facts:  newFactCache(), standing: newStanding(), pace: newPace(),
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.metrics = newMetrics(s)
	s.route()
	return s
}

// Handler returns the whole API.
func (s *Server) Handler() http.Handler { return s.router }

// Drain ends the streams of events, so that their clients resume elsewhere, and makes /readyz say that the process leaves.
func (s *Server) Drain() { s.end() }

func (s *Server) route() {
	configureHuma()
	s.router = chi.NewRouter()
	s.router.Use(s.nameRequest)
	if s.tracer != nil {
		s.router.Use(s.traced)
	}
	s.router.Use(s.observe, s.recovered, prompt, s.bodyInTime, guard, s.addressed, s.crossOrigin(), s.unneeded, middleware.GetHead)
	s.router.NotFound(s.noRoute)
	s.router.MethodNotAllowed(s.noMethod)

	s.router.Group(func(r chi.Router) {
		r.Use(limitBody)
		config := openAPIConfig()
		config.OnAddOperation = append(config.OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) {
			op.BodyReadTimeout = cmp.Or(s.cfg.BodyWithin, bodyWithin)
		})
		s.api = humachi.New(r, config)
		s.addProjects()
		s.addUploads()
		s.addFetch()
		s.addGeometries()
		s.addMeshes()
		s.addDownloads()
		s.addBatches()
		s.addEstimate()
		s.addPool()
		s.addKeys()
		s.addSession()
		s.addShares()
		s.addAudit()
		s.addWebhooks()
		s.addWebhookEndpoints()
		s.addHealth()
	})
	s.addFormUpload(s.router)
	s.addEvents(s.router)
	s.loosen()
	s.addDocs(s.router)
}

// add registers a JSON operation. The errors of every operation, and of those with a body, need not be named.
func add[I, O any](s *Server, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = -1 // limitBody does it
	s.secure(&op)
	if _, hasBody := reflect.TypeFor[I]().FieldByName("Body"); hasBody {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.Responses["503"] == nil {
		op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			err = s.problem(ctx, err)
			s.audit(ctx, op.OperationID, err)
			return nil, err
		}
		s.audit(ctx, op.OperationID, nil)
		return out, nil
	})
}

// schema names the schema of a type in the OpenAPI document.
func schema[T any](s *Server) *huma.Schema {
	return s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}

// Routes lists what is answered, as "METHOD /path".
func (s *Server) Routes() []string {
	var out []string
	// The walk fails only if the function does.
	_ = chi.Walk(s.router, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		out = append(out, method+" "+path)
		return nil
	})
	return out
}
