package worker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

func file(name string, size int) source {
	return source{Tenant: "default", SHA256: name, Format: engine.STEP, Size: int64(size)}
}

// writes returns a fetch that writes size bytes and counts its calls.
func writes(size int, calls *atomic.Int32) func(context.Context, string) error {
	return func(_ context.Context, path string) error {
		calls.Add(1)
		return os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600)
	}
}

func TestCache_ConcurrentUsersFetchOnce(t *testing.T) {
	c, err := newCache(t.TempDir(), 1000)
	require.NoError(t, err)
	var calls atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			path, _, release, err := c.get(context.Background(), file("a", 10), writes(10, &calls))
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, calls.Load())
}

func TestCache_LeastRecentlyUsedGoesFirst_ButNotWhatIsInUse(t *testing.T) {
	dir := t.TempDir()
	c, err := newCache(dir, 25)
	require.NoError(t, err)
	var calls atomic.Int32
	get := func(name string) func() {
		_, _, release, err := c.get(t.Context(), file(name, 10), writes(10, &calls))
		require.NoError(t, err)
		return release
	}
	kept := get("a") // in use all the time
	get("b")()
	get("a")()
	get("c")() // over the limit: b goes
	names := func() (out []string) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, f := range files {
			out = append(out, filepath.Base(f))
		}
		return out
	}
	require.ElementsMatch(t, []string{"default-a.step", "default-c.step"}, names())
	get("d")()
	require.ElementsMatch(t, []string{"default-a.step", "default-d.step"}, names())
	kept()
	get("e")()
	require.ElementsMatch(t, []string{"default-d.step", "default-e.step"}, names())
}

func TestCache_FailedFetchLeavesNothing_AndIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	c, err := newCache(dir, 100)
	require.NoError(t, err)
	broken := errors.New("S3 is away")
	_, _, _, err = c.get(t.Context(), file("a", 10), func(_ context.Context, path string) error {
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
		return broken
	})
	require.ErrorIs(t, err, broken)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, files)
	var calls atomic.Int32
	_, hit, release, err := c.get(t.Context(), file("a", 10), writes(10, &calls))
	require.NoError(t, err)
	require.False(t, hit)
	release()
}

func TestCache_TenantsShareNothing(t *testing.T) {
	c, err := newCache(t.TempDir(), 100)
	require.NoError(t, err)
	var calls atomic.Int32
	for _, tenant := range []string{"one", "other"} {
		s := file("a", 10)
		s.Tenant = tenant
		_, hit, release, err := c.get(t.Context(), s, writes(10, &calls))
		require.NoError(t, err)
		require.False(t, hit)
		release()
	}
	require.EqualValues(t, 2, calls.Load())
}

func TestScratchOfADeadWorkerIsRemoved_ThatOfALivingOneStays(t *testing.T) {
	root := t.TempDir()
	living, err := openScratch(root, "wrk_living")
	require.NoError(t, err)
	dead, err := openScratch(root, "wrk_dead")
	require.NoError(t, err)
	require.NoError(t, dead.lock.Close()) // as the kernel does for a process that was killed
	next, err := openScratch(root, "wrk_next")
	require.NoError(t, err)
	require.DirExists(t, living.dir)
	require.NoDirExists(t, dead.dir)
	require.NoError(t, next.remove())
	require.NoDirExists(t, next.dir)
}

func TestCache_KeepsWhatWasMadeHere_UnlessItIsLarge(t *testing.T) {
	c, err := newCache(t.TempDir(), 1600)
	require.NoError(t, err)
	made := func(size int) string {
		path := filepath.Join(t.TempDir(), "mesh.msh")
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("m", size)), 0o600))
		return path
	}
	require.NoError(t, c.keep(file("a", 100), made(100)))
	require.NoError(t, c.keep(file("a", 100), made(100)), "twice")
	require.NoError(t, c.keep(file("large", 101), made(101)))
	require.EqualValues(t, 100, c.size)

	var calls atomic.Int32
	path, hit, release, err := c.get(t.Context(), file("a", 100), writes(100, &calls))
	require.NoError(t, err)
	defer release()
	require.True(t, hit)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("m", 100), string(content))
	_, hit, release, err = c.get(t.Context(), file("large", 101), writes(101, &calls))
	require.NoError(t, err)
	defer release()
	require.False(t, hit)
	require.EqualValues(t, 1, calls.Load())
}
