package serve_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// triangleCube is an STL of a cube of 10 with the unit that a user declares, or "".
func triangleCube(t *testing.T, unit string, cubes ...[4]float64) engine.Source {
	t.Helper()
	if len(cubes) == 0 {
		cubes = [][4]float64{{0, 0, 0, 10}}
	}
	var text strings.Builder
	text.WriteString("solid cube\n")
	for _, cube := range cubes {
		corner := func(i int) string {
			return fmt.Sprintf("vertex %v %v %v\n", cube[0]+cube[3]*float64(i&1), cube[1]+cube[3]*float64(i>>1&1), cube[2]+cube[3]*float64(i>>2))
		}
		for _, q := range [6][4]int{{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}} {
			for _, tri := range [2][3]int{{q[0], q[1], q[2]}, {q[0], q[2], q[3]}} {
				text.WriteString("facet normal 0 0 0\nouter loop\n" + corner(tri[0]) + corner(tri[1]) + corner(tri[2]) + "endloop\nendfacet\n")
			}
		}
	}
	text.WriteString("endsolid cube\n")
	source := written(t, engine.STL, []byte(text.String()))
	source.Units = unit
	return source
}

func importOf(c *child, source engine.Source) answer {
	return c.do(engine.Request{Kind: engine.Import, Source: source})
}

func TestCubeOfTriangles_HasTheFacesEdgesAndCornersOfACube(t *testing.T) {
	c := start(t)
	a := importOf(c, triangleCube(t, "mm"))
	require.Nil(t, a.Error)
	require.Empty(t, a.Warnings)
	require.Equal(t, "mm", a.Model.Units)
	require.Equal(t, 12, a.Model.Triangles)
	require.Len(t, a.Model.Faces, 6)
	require.Equal(t, 12, a.Model.Curves)
	require.Equal(t, 8, a.Model.Points)
	require.Equal(t, [][2]int{{1, 12}}, a.Model.CurveTags)
	require.Equal(t, []int{1, 2, 3, 4, 5, 6}, a.Model.Solids[0].Faces)

	// each face is found again in the mesh by its tag, where the import said that it is
	b := c.mesh(triangleCube(t, "mm"), func(s *spec.Spec) {
		s.Size.Max = 2
		for _, f := range a.Model.Faces {
			s.Groups = append(s.Groups, spec.Group{Name: fmt.Sprintf("face %d", f.Tag), Dim: dim(2), Entities: []int{f.Tag}})
		}
		s.Groups = append(s.Groups, spec.Group{Name: "edge", Dim: dim(1), Entities: []int{3}}, spec.Group{Name: "corner", Dim: dim(0), Entities: []int{8}})
	})
	requireSound(t, b)
	m := readMesh(t, b)
	require.Len(t, groups(t, m), 9)
	for _, f := range a.Model.Faces {
		require.InDelta(t, 100, f.Measure, 1e-9)
		require.InDelta(t, 100, area(m, []int{f.Tag}), 1e-9)
		for _, block := range m.In(2, f.Tag) {
			for i := range block.Len() {
				p := m.At(block.Element(i)[0])
				on := false
				for k := range 3 {
					onSide := (f.Place[k] == 0 || f.Place[k] == 10) && math.Abs(p[k]-f.Place[k]) < 1e-12
					on = on || onSide
				}
				require.True(t, on, "face %d has a node at %v, but lies at %v", f.Tag, p, *f.Place)
			}
		}
	}
	require.InDelta(t, 1000, b.Mesh.Volume, 1e-9)
	require.Equal(t, 6, b.Mesh.Surface.Faces)
	require.Equal(t, 12, b.Mesh.Surface.FileTriangles)
	require.Greater(t, b.Mesh.Surface.Triangles, 100)
	require.Less(t, b.Mesh.Surface.Deviation, 1e-9)
}

// surfaceEdges returns the edges of all triangles.
func surfaceEdges(m *mesh.Mesh) []edge {
	var blocks []*mesh.Block
	for i := range m.Blocks {
		if m.Blocks[i].Dim == 2 {
			blocks = append(blocks, &m.Blocks[i])
		}
	}
	return edges(m, blocks, 3)
}

func anywhere([3]float64) bool { return true }

func TestTriangles_HaveTheSizeAskedFor(t *testing.T) {
	c := start(t)
	for _, size := range []float64{1, 2} {
		a := c.mesh(triangleCube(t, "mm"), func(s *spec.Spec) { s.Size.Max = size })
		requireSound(t, a)
		require.InDelta(t, size, typical(t, surfaceEdges(readMesh(t, a)), anywhere), 0.3*size)
	}
	at := func(fineness float64) answer {
		return c.mesh(triangleCube(t, "mm"), func(s *spec.Spec) { s.Size.Fineness = fineness })
	}
	coarse, finer := at(2), at(4)
	requireSound(t, coarse)
	requireSound(t, finer)
	require.InDelta(t, 4, float64(finer.Mesh.Surface.Triangles)/float64(coarse.Mesh.Surface.Triangles), 1.5, "two steps halve the size")
}

