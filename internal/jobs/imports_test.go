package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

func TestMeshIsAcceptedBeforeItsImportEnds_AndRunsAfterIt(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.geometry()
	m := b.mesh(g, store.Interactive)
	imp := b.claim()
	require.Equal(t, engine.Import, imp.Kind)
	b.nothingToClaim()
	require.NoError(t, b.Finish(t.Context(), imp, store.Outcome{Model: &engine.Model{Units: "mm"}}))
	c := b.claim()
	require.Equal(t, m.ID, *c.MeshID)
	require.Equal(t, 1, c.Attempt)
	require.NoError(t, b.Finish(t.Context(), c, succeeded()))
	m = b.status(m)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 8, m.Report.Nodes)
	require.Equal(t, []string{"queued", "succeeded", "done"}, b.events(m.ID))
	files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestMeshFailsWithItsGeometry(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.geometry()
	m := b.mesh(g, store.Interactive)
	imp := b.claim()
	d := diagnosis.New(diagnosis.EmptyModel, "the file holds no shape")
	require.NoError(t, b.Finish(t.Context(), imp, store.Outcome{Error: d}))
	m = b.status(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, d, m.Error)
	require.Equal(t, []string{"queued", "failed", "done"}, b.events(m.ID))
	b.nothingToClaim()

	_, err := b.CreateMesh(t.Context(), newMesh(t, g, store.Interactive))
	var failed *store.GeometryFailed
	require.ErrorAs(t, err, &failed)
	require.Equal(t, diagnosis.EmptyModel, failed.Diagnosis.Code)
}

// A part with a defect is one that a lattice alone can fill. Whether a mesh is asked for before its import ends or after, it is made or
// refused by that alone.
func TestImportFindsADefectWhileMeshesAreMade_ThoseByALatticeAreMade(t *testing.T) {
	b := newBench(t, time.Minute)
	d := diagnosis.New(diagnosis.NotWatertight, "there is a hole").At(diagnosis.Entity{Dim: 1, Tag: 1})
	for range 20 {
		g := b.geometry()
		imp := b.claim()
		ask := func(s spec.Spec) store.NewMesh {
			n := newMesh(t, g, store.Interactive)
			var err error
			n.Spec, err = s.Resolve()
			require.NoError(t, err)
			return n
		}
		filled, refused := []spec.Spec{{}, {Strategy: spec.Lattice}, {Draft: true}}, []spec.Spec{{Strategy: spec.HXT}, {Order: 2}, {Heal: spec.HealOff}}
		var wg sync.WaitGroup
		start := make(chan struct{})
		for _, s := range filled {
			n := ask(s)
			wg.Go(func() {
				<-start
				_, err := b.CreateMesh(context.Background(), n)
				assert.NoError(t, err)
			})
		}
		for _, s := range refused {
			n := ask(s)
			wg.Go(func() {
				<-start
				c, err := b.CreateMesh(context.Background(), n)
				var failed *store.GeometryFailed
				if errors.As(err, &failed) {
					assert.Equal(t, d, failed.Diagnosis)
					assert.NotEmpty(t, failed.Field)
					return
				}
				assert.NoError(t, err)
				assert.Eventually(t, func() bool {
					m, err := b.db.Mesh(context.Background(), tenant, c.Mesh.ID)
					return err == nil && m.Status == store.Failed && assert.Equal(t, d, m.Error)
				}, patience, time.Millisecond)
			})
		}
		wg.Go(func() {
			<-start
			assert.NoError(t, b.Finish(context.Background(), imp, store.Outcome{Model: &engine.Model{Defect: d}}))
		})
		close(start)
		wg.Wait()
		for range filled {
			c := b.claim()
			require.Equal(t, d, c.Model.Defect)
			require.NoError(t, b.Finish(t.Context(), c, succeeded()))
		}
		b.nothingToClaim()
		g, err := b.db.Geometry(t.Context(), tenant, g.ID)
		require.NoError(t, err)
		require.Nil(t, g.Error)
		require.Equal(t, d, g.Model.Defect)
	}
}

// The import may end at any moment of the request that makes a mesh: the mesh must not be left waiting for it.
func TestImportEndsWhileMeshesAreMade_NoneIsLeftWaiting(t *testing.T) {
	b := newBench(t, time.Minute)
	for range 20 {
		g := b.geometry()
		imp := b.claim()
		var wg sync.WaitGroup
		start := make(chan struct{})
		const meshes = 6
		for range meshes {
			wg.Go(func() {
				<-start
				_, err := b.CreateMesh(context.Background(), newMesh(t, g, store.Interactive))
				assert.NoError(t, err)
			})
		}
		wg.Go(func() {
			<-start
			assert.NoError(t, b.Finish(context.Background(), imp, store.Outcome{Model: &engine.Model{}}))
		})
		close(start)
		wg.Wait()
		for range meshes {
			require.NoError(t, b.Finish(t.Context(), b.claim(), succeeded()))
		}
		b.nothingToClaim()
	}
}

func TestImportLostTooOften_ItsMeshesFail(t *testing.T) {
	b := newBench(t, time.Second)
	m := b.mesh(b.geometry(), store.Interactive)
	for range 3 {
		b.expire(b.claim())
		require.NoError(t, b.Reconcile(t.Context()))
	}
	require.NoError(t, b.Reconcile(t.Context()))
	m = b.status(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.EngineCrashed, m.Error.Code)
	require.Equal(t, []string{"queued", "failed", "done"}, b.events(m.ID))
}
