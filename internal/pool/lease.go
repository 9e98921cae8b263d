package pool

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"meshgen/internal/engine"
)

const (
	// leaseBuffer is how many messages may wait for a slow consumer before the engine is held up; none is dropped.
	leaseBuffer = 256
	// printedLines is how many printed lines an Outcome holds.
	printedLines = 50
)

// lease is one request in the hands of one engine.
type lease struct {
	id       string
	dir      string // of the request, on the engine's desk
	to       string // where its files are wanted; absolute
	began    time.Time
	messages chan engine.Message
	over     chan struct{} // closed when nobody receives messages any more
	verdict  atomic.Pointer[verdict]
	heard    atomic.Bool // the engine has told something of the request
	peak     atomic.Int64
}

// verdict is how a lease ended: with its result (nil) or by a kill. The first one counts, so that a result and a kill that
// come together do not contradict each other.
type verdict struct{ err error }

// newLease is of a request as it was laid on a desk, whose files are wanted in to.
func newLease(req engine.Request, to string) *lease {
	return &lease{
		id: req.ID, dir: req.Dir, to: to, began: time.Now(),
		messages: make(chan engine.Message, leaseBuffer), over: make(chan struct{}),
	}
}

// settle reports whether this is the verdict that counts.
func (l *lease) settle(err error) bool { return l.verdict.CompareAndSwap(nil, &verdict{err}) }

// untaken reports whether an engine that ended so had not begun with the request: somebody killed it while it was idle, and that
// met the request on its way. Before an engine touches a file it tells the stage.
func (l *lease) untaken(end error) bool {
	died, ok := errors.AsType[*Died](end)
	return ok && died.Signal == syscall.SIGKILL && !l.heard.Load()
}

// send passes a message on, waiting for the consumer.
func (l *lease) send(m engine.Message) {
	select {
	case l.messages <- m:
	case <-l.over:
	}
}

// take brings an artifact, which has to be a file in the request's folder, to where it is wanted.
func (l *lease) take(path string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.dir, path)
	}
	name, err := filepath.Rel(l.dir, path)
	if err != nil || name == "." || !filepath.IsLocal(name) || name != filepath.Base(name) {
		return "", fmt.Errorf("artifact %q is not in the request's folder", path)
	}
	if path, err = take(l.dir, name, l.to); err != nil {
		return "", fmt.Errorf("artifact %q: %w", name, err)
	}
	return path, nil
}

// guard kills the engine when ctx ends or a limit is reached, until the returned function is called.
func (l *lease) guard(ctx context.Context, c *child, limit time.Duration, memory int64) (stop func()) {
	end := func(err error) {
		if l.settle(err) {
			c.kill(CauseKilled, err)
		}
	}
	stopContext := context.AfterFunc(ctx, func() { end(contextError(ctx)) })
	watch := watchMemory(c.memory, memory, &l.peak, func(seen int64) {
		end(fmt.Errorf("%w: %s of %s", ErrMemoryLimit, Bytes(seen), Bytes(memory)))
	})
	stopTime := func() bool { return true }
	if limit > 0 {
		stopTime = time.AfterFunc(limit, func() { end(fmt.Errorf("%w: %s", ErrTimeLimit, limit)) }).Stop
	}
	return func() {
		stopContext()
		stopTime()
		watch.stop()
	}
}

// contextError returns why a context ended; it wraps both its Err and its Cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

const (
	// memoryInterval is how often a running engine's memory is looked at: the cost is some 10 µs, and 100 where it may have children.
	memoryInterval = 100 * time.Millisecond
	// closeInterval is the same for an engine beyond half of its limit, which could reach it soon: memory can be filled
	// at some gigabytes a second.
	closeInterval = 20 * time.Millisecond
)

// memoryWatch looks at the memory of a running engine. It has no goroutine, and costs a short request nothing.
type memoryWatch struct {
	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

func watchMemory(memory func() int64, limit int64, peak *atomic.Int64, exceeded func(seen int64)) *memoryWatch {
	w := &memoryWatch{}
	look := func() {
		seen := memory()
		peak.Store(max(peak.Load(), seen))
		if seen > limit {
			exceeded(seen)
			return
		}
		next := memoryInterval
		if seen > limit/2 {
			next = closeInterval
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.stopped {
			w.timer.Reset(next)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(memoryInterval, look)
	return w
}

func (w *memoryWatch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.timer.Stop()
}
