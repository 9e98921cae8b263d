package view_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/export/view"
	"meshgen/internal/mesh"
)

// wave is a grid of n×n places on a wave, as two faces of triangles and one of quadrangles between them.
func wave(n int) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	for y := range n + 1 {
		for x := range n + 1 {
			u, v := float64(x)/float64(n), float64(y)/float64(n)
			m.XYZ = append(m.XYZ, 100+10*u, -5+10*v, math.Sin(7*u)*math.Cos(5*v))
		}
	}
	m.Blocks = []mesh.Block{{Dim: 2, Entity: 4, Kind: mesh.Triangle3}, {Dim: 2, Entity: 7, Kind: mesh.Quad4}, {Dim: 2, Entity: 9, Kind: mesh.Triangle3}}
	tag := uint64(1000)
	for y := range n {
		for x := range n {
			a := uint64(1 + x + y*(n+1))
			b, c, d := a+1, a+uint64(n)+2, a+uint64(n)+1
			block := &m.Blocks[3*y/n]
			if block.Kind == mesh.Quad4 {
				block.Nodes = append(block.Nodes, a, b, c, d)
				block.Tags = append(block.Tags, tag)
				tag++
				continue
			}
			block.Nodes = append(block.Nodes, a, b, c, a, c, d)
			block.Tags = append(block.Tags, tag, tag+1)
			tag += 2
		}
	}
	return m
}

func describe(tag int) (string, string) {
	if tag == 7 {
		return "inlet", "#ff0000"
	}
	return "", ""
}

var height = view.Measure{Name: "height", Low: -1, High: 1, Of: func(*mesh.Block) func(int) float64 { return func(e int) float64 { return float64(e%3) - 1 } }}

// parse splits a GLB file into its chunks.
func parse(t *testing.T, glb []byte) (text map[string]any, data []byte) {
	t.Helper()
	word := func(at int) int { return int(binary.LittleEndian.Uint32(glb[at:])) }
	require.Equal(t, "glTF", string(glb[:4]))
	require.Equal(t, 2, word(4))
	require.Equal(t, len(glb), word(8))
	n := word(12)
	require.Equal(t, "JSON", string(glb[16:20]))
	require.NoError(t, json.Unmarshal(glb[20:20+n], &text))
	rest := glb[20+n:]
	require.Equal(t, "BIN\x00", string(rest[4:8]))
	require.Len(t, rest[8:], int(binary.LittleEndian.Uint32(rest)))
	require.Zero(t, (20+n)%4)
	return text, rest[8:]
}

func TestSurface_IsAGLBWithItsFacesInExtras(t *testing.T) {
	var b bytes.Buffer
	s := view.SurfaceOf(wave(9), describe, height)
	s.Units = "mm"
	require.NoError(t, s.WriteGLB(&b))
	text, data := parse(t, b.Bytes())
	require.Equal(t, []any{"KHR_mesh_quantization", "EXT_meshopt_compression"}, text["extensionsRequired"])

	primitive := text["meshes"].([]any)[0].(map[string]any)["primitives"].([]any)[0].(map[string]any)
	known := primitive["extras"].(map[string]any)["meshgen"].(map[string]any)
	require.Equal(t, []any{
		map[string]any{"tag": 4., "first": 0., "count": 54.},
		map[string]any{"tag": 7., "first": 54., "count": 54., "name": "inlet", "color": "#ff0000"},
		map[string]any{"tag": 9., "first": 108., "count": 54.},
	}, known["faces"])
	require.Equal(t, "mm", known["units"])
	require.Equal(t, "height", known["values"].([]any)[0].(map[string]any)["name"])

	// every view lies within its buffer, aligned, and every accessor within its view
	views, accessors := text["bufferViews"].([]any), text["accessors"].([]any)
	decoded := int(text["buffers"].([]any)[1].(map[string]any)["byteLength"].(float64))
	for _, v := range views {
		v := v.(map[string]any)
		c := v["extensions"].(map[string]any)["EXT_meshopt_compression"].(map[string]any)
		require.LessOrEqual(t, int(c["byteOffset"].(float64)+c["byteLength"].(float64)), len(data))
		require.LessOrEqual(t, int(v["byteOffset"].(float64)+v["byteLength"].(float64)), decoded)
		require.Zero(t, int(c["byteOffset"].(float64))%4)
		require.InDelta(t, c["byteStride"].(float64)*c["count"].(float64), v["byteLength"].(float64), 0)
	}
	require.Len(t, accessors, 4)
	require.Equal(t, 162.*3, accessors[1].(map[string]any)["count"])

	// the box of the node is that of the part
	n := text["nodes"].([]any)[0].(map[string]any)
	position := accessors[0].(map[string]any)
	scale, translation := n["scale"].([]any), n["translation"].([]any)
	for k, want := range [][2]float64{{100, 110}, {-5, 5}} {
		low := position["min"].([]any)[k].(float64)*scale[k].(float64) + translation[k].(float64)
		high := position["max"].([]any)[k].(float64)*scale[k].(float64) + translation[k].(float64)
		require.InDelta(t, want[0], low, 1e-9)
		require.InDelta(t, want[1], high, 1e-9)
	}
}

func TestSurfaceOfAMillionTriangles_TakesLessThanThreeBytesEach(t *testing.T) {
	s := view.SurfaceOf(wave(708), describe, height)
	s.Elements = nil // the surface with its faces and one measure
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	require.NoError(t, s.WriteGLB(z))
	require.NoError(t, z.Close())
	triangles := len(s.Corners) / 3
	require.Greater(t, triangles, 1_000_000)
	require.Less(t, float64(b.Len())/float64(triangles), 3.)
}

func TestSurfaceThatIsNone_IsRefused(t *testing.T) {
	good := func() *view.Surface { return view.SurfaceOf(wave(3), nil, height) }
	for name, spoil := range map[string]func(s *view.Surface){
		"no triangles":               func(s *view.Surface) { s.Corners = nil },
		"a vertex that is not there": func(s *view.Surface) { s.Corners[5] = 1000 },
		"faces with a gap":           func(s *view.Surface) { s.Faces[1].First++ },
		"faces that end too early":   func(s *view.Surface) { s.Faces = s.Faces[:2] },
		"too few element numbers":    func(s *view.Surface) { s.Elements = s.Elements[1:] },
		"too few values":             func(s *view.Surface) { s.Values[0].Of = s.Values[0].Of[1:] },
		"values without a range":     func(s *view.Surface) { s.Values[0].High = s.Values[0].Low },
	} {
		s := good()
		spoil(s)
		require.Error(t, s.WriteGLB(&bytes.Buffer{}), name)
	}
	flat := good()
	for i := range flat.XYZ {
		flat.XYZ[i] = 3
	}
	require.NoError(t, flat.WriteGLB(&bytes.Buffer{}), "a surface without extent")
}
