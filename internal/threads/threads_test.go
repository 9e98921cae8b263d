package threads_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/threads"
)

// panicOf returns what f panics with.
func panicOf(f func()) (cause any) {
	defer func() { cause = recover() }()
	f()
	return nil
}

func TestRun_CallsEachOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7} {
		calls := make([]atomic.Int32, n)
		threads.Run(n, func(worker int) { calls[worker].Add(1) })
		for i := range calls {
			require.EqualValues(t, 1, calls[i].Load(), "%d of %d", i, n)
		}
	}
}

// Whichever panics, the caller's own or another, all have returned before the caller panics, since what they work on may be gone then.
func TestRun_PanicsWhenAllHaveReturned(t *testing.T) {
	known := errors.New("out of memory")
	for worker := range 3 {
		for _, with := range []any{known, "a bug"} {
			var ended atomic.Int32
			fell := make(chan struct{})
			cause := panicOf(func() {
				threads.Run(3, func(i int) {
					if i == worker {
						defer close(fell)
						panic(with)
					}
					<-fell
					ended.Add(1)
				})
			})
			require.EqualValues(t, 2, ended.Load())
			err, ok := cause.(error)
			require.True(t, ok, "%v", cause)
			if with == known {
				require.Same(t, known, err)
			} else {
				require.True(t, strings.HasPrefix(err.Error(), "a bug\n"), err)
				require.Contains(t, err.Error(), "threads_test.go", "where it was")
			}
		}
	}
}

func TestRun_TellsWhereABugIs(t *testing.T) {
	var none []int
	cause := panicOf(func() { threads.Run(2, func(i int) { none[i]++ }) })
	require.ErrorContains(t, cause.(error), "index out of range")
	require.ErrorContains(t, cause.(error), "threads_test.go")
}

func TestGroup_WaitPanicsEachTime(t *testing.T) {
	var g threads.Group
	g.Go(func() { panic(errors.New("once")) })
	for range 2 {
		require.EqualError(t, panicOf(g.Wait).(error), "once")
	}
}
