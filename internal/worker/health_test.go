package worker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/pool"
	"meshgen/internal/testenv"
	"meshgen/internal/worker"
)

func TestHealth_FollowsTheLastReportOfTheHost(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	report := func(id, host string, started time.Time, p pool.Stats) {
		t.Helper()
		require.NoError(t, s.queue.SetWorker(ctx, id, worker.Presence{ID: id, Host: host, Started: started, Pool: p}, time.Minute))
	}
	well := pool.Stats{Engines: []pool.EngineStats{{State: pool.Starting}, {State: pool.Warm}}}
	now := time.Now()

	report("wrk_other", "other", now, well)
	require.ErrorContains(t, worker.Healthy(ctx, s.queue, "here"), "no worker on here has reported")

	report("wrk_old", "here", now.Add(-time.Hour), well)
	require.NoError(t, worker.Healthy(ctx, s.queue, "here"))

	report("wrk_new", "here", now, pool.Stats{Engines: []pool.EngineStats{{State: pool.Starting}}, LastStartError: "no libgmsh"})
	require.ErrorContains(t, worker.Healthy(ctx, s.queue, "here"), "no libgmsh", "the worker that runs now counts")

}

func TestHealth_OfAWorkerAtWork(t *testing.T) {
	s := newSite(t)
	c := s.hire(testenv.Engine(t), nil)
	host := c.Presence().Host
	require.Eventually(t, func() bool { return worker.Healthy(t.Context(), s.queue, host) == nil }, 20*time.Second, 10*time.Millisecond)
	c.stop()
	require.ErrorContains(t, worker.Healthy(t.Context(), s.queue, host), "has reported", "a worker that stops says so")
}
