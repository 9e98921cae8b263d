package worker

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// scratch is a worker's own folder. It is locked while the worker lives, so that the next worker on this machine can
// tell the folders of dead ones and remove them: a kill -9 leaves nothing for good.
type scratch struct {
	dir  string
	lock *os.File
}

const lockName = "lock"

// openScratch makes the folder of a worker under root and removes those of dead workers.
func openScratch(root, worker string) (*scratch, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("scratch folder: %w", err)
	}
	removeDead(root)
	dir := filepath.Join(root, worker)
	for {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("scratch folder: %w", err)
		}
		path := filepath.Join(dir, lockName)
		lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("scratch folder: %w", err)
		}
		if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
			lock.Close()
			return nil, fmt.Errorf("lock scratch folder: %w", err)
		}
		// A worker that started at the same moment may have seen the lock free and removed the folder.
		if _, err := os.Stat(path); err == nil {
			return &scratch{dir: dir, lock: lock}, nil
		}
		lock.Close()
	}
}

// removeDead removes the folders under root whose lock nobody holds.
func removeDead(root string) {
	locks, _ := filepath.Glob(filepath.Join(root, "wrk_*", lockName))
	for _, path := range locks {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(path))
		}
		f.Close()
	}
}

func (s *scratch) path(name string) string { return filepath.Join(s.dir, name) }

func (s *scratch) remove() error {
	err := os.RemoveAll(s.dir)
	s.lock.Close()
	return err
}
