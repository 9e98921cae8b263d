package jobs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// other returns a further spec, for a mesh that no other has.
func other(n int) func(*store.NewMesh) {
	return func(m *store.NewMesh) { m.Spec.Size.Max = float64(n + 1) }
}

// newBatch is a batch of a geometry by so many specs.
func (b bench) newBatch(g store.Geometry, specs int) store.NewBatch {
	n := store.NewBatch{TenantID: tenant, GeometryIDs: []string{g.ID}, Reuse: true}
	for i := range specs {
		s, err := spec.Spec{Size: spec.Size{Max: float64(i + 1)}}.Resolve()
		require.NoError(b.t, err)
		n.Specs = append(n.Specs, store.BatchSpec{Name: fmt.Sprint(i), Spec: s})
	}
	return n
}

func TestBatch_TakesWhatIsThere_AndFollowsWhatIsBeingMade(t *testing.T) {
	b := newReuseBench(t).with(0, 2)
	g := b.imported()
	first := b.ask(g, other(0))
	b.finish(made())
	second := b.ask(g, other(1))
	running := b.claim()

	batch, err := b.CreateBatch(t.Context(), b.newBatch(g, 3))
	require.NoError(t, err, "of three, one is there: two have room")
	items, err := b.db.BatchItems(t.Context(), tenant, batch)
	require.NoError(t, err)
	require.Equal(t, []store.Status{store.Succeeded, store.Running, store.Queued}, []store.Status{items[0].Status, items[1].Status, items[2].Status})
	require.Equal(t, first.Mesh.ID, items[0].ReusedFrom)
	require.Equal(t, []string{"succeeded", "done"}, b.events(items[0].MeshID))
	whole, err := b.db.Batch(t.Context(), tenant, batch)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1}, []int{whole.Succeeded, whole.Running, whole.Queued})

	require.NoError(t, b.Finish(t.Context(), running, made()))
	third := b.finish(made())
	require.Equal(t, items[2].MeshID, *third.MeshID)
	items, err = b.db.BatchItems(t.Context(), tenant, batch)
	require.NoError(t, err)
	for _, i := range items {
		require.Equal(t, store.Succeeded, i.Status)
	}
	require.Equal(t, second.Mesh.ID, items[1].ReusedFrom)
	files, err := b.db.BatchFiles(t.Context(), tenant, batch, []string{"msh"})
	require.NoError(t, err)
	require.Len(t, files, 3)

	afresh := b.newBatch(g, 2)
	afresh.Reuse = false
	batch, err = b.CreateBatch(t.Context(), afresh)
	require.NoError(t, err)
	whole, err = b.db.Batch(t.Context(), tenant, batch)
	require.NoError(t, err)
	require.Equal(t, 2, whole.Queued)
}
