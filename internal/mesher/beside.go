package mesher

import (
	"sync"

	"meshgen/internal/threads"
)

// beside runs f on a goroutine of its own, one of those that run. The returned function waits for what it returns, and panics with what f panicked
// with. Who waits for all that run learns nothing of that.
func beside[T any](running *sync.WaitGroup, f func() T) (wait func() T) {
	var value T
	var group threads.Group
	running.Add(1)
	group.Go(func() {
		defer running.Done()
		value = f()
	})
	return func() T {
		group.Wait()
		return value
	}
}
