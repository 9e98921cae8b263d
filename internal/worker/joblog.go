package worker

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"meshgen/internal/engine"
)

const (
	// maxLog bounds the log of a job in bytes: a mesher in a bad loop must not fill the disk.
	maxLog = 16 << 20
	// heldLog is how much of a log is held in memory: most logs are a few hundred bytes, and no file is made for them.
	heldLog = 64 << 10
)

// jobLog is the log of a job as the user will download it.
type jobLog struct {
	mu     sync.Mutex
	path   string
	f      *os.File // of a log that is longer than is held
	text   []byte   // what is in no file yet; what was once handed out is never written over
	size   int
	err    error // of the file
	closed bool
}

// newLog begins a log, which goes to a file of that path once it is long.
func newLog(path string) *jobLog { return &jobLog{path: path} }

func (l *jobLog) add(lines ...engine.LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		if l.closed || l.size > maxLog {
			return
		}
		l.write("[%9.3f] %-7s %s\n", line.Seconds, line.Level, line.Text)
		if l.size > maxLog {
			l.write("the log ends here: it is over %d MiB\n", maxLog>>20)
		}
	}
}

// write adds text, and has more than is held go to the file; l.mu is held.
func (l *jobLog) write(format string, args ...any) {
	before := len(l.text)
	l.text = fmt.Appendf(l.text, format, args...)
	l.size += len(l.text) - before
	if len(l.text) > heldLog {
		l.spill()
	}
}

// spill moves what is held to the file; l.mu is held.
func (l *jobLog) spill() {
	if l.err == nil && l.f == nil {
		l.f, l.err = os.Create(l.path)
	}
	if l.err == nil {
		_, l.err = l.f.Write(l.text)
	}
	l.text = nil
}

// flush returns the log as it is now: its text where that is held, which is not nil then, or how much of the file at its path is of it. Later lines are
// appended.
func (l *jobLog) flush() (text []byte, size int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, 0, os.ErrClosed
	}
	if l.f == nil && l.err == nil {
		if l.text == nil {
			return []byte{}, 0, nil
		}
		return l.text[:len(l.text):len(l.text)], int64(l.size), nil
	}
	if l.spill(); l.err != nil {
		return nil, 0, fmt.Errorf("job log: %w", l.err)
	}
	return nil, int64(l.size), nil
}

// close may be called twice; lines that come later are dropped.
func (l *jobLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	err := l.err
	if l.f != nil {
		if err == nil {
			_, err = l.f.Write(l.text)
		}
		err = errors.Join(err, l.f.Close())
	}
	if err != nil {
		return fmt.Errorf("job log: %w", err)
	}
	return nil
}

// remove removes the file, if there is one.
func (l *jobLog) remove() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	return os.Remove(l.path)
}