func TestRefinementOfATriangleSurface_HoldsThere(t *testing.T) {
	c := start(t)
	near := func(p [3]float64) bool { return p[0] < 1e-9 }
	far := func(p [3]float64) bool { return p[0] > 10-1e-9 }
	model := importOf(c, triangleCube(t, "mm")).Model
	side := 0
	for _, f := range model.Faces {
		if f.Place[0] == 0 {
			side = f.Tag
		}
	}
	a := c.mesh(triangleCube(t, "mm"), func(s *spec.Spec) {
		s.Size.Max = 2.5
		s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{side}}, Size: 0.5}}
	})
	requireSound(t, a)
	all := surfaceEdges(readMesh(t, a))
	require.InDelta(t, 0.5, typical(t, all, near), 0.15)
	require.Greater(t, typical(t, all, far), 1.2)

	a = c.mesh(triangleCube(t, "mm"), func(s *spec.Spec) {
		s.Size.Max = 2.5
		s.Refine = []spec.Refinement{{Box: [][]float64{{-1, -1, -1}, {1, 11, 11}}, Size: 0.5}}
	})
	requireSound(t, a)
	require.InDelta(t, 0.5, typical(t, surfaceEdges(readMesh(t, a)), near), 0.15)
}

func TestShells_AreSolidsOrVoidsByHowTheyNest(t *testing.T) {
	c := start(t)
	apart := c.mesh(triangleCube(t, "mm", [4]float64{0, 0, 0, 10}, [4]float64{20, 0, 0, 5}), nil)
	requireSound(t, apart)
	require.Len(t, apart.Mesh.Solids, 2)
	require.InDelta(t, 1125, apart.Mesh.Volume, 1e-6)

	nested := c.mesh(triangleCube(t, "mm", [4]float64{0, 0, 0, 10}, [4]float64{2, 2, 2, 6}, [4]float64{4, 4, 4, 2}), nil)
	requireSound(t, nested)
	require.Len(t, nested.Mesh.Solids, 2, "a solid with a void, and a solid in the void")
	require.InDelta(t, 1000-216, nested.Mesh.Solids[0].Volume, 1e-6)
	require.InDelta(t, 8, nested.Mesh.Solids[1].Volume, 1e-6)
	require.Equal(t, 18, nested.Mesh.Surface.Faces)

	touching := c.mesh(triangleCube(t, "mm", [4]float64{0, 0, 0, 10}, [4]float64{10, 10, 10, 10}), nil)
	requireSound(t, touching)
	require.Len(t, touching.Mesh.Solids, 2)
	require.InDelta(t, 2000, touching.Mesh.Volume, 1e-6)
}

func TestTrianglesWithoutAUnit_AreTakenAsTheyAreWithAWord(t *testing.T) {
	c := start(t)
	for _, a := range []answer{importOf(c, triangleCube(t, "")), c.mesh(triangleCube(t, ""), nil)} {
		require.Nil(t, a.Error)
		require.Len(t, a.Warnings, 1)
		require.Equal(t, diagnosis.UnitsUnknown, a.Warnings[0].Code)
		require.NotEmpty(t, a.Warnings[0].Hint)
	}
	for _, a := range []answer{importOf(c, triangleCube(t, "in")), c.mesh(triangleCube(t, "in"), nil)} {
		require.Nil(t, a.Error)
		require.Empty(t, a.Warnings)
	}
	require.Equal(t, "in", importOf(c, triangleCube(t, "in")).Model.Units)
}

func TestHigherOrders_FillATriangleSurfaceToo(t *testing.T) {
	a := start(t).mesh(triangleCube(t, "mm"), func(s *spec.Spec) { s.Order, s.Size.Max = 2, 3 })
	requireSound(t, a)
	require.InDelta(t, 1000, a.Mesh.Volume, 1e-9)
}

func TestScaleOfTriangles_DoesNotMatter(t *testing.T) {
	c := start(t)
	var counts []int
	for _, size := range []float64{1, 10, 1000} {
		a := c.mesh(triangleCube(t, "mm", [4]float64{0, 0, 0, size}), func(s *spec.Spec) { s.Size.Fineness = 3 })
		requireSound(t, a)
		counts = append(counts, a.Mesh.Elements["tetrahedron"])
	}
	require.InEpsilon(t, counts[0], counts[1], 0.2)
	require.InEpsilon(t, counts[0], counts[2], 0.2)
}
