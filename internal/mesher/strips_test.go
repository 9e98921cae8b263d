package mesher

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
)

// The side of pipe.step is a cylinder, a face with a seam. What is done to it here is done to rods and springs that are hundreds of times
// as long as thick.
func TestStrips_AreRowsFromEndToEndThatFitTheCurvesAround(t *testing.T) {
	library(t)
	require.NoError(t, set([]option{{"Mesh.MeshSizeMax", 8}}))
	require.NoError(t, gmsh.AddModel("pipe"))
	_, err := gmsh.ImportShapes("../engine/serve/testdata/pipe.step", "step", true)
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	faces, err := gmsh.Entities(2)
	require.NoError(t, err)

	j := &job{}
	for _, face := range faces {
		curves, err := gmsh.Boundary([]gmsh.DimTag{face}, false)
		require.NoError(t, err)
		if kind, err := gmsh.Kind(face); err != nil || kind != "Cylinder" {
			require.NoError(t, err)
			continue
		}
		require.Len(t, curves, 4)
		p := strip{face: face.Tag, bend: math.Inf(1)}
		for _, c := range curves { // as stripOf sorts them where the face is long enough
			curve := gmsh.DimTag{Dim: 1, Tag: abs(c.Tag)}
			kind, err := gmsh.Kind(curve)
			require.NoError(t, err)
			length, err := gmsh.Mass(curve)
			require.NoError(t, err)
			switch {
			case kind == "Line":
				p.left, p.right, p.length = curve.Tag, curve.Tag, length
			case p.near == 0:
				p.near, p.width = curve.Tag, length
			default:
				p.far = curve.Tag
			}
		}
		p, ok, err := measureStrip(p)
		require.NoError(t, err)
		require.True(t, ok)
		require.InEpsilon(t, p.width, 2*math.Pi*p.radius, 1e-6)
		require.True(t, math.IsInf(p.bend, 1))
		p.edges = 12
		j.strips = append(j.strips, p)
	}
	require.Len(t, j.strips, 1)
	require.NoError(t, j.divideStrips(j.strips[0].length/5))
	require.NoError(t, gmsh.Generate(1))
	require.NoError(t, j.meshStrips())
	require.Equal(t, 2*12*5, j.stripTriangles())
	require.NoError(t, gmsh.Generate(2))

	var tags []int
	area := 0.
	for _, f := range faces {
		tags = append(tags, f.Tag)
		a, err := gmsh.Mass(f)
		require.NoError(t, err)
		area += a
	}
	h, err := takeHull(solid{tag: 1, faces: tags})
	require.NoError(t, err)
	ofStrips, meshed := 0, 0.
	for i := range h.triangles {
		if j.isStrip(h.face[i]) {
			ofStrips++
		}
		n := doubleArea(h.corners(i))
		meshed += distance(n, [3]float64{}) / 2
	}
	require.Equal(t, j.stripTriangles(), ofStrips)
	require.InEpsilon(t, area, meshed, 0.05)
	_, closed := h.orient()
	require.True(t, closed)
	require.NoError(t, meshEverything())
	require.NoError(t, gmsh.Generate(3))
	n, err := elementsOf(3)
	require.NoError(t, err)
	require.Positive(t, n)
}

func TestRowsOfQuadrangles_AreCutAlongTheShorterDiagonal(t *testing.T) {
	grid := [][]knot{
		{{node: 1, place: [3]float64{0, 0, 0}}, {node: 2, place: [3]float64{1, 0, 0}}},
		{{node: 3, place: [3]float64{0.5, 1, 0}}, {node: 4, place: [3]float64{1.5, 1, 0}}},
	}
	require.Equal(t, []uint64{1, 2, 3, 2, 4, 3}, rowTriangles(grid, true))
	require.Equal(t, []uint64{1, 3, 2, 3, 4, 2}, rowTriangles(grid, false), "the other way around")
}

func TestCircumradius_OfAnArcAndOfALine(t *testing.T) {
	require.InDelta(t, 2, circumradius([3]float64{2, 0, 1}, [3]float64{0, 2, 1}, [3]float64{-2, 0, 1}), 1e-12)
	require.True(t, math.IsInf(circumradius([3]float64{0, 0, 0}, [3]float64{1, 1, 1}, [3]float64{3, 3, 3}), 1))
}
