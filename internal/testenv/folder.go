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

// Each test binary has one folder for its servers in each place where it has any. It holds a lock on the folder while it
// lives, so that a folder without a lock is known to be left over, with whatever still runs in it.
const folderPrefix = "meshgen-servers-"

// memory is where files cost no disk. A database is some six hundred files, made and removed for each test: on a disk
// that is most of what such a test costs.
const memory = "/dev/shm"

// memoryWanted is how much has to be free there: a few clusters side by side, of some 40 MB each.
const memoryWanted = 2 << 30

var binaryFolders struct {
	sync.Mutex
	held map[string]heldFolder // by the place that it is in
}

type heldFolder struct {
	path string
	lock *os.File
}

// folder returns a new folder for a server, which is removed at the end of the test binary.
func folder(t testing.TB, name string) string {
	t.Helper()
	return folderIn(t, os.TempDir(), name)
}

// quickFolder is folder for a server whose data may lie in memory.
func quickFolder(t testing.TB, name string) string {
	t.Helper()
	var fs unix.Statfs_t
	if unix.Statfs(memory, &fs) == nil && fs.Type == unix.TMPFS_MAGIC && fs.Bavail*uint64(fs.Bsize) >= memoryWanted {
		return folderIn(t, memory, name)
	}
	return folder(t, name)
}

func folderIn(t testing.TB, place, name string) string {
	t.Helper()
	binaryFolders.Lock()
	defer binaryFolders.Unlock()
	held, ok := binaryFolders.held[place]
	if !ok {
		sweep(place)
		var err error
		if held, err = holdFolder(place); err != nil {
			t.Fatalf("no folder for servers: %v", err)
		}
		if binaryFolders.held == nil {
			binaryFolders.held = map[string]heldFolder{}
		}
		binaryFolders.held[place] = held
	}
	dir := filepath.Join(held.path, fmt.Sprintf("%s-%d", name, counter.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// holdFolder makes the folder under a name that sweep does not look at, until it is locked.
func holdFolder(place string) (heldFolder, error) {
	path, err := os.MkdirTemp(place, "new-"+folderPrefix)
	if err != nil {
		return heldFolder{}, err
	}
	// PostgreSQL runs as another user when we are root, and has to pass.
	if err := os.Chmod(path, 0o711); err != nil {
		return heldFolder{}, err
	}
	lock, err := os.Open(path)
	if err != nil {
		return heldFolder{}, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return heldFolder{}, err
	}
	named := filepath.Join(place, strings.TrimPrefix(filepath.Base(path), "new-"))
	return heldFolder{named, lock}, os.Rename(path, named)
}

func removeFolders() {
	binaryFolders.Lock()
	defer binaryFolders.Unlock()
	for _, held := range binaryFolders.held {
		_ = os.RemoveAll(held.path) // a server that was killed may still write: the next binary tries again
		_ = held.lock.Close()
	}
	binaryFolders.held = nil
}

// sweep removes the folders of test binaries that were killed. One that cannot be removed is somebody else's.
func sweep(place string) {
	folders, _ := filepath.Glob(filepath.Join(place, folderPrefix+"*"))
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
