package mesher

import (
	"fmt"
	"runtime/debug"
)

// beside runs f on a goroutine of its own. The returned function waits for what it returns, and panics with what f panicked with: a bug there
// is to fail the request, as one anywhere else does, and not to end the engine.
func beside[T any](f func() T) (wait func() T) {
	var value T
	var cause any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				cause = fmt.Errorf("%v\n%s", r, debug.Stack())
			}
		}()
		value = f()
	}()
	return func() T {
		<-done
		if cause != nil {
			panic(cause)
		}
		return value
	}
}
