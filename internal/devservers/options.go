package devservers

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Options of a server.
type Options struct {
	Dir  string // for its data; made if absent, kept when it stops
	Port int    // 0 takes a free one
	// Log, if set, receives what the server says.
	Log io.Writer
	// Volatile lets PostgreSQL skip what keeps its data through a crash of the machine: for tests that measure nothing.
	Volatile bool
}

func (o *Options) prepare() error {
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	return os.MkdirAll(o.Dir, 0o755)
}

// startOn starts the server on the port asked for, or on a free one; should somebody take that before the server does,
// on another.
func (p *Process) startOn(ctx context.Context, port int) error {
	if port != 0 {
		p.Port = port
		return p.Start(ctx)
	}
	const tries = 5
	for try := 1; ; try++ {
		var err error
		if p.Port, err = FreePort(); err != nil {
			return err
		}
		err = p.Start(ctx)
		if err == nil || try == tries || !strings.Contains(strings.ToLower(err.Error()), "address already in use") {
			return err
		}
	}
}
