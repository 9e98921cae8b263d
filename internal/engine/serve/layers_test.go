package serve_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// The layers of these tests: five, from 0.1 mm on, each 1.3 times as high as the one before.
const (
	firstHeight = 0.1
	ratio       = 1.3
	layerCount  = 5
)

// duct asks for layers on faces of a part of testdata/ducts.py, all about 40 mm long and 20 mm wide.
func duct(t *testing.T, c *child, name string, wall []int, change func(*spec.Spec)) (answer, *mesh.Mesh) {
	t.Helper()
	two := 2
	a := c.mesh(named(t, "testdata/"+name+".step"), func(s *spec.Spec) {
		s.Groups = []spec.Group{{Name: "wall", Dim: &two, Entities: wall}}
		s.Layers = []spec.Layer{{Groups: []string{"wall"}, FirstHeight: firstHeight, Ratio: ratio, Count: layerCount}}
		s.Size.Max, s.Size.Curvature = 4, 20
		s.Formats = []string{"msh"}
		if change != nil {
			change(s)
		}
	})
	if a.Error != nil {
		return a, nil
	}
	requireSound(t, a)
	m, err := mesh.ReadMSH(a.dir + "/mesh.msh")
	require.NoError(t, err)
	return a, m
}

// columns returns, for each node of a wall, the nodes above it in the prisms, one a layer.
func columns(m *mesh.Mesh, wall []int) [][]uint64 {
	above := map[uint64]uint64{}
	for _, b := range m.Of(3) {
		if b.Kind != mesh.Prism6 {
			continue
		}
		for e := range b.Len() {
			n := b.Element(e)
			for k := range 3 {
				above[n[k]] = n[k+3]
			}
		}
	}
	var out [][]uint64
	seen := map[uint64]bool{}
	for _, face := range wall {
		for _, b := range m.In(2, face) {
			for _, node := range b.Nodes {
				if seen[node] {
					continue
				}
				seen[node] = true
				column := []uint64{node}
				for next, ok := above[node]; ok; next, ok = above[next] {
					column = append(column, next)
				}
				out = append(out, column)
			}
		}
	}
	return out
}

func TestLayersOfDucts_LieOnAllOfTheWallAndNowhereElse(t *testing.T) {
	c := start(t)
	for _, d := range []struct {
		name       string
		wall, open []int
	}{
		{"pipe", []int{1}, []int{2, 3}},
		{"elbow", []int{1, 3, 4}, []int{2, 5}},
		{"tee", []int{1, 4}, []int{2, 3, 5}},
		{"slanted", []int{1}, []int{2, 3}},
	} {
		a, m := duct(t, c, d.name, d.wall, nil)
		require.Nil(t, a.Error, d.name)
		require.Len(t, a.Mesh.Layers, 1)
		l := a.Mesh.Layers[0]
		faces := 0
		for _, face := range d.wall {
			for _, b := range m.In(2, face) {
				require.Equal(t, mesh.Triangle3, b.Kind, "%s: face %d", d.name, face)
				faces += b.Len()
			}
		}
		require.Equal(t, faces, l.Faces)
		require.GreaterOrEqual(t, l.Share, 0.95, d.name)
		require.Equal(t, l.Complete*layerCount, a.Mesh.Elements["prism"], d.name)
		for _, face := range d.open {
			var kinds []mesh.Kind
			for _, b := range m.In(2, face) {
				kinds = append(kinds, b.Kind)
			}
			require.Equal(t, []mesh.Kind{mesh.Triangle3, mesh.Quad4}, kinds, "%s: the sides of layers lie in face %d", d.name, face)
		}
		require.InEpsilon(t, firstHeight, l.FirstHeight.Mean, 0.03, d.name)
		require.InEpsilon(t, 0.90431, l.Thickness.Mean, 0.03, d.name)
		volumeWithin(t, 0.02, a)

		heights := 0
		for _, column := range columns(m, d.wall) {
			if len(column) == 1 {
				continue
			}
			require.Len(t, column, layerCount+1, d.name)
			last := 0.
			for i := range layerCount {
				h := between(m.At(column[i]), m.At(column[i+1]))
				if i > 0 {
					require.InEpsilon(t, ratio, h/last, 1e-6, d.name)
				}
				last = h
			}
			heights++
		}
		require.Positive(t, heights)
	}
}

func TestLayersOfAPipe_AreAsHighAsAskedForEverywhere(t *testing.T) {
	a, m := duct(t, start(t), "pipe", []int{1}, func(s *spec.Spec) { s.Size.Curvature = 30 })
	require.Nil(t, a.Error)
	l := a.Mesh.Layers[0]
	require.Equal(t, l.Faces, l.Complete)
	require.Zero(t, l.Shrunk+l.Dropped)
	require.Empty(t, l.Places)
	require.Empty(t, a.Warnings)
	for _, column := range columns(m, []int{1}) {
		wall, first := m.At(column[0]), m.At(column[1])
		require.InDelta(t, 10, math.Hypot(wall[1], wall[2]), 1e-6, "the wall stays where it is")
		require.InEpsilon(t, firstHeight, math.Hypot(wall[1], wall[2])-math.Hypot(first[1], first[2]), 0.03)
		if wall[0] == 0 || wall[0] == 40 {
			for _, node := range column {
				require.InDelta(t, wall[0], m.At(node)[0], 1e-9, "the sides lie in the plane of the inlet")
			}
		}
	}
}

