package worker

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/singleflight"

	"meshgen/internal/engine"
)

// cache keeps the source files of recent jobs on the local disk, and meshes that were made here, so that a second job on a geometry
// fetches nothing.
// Files are named by tenant, content and format; one that is in use is never evicted.
type cache struct {
	dir   string
	limit int64 // bytes

	mu     sync.Mutex
	size   int64
	files  map[string]*list.Element // by path
	recent *list.List               // of *cached, most recent first
	flight singleflight.Group
}

type cached struct {
	path string
	size int64
	pins int
}

func newCache(dir string, limit int64) (*cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	return &cache{dir: dir, limit: limit, files: map[string]*list.Element{}, recent: list.New()}, nil
}

// source is what names a file of the cache.
type source struct {
	Tenant string
	SHA256 string
	Format engine.Format
	Size   int64
}

// get returns the path of the file, fetching it if need be, and a function that lets go of it. hit tells that it was
// there. Concurrent calls for the same file fetch it once.
func (c *cache) get(ctx context.Context, s source, fetch func(ctx context.Context, path string) error) (path string, hit bool, release func(), err error) {
	path = c.path(s)
	if release, ok := c.pin(path); ok {
		return path, true, release, nil
	}
	ch := c.flight.DoChan(path, func() (any, error) {
		if c.has(path) { // a flight that ended between our look and this one
			return nil, nil
		}
		partial := path + ".partial"
		// The first caller's context must not fail the others.
		if err := fetch(context.WithoutCancel(ctx), partial); err != nil {
			os.Remove(partial)
			return nil, err
		}
		if err := os.Rename(partial, path); err != nil {
			return nil, err
		}
		c.add(path, s.Size)
		return nil, nil
	})
	select {
	case <-ctx.Done():
		return "", false, nil, ctx.Err()
	case r := <-ch:
		if r.Err != nil {
			return "", false, nil, r.Err
		}
	}
	release, ok := c.pin(path)
	if !ok {
		// Evicted between the flight's end and here: the disk is too small for what runs at once.
		return "", false, nil, errors.New("the source was evicted from the cache before it could be used; raise MESHGEN_CACHE_BYTES")
	}
	return path, false, release, nil
}

// keepShare is the part of the limit up to which a file is kept that nobody has asked for yet.
const keepShare = 16

// keep takes over a file that was made here, in case that it is asked for: a mesh, of which further formats may be wanted.
func (c *cache) keep(s source, made string) error {
	path := c.path(s)
	if s.Size > c.limit/keepShare || c.has(path) {
		return nil
	}
	_, err, _ := c.flight.Do(path, func() (any, error) {
		if c.has(path) {
			return nil, nil
		}
		if err := os.Rename(made, path); err != nil {
			return nil, err
		}
		c.add(path, s.Size)
		return nil, nil
	})
	return err
}

func (c *cache) path(s source) string {
	return filepath.Join(c.dir, fmt.Sprintf("%s-%s.%s", s.Tenant, s.SHA256, s.Format))
}

func (c *cache) has(path string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.files[path]
	return ok
}

func (c *cache) pin(path string) (release func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.files[path]
	if !ok {
		return nil, false
	}
	f := e.Value.(*cached)
	f.pins++
	c.recent.MoveToFront(e)
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f.pins--
		c.evict()
	}), true
}

func (c *cache) add(path string, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[path] = c.recent.PushFront(&cached{path: path, size: size})
	c.size += size
	c.evict()
}

// evict drops the files that were not used for longest until the limit is kept; c.mu is held. The most recent one stays
// whatever its size: it is about to be used.
func (c *cache) evict() {
	for e := c.recent.Back(); e != nil && c.size > c.limit && e != c.recent.Front(); {
		before := e.Prev()
		if f := e.Value.(*cached); f.pins == 0 {
			if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
				c.recent.Remove(e)
				delete(c.files, f.path)
				c.size -= f.size
			}
		}
		e = before
	}
}
