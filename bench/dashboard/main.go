// Command dashboard draws deploy/monitoring/dashboard.json as a picture of a real run: it starts an installation and a Prometheus that
// watches it, lets people and batches ask for meshes, kills an engine, and asks Prometheus what the panels ask. It is not
// Grafana, but the panels, their expressions, units, thresholds and legends are those of the file. See docs/operations.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/devservers"
)

type options struct {
	bin, monitoring, out string
	during               time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.StringVar(&o.monitoring, "monitoring", "deploy/monitoring", "folder of the dashboard and the alerts")
	flag.StringVar(&o.out, "out", "docs/images/dashboard.svg", "file for the picture")
	flag.DurationVar(&o.during, "for", 5*time.Minute, "how long there is work")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, files []string) (err error) {
	if len(files) < 2 {
		return errors.New("name two CAD files or more: the first for people, the others for a batch")
	}
	board, err := readDashboard(filepath.Join(o.monitoring, "dashboard.json"))
	if err != nil {
		return err
	}
	dir, err := devservers.TempDir("meshgen-dashboard-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	metrics, err := devservers.FreePort()
	if err != nil {
		return err
	}
	target := fmt.Sprintf("127.0.0.1:%d", metrics)
	s, err := service.Open(ctx, service.Options{
		Bin: o.bin, Engine: filepath.Join(o.bin, "engine"), Scratch: dir, Engines: 2,
		Env: []string{"MESHGEN_METRICS_LISTEN=" + target, "MESHGEN_ENGINE_JOBS=20"},
	})
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := startPrometheus(ctx, dir, o.monitoring, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.process.Stop()) }()

	began := time.Now()
	if err := work(ctx, s, o.during, files); err != nil {
		return err
	}
	picture, err := draw(ctx, board, p, began, time.Now())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Clean(o.out), []byte(picture), 0o644)
}
