package serve_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
)

// interfaces returns how many triangles of tetrahedra lie between two solids. Each has to be there once, as a triangle of a face.
func interfaces(t *testing.T, m *mesh.Mesh) (n int) {
	t.Helper()
	sorted := func(a, b, c uint64) [3]uint64 {
		key := []uint64{a, b, c}
		slices.Sort(key)
		return [3]uint64(key)
	}
	on := map[[3]uint64]int{}
	for _, b := range m.Of(2) {
		for i := 0; i < len(b.Nodes); i += 3 {
			on[sorted(b.Nodes[i], b.Nodes[i+1], b.Nodes[i+2])]++
		}
	}
	of := map[[3]uint64][]int{}
	for _, b := range m.Of(3) {
		for i := 0; i < len(b.Nodes); i += 4 {
			v := b.Nodes[i : i+4]
			for _, s := range [4][3]int{{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}} {
				key := sorted(v[s[0]], v[s[1]], v[s[2]])
				of[key] = append(of[key], b.Entity)
			}
		}
	}
	for key, solids := range of {
		require.LessOrEqual(t, len(solids), 2)
		switch between := len(solids) == 2 && solids[0] != solids[1]; {
		case between:
			n++
			fallthrough
		case len(solids) == 1:
			require.Equal(t, 1, on[key], "a triangle of solids %v is on faces", solids)
		default:
			require.Zero(t, on[key], "a triangle within solid %d is on faces", solids[0])
		}
	}
	for key := range on {
		require.NotEmpty(t, of[key], "a triangle of a face without a tetrahedron")
	}
	return n
}

func isApart(d diagnosis.Diagnosis) bool { return d.Code == diagnosis.Repaired }

func TestLattice_JoinsSolidsThatTouch(t *testing.T) {
	c := start(t)
	for _, file := range []struct {
		name   string
		solids int
		within float64
	}{{"two_boxes.step", 2, 1e-6}, {"cad/gen_sphere_in_box.step", 2, 0.02}, {"cad/gen_touching_boxes.step", 12, 1e-3}} {
		t.Run(file.name, func(t *testing.T) {
			var source engine.Source
			if strings.Contains(file.name, "/") {
				source = shared(t, file.name)
			} else {
				source = named(t, "testdata/"+file.name)
			}
			a := c.mesh(source, byLattice(60_000))
			requireLattice(t, a)
			require.Len(t, a.Mesh.Solids, file.solids)
			for _, s := range a.Mesh.Solids {
				require.InDelta(t, 0, s.Deviation, file.within, "solid %d", s.Tag)
			}
			require.Positive(t, interfaces(t, readMesh(t, a)))
			require.False(t, slices.ContainsFunc(a.Warnings, isApart), "%v", a.Warnings)
		})
	}
}
