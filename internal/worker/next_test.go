package worker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// rarelyLooks is a site whose workers have work by being called alone, for as long as a test goes on.
func rarelyLooks(t *testing.T) *site {
	return open(t, &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.S3(t), lease: time.Minute, tick: "30s"})
}

// soon is when what does not wait for a tick has begun, even on a machine that is busy.
const soon = 15 * time.Second

func (s *site) beginsSoon(m store.Mesh) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		now, err := s.db.Mesh(s.t.Context(), tenant, m.ID)
		return err == nil && now.Status != store.Queued
	}, soon, 10*time.Millisecond)
}

// A tenant that may have one job under way has its next one taken when that has ended, however it did.
func TestTenantMayHaveNoMoreUnderWay_TheNextBeginsAtTheEnd(t *testing.T) {
	s := rarelyLooks(t)
	s.hire(testenv.FaultyEngine(t), map[string]string{"MESHGEN_ENGINES": "2"})
	g := s.imported(part(t, "sleep mesh3d frontal"))
	s.exec(`UPDATE tenants SET max_running = 1`)
	first, second := s.mesh(g, spec.Spec{Size: spec.Size{Max: 12}}), s.mesh(g, spec.Spec{Strategy: spec.Frontal})
	s.until(first.ID, isDone)
	s.beginsSoon(second)
	s.until(second.ID, inStage(engine.Stage3D)) // where it stays
	third := s.mesh(g, spec.Spec{Size: spec.Size{Max: 13}})
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, second.ID))
	s.beginsSoon(third)
	require.Equal(t, store.Succeeded, s.ended(third).Status)
}

// A bell may have been heard by a worker that stops before it claims: who was busy takes the job when its own has ended.
func TestBellIsLostWhileAWorkerIsBusy_TheJobIsTakenWhenItIsFree(t *testing.T) {
	s := rarelyLooks(t)
	s.hire(testenv.FaultyEngine(t), nil)
	g := s.imported(part(t, "sleep mesh3d frontal"))
	long := s.mesh(g, spec.Spec{Strategy: spec.Frontal})
	s.until(long.ID, inStage(engine.Stage3D))
	listener := s.queue.Listen("another")
	defer listener.Close()
	heard := make(chan error, 1)
	go func() { _, err := listener.Next(t.Context()); heard <- err }()
	m := s.mesh(g, spec.Spec{Size: spec.Size{Max: 12}})
	require.NoError(t, <-heard)
	<-time.After(2 * time.Second) // what the worker saw is no longer fresh
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, long.ID))
	s.beginsSoon(m)
	s.until(m.ID, isDone)
}
