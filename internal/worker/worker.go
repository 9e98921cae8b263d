// Package worker is the job loop: claim, fetch, run, upload, finish.
//
//	bell, or a tick ──▶ claim ──▶ fetch the source ──▶ lend an engine ──▶ … ──▶ upload the rest ──▶ finish
//	                              (from the cache)     artifacts are uploaded
//	                                                   while the engine goes on
//
// A worker has as many jobs in engines as it has engines, and as many whose files it sends. Beside each job run a heartbeat, which keeps the lease and learns
// that it is lost, and a publisher of events. A job ends in one of four ways, and each is told to Postgres once:
//
//   - it has a result, or a failure that lies in the file or the request: Finish;
//   - the worker stops, or what it needs (S3) stays away: Release, which does not count the attempt;
//   - the job was canceled or its lease lost: nothing is written, what was stored is discarded;
//   - the worker dies: the lease runs out and the reconciler queues the job again.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/pool"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/tracing"
)

// Config of a worker.
type Config struct {
	// Scratch is the folder for what jobs need while they run. It is emptied of what dead workers left.
	Scratch string `env:"MESHGEN_SCRATCH"` // default: "meshgen" in the system's temporary directory
	// CacheBytes of source files are kept on the local disk.
	CacheBytes pool.Bytes `env:"MESHGEN_CACHE_BYTES" envDefault:"2GiB"`
	// Threads of one job, where solids that touch are cut: all else that decides what a mesh is has one thread.
	Threads int `env:"MESHGEN_THREADS"` // default: CPUs divided by engines
	// MaxElements ends a job that would have more; the API refuses most of them before.
	MaxElements int64 `env:"MESHGEN_MAX_ELEMENTS" envDefault:"100000000"`
	// Drain is how long running jobs may go on after SIGTERM.
	Drain time.Duration `env:"MESHGEN_DRAIN" envDefault:"30s"`
	// ImportTimeLimit bounds the import of a geometry.
	ImportTimeLimit time.Duration `env:"MESHGEN_IMPORT_TIME_LIMIT" envDefault:"60s"`
	// ExportTimeLimit bounds the writing of a further format.
	ExportTimeLimit time.Duration `env:"MESHGEN_EXPORT_TIME_LIMIT" envDefault:"120s"`
	// RaceAfter is how long one way to a mesh is tried alone. Then, and at once where one has failed, the next is tried beside it
	// in an engine that is idle; 0 for never.
	RaceAfter time.Duration `env:"MESHGEN_RACE_AFTER" envDefault:"10s"`
	// Speculate is for how long an idle engine may mesh curves and faces of a part that was uploaded, by the default spec and
	// before anybody asks for a mesh; 0 for never.
	Speculate time.Duration `env:"MESHGEN_SPECULATE" envDefault:"20s"`
	// StoragePatience is how long a job waits for S3 or Postgres to come back before it is given back to the queue.
	StoragePatience time.Duration `env:"MESHGEN_STORAGE_PATIENCE" envDefault:"60s"`
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var bad []error
	positive := func(name string, d time.Duration) {
		if d <= 0 {
			bad = append(bad, fmt.Errorf("%s must be positive (is %s)", name, d))
		}
	}
	positive("MESHGEN_DRAIN", c.Drain)
	positive("MESHGEN_IMPORT_TIME_LIMIT", c.ImportTimeLimit)
	positive("MESHGEN_EXPORT_TIME_LIMIT", c.ExportTimeLimit)
	positive("MESHGEN_STORAGE_PATIENCE", c.StoragePatience)
	for name, d := range map[string]time.Duration{"MESHGEN_RACE_AFTER": c.RaceAfter, "MESHGEN_SPECULATE": c.Speculate} {
		if d < 0 {
			bad = append(bad, fmt.Errorf("%s must not be negative (is %s)", name, d))
		}
	}
	if c.CacheBytes < 0 || c.Threads < 0 || c.MaxElements < 0 {
		bad = append(bad, errors.New("MESHGEN_CACHE_BYTES, MESHGEN_THREADS and MESHGEN_MAX_ELEMENTS must not be negative"))
	}
	return errors.Join(bad...)
}

