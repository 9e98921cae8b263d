package worker

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sync"

	"meshgen/internal/engine"
)

// maxLog bounds the log of a job in bytes: a mesher in a bad loop must not fill the disk.
const maxLog = 16 << 20

// jobLog is the log of a job as the user will download it.
type jobLog struct {
	mu   sync.Mutex
	path string
	f    *os.File
	w    *bufio.Writer
	size int
}

func openLog(path string) (*jobLog, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("job log: %w", err)
	}
	return &jobLog{path: path, f: f, w: bufio.NewWriter(f)}, nil
}

func (l *jobLog) add(lines ...engine.LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		if l.f == nil || l.size > maxLog {
			return
		}
		n, _ := fmt.Fprintf(l.w, "[%9.3f] %-7s %s\n", line.Seconds, line.Level, line.Text)
		l.size += n
		if l.size > maxLog {
			n, _ := fmt.Fprintf(l.w, "the log ends here: it is over %d MiB\n", maxLog>>20)
			l.size += n
		}
	}
}

// flush writes what was added so far to the file and returns the size of the log. Later lines are appended.
func (l *jobLog) flush() (size int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return 0, os.ErrClosed
	}
	if err := l.w.Flush(); err != nil {
		return 0, fmt.Errorf("job log: %w", err)
	}
	return int64(l.size), nil
}

// close may be called twice; lines that come later are dropped.
func (l *jobLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := errors.Join(l.w.Flush(), l.f.Close())
	l.f = nil
	if err != nil {
		return fmt.Errorf("job log: %w", err)
	}
	return nil
}
