package view_test

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/export/view"
	"meshgen/internal/mesh"
)

// bricks is a block of n³ cubes, six tetrahedra each, whose nodes lie a little beside their places.
func bricks(n int) *mesh.Mesh {
	dice := rand.New(rand.NewPCG(1, 2))
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	rows := n + 1
	for i := range rows * rows * rows {
		for _, x := range []int{i % rows, i / rows % rows, i / rows / rows} {
			m.XYZ = append(m.XYZ, float64(x)+0.2*dice.Float64())
		}
	}
	block := mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
	step := [3]int{1, rows, rows * rows}
	for i := range n * n * n {
		at := 1 + i%n + i/n%n*step[1] + i/n/n*step[2]
		for _, way := range [][3]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}} {
			a, b, c := at+step[way[0]], at+step[way[0]]+step[way[1]], at+step[0]+step[1]+step[2]
			block.Nodes = append(block.Nodes, uint64(at), uint64(a), uint64(b), uint64(c))
			block.Tags = append(block.Tags, uint64(len(block.Tags)+1))
		}
	}
	m.Blocks = []mesh.Block{block}
	return m
}

// mixed is a hexahedron with a pyramid on it, in one solid, and a tetrahedron beside them in another.
func mixed() *mesh.Mesh {
	return &mesh.Mesh{
		XYZ: []float64{0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, .5, .5, 2, 2, 0, 0},
		Blocks: []mesh.Block{
			{Dim: 2, Entity: 1, Kind: mesh.Quad4, Nodes: []uint64{1, 2, 3, 4}, Tags: []uint64{7}},
			{Dim: 3, Entity: 1, Kind: mesh.Hex8, Nodes: []uint64{1, 2, 3, 4, 5, 6, 7, 8}, Tags: []uint64{10}},
			{Dim: 3, Entity: 1, Kind: mesh.Pyramid5, Nodes: []uint64{5, 6, 7, 8, 9}, Tags: []uint64{12}},
			{Dim: 3, Entity: 2, Kind: mesh.Tet4, Nodes: []uint64{2, 10, 3, 6}, Tags: []uint64{11}},
		},
	}
}

func TestVolume_IsAGLBOfPointsWithItsElementsInExtras(t *testing.T) {
	m := mixed()
	v := view.VolumeOf(m, func(tag int) string { return []string{"", "body", "wing"}[tag] }, height)
	v.Units, v.Surface = "mm", view.SurfaceOf(m, nil).Vertices()
	var b bytes.Buffer
	require.NoError(t, v.WriteGLB(&b))
	text, data := parse(t, b.Bytes())
	primitive := text["meshes"].([]any)[0].(map[string]any)["primitives"].([]any)[0].(map[string]any)
	require.Zero(t, primitive["mode"], "points")
	require.NotContains(t, primitive, "indices")
	known := primitive["extras"].(map[string]any)["meshgen"].(map[string]any)
	require.Equal(t, []any{
		map[string]any{"solid": 2., "name": "wing", "shape": "tetrahedron", "first": 0., "count": 1.},
		map[string]any{"solid": 1., "name": "body", "shape": "hexahedron", "first": 1., "count": 1.},
		map[string]any{"solid": 1., "name": "body", "shape": "pyramid", "first": 2., "count": 1.},
	}, known["parts"])

	accessors := text["accessors"].([]any)
	views := text["bufferViews"].([]any)
	count := func(at any) float64 { return accessors[int(at.(float64))].(map[string]any)["count"].(float64) }
	mode := func(at any) any {
		v := views[int(accessors[int(at.(float64))].(map[string]any)["bufferView"].(float64))].(map[string]any)
		c := v["extensions"].(map[string]any)["EXT_meshopt_compression"].(map[string]any)
		require.LessOrEqual(t, int(c["byteOffset"].(float64)+c["byteLength"].(float64)), len(data))
		require.InDelta(t, c["byteStride"].(float64)*c["count"].(float64), v["byteLength"].(float64), 0)
		return c["mode"]
	}
	require.EqualValues(t, 10, count(primitive["attributes"].(map[string]any)["POSITION"]))
	corners := known["corners"].(map[string]any)
	for shape, want := range map[string]struct {
		count float64
		mode  string
	}{"tetrahedron": {6, "TRIANGLES"}, "hexahedron": {8, "INDICES"}, "pyramid": {5, "INDICES"}} {
		require.Equal(t, want.count, count(corners[shape]), shape)
		require.Equal(t, want.mode, mode(corners[shape]), shape)
	}
	require.EqualValues(t, 3, count(known["elements"]))
	require.EqualValues(t, 4, count(known["surface"]))
	require.EqualValues(t, 3, count(known["values"].([]any)[0].(map[string]any)["accessor"]))
}

func TestVolumeOfTetrahedra_TakesLessThanTwelveBytesEach(t *testing.T) {
	m := bricks(30)
	dice := rand.New(rand.NewPCG(3, 4))
	var measures []view.Measure
	for _, name := range []string{"a", "b", "c", "d", "e"} { // five measures as unlike each other as can be
		measures = append(measures, view.Measure{Name: name, High: 1,
			Of: func(*mesh.Block) func(int) float64 { return func(int) float64 { return dice.Float64() } }})
	}
	v := view.VolumeOf(m, nil, measures...)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	require.NoError(t, v.WriteGLB(z))
	require.NoError(t, z.Close())
	require.Less(t, float64(b.Len())/float64(v.Elements()), 12.)
}

func TestVolumeThatIsNone_IsRefused(t *testing.T) {
	for name, spoil := range map[string]func(v *view.Volume){
		"no elements":              func(v *view.Volume) { v.Parts = nil },
		"a node that is not there": func(v *view.Volume) { v.Parts[1].Corners[3] = 1000 },
		"a corner too few":         func(v *view.Volume) { v.Parts[1].Corners = v.Parts[1].Corners[1:] },
		"shapes in disorder":       func(v *view.Volume) { v.Parts[0], v.Parts[1] = v.Parts[1], v.Parts[0] },
		"too few values":           func(v *view.Volume) { v.Parts[2].Values[0].Of = nil },
		"a measure too few":        func(v *view.Volume) { v.Parts[2].Values = nil },
		"values without a range":   func(v *view.Volume) { v.Parts[0].Values[0].High = -1 },
	} {
		v := view.VolumeOf(mixed(), nil, height)
		require.NoError(t, v.WriteGLB(&bytes.Buffer{}))
		spoil(v)
		require.Error(t, v.WriteGLB(&bytes.Buffer{}), name)
	}
}
