package surface

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

// soup is a list of triangles by their corners.
type soup [][3][3]float64

// box returns the twelve outward triangles of an axis-aligned box.
func box(low, high [3]float64) soup {
	corner := func(i int) (p [3]float64) {
		for k := range p {
			p[k] = low[k]
			if i>>k&1 == 1 {
				p[k] = high[k]
			}
		}
		return p
	}
	var out soup
	for _, q := range [6][4]int{{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}} {
		a, b, c, d := corner(q[0]), corner(q[1]), corner(q[2]), corner(q[3])
		out = append(out, [3][3]float64{a, b, c}, [3][3]float64{a, c, d})
	}
	return out
}

// cube returns a cube of the given size whose least corner is (at, at, at).
func cube(at, size float64) soup {
	return box([3]float64{at, at, at}, [3]float64{at + size, at + size, at + size})
}

// moved returns the triangles, moved.
func (s soup) moved(x, y, z float64) soup {
	out := make(soup, len(s))
	for i, t := range s {
		for k, p := range t {
			out[i][k] = [3]float64{p[0] + x, p[1] + y, p[2] + z}
		}
	}
	return out
}

// inverted returns the triangles, turned.
func (s soup) inverted() soup {
	out := make(soup, len(s))
	for i, t := range s {
		out[i] = [3][3]float64{t[0], t[2], t[1]}
	}
	return out
}

func join(parts ...soup) (out soup) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// mesh returns the triangles as Read would.
func (s soup) mesh() *Mesh {
	b := newBuilder(int64(len(s)))
	for _, t := range s {
		if d := b.add(&t); d != nil {
			panic(d)
		}
	}
	return b.mesh
}

// ascii writes the triangles as an ASCII STL.
func (s soup) ascii() []byte {
	var out bytes.Buffer
	out.WriteString("solid part\n")
	for _, t := range s {
		out.WriteString("facet normal 0 0 0\n outer loop\n")
		for _, p := range t {
			fmt.Fprintf(&out, "  vertex %v %v %v\n", p[0], p[1], p[2])
		}
		out.WriteString(" endloop\nendfacet\n")
	}
	out.WriteString("endsolid part\n")
	return out.Bytes()
}

// binary writes the triangles as a binary STL under the given free text.
func (s soup) binary(header string) []byte {
	out := make([]byte, binaryHeader, binaryStart+len(s)*binaryFacet)
	copy(out, header)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(s)))
	for _, t := range s {
		out = append(out, make([]byte, 12)...)
		for _, p := range t {
			for _, x := range p {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(x)))
			}
		}
		out = append(out, 0, 0)
	}
	return out
}

// repaired repairs the triangles, which has to succeed.
func repaired(t *testing.T, s soup) (*Mesh, []diagnosis.Diagnosis) {
	t.Helper()
	m := s.mesh()
	warnings, d := m.Repair()
	require.Nil(t, d)
	requireSound(t, m)
	return m, warnings
}

// refused repairs the triangles, which has to fail with the code.
func refused(t *testing.T, s soup, code diagnosis.Code) *diagnosis.Diagnosis {
	t.Helper()
	_, d := s.mesh().Repair()
	require.NotNil(t, d)
	require.Equal(t, code, d.Code, "%v", d)
	return d
}

// requireSound fails unless a repaired mesh is what Repair promises.
func requireSound(t require.TestingT, m *Mesh) {
	directed := map[[2]int32]int{}
	used := make([]bool, len(m.Vertices))
	for _, tri := range m.Triangles {
		for k := range 3 {
			directed[[2]int32{tri[k], tri[(k+1)%3]}]++
			used[tri[k]] = true
		}
	}
	for e, n := range directed {
		require.Equal(t, 1, n, "edge %v has %d triangles on one side", e, n)
		require.Equal(t, 1, directed[[2]int32{e[1], e[0]}], "edge %v has no triangle on the other side", e)
	}
	require.NotContains(t, used, false, "a vertex belongs to no triangle")

	next, sum := 0, 0.0
	for _, s := range m.Shells {
		require.Equal(t, next, s.First)
		require.Positive(t, s.Count)
		next += s.Count
	}
	require.Equal(t, len(m.Triangles), next, "the shells do not hold all triangles")
	held := map[int]bool{}
	for _, s := range m.Solids {
		require.Positive(t, m.Shells[s.Outer].Volume)
		held[s.Outer] = true
		for _, v := range s.Voids {
			require.Negative(t, m.Shells[v].Volume)
			held[v] = true
		}
		require.Positive(t, m.SolidVolume(s))
		sum += m.SolidVolume(s)
	}
	require.Len(t, held, len(m.Shells), "a shell belongs to no solid")
	require.InEpsilon(t, m.Volume(), sum, 1e-9)
}
