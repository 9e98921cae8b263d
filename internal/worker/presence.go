package worker

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

// Presence is what a worker says of itself, for GET /v1/pool.
type Presence struct {
	ID      string       `json:"id"`
	Host    string       `json:"host"`
	PID     int          `json:"pid"`
	Started time.Time    `json:"started"`
	CPUs    int          `json:"cpus"`
	Threads int          `json:"threads" doc:"threads of one job"`
	Device  string       `json:"device" doc:"cpu, or the GPU that its engines hold"`
	Engine  engine.Ready `json:"engine" doc:"versions and build options"`
	Pool    pool.Stats   `json:"pool"`
	Claims  Claims       `json:"claims" doc:"meshes that it took, by where their part was"`
	Tally   Tally        `json:"tally,omitzero"` // for metrics: it is nobody's business what becomes of others' jobs
}

// presenceEvery is how often a worker reports itself; it is forgotten after three reports that did not come.
const (
	presenceEvery = 5 * time.Second
	presenceTTL   = 3 * presenceEvery
)

// Presence returns the worker as it is now.
func (w *Worker) Presence() Presence {
	host, _ := os.Hostname()
	ready, _ := w.pool.Ready() // no engine alive: the pool's numbers say so
	return Presence{
		ID: w.ID, Host: host, PID: os.Getpid(), Started: w.started, CPUs: runtime.NumCPU(), Threads: w.cfg.Threads,
		Device: cmp.Or(ready.Device, spec.DeviceCPU), Engine: ready, Pool: w.pool.Stats(), Claims: w.claims.read(), Tally: w.tally.read(),
	}
}

// report keeps the worker's presence fresh until ctx ends, then takes it back. Once it says which engines have come: their
// results, and no others, are given to those who ask for the same again.
func (w *Worker) report(ctx context.Context) {
	ticker := time.NewTicker(presenceEvery)
	defer ticker.Stop()
	told := false
	for {
		if ready, err := w.pool.Ready(); err == nil && !told {
			err := w.jobs.SeeEngine(ctx, ready.EngineVersion)
			if told = err == nil; !told && ctx.Err() == nil {
				w.log.Warn("version of the engines not recorded", "error", err)
			}
		}
		w.keepParts(ctx)
		if err := w.queue.SetWorker(ctx, w.ID, w.Presence(), presenceTTL); err != nil && ctx.Err() == nil {
			w.log.Warn("presence not reported", "error", err)
		}
		select {
		case <-ctx.Done():
			gone, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = w.queue.RemoveWorker(gone, w.ID) // it runs out by itself
			return
		case <-ticker.C:
		}
	}
}
