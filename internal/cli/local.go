package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"meshgen/internal/cadfile"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

// localRun meshes one file on this machine. It stands in for api and worker: the same gate before the file, the same
// ladder, the same pool, with one engine and no spare.
type localRun struct {
	app       *app
	threads   int
	units     string        // as declared by the user
	raceAfter time.Duration // see plan.Terms

	dir       string // scratch; everything in it goes at the end
	engines   pool.Config
	source    engine.Source
	began     time.Time
	format    engine.Format
	artifacts map[string]engine.Artifact // of the rung that made the mesh, by format

	lending sync.Mutex
	pools   [2]*pool.Pool // of one engine each, the second for a rung that races
	lent    [2]bool

	logging sync.Mutex
	log     io.Writer // nil for none
	logFile *os.File
}

// mesh returns the result of the last rung. An error means that the mesher could not be asked.
func (r *localRun) mesh(ctx context.Context, path string, s spec.Spec) (engine.Result, error) {
	cfg, err := pool.Load()
	if err != nil {
		return engine.Result{}, usage("%s", err)
	}
	if cfg.Scratch != "" {
		if err := os.MkdirAll(cfg.Scratch, 0o700); err != nil {
			return engine.Result{}, fmt.Errorf("MESHGEN_SCRATCH: %w", err)
		}
	}
	if r.dir, err = os.MkdirTemp(cfg.Scratch, "meshgen-"); err != nil {
		return engine.Result{}, err
	}
	if r.source, err = r.take(path); err != nil {
		return engine.Result{}, err
	}
	progress, stop := r.app.watch(filepath.Base(path))
	defer stop()
	r.began = time.Now()

	cfg.Engines, cfg.Spares, cfg.Scratch = 1, 0, filepath.Join(r.dir, "engines")
	r.engines = cfg
	progress.set("engine", 0)
	if r.pools[0], err = r.open(ctx); err != nil {
		return engine.Result{}, err
	}
	return r.climb(ctx, s, progress)
}

// open starts an engine.
func (r *localRun) open(ctx context.Context) (*pool.Pool, error) {
	p, err := pool.New(r.engines, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := p.Start(ctx); err != nil {
		return nil, causeOr(ctx, err)
	}
	return p, nil
}

// causeOr returns why ctx ended, if it did, and err otherwise.
func causeOr(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// take puts the file into the scratch folder under a name of our own: none of the user's words reaches the engine.
func (r *localRun) take(path string) (engine.Source, error) {
	var none engine.Source
	if isAddress(path) {
		return none, usage("meshgen mesh reads files of this machine; a service fetches one by its address: meshgen submit")
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return none, usage("there is no such file")
	} else if err != nil {
		return none, usage("%s", err)
	} else if info.IsDir() {
		return none, usage("is a folder, not a file")
	}
	taken := filepath.Join(r.dir, "source")
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return none, err
	}
	// Another file system, or somebody else's file: a copy. So is a pipe.
	if !info.Mode().IsRegular() || os.Link(real, taken) != nil {
		if err := copyTo(taken, path); err != nil {
			return none, err
		}
	}
	if r.format, err = sniff(taken, path); err != nil {
		return none, err
	}
	named := taken + "." + string(r.format)
	if err := os.Rename(taken, named); err != nil {
		return none, err
	}
	return engine.Source{Path: named, Format: r.format, Units: r.units}, nil
}

func copyTo(path, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return usage("%s", err)
	}
	defer source.Close()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	return errors.Join(err, f.Close())
}

// sniff says which format a file holds; name is what the user calls it.
func sniff(path, name string) (engine.Format, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", usage("%s", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	head := make([]byte, cadfile.SniffLen)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	format, refused := cadfile.Sniff(head[:n], info.Size(), filepath.Base(name))
	if refused != nil {
		return "", refused
	}
	return format, nil
}

// deliver writes the files that were asked for. A file that the engine left out, because its format cannot hold the mesh, is the
// error once the others are written; the warning that says why is returned for it.
func (r *localRun) deliver(outs []output, report string, warnings []diagnosis.Diagnosis) (written []output, missing error) {
	if report != "" {
		outs = append(outs, output{Path: report, Format: "report"})
	}
	for _, o := range outs {
		made, ok := r.artifacts[o.Format]
		if !ok {
			missing = fmt.Errorf("the engine wrote no %s", o.Format)
			for i := range warnings {
				if warnings[i].Code == diagnosis.UnsupportedFormat {
					missing = &warnings[i]
				}
			}
			continue
		}
		n, err := copyFile(o.Path, made.Path)
		if err != nil {
			return nil, err
		}
		o.Size = n
		written = append(written, o)
	}
	return written, missing
}

// unit is that of all lengths: STEP and IGES are converted on reading.
func (r *localRun) unit() string {
	switch r.format {
	case engine.STEP, engine.IGES:
		return "mm"
	}
	return r.units
}

func (r *localRun) openLog(path string) error {
	switch path {
	case "":
		return nil
	case "-":
		r.log = asideWriter{r.app}
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return usage("--log: %s", err)
	}
	r.log, r.logFile = f, f
	return nil
}

// say adds a line of our own to the log.
func (r *localRun) say(level, format string, args ...any) {
	r.logLine(engine.LogLine{Level: level, Text: fmt.Sprintf(format, args...), Seconds: time.Since(r.began).Seconds()})
}

func (r *localRun) logLine(l engine.LogLine) {
	r.logging.Lock()
	defer r.logging.Unlock()
	if r.log == nil {
		return
	}
	fmt.Fprintf(r.log, "[%9.3f] %-7s %s\n", l.Seconds, l.Level, l.Text)
}

func (r *localRun) closeLog() error {
	if r.logFile == nil {
		return nil
	}
	err := r.logFile.Close()
	r.logFile = nil
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	return nil
}

// asideWriter prints lines above the progress bar.
type asideWriter struct{ app *app }

func (w asideWriter) Write(p []byte) (int, error) {
	w.app.aside(printable(string(p[:max(0, len(p)-1)])))
	return len(p), nil
}

// closeTime bounds the end of the engine.
const closeTime = 5 * time.Second

// close kills the engine and removes the scratch folder.
func (r *localRun) close() {
	_ = r.closeLog() // told before, where it mattered
	for _, p := range r.pools {
		if p != nil {
			ctx, cancel := context.WithTimeout(context.Background(), closeTime)
			defer cancel()
			_ = p.Close(ctx) // the engine dies with us anyway
		}
	}
	if r.dir != "" {
		os.RemoveAll(r.dir)
	}
}
