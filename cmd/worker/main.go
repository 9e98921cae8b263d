// Command worker claims jobs and runs them on warm engines.
//
//	worker               claims and runs (until SIGTERM)
//	worker healthcheck   asks Redis whether the worker of this host is well; for containers
//
// It checks what it needs (Postgres' schema, Redis' policies, the bucket, an engine that starts) and says what is wrong.
// SIGTERM lets running jobs go on for MESHGEN_DRAIN, then gives back what is left.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"meshgen/internal/blob"
	"meshgen/internal/jobs"
	"meshgen/internal/pool"
	"meshgen/internal/queue"
	"meshgen/internal/startup"
	"meshgen/internal/store"
	"meshgen/internal/tracing"
	"meshgen/internal/worker"
)

func main() {
	if len(os.Args) == 1 {
		startup.Begin()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	command := run
	switch {
	case len(os.Args) == 2 && os.Args[1] == "healthcheck":
		command = healthcheck
	case len(os.Args) > 1:
		fmt.Fprintln(os.Stderr, "usage: worker [healthcheck]")
		os.Exit(2)
	}
	if err := command(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	var cfg struct {
		start startup.Config
		store store.Config
		queue queue.Config
		blob  blob.Config
		jobs  jobs.Config
		pool  pool.Config
		work  worker.Config
		trace tracing.Config
	}
	if err := startup.Load(&cfg.start, &cfg.store, &cfg.queue, &cfg.blob, &cfg.jobs, &cfg.pool, &cfg.work, &cfg.trace); err != nil {
		return err
	}
	log := cfg.start.Logger("worker")
	slog.SetDefault(log) // for libraries

	tracer, stopTracing, err := cfg.trace.Start("worker", log)
	if err != nil {
		return err
	}
	defer stopTracing()
	db, err := store.Open(ctx, cfg.store)
	if err != nil {
		return err
	}
	defer db.Close()
	q, err := queue.New(cfg.queue, log)
	if err != nil {
		return err
	}
	defer q.Close()
	blobs, err := blob.New(ctx, cfg.blob, log)
	if err != nil {
		return err
	}
	engines, err := pool.New(cfg.pool, log)
	if err != nil {
		return err
	}
	defer func() {
		gone, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err = errors.Join(err, engines.Close(gone))
	}()
	// The engines warm while the servers are waited for.
	warm := make(chan error, 1)
	go func() { warm <- engines.Start(ctx) }()
	if err := cfg.start.Await(ctx, log,
		startup.Check{Name: "postgres", Do: db.Check},
		startup.Check{Name: "redis", Do: q.Check},
		startup.Check{Name: "s3", Do: blobs.Check},
	); err != nil {
		return err
	}
	if err := <-warm; err != nil {
		return fmt.Errorf("no engine: %w", err)
	}

	js := jobs.New(cfg.jobs, db, q, blobs, log)
	w, err := worker.New(cfg.work, js, blobs, q, engines, log, tracer)
	if err != nil {
		return err
	}
	janitorCtx, stopJanitor := context.WithCancel(ctx)
	defer stopJanitor()
	go js.Janitor(janitorCtx, blobs)
	log.Info("worker is ready", "id", w.ID, "engines", engines.Stats().Capacity)
	return w.Run(ctx)
}

func healthcheck(ctx context.Context) error {
	var start startup.Config
	var cfg queue.Config
	if err := startup.Load(&start, &cfg); err != nil {
		return err
	}
	q, err := queue.New(cfg, start.Logger("worker"))
	if err != nil {
		return err
	}
	defer q.Close()
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	return worker.Healthy(ctx, q, host)
}
