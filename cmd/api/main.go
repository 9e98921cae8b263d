// Command api is the HTTP server of Meshgen.
//
//	api [serve]       answers requests (the default)
//	api migrate       brings the database's schema to this version
//	api bucket        makes the bucket, for development and one-shot steps
//	api healthcheck   asks the server on MESHGEN_LISTEN whether it is ready; for containers without a shell
//	api openapi       prints the OpenAPI document as YAML
//
// Everything is set by MESHGEN_* variables; see docs/configuration.md. At start it waits for Postgres, Redis and S3, and
// says what is wrong with the one that it cannot use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"meshgen/internal/api"
	"meshgen/internal/blob"
	"meshgen/internal/fetch"
	"meshgen/internal/jobs"
	"meshgen/internal/oidc"
	"meshgen/internal/page"
	"meshgen/internal/queue"
	"meshgen/internal/startup"
	"meshgen/internal/store"
	"meshgen/internal/tracing"
	"meshgen/internal/webhooks"
)

const usage = "usage: api [serve | migrate | bucket | healthcheck | openapi]"

func main() {
	command := "serve"
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	if command == "serve" {
		startup.Begin()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	commands := map[string]func(context.Context) error{
		"serve": serve, "migrate": migrate, "bucket": bucket, "healthcheck": healthcheck, "openapi": openAPI,
	}
	run, ok := commands[command]
	if !ok || len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "api %s: %v\n", command, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	var cfg struct {
		start startup.Config
		store store.Config
		queue queue.Config
		blob  blob.Config
		jobs  jobs.Config
		api   api.Config
		page  page.Config
		hooks webhooks.Config
		fetch fetch.Config
		oidc  oidc.Config
		trace tracing.Config
	}
	if err := startup.Load(&cfg.start, &cfg.store, &cfg.queue, &cfg.blob, &cfg.jobs, &cfg.api, &cfg.page, &cfg.hooks, &cfg.fetch, &cfg.oidc, &cfg.trace); err != nil {
		return err
	}
	log := cfg.start.Logger("api")
	slog.SetDefault(log) // for libraries

	tracer, stopTracing, err := cfg.trace.Start("api", log)
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
	if err := cfg.start.Await(ctx, log,
		startup.Check{Name: "postgres", Do: db.Check},
		startup.Check{Name: "redis", Do: q.Check},
		startup.Check{Name: "s3", Do: blobs.Check},
	); err != nil {
		return err
	}

	service := jobs.New(cfg.jobs, db, q, blobs, log)
	defer service.Wait()
	deps := api.Deps{DB: db, Jobs: service, Queue: q, Blobs: blobs, Webhooks: cfg.hooks, Fetch: fetch.New(cfg.fetch), Log: log, Tracer: tracer}
	if cfg.oidc.Enabled() {
		deps.OIDC = oidc.New(cfg.oidc)
	}
	if cfg.page.Dir != "" {
		if deps.Page, err = openPage(ctx, cfg.page.Dir, blobs); err != nil {
			return err
		}
	}
	server := api.New(cfg.api, deps)
	var janitor sync.WaitGroup
	defer janitor.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	janitor.Go(func() { service.Janitor(ctx, blobs) })
	janitor.Go(func() { webhooks.NewSender(cfg.hooks, db, log).Run(ctx) })
	return server.Run(ctx)
}

// openPage reads the page. It may speak to wherever presigned URLs point.
func openPage(ctx context.Context, dir string, blobs *blob.Store) (http.Handler, error) {
	sample, err := blobs.PresignGet(ctx, "sample", "", "")
	if err != nil {
		return nil, err
	}
	store, err := url.Parse(sample)
	if err != nil {
		return nil, err
	}
	return page.New(os.DirFS(dir), store.Scheme+"://"+store.Host)
}

func migrate(ctx context.Context) error {
	var start startup.Config
	var cfg store.Config
	if err := startup.Load(&start, &cfg); err != nil {
		return err
	}
	return start.Await(ctx, start.Logger("api"), startup.Check{Name: "postgres", Do: func(ctx context.Context) error {
		return store.Migrate(ctx, cfg.URL)
	}})
}

func bucket(ctx context.Context) error {
	var start startup.Config
	var cfg blob.Config
	if err := startup.Load(&start, &cfg); err != nil {
		return err
	}
	log := start.Logger("api")
	blobs, err := blob.New(ctx, cfg, log)
	if err != nil {
		return err
	}
	return start.Await(ctx, log, startup.Check{Name: "s3", Do: blobs.EnsureBucket})
}

// healthcheckTimeout is a little less than containers usually give.
const healthcheckTimeout = 4 * time.Second

func healthcheck(ctx context.Context) error {
	var cfg api.Config
	if err := startup.Load(&cfg); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return err
	}
	switch host { // what stands for every address is none to connect to
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}

func openAPI(context.Context) error {
	document, err := api.New(api.Config{}, api.Deps{Log: slog.New(slog.DiscardHandler)}).OpenAPI()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(document)
	return err
}
