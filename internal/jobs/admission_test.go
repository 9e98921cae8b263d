package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// with returns the bench with bounds on what may wait.
func (b bench) with(everybody, tenant int) bench {
	return b.configured(jobs.Config{MaxQueued: everybody, MaxQueuedOfTenant: tenant})
}

// refused returns why there is no room for a mesh.
func (b bench) refused(n store.NewMesh) *jobs.Refused {
	b.t.Helper()
	_, err := b.CreateMesh(b.t.Context(), n)
	var r *jobs.Refused
	require.ErrorAs(b.t, err, &r)
	return r
}

func (b bench) newOther(g store.Geometry, n int) store.NewMesh {
	m := newMesh(b.t, g, store.Interactive)
	m.Reuse = true
	other(n)(&m)
	return m
}

// engines has a worker report that it can run so many jobs at once.
func (b bench) engines(n int) {
	b.t.Helper()
	report := map[string]any{"pool": map[string]any{"capacity": n}}
	require.NoError(b.t, b.queue.SetWorker(b.t.Context(), id.New(id.Worker), report, time.Hour))
}

func TestQueueOfATenantIsFull_ItIsRefused_OthersAndOtherClassesAreNot(t *testing.T) {
	b := newReuseBench(t).with(0, 2)
	g := b.imported()
	b.ask(g, other(0))
	b.ask(g, other(1))

	r := b.refused(b.newOther(g, 2))
	require.Equal(t, store.QueueFull{OfTenant: true, Class: store.Interactive, Waiting: 2, Allowed: 2, Asked: 1}, *r.QueueFull)
	require.Equal(t, 30*time.Second, r.RetryAfter, "no worker, and no job that ended: nobody knows")
	meshes, err := b.db.Meshes(t.Context(), tenant, store.MeshFilter{}, store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, meshes, 2)

	batch := b.newOther(g, 3)
	batch.Class = store.Batch
	_, err = b.CreateMesh(t.Context(), batch)
	require.NoError(t, err, "batches have a room of their own")

	b.claim()
	b.ask(g, other(2)) // what runs does not wait
	b.refused(b.newOther(g, 4))

	b.exec(`INSERT INTO tenants (id, name) VALUES ('second', 'second')`)
	n := b.newGeometry()
	n.TenantID = "second"
	theirs, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	m := b.newOther(theirs, 0)
	m.TenantID = "second"
	_, err = b.CreateMesh(t.Context(), m)
	require.NoError(t, err)
}

func TestQueueOfAllIsFull_WhatNeedNotBeMadeIsLetIn(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g, other(0))
	b.finish(made())
	b = b.with(1, 0)
	b.ask(g, other(1))

	require.False(t, b.refused(b.newOther(g, 2)).OfTenant)
	require.True(t, b.ask(g, other(0)).Reused, "it is there")
	require.NotEmpty(t, b.ask(g, other(1)).Leader, "it is being made")

	keyed := b.newOther(g, 3)
	keyed.IdempotencyKey, keyed.RequestHash = "key", "hash"
	b.refused(keyed)
	b.claim()
	c, err := b.CreateMesh(t.Context(), keyed)
	require.NoError(t, err, "the key of a request that was refused is free")
	require.False(t, c.Existed)
}

func TestRefusedRequest_IsToldWhenThereShouldBeRoom(t *testing.T) {
	b := newReuseBench(t).with(4, 0)
	g := b.imported()
	for i := range 3 {
		b.ask(g, other(i))
		b.finish(made())
	}
	b.exec(`UPDATE jobs SET started_at = finished_at - interval '20 s' WHERE kind = 'mesh'`)
	b.exec(`UPDATE jobs SET claim = '' WHERE kind = 'import'`) // not to count
	b.engines(2)
	for i := range 4 {
		b.ask(g, other(10+i))
	}
	require.Equal(t, 10*time.Second, b.refused(b.newOther(g, 20)).RetryAfter, "one has to go; of 20 s each, two at once")

	load, err := b.Load(t.Context(), tenant)
	require.NoError(t, err)
	require.Equal(t, 2, load.Engines)
	require.InDelta(t, 20, load.MedianSeconds, 0.01)
	require.InDelta(t, 3, load.PerMinute, 0.01)
	require.Equal(t, []int{4, 0, 4, 0, 1}, []int{load.Interactive, load.Batch, load.OwnQueued, load.OwnRunning, load.Tenants})
	wait, known := load.Wait(store.Interactive)
	require.True(t, known)
	require.Equal(t, 30*time.Second, wait.Round(time.Second), "three have to end before one of two engines is free for the fifth")
}

func TestBatchWithoutRoom_IsRefusedAsAWhole(t *testing.T) {
	b := newReuseBench(t).with(0, 5)
	g := b.imported()
	_, err := b.CreateBatch(t.Context(), b.newBatch(g, 3))
	require.NoError(t, err)
	_, err = b.CreateBatch(t.Context(), b.newBatch(b.imported(), 3))
	var r *jobs.Refused
	require.ErrorAs(t, err, &r)
	require.Equal(t, store.QueueFull{OfTenant: true, Class: store.Batch, Waiting: 3, Allowed: 5, Asked: 3}, *r.QueueFull)
	batches, err := b.db.Batches(t.Context(), tenant, "", store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, batches, 1)
}

func TestTenantThatRunsWhatItMay_WaitsThoughEnginesAreIdle_OthersDoNot(t *testing.T) {
	b := newReuseBench(t).configured(jobs.Config{MaxRunningOfTenant: 2})
	g := b.imported()
	for n := range 4 {
		b.ask(g, other(n))
	}
	first := b.claim()
	require.False(t, b.claim().Last, "what waits is for its end")
	b.nothingToClaim()

	b.exec(`INSERT INTO tenants (id, name) VALUES ('other', 'Other')`)
	n := b.newGeometry()
	n.TenantID = "other"
	theirs, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	require.Equal(t, theirs.ID, b.claim().GeometryID)
	b.nothingToClaim()

	require.NoError(t, b.Finish(t.Context(), first, made()))
	require.Equal(t, tenant, b.claim().TenantID)
	b.nothingToClaim()
}

// A tenant's own limits count in place of those of the configuration, for what waits and for what runs.
func TestTenantWithLimitsOfItsOwn_WaitsAndRunsByThem(t *testing.T) {
	b := newReuseBench(t).with(0, 1)
	b.exec(`UPDATE tenants SET max_queued = 2, max_running = 1, max_elements = 5000 WHERE id = '` + tenant + `'`)
	g := b.imported()
	b.ask(g, other(0))
	b.ask(g, other(1))
	r := b.refused(b.newOther(g, 2))
	require.Equal(t, store.QueueFull{OfTenant: true, Class: store.Interactive, Waiting: 2, Allowed: 2, Asked: 1}, *r.QueueFull)
	largest, err := b.LargestBatch(t.Context(), tenant)
	require.NoError(t, err)
	require.Equal(t, 2, largest)
	c := b.claim()
	require.EqualValues(t, 5000, c.MaxElements)
	require.False(t, c.Last)
	b.nothingToClaim()
	b.exec(`UPDATE tenants SET max_running = 0, max_elements = NULL`)
	require.Zero(t, b.claim().MaxElements)
}
