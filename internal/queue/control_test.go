package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestControls_EveryWorkerIsToldOfACancelAtOnce(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{}, 2)
	live := func() { ready <- struct{}{} }
	workers := []<-chan Control{q.controls(ctx, live), q.controls(ctx, live)}
	<-ready
	<-ready

	fastest := patience
	for n := 0; n < 20 && fastest >= 400*time.Millisecond; n++ { // the machine may be busy with something else
		start := time.Now()
		require.NoError(t, q.PublishCancel(deadline(t), "job_1"))
		for _, w := range workers {
			require.Equal(t, Control{Kind: ControlCancel, JobID: "job_1"}, <-w)
		}
		fastest = min(fastest, time.Since(start))
	}
	require.Less(t, fastest, 400*time.Millisecond, "a cancel has to end an engine within 500 ms")

	cancel()
	for _, w := range workers {
		_, open := <-w
		require.False(t, open)
	}
}

func TestControls_ComeAgainAfterARestart(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ready := make(chan struct{}, 2)
	controls := q.controls(deadline(t), func() { ready <- struct{}{} })
	<-ready
	server.Kill()
	server.Start()
	<-ready
	require.NoError(t, q.PublishCancel(deadline(t), "job_1"))
	require.Equal(t, "job_1", (<-controls).JobID)
}

func TestWorkers_AreThoseThatReportedLately(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ctx := deadline(t)
	reports, err := q.Workers(ctx)
	require.NoError(t, err)
	require.Empty(t, reports)

	type report struct {
		ID    string `json:"id"`
		Count int    `json:"count"`
	}
	for _, id := range []string{"wrk_b", "wrk_a", "wrk_c"} {
		require.NoError(t, q.SetWorker(ctx, id, report{id, 1}, time.Minute))
	}
	require.NoError(t, q.SetWorker(ctx, "wrk_a", report{"wrk_a", 2}, time.Minute))
	require.NoError(t, q.SetWorker(ctx, "wrk_c", report{"wrk_c", 2}, 30*time.Millisecond))
	require.Eventually(t, func() bool {
		reports, err = q.Workers(ctx)
		return err == nil && len(reports) == 2
	}, patience, 5*time.Millisecond)
	require.Equal(t, `[{"id":"wrk_a","count":2} {"id":"wrk_b","count":1}]`, fmt.Sprintf("%s", reports))
	require.True(t, json.Valid(reports[0]))
	n, err := server.Admin.ZCard(ctx, q.keys.workers()).Result()
	require.NoError(t, err)
	require.EqualValues(t, 2, n, "the dead are cleared away")

	require.NoError(t, q.RemoveWorker(ctx, "wrk_a"))
	reports, err = q.Workers(ctx)
	require.NoError(t, err)
	require.Len(t, reports, 1)
}
