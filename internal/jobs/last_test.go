package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// A worker that has the last job, and just claimed it, does not ask for another one before it hears a bell: whatever it could claim without
// one must keep a claim from being the last.
func TestClaimIsTheLast_UnlessSomethingWaitsThatNoBellWillRingFor(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	b.mesh(g, store.Interactive)
	require.True(t, b.claim().Last)

	b.mesh(g, store.Interactive)
	batch := b.mesh(g, store.Batch)
	require.False(t, b.claim().Last)

	later := b.claim()
	require.Equal(t, batch.ID, *later.MeshID)
	require.True(t, later.Last, "others run, which is no matter")
	require.NoError(t, b.Release(t.Context(), later, time.Hour))
	b.mesh(g, store.Interactive)
	require.False(t, b.claim().Last, "it waits for its time")

	b.exec(`UPDATE jobs SET held_until = now() + interval '1 hour', not_before = now() WHERE id = '` + batch.Job.ID + `'`)
	b.exec(`INSERT INTO kept_parts (worker, tenant_id, sha256, format, units, until) SELECT 'hot', tenant_id, sha256, format, units, now() + interval '1 hour' FROM geometries`)
	b.mesh(g, store.Interactive)
	require.False(t, b.claim().Last, "it is held for another")
}

// What waits for the end of another has its bell rung then.
func TestClaimIsTheLast_WhereOthersWaitForIt(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g)
	require.NotEmpty(t, b.ask(g).Leader)
	require.True(t, b.claim().Last)
	fresh := b.geometry()
	b.mesh(fresh, store.Interactive)
	c := b.claim()
	require.Equal(t, fresh.Job.ID, c.JobID)
	require.True(t, c.Last)
}

// A tenant that may run no more has the next of its jobs run when one ends: whoever has a job of it has to know.
func TestClaimOfALimitedTenant_SaysSo(t *testing.T) {
	b := newReuseBench(t).configured(jobs.Config{MaxRunningOfTenant: 2})
	g := b.imported()
	b.ask(g)
	require.True(t, b.claim().Limited)
	b.exec(`UPDATE tenants SET max_running = 0`)
	b.mesh(g, store.Interactive)
	require.False(t, b.claim().Limited)
	b = newReuseBench(t)
	b.exec(`UPDATE tenants SET max_running = 1`)
	b.ask(b.imported())
	require.True(t, b.claim().Limited)
}
