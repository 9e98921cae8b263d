package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"meshgen/internal/devservers"
)

// Each test binary has one folder for all its servers. It holds a lock on the folder while it lives, so that a folder
// without a lock is known to be left over, with whatever still runs in it.
const folderPrefix = "meshgen-servers-"

var binaryFolder struct {
	sync.Mutex
	path string
	lock *os.File
}

// folder returns a new folder for a server, which is removed at the end of the test binary.
func folder(t testing.TB, name string) string {
	t.Helper()
	binaryFolder.Lock()
	defer binaryFolder.Unlock()
	if binaryFolder.path == "" {
		sweep()
		if err := makeFolder(); err != nil {
			t.Fatalf("no folder for servers: %v", err)
		}
	}
	dir := filepath.Join(binaryFolder.path, fmt.Sprintf("%s-%d", name, counter.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// makeFolder makes the folder under a name that sweep does not look at, until it is locked.
func makeFolder() error {
	path, err := os.MkdirTemp("", "new-"+folderPrefix)
	if err != nil {
		return err
	}
	// PostgreSQL runs as another user when we are root, and has to pass.
	if err := os.Chmod(path, 0o711); err != nil {
		return err
	}
	lock, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	named := filepath.Join(filepath.Dir(path), strings.TrimPrefix(filepath.Base(path), "new-"))
	if err := os.Rename(path, named); err != nil {
		return err
	}
	binaryFolder.path, binaryFolder.lock = named, lock
	return nil
}

func removeFolder() {
	binaryFolder.Lock()
	defer binaryFolder.Unlock()
	if binaryFolder.path != "" {
		_ = os.RemoveAll(binaryFolder.path) // a server that was killed may still write: the next binary tries again
		_ = binaryFolder.lock.Close()
		binaryFolder.path = ""
	}
}

// sweep removes the folders of test binaries that were killed. One that cannot be removed is somebody else's.
func sweep() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, path := range folders {
		lock, err := os.Open(path)
		if err != nil {
			continue
		}
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && devservers.Sweep(path) == nil {
			_ = os.RemoveAll(path)
		}
		_ = lock.Close()
	}
}
