package pool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// scratchPattern names the folder of one pool within Config.Scratch.
const scratchPattern = "pool-*"

// scratch is the folder of a pool, which holds its engines' folders. It is locked for as long as the process lives, so
// that the next pool knows which folders were left behind by a process that was killed, and removes them.
type scratch struct {
	path string
	lock *os.File
}

func newScratch(root string, log *slog.Logger) (*scratch, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("scratch folder: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(root, scratchPattern)) // the pattern is well-formed
	for _, path := range left {
		if s, err := lockScratch(path); err == nil {
			log.Info("removing the scratch folder of a process that is gone", "path", path)
			s.remove()
		}
	}
	for {
		path, err := os.MkdirTemp(root, scratchPattern)
		if err != nil {
			return nil, fmt.Errorf("scratch folder: %w", err)
		}
		s, err := lockScratch(path)
		if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
			continue // another pool came between, taking it for a leftover
		}
		if err != nil {
			return nil, fmt.Errorf("scratch folder: %w", err)
		}
		return s, nil
	}
}

// lockScratch locks a folder without waiting.
func lockScratch(path string) (*scratch, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := os.Stat(path); err != nil { // removed while we opened it
		f.Close()
		return nil, err
	}
	return &scratch{path: path, lock: f}, nil
}

func (s *scratch) remove() error {
	defer s.lock.Close()
	return os.RemoveAll(s.path)
}
