// Command scale measures where one installation ends: how many jobs a second Postgres gives out, how many events a second
// Redis passes on, how many streams of events one API holds and how late their events come, and how soon it answers reads.
// See bench/README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"meshgen/internal/devservers"
)

type options struct {
	bin, out  string
	only      string
	jobs      int
	claimers  int
	clients   int
	subjects  int
	keys      int
	eventRate float64 // events a second, of all subjects
	readRate  float64
	seconds   time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.StringVar(&o.out, "out", "-", "file for the tables; - prints them")
	flag.StringVar(&o.only, "only", strings.Join(measures, ","), "what to measure")
	flag.IntVar(&o.jobs, "jobs", 10_000, "jobs to claim, and to be led through their whole life")
	flag.IntVar(&o.claimers, "claimers", 8, "goroutines that claim")
	flag.IntVar(&o.clients, "clients", 5_000, "streams of events")
	flag.IntVar(&o.subjects, "subjects", 500, "meshes that are at work while streams are open")
	flag.IntVar(&o.keys, "keys", 50, "API keys that the clients have")
	flag.Float64Var(&o.eventRate, "events", 500, "events a second, spread over the meshes")
	flag.Float64Var(&o.readRate, "reads", 500, "reads of a mesh's status a second")
	flag.DurationVar(&o.seconds, "for", 30*time.Second, "how long streams and reads are measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	wanted, err := chosen(o.only)
	if err != nil {
		return err
	}
	if err := enoughFiles(o.clients); err != nil {
		return err
	}
	dir, err := devservers.TempDir("meshgen-scale-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say("starting PostgreSQL, Redis, S3 and an API")
	s, err := open(ctx, o, dir)
	if err != nil {
		return err
	}
	defer s.close()

	r := &report{}
	r.header(o)
	for _, m := range []struct {
		name    string
		measure func(context.Context, options, *report) error
	}{{"claims", s.claims}, {"lives", s.lives}, {"events", s.events}, {"reads", s.reads}, {"streams", s.streams}} {
		if !slices.Contains(wanted, m.name) {
			continue
		}
		if err := m.measure(ctx, o, r); err != nil {
			return err
		}
	}
	if o.out == "-" {
		_, err = fmt.Print(r.String())
		return err
	}
	return os.WriteFile(filepath.Clean(o.out), []byte(r.String()), 0o644)
}

// measures are the names of what can be measured.
var measures = []string{"claims", "lives", "events", "reads", "streams"}

// chosen reads the flag only: before anything starts, so that a wrong name is not an empty report an hour later.
func chosen(only string) ([]string, error) {
	wanted := strings.Split(only, ",")
	for _, name := range wanted {
		if !slices.Contains(measures, name) {
			return nil, fmt.Errorf("-only: there is no %q, but %s", name, strings.Join(measures, ", "))
		}
	}
	return wanted, nil
}

// enoughFiles has this process, and those that it starts, open as many files as they may, and tells whether that will do.
func enoughFiles(clients int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	if need := uint64(clients + 1000); l.Cur < need {
		return fmt.Errorf("%d streams need %d open files in each process, and %d are allowed: `ulimit -n`", clients, need, l.Cur)
	}
	return nil
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "scale: "+format+"\n", args...)
}