// Worker claims jobs and runs them.
type Worker struct {
	ID      string
	cfg     Config
	jobs    *jobs.Service
	blobs   *blob.Store
	queue   *queue.Queue
	pool    *pool.Pool
	log     *slog.Logger
	tracer  trace.Tracer
	scratch *scratch
	cache   *cache
	started time.Time

	slots      int
	running    sync.WaitGroup // jobs
	background sync.WaitGroup // all else

	mu   sync.Mutex
	held map[string]map[*held]struct{} // running jobs, by job id; one that the database has lost may run twice

	parts   parts // that its engines keep
	claims  claims
	tally   tally
	guesses guesses
}

// held is how a running job is reached.
type held struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	look   chan struct{} // wakes its heartbeat
}

// New makes a worker on a pool that has been started, with its scratch folder. A nil tracer traces nothing.
func New(cfg Config, js *jobs.Service, blobs *blob.Store, q *queue.Queue, p *pool.Pool, log *slog.Logger, tracer trace.Tracer) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Scratch == "" {
		cfg.Scratch = filepath.Join(os.TempDir(), "meshgen")
	}
	slots := p.Stats().Capacity
	if cfg.Threads == 0 {
		cfg.Threads = max(1, runtime.NumCPU()/slots)
	}
	w := &Worker{
		ID: id.New(id.Worker), cfg: cfg, jobs: js, blobs: blobs, queue: q, pool: p,
		started: time.Now(), slots: slots, held: map[string]map[*held]struct{}{},
		guesses: guesses{look: make(chan struct{}, 1)},
	}
	w.log = log.With("worker", w.ID)
	if w.tracer = tracer; tracer == nil {
		w.tracer = tracing.Off()
	}
	var err error
	if w.scratch, err = openScratch(cfg.Scratch, w.ID); err != nil {
		return nil, err
	}
	if w.cache, err = newCache(w.scratch.path("cache"), int64(cfg.CacheBytes)); err != nil {
		return nil, errors.Join(err, w.scratch.remove())
	}
	return w, nil
}

// Causes for which a running job is stopped.
var (
	errCanceled = errors.New("the job was canceled")
	errDraining = errors.New("the worker is stopping")
	errLeaseOut = errors.New("the lease could not be kept")
)

// Run works until ctx ends, then lets running jobs go on for Config.Drain, gives back what is left, and returns.
func (w *Worker) Run(ctx context.Context) error {
	// Jobs outlive ctx by the time of the drain; so does what they listen to.
	jobsCtx, stopJobs := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stopJobs(nil)
	w.background.Go(func() { w.listenToControls(jobsCtx) })
	w.background.Go(func() { w.report(jobsCtx) })
	if w.cfg.Speculate > 0 {
		w.background.Go(func() { w.speculate(ctx) })
	}

	err := w.loop(ctx, jobsCtx)
	w.forgetParts() // nobody should wait for this worker

	w.drain(stopJobs)
	stopJobs(errDraining)
	w.background.Wait()
	return errors.Join(err, w.scratch.remove())
}

// fresh is how long it is believed that nothing is queued but what a bell rings for. Another worker may hear that bell and stop before it claims,
// or hold a job that comes for one that is busy: what has not been taken long after, a tick or the reconciler would find, seconds later.
const fresh = time.Second

// loop claims jobs while a slot is free. It claims before it listens, unless the claim before has just seen that nothing else is queued: a bell that
// rings in between stays in the queue for the next call of Next. A job leaves its slot when its engine is done: the next one begins while its files are sent and it is
// finished. Where that takes long, as when S3 is away, no more than one such job waits for each slot.
func (w *Worker) loop(ctx, jobsCtx context.Context) error {
	listener := w.queue.Listen(w.ID)
	listener.Has = w.has
	defer listener.Close()
	free, room := make(chan struct{}, w.slots), make(chan struct{}, 2*w.slots)
	var looked time.Time
	for {
		for _, place := range []chan struct{}{room, free} {
			select {
			case <-ctx.Done():
				return nil
			case place <- struct{}{}:
			}
		}
		claim, ok := w.next(ctx, listener, time.Since(looked) < fresh)
		if !ok {
			return nil
		}
		if looked = (time.Time{}); claim.Last {
			looked = time.Now()
		}
		w.running.Go(func() {
			widen()
			leave := sync.OnceFunc(func() { <-free })
			defer func() { leave(); <-room }()
			w.run(jobsCtx, claim, leave)
		})
	}
}

