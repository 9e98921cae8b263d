// Command devstack is `make run`: the whole service on this machine's loopback, without containers.
//
//	lock .run ─▶ postgres, redis, s3 ─▶ api migrate, api bucket ─▶ api, worker ─▶ a sample is meshed ─▶ wait for Ctrl-C
//
// What was started is stopped in the reverse order. Should this process be killed, its children end with it. Data stays in
// .run between runs.
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

	"github.com/caarlos0/env/v11"

	"meshgen/internal/timerslack"
)

// Config is what may be set for `make run`. Everything else, such as MESHGEN_ENGINES, is handed on to the api and the worker.
type Config struct {
	Port         int    `env:"MESHGEN_PORT" envDefault:"8080"`
	MetricsPort  int    `env:"MESHGEN_METRICS_PORT" envDefault:"9090"`
	S3Port       int    `env:"MESHGEN_S3_PORT" envDefault:"7070"`
	PostgresPort int    `env:"MESHGEN_POSTGRES_PORT" envDefault:"15432"` // not 5432, where the machine's own would be
	RedisPort    int    `env:"MESHGEN_REDIS_PORT" envDefault:"16379"`
	Dir          string `env:"MESHGEN_RUN_DIR" envDefault:".run"`   // data, logs and results
	Once         bool   `env:"MESHGEN_RUN_ONCE" envDefault:"false"` // stop after the sample
}

// ports returns the ports with the variables that move them.
func (c Config) ports() []port {
	return []port{
		{c.Port, "MESHGEN_PORT", "the API"}, {c.MetricsPort, "MESHGEN_METRICS_PORT", "the API's metrics"},
		{c.S3Port, "MESHGEN_S3_PORT", "S3"}, {c.PostgresPort, "MESHGEN_POSTGRES_PORT", "Postgres"},
		{c.RedisPort, "MESHGEN_REDIS_PORT", "Redis"},
	}
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var bad []error
	for _, p := range c.ports() {
		if p.number < 1 || p.number > 65535 {
			bad = append(bad, fmt.Errorf("%s must be a port, 1 to 65535 (is %d)", p.variable, p.number))
		}
	}
	if c.Dir == "" {
		bad = append(bad, errors.New("MESHGEN_RUN_DIR must not be empty"))
	}
	return errors.Join(bad...)
}

func main() {
	_ = timerslack.Widen() // what it starts has it, too
	cfg, err := env.ParseAs[Config]()
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(2)
	}
	flag.BoolVar(&cfg.Once, "once", cfg.Once, "stop after the sample has been meshed")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A second Ctrl-C ends this process at once, and with it its children.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

// run starts the service, shows what it does, and keeps it until ctx ends or a part of it does.
func run(ctx context.Context, cfg Config) (err error) {
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return err
	}
	unlock, err := lock(cfg)
	if err != nil {
		return err
	}
	defer unlock()
	if err := free(cfg.ports()); err != nil {
		return err
	}
	s := newStack(cfg)
	defer func() {
		began := time.Now()
		err = errors.Join(err, s.stop())
		if err == nil {
			say("", "Stopped in %s. Data stays in %s.", seconds(time.Since(began)), short(cfg.Dir))
		}
	}()
	if err := s.start(ctx); err != nil {
		return interrupted(ctx, err)
	}
	if err := s.demonstrate(ctx); err != nil {
		return interrupted(ctx, err)
	}
	if cfg.Once {
		return nil
	}
	s.invite()
	select {
	case <-ctx.Done():
		fmt.Println() // after the terminal's ^C
		return nil
	case name := <-s.ended:
		return fmt.Errorf("%s has ended; its log is %s", name, short(s.logPath(name)))
	}
}

// interrupted returns no error where the reason is that somebody pressed Ctrl-C.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		fmt.Println()
		return nil
	}
	return err
}
