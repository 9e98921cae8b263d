package pool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

func openFiles(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

func TestLong_ThousandRequestsFromEightGoroutines_NoneIsLostOrDoubledAndNothingLeaks(t *testing.T) {
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	p, _ := startPool(t, func(c *Config) { c.Engines, c.Jobs = 2, 100 })
	const requests, goers = 1000, 8

	var results sync.Map
	var left atomic.Int64
	left.Store(requests)
	var goer sync.WaitGroup
	for range goers {
		goer.Go(func() {
			for left.Add(-1) >= 0 {
				req := steps("stages:2")
				seen := 0
				out, err := p.Run(within(t), req, Limits{Time: patience}, func(engine.Message) { seen++ })
				if err != nil || out.Result.ID != req.ID || seen != 2 {
					t.Errorf("request %s: result of %q, %d messages, error %v", req.ID, out.Result.ID, seen, err)
				}
				if _, twice := results.LoadOrStore(out.Result.ID, true); twice {
					t.Errorf("%s came twice", out.Result.ID)
				}
			}
		})
	}
	goer.Wait()
	count := 0
	results.Range(func(any, any) bool { count++; return true })
	require.Equal(t, requests, count)
	require.GreaterOrEqual(t, p.Stats().Recycled[CauseJobs], requests/100-2, "two may be in the middle of their service")

	closePool(t, p)
	await(t, func() bool { return openFiles(t) <= files }, "no file is left open")
	await(t, func() bool { return runtime.NumGoroutine() <= goroutines+1 }, "no goroutine is left") // 1: of await itself
}

func TestFaultsOfAllKindsAtOnce_EachRequestEndsAsItShould(t *testing.T) {
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	p, _ := startPool(t, func(c *Config) { c.Engines, c.Jobs = 2, 7 })
	var goer sync.WaitGroup
	for g := range 6 {
		goer.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(g)))
			for range 25 {
				tenant := fmt.Sprint(random.IntN(2))
				var err error
				fault := random.IntN(6)
				switch fault {
				case 0:
					_, err = p.Run(within(t), steps("stages:20", "die-of:SEGV"), Limits{Tenant: tenant}, nil)
				case 1:
					_, err = p.Run(within(t), steps("raw:garbage", "hang"), Limits{Tenant: tenant}, nil)
				case 2:
					_, err = p.Run(within(t), steps("hang"), Limits{Tenant: tenant, Time: 5 * time.Millisecond}, nil)
				case 3:
					ctx, cancel := context.WithTimeout(within(t), time.Duration(random.IntN(20))*time.Millisecond)
					_, err = p.Run(ctx, steps("print:half a line", "hang"), Limits{Tenant: tenant}, nil)
					cancel()
				case 4:
					_, err = p.Run(within(t), steps("stages:3", "tainted"), Limits{Tenant: tenant}, nil)
				case 5:
					_, err = p.Run(within(t), steps("stages:3", "die-after"), Limits{Tenant: tenant}, nil)
				}
				ended := errors.As(err, new(*Died))
				want := []bool{ended, errors.Is(err, ErrProtocol), errors.Is(err, ErrTimeLimit),
					errors.Is(err, context.DeadlineExceeded), err == nil, err == nil}[fault]
				if !want {
					t.Errorf("fault %d ended with %v", fault, err)
				}
			}
		})
	}
	goer.Wait()
	awaitWarm(t, p, 3)
	closePool(t, p)
	await(t, func() bool { return openFiles(t) <= files }, "no file is left open")
	await(t, func() bool { return runtime.NumGoroutine() <= goroutines+1 }, "no goroutine is left")
}

// BenchmarkRun is what a request costs that an engine answers at once: the overhead of the pool and of the protocol.
func BenchmarkRun(b *testing.B) {
	p, _ := startPool(b, nil)
	req := steps()
	ctx := context.Background()
	for b.Loop() {
		if _, err := p.Run(ctx, req, Limits{Time: patience}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