func TestLayersInAGap_ShrinkBeforeTheyDrop(t *testing.T) {
	// The channel narrows to a slit 1.5 mm high, into which twice 0.9 mm do not fit.
	a, _ := duct(t, start(t), "gap", []int{3, 5, 6, 7, 8, 9}, nil)
	require.Nil(t, a.Error)
	l := a.Mesh.Layers[0]
	require.Equal(t, l.Faces, l.Complete, "thinner, but all of them")
	require.Positive(t, l.Shrunk)
	require.Less(t, l.Thickness.Min, 0.75)
	require.Greater(t, l.Thickness.Min, 0.1)
	require.InEpsilon(t, 0.90431, l.Thickness.Max, 0.01, "elsewhere as asked for")
	require.NotEmpty(t, l.Places)
	inSlit := 0
	for _, p := range l.Places {
		require.Less(t, p.Share, 0.95)
		if p.Point[0] > 15 && p.Point[0] < 25 && p.Point[2] > 18.4 {
			inSlit++
		}
	}
	require.Positive(t, inSlit)
	i := slices.IndexFunc(a.Warnings, func(d diagnosis.Diagnosis) bool { return len(d.Entities) > 0 && d.Entities[0].Dim == 2 })
	require.GreaterOrEqual(t, i, 0, "%+v", a.Warnings)
	require.Contains(t, a.Warnings[i].Message, "thinner layers")
}

func TestLayersOfAFaceThatRunsOnSmoothly_EndInPyramids(t *testing.T) {
	// Only the bend of the elbow: its ends run on into the straight pipes, where no layer can end upright.
	a, m := duct(t, start(t), "elbow", []int{3}, nil)
	require.Nil(t, a.Error)
	l := a.Mesh.Layers[0]
	require.Positive(t, l.Dropped)
	require.Greater(t, l.Share, 0.8)
	require.Positive(t, a.Mesh.Elements["pyramid"])
	require.Zero(t, a.Mesh.Elements["quadrangle"])
	for _, b := range m.Of(2) {
		require.Equal(t, mesh.Triangle3, b.Kind)
	}
}

func TestLayersOnEveryFace_MeetInEdgesAndCorners(t *testing.T) {
	a, _ := duct(t, start(t), "gap", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil)
	require.Nil(t, a.Error)
	l := a.Mesh.Layers[0]
	require.GreaterOrEqual(t, l.Share, 0.95)
	require.Zero(t, a.Mesh.Elements["quadrangle"])
}

func TestThickLayers_ShrinkUntilTheyFit(t *testing.T) {
	// As thick as the pipe's radius and more.
	a, _ := duct(t, start(t), "pipe", []int{1}, func(s *spec.Spec) { s.Layers[0].Count = 15 })
	require.Nil(t, a.Error)
	l := a.Mesh.Layers[0]
	require.Equal(t, l.Faces, l.Shrunk)
	require.Equal(t, 1., l.Share)
	require.Less(t, l.Thickness.Max, 10.)
}

func TestLayersThatCannotBe_AreRefusedWithReasons(t *testing.T) {
	c := start(t)
	a := c.mesh(named(t, "testdata/pipe.step"), func(s *spec.Spec) {
		s.Layers = []spec.Layer{{Groups: []string{"hull"}, FirstHeight: firstHeight}}
	})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.UnfitSpec, a.Error.Code)
	require.Contains(t, a.Error.Message, "layers[0].groups[0]")

	two := 2
	s := spec.Spec{Order: 3, Groups: []spec.Group{{Name: "wall", Dim: &two, Entities: []int{1}}},
		Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: firstHeight}}}
	_, err := s.Resolve()
	require.ErrorContains(t, err, "order")

	// The same engine still works.
	b, _ := duct(t, c, "pipe", []int{1}, nil)
	require.Nil(t, b.Error)
}

func TestLayers_AreTheSameOnAnyThreads(t *testing.T) {
	c := start(t)
	two := 2
	s, err := spec.Spec{Groups: []spec.Group{{Name: "wall", Dim: &two, Entities: []int{1, 4}}},
		Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: firstHeight}}}.Resolve()
	require.NoError(t, err)
	request := engine.Request{Kind: engine.Mesh, Source: named(t, "testdata/tee.step"), Spec: s}
	one := c.do(request)
	request.Threads = 2
	two2 := c.do(request)
	require.Nil(t, one.Error)
	require.Equal(t, hash(t, one), hash(t, two2))
}
