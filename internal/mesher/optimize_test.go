package mesher

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/improve"
	"meshgen/internal/mesh"
)

// worstOf returns the smallest gamma and the volume of the tetrahedra of a solid (of all where it is -1) in the library.
func worstOf(t *testing.T, kind mesh.Kind, solid int) (worst, volume float64) {
	t.Helper()
	tags, nodes, err := gmsh.Elements(int(kind), solid)
	require.NoError(t, err)
	defer tags.Free()
	defer nodes.Free()
	require.Positive(t, tags.Len())
	gammas, err := gmsh.Qualities(tags.View(), "gamma")
	require.NoError(t, err)
	defer gammas.Free()
	volumes, err := gmsh.Qualities(tags.View(), "volume")
	require.NoError(t, err)
	defer volumes.Free()
	worst = 1.
	for i, g := range gammas.View() {
		worst = min(worst, g)
		volume += volumes.View()[i]
	}
	return worst, volume
}

// twoBoxes is the mesh of two boxes that share a face, with what Gmsh's Delaunay leaves: slivers.
func twoBoxes(t *testing.T) {
	library(t)
	require.NoError(t, set([]option{{"Mesh.MeshSizeMax", 0.15}, {"Mesh.Optimize", 0}}))
	require.NoError(t, gmsh.AddModel("boxes"))
	for i := range 2 {
		_, err := gmsh.AddBox([3]float64{float64(i), 0, 0}, [3]float64{1, 1, 1})
		require.NoError(t, err)
	}
	_, _, err := gmsh.Fragment([]gmsh.DimTag{{Dim: 3, Tag: 1}, {Dim: 3, Tag: 2}}, nil)
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	require.NoError(t, gmsh.Generate(3))
}

func TestImprovedTetrahedra_TakeThePlaceOfThoseInTheLibrary(t *testing.T) {
	twoBoxes(t)
	raw, _ := worstOf(t, mesh.Tet4, -1)
	o, err := (&job{}).takeTetrahedra()
	require.NoError(t, err)
	require.Len(t, o.solids, 2)
	report, err := improve.Improve(&o.mesh, improve.Options{})
	require.NoError(t, err)
	require.Positive(t, report.Changed())
	require.NotEmpty(t, o.mesh.Slid, "nodes of plane faces")
	require.NoError(t, o.putBack())
	require.NoError(t, renumber())
	triangles := 0
	require.NoError(t, eachElement(mesh.Triangle3, -1, func([]uint64) { triangles++ }))
	require.Equal(t, len(o.mesh.Triangles), triangles)

	now, _ := worstOf(t, mesh.Tet4, -1)
	require.InDelta(t, report.After, now, 1e-6)
	require.Greater(t, now, raw)
	require.Greater(t, now, 0.4)
	for _, s := range o.solids {
		_, volume := worstOf(t, mesh.Tet4, s.Tag)
		require.InEpsilon(t, 1, volume, 1e-12)
	}

	// Every node that the library holds is one of an element, and every solid has its own.
	used := map[uint64]bool{}
	require.NoError(t, eachElement(mesh.Tet4, -1, func(n []uint64) {
		for _, node := range n {
			used[node] = true
		}
	}))
	tags, places, err := gmsh.Nodes(-1, -1)
	require.NoError(t, err)
	defer tags.Free()
	defer places.Free()
	require.Equal(t, len(used), tags.Len())
	for _, tag := range tags.View() {
		require.True(t, used[tag], "node %d", tag)
	}

	// And the library goes on working with them.
	require.NoError(t, gmsh.SetOrder(2))
	curved, volume := worstOf(t, mesh.Tet10, -1)
	require.Positive(t, curved)
	require.InEpsilon(t, 2, volume, 1e-9)
}

func TestSolidOfOtherElements_IsLeftOutOfOptimisation(t *testing.T) {
	twoBoxes(t)
	// a prism in the first solid, far from all else
	var nodes []uint64
	var places []float64
	for i, p := range [][3]float64{{5, 0, 0}, {6, 0, 0}, {5, 1, 0}, {5, 0, 1}, {6, 0, 1}, {5, 1, 1}} {
		nodes, places = append(nodes, uint64(1e6+i)), append(places, p[:]...)
	}
	require.NoError(t, gmsh.AddNodes(3, 1, nodes, places))
	require.NoError(t, gmsh.AddElements(1, int(mesh.Prism6), nodes))
	before, _ := worstOf(t, mesh.Tet4, 1)
	other, _ := worstOf(t, mesh.Tet4, 2)

	o, err := (&job{}).takeTetrahedra()
	require.NoError(t, err)
	require.Equal(t, []gmsh.DimTag{{Dim: 3, Tag: 2}}, o.solids)
	_, err = improve.Improve(&o.mesh, improve.Options{})
	require.NoError(t, err)
	require.NoError(t, o.putBack())
	same, _ := worstOf(t, mesh.Tet4, 1)
	require.Equal(t, before, same)
	better, _ := worstOf(t, mesh.Tet4, 2)
	require.Greater(t, better, other)
	types, err := gmsh.ElementTypes(3, 1)
	require.NoError(t, err)
	require.ElementsMatch(t, []int{int(mesh.Tet4), int(mesh.Prism6)}, types)
}
