package mesher

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// rod makes a rod of radius 1, 400 long, the current model, and returns a job that is to mesh it. Its side is face 1.
func rod(t *testing.T, size spec.Size) *job {
	t.Helper()
	s, err := spec.Spec{Size: size}.Resolve()
	require.NoError(t, err)
	require.NoError(t, gmsh.Clear())
	require.NoError(t, gmsh.RestoreDefaults())
	require.NoError(t, gmsh.AddModel("rod"))
	_, err = gmsh.ImportShapes("../engine/serve/testdata/rod.step", "step", true)
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	volume, err := gmsh.Mass(gmsh.DimTag{Dim: 3, Tag: 1})
	require.NoError(t, err)
	j := &job{req: engine.Request{Kind: engine.Mesh, Spec: s}, track: newTracker(engine.Mesh, &recorder{})}
	j.source = source{solids: []solid{{tag: 1, volume: volume, faces: []int{1, 2, 3}}}, high: [3]float64{400, 2, 2}}
	require.NoError(t, set(j.meshingOptions(j.source.diagonal())))
	return j
}

// divided returns how many edges the curves of the current model have.
func divided(t *testing.T) (n []int) {
	t.Helper()
	require.NoError(t, gmsh.Generate(1))
	for curve := 1; curve <= 3; curve++ {
		tags, nodes, err := gmsh.Elements(gmsh.Line2, curve)
		require.NoError(t, err)
		n = append(n, tags.Len())
		tags.Free()
		nodes.Free()
	}
	return n
}

func TestStrip_IsALongFaceThatIsBentAcross(t *testing.T) {
	library(t)
	rod(t, spec.Size{})
	p, ok, err := stripOf(1)
	require.NoError(t, err)
	require.True(t, ok)
	require.InDelta(t, 400, p.length, 1e-6)
	require.InDelta(t, 2*math.Pi, p.width, 1e-6)
	require.InEpsilon(t, 1, p.radius, 1e-6)
	require.True(t, math.IsInf(p.bend, 1))
	require.Equal(t, p.left, p.right, "a seam")
	require.NotEqual(t, p.near, p.far)
	_, ok, err = stripOf(2)
	require.NoError(t, err)
	require.False(t, ok, "an end")

	require.NoError(t, gmsh.AddModel("pipe"))
	_, err = gmsh.ImportShapes("../engine/serve/testdata/pipe.step", "step", true)
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	for face := 1; face <= 3; face++ {
		_, ok, err := stripOf(face)
		require.NoError(t, err)
		require.False(t, ok, "not long enough")
	}
}

func TestStrips_HaveTheVolumeTheCostAndTheEdgesThatAreAskedFor(t *testing.T) {
	library(t)
	rows := func(size spec.Size) strip {
		j := rod(t, size)
		require.NoError(t, j.startChords())
		require.Len(t, j.strips, 1)
		n := divided(t)
		p := j.strips[0]
		require.ElementsMatch(t, []int{p.edges, p.edges, p.rows}, n, "as Gmsh divides the curves")
		require.Equal(t, 2*p.edges*p.rows, j.stripTriangles())
		return p
	}
	plain := rows(spec.Size{})
	lost := 1 - math.Sin(2*math.Pi/float64(plain.edges))*float64(plain.edges)/(2*math.Pi)
	require.Less(t, lost, volumeShare)
	require.LessOrEqual(t, 2*plain.edges*plain.rows, stripBudget*11/10)

	finer := rows(spec.Size{Fineness: 5.5})
	require.Equal(t, plain.edges, finer.edges)
	require.InEpsilon(t, math.Sqrt2*float64(plain.rows), float64(finer.rows), 0.02)

	const longest = 0.15
	require.Greater(t, plain.width/float64(plain.edges), longest)
	short := rows(spec.Size{Max: longest})
	require.LessOrEqual(t, short.width/float64(short.edges), longest)
	require.LessOrEqual(t, short.length/float64(short.rows), longest)
}

func TestStrips_AreLeftAloneWhereTheyCostLittleOrOtherSizesAreAskedFor(t *testing.T) {
	library(t)
	for _, size := range []spec.Size{{Fineness: 2}, {Curvature: 12}, {Growth: 1.2}, {Min: 0.1}, {TargetElements: 100_000}} {
		j := rod(t, size)
		require.NoError(t, j.startChords())
		require.Empty(t, j.strips, "%+v", size)
	}
}

// What has been said of curves for the rows of one mesh does not hold for the next one of a part that is kept.
func TestStrips_AreTakenBackFromAKeptPart(t *testing.T) {
	library(t)
	j := rod(t, spec.Size{})
	entities, err := gmsh.Entities(-1)
	require.NoError(t, err)
	before := divided(t)
	require.NoError(t, j.startChords())
	require.NotEqual(t, before, divided(t))
	k := kept{model: "rod", entities: entities}
	whole, err := k.strip()
	require.NoError(t, err)
	require.True(t, whole)
	require.Equal(t, before, divided(t))
}

func TestStrips_AreRowsFromEndToEndThatFitTheCurvesAround(t *testing.T) {
	library(t)
	j := rod(t, spec.Size{})
	p, ok, err := stripOf(1)
	require.NoError(t, err)
	require.True(t, ok)
	p.edges = 12
	j.strips = []strip{p}
	require.NoError(t, j.divideStrips(p.length/200))
	require.NoError(t, gmsh.Generate(1))
	require.NoError(t, j.meshStrips())
	require.Equal(t, 2*12*200, j.stripTriangles())
	require.NoError(t, gmsh.Generate(2))

	area := 0.
	for face := 1; face <= 3; face++ {
		a, err := gmsh.Mass(gmsh.DimTag{Dim: 2, Tag: face})
		require.NoError(t, err)
		area += a
	}
	h, err := takeHull(j.source.solids[0])
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
