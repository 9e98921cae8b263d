// Package pool keeps mesh engines warm.
//
// An engine is a child process that has loaded Gmsh. Run lends an engine to a request and takes it back, or kills it: an
// engine is never asked to stop. Spares stand ready, so that a replacement is free.
//
//	          ┌──────── pool ─────────┐
//	Run ────▶ │ busy   busy           │   at most Config.Engines at once
//	          │ warm (spare)          │   Config.Spares that nobody has used
//	          │ starting …            │   replacements, in the background
//	          └───────────────────────┘
package pool

import (
	"context"
	"log/slog"
	"time"

	"meshgen/internal/engine"
)

// Limits bound one request.
type Limits struct {
	Time   time.Duration // wall time once an engine is lent; 0 for none
	Memory int64         // resident bytes of the engine and its children; 0 for Config.MemoryLimit
	// Tenant is whose request it is: an engine that served another tenant never serves this one.
	Tenant string
}

// Outcome is what Run knows of a request. Beside an error it still says what is known of the engine.
type Outcome struct {
	Result engine.Result
	Engine engine.Ready  // what the engine said of itself
	PID    int           // of the engine
	Served int           // requests that the engine was given before this one
	Warm   bool          // the engine was ready before the request came
	Waited time.Duration // from the call of Run until an engine was lent
	Took   time.Duration // from then until the result, or the engine's end
	// PeakRSS is the most resident memory that was seen; it is looked at every 100 ms, so it is 0 for a short request.
	PeakRSS int64
	// Printed are the last lines that the engine printed on standard output and error.
	Printed []engine.LogLine
}

// Pool is a number of engines under supervision.
type Pool struct {
	cfg Config
	log *slog.Logger
}

// New checks the configuration. It starts nothing.
func New(cfg Config, log *slog.Logger) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Pool{cfg: cfg, log: log}, nil
}

// Start starts the engines and returns when the first of them is ready or has died, whichever comes first; the others
// warm in the background. The error holds the last words of the engine; nothing is left running then. ctx bounds Start
// alone: the pool lives until Close.
func (p *Pool) Start(ctx context.Context) error { return ErrUnavailable }

// Run lends an engine to the request, waiting for one if all are busy, and returns its result. Stage, Log and Artifact
// messages are passed to on (which may be nil) in their order, from the calling goroutine; so is what the engine prints,
// as Log messages of level "stdout" and "stderr". The paths of artifacts are absolute and within the request's Dir.
//
// A result that holds an error is not an error of Run. When ctx ends, the engine is killed and Run returns an error that
// wraps ctx's; likewise ErrTimeLimit, ErrMemoryLimit, ErrProtocol and *Died. Run returns, and the place in the pool is
// free again, when the engine is dead and reaped. on must not block beyond the end of ctx.
func (p *Pool) Run(ctx context.Context, req engine.Request, lim Limits, on func(engine.Message)) (Outcome, error) {
	return Outcome{}, ErrUnavailable
}

// Close kills every engine, makes waiting and running requests return ErrClosed, and returns when all is gone, or ctx
// ends. It may be called more than once.
func (p *Pool) Close(ctx context.Context) error { return nil }