// next returns a claim, waiting for one until ctx ends. looked says that nothing is queued but what bells ring for.
func (w *Worker) next(ctx context.Context, listener *queue.Listener, looked bool) (store.Claim, bool) {
	for {
		if ctx.Err() != nil {
			return store.Claim{}, false
		}
		var claim store.Claim
		var ok bool
		var err error
		if !looked {
			claim, ok, err = w.claim(ctx)
		}
		if ok && err == nil {
			w.claims.count(claim)
			if claim.Kind == engine.Mesh {
				w.guesses.forget(partOf(claim))
			}
			return claim, true
		}
		if ctx.Err() != nil {
			return store.Claim{}, false
		}
		if err != nil {
			w.log.WarnContext(ctx, "claim", "error", err)
		}
		// A bell or a tick: either way Postgres is asked. A tick comes every few seconds, Redis there or not.
		if err := w.listen(ctx, listener, looked); ctx.Err() != nil {
			return store.Claim{}, false
		} else if err != nil && !errors.Is(err, queue.ErrTick) {
			w.log.WarnContext(ctx, "doorbell", "error", err)
		}
		looked = false
	}
}

// claim asks for a job, and hears the answer though ctx ends meanwhile: Postgres may have given the job out by then, and it would
// lie until its lease is over.
func (w *Worker) claim(ctx context.Context) (store.Claim, bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimLimit)
	defer cancel()
	return w.jobs.Claim(ctx, w.ID)
}

// claimLimit is how long Postgres may take to answer a claim.
const claimLimit = 10 * time.Second

// listen waits for a bell, or until a job that is held for other workers is anybody's; of what is not queued none is.
func (w *Worker) listen(ctx context.Context, listener *queue.Listener, nothing bool) error {
	var wait time.Duration
	var held bool
	var err error
	if !nothing {
		wait, held, err = w.jobs.HeldFor(ctx)
	}
	if err != nil {
		w.log.WarnContext(ctx, "not known whether jobs are held", "error", err)
	}
	w.guesses.rest(true)
	defer w.guesses.rest(false)
	if held {
		_, err = listener.NextWithin(ctx, wait)
	} else {
		_, err = listener.Next(ctx)
	}
	return err
}

// drain waits for running jobs, for Config.Drain at most; then they are stopped and given back.
func (w *Worker) drain(stopJobs context.CancelCauseFunc) {
	done := make(chan struct{})
	go func() { w.running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(w.cfg.Drain):
		w.log.Info("drain time is over, giving jobs back")
		stopJobs(errDraining)
		<-done
	}
}

// adopt makes a running job reachable by control messages.
func (w *Worker) adopt(jobID string, h *held) (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held[jobID] == nil {
		w.held[jobID] = map[*held]struct{}{}
	}
	w.held[jobID][h] = struct{}{}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.held[jobID], h)
		if len(w.held[jobID]) == 0 {
			delete(w.held, jobID)
		}
	}
}

// has reports whether a job is running here. One whose lease ran out unnoticed is, until the next heartbeat: a bell that is passed over for
// it is rung again by the reconciler.
func (w *Worker) has(jobID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for h := range w.held[jobID] {
		if h.ctx.Err() == nil {
			return true
		}
	}
	return false
}

// stop ends the runs of a job.
func (w *Worker) stop(jobID string, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for h := range w.held[jobID] {
		h.cancel(cause)
	}
}

// look has the runs of a job see whom they run for.
func (w *Worker) look(jobID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for h := range w.held[jobID] {
		select {
		case h.look <- struct{}{}:
		default:
		}
	}
}
