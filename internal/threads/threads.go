// Package threads has work done by several goroutines at once. A bug there is to fail the request, as one anywhere else does, and not to end
// the engine: who waits for them panics with what one of them panicked with.
package threads

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Group is goroutines that somebody waits for. The zero value is ready.
type Group struct {
	wait  sync.WaitGroup
	cause atomic.Pointer[any]
}

// Go runs f on a goroutine.
func (g *Group) Go(f func()) {
	g.wait.Go(func() { g.catch(f) })
	go nothing() // The last that a thread has made is for itself to begin with next, and taken by another only after a sleep: let it be this.
}

func nothing() {}

// Wait returns when all of them have returned, and panics with what the first of them did that panicked.
func (g *Group) Wait() {
	g.wait.Wait()
	if cause := g.cause.Load(); cause != nil {
		panic(*cause)
	}
}

// catch notes what f panics with: an error that somebody made as it is, since the caller may be able to go on; a bug with the place where it is,
// which the stack of who waits does not tell.
func (g *Group) catch(f func()) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		err, made := cause.(error)
		if _, bug := err.(runtime.Error); bug || !made {
			cause = fmt.Errorf("%v\n%s", cause, debug.Stack())
		}
		g.cause.CompareAndSwap(nil, &cause)
	}()
	f()
}

// Run calls f n times at once, the first on the caller's own goroutine, with 0 to n-1, and returns when all have returned. It panics as Wait does.
func Run(n int, f func(worker int)) {
	var g Group
	for worker := 1; worker < n; worker++ {
		g.Go(func() { f(worker) })
	}
	if n > 0 {
		g.catch(func() { f(0) })
	}
	g.Wait()
}
