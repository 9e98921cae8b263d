package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// RepoRoot returns the root of the checkout.
func RepoRoot(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	if filepath.IsAbs(here) {
		return filepath.Dir(filepath.Dir(filepath.Dir(here)))
	}
	// Built with -trimpath; go test runs a package's tests in its folder.
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("the tests do not run inside the checkout")
	return ""
}

// Shared returns the path of a file of the shared test data, or skips the test where that is not beside the checkout.
func Shared(t testing.TB, name string) string {
	t.Helper()
	data := filepath.Join(RepoRoot(t), "..", "shared", "testdata")
	if _, err := os.Stat(data); err != nil {
		t.Skip("shared/testdata is not beside this checkout")
	}
	path := filepath.Join(data, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("shared/testdata has no %s", name)
	}
	return path
}

// Engine returns the path of the engine's binary, built from this checkout.
func Engine(t testing.TB) string {
	t.Helper()
	return build(t, "engine", "./cmd/engine", nil)
}

// FaultyEngine returns the path of an engine that fails on demand; see internal/engine/serve.
func FaultyEngine(t testing.TB) string {
	t.Helper()
	return build(t, "engine-faults", "./cmd/engine", nil, "-tags", "faults")
}

// built holds what this test binary has built already.
var built struct {
	sync.Mutex
	paths map[string]string
}

// Program returns the path of a program without cgo, cmd/name, built from this checkout.
func Program(t testing.TB, name string) string {
	t.Helper()
	return build(t, name, "./cmd/"+name, []string{"CGO_ENABLED=0"}, "-ldflags", "-s -w")
}

// build builds a package of this checkout as bin/name, once for each test binary, and returns the path. It does so as the Makefile
// does: what that has built costs a look only, and nobody's program is another while it runs.
func build(t testing.TB, name, pkg string, environment []string, flags ...string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if path := built.paths[name]; path != "" {
		return path
	}
	root := RepoRoot(t)
	path := filepath.Join(root, "bin", name)
	defer lockFolder(t, filepath.Dir(path))()
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath"}, flags...), "-o", path, pkg)...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), environment...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	if built.paths == nil {
		built.paths = map[string]string{}
	}
	built.paths[name] = path
	return path
}

// lockFolder keeps test binaries that run side by side from writing the same file.
func lockFolder(t testing.TB, dir string) (unlock func()) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = lock.Close() }
}

// Readers returns the Python that has the readers of mesh files; see scripts/readers.
func Readers(t testing.TB) string {
	t.Helper()
	python := filepath.Join(RepoRoot(t), ".cache", "readers", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatal("the readers of mesh files are not installed: run scripts/readers, as make test does")
	}
	return python
}
