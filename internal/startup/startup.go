// Package startup is what the long-running processes do before their work: read the configuration, make the logger, and
// wait for the servers that they need, saying which one is missing and why.
package startup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config of every long-running process.
type Config struct {
	// LogLevel is DEBUG, INFO, WARN or ERROR.
	LogLevel slog.Level `env:"MESHGEN_LOG_LEVEL" envDefault:"INFO"`
	// Patience is how long a process waits at start for the servers that it needs.
	Patience time.Duration `env:"MESHGEN_START_PATIENCE" envDefault:"30s"`
}

// Validate reports what is wrong.
func (c Config) Validate() error {
	if c.Patience < 0 {
		return errors.New("MESHGEN_START_PATIENCE must not be negative")
	}
	return nil
}

// validator is a configuration that can check itself.
type validator interface{ Validate() error }

// Load fills each configuration, given by pointer, from the environment and reports everything that is wrong with all of
// them.
func Load(configs ...validator) error {
	var bad []error
	for _, c := range configs {
		if err := env.Parse(c); err != nil {
			bad = append(bad, err)
			continue
		}
		bad = append(bad, c.Validate())
	}
	return errors.Join(bad...)
}

// Logger returns the process's logger: JSON lines on standard error.
func (c Config) Logger(process string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})).With("process", process)
}

// Check is something that a process needs.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// Await repeats the checks until all of them pass, for Patience at most: servers that start together come up in any
// order. The error names what is wrong with each one that does not pass.
func (c Config) Await(ctx context.Context, log *slog.Logger, checks ...Check) error {
	deadline := time.Now().Add(c.Patience)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		var failed []error
		for _, check := range checks {
			if err := try(ctx, check); err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", check.Name, err))
			}
		}
		err := errors.Join(failed...)
		if err == nil || ctx.Err() != nil || time.Now().Add(pause).After(deadline) {
			return err
		}
		log.Warn("not ready yet, trying again", "missing", err.Error())
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// tryLimit bounds one try of one check: a server that hangs must not use up the patience for the others.
const tryLimit = 5 * time.Second

func try(ctx context.Context, check Check) error {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	return check.Do(ctx)
}
