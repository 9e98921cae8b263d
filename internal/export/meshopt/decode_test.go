package meshopt_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/export/meshopt"
)

// decodeTriangles is the decoder of the specification's appendix, line by line. That the library which browsers use reads the
// same is tested with the viewer.
func decodeTriangles(data []byte, count int) ([]uint32, error) {
	if len(data) < 1+count+16 || data[0] != 0xe1 {
		return nil, errors.New("no stream of triangles")
	}
	codes, rest, table := data[1:1+count], data[1+count:len(data)-16], data[len(data)-16:]
	var edges [16][2]uint32
	var vertices [16]uint32
	var edgeAt, vertexAt int
	var next, last uint32
	var out []uint32
	pushEdge := func(a, b uint32) { edges[edgeAt&15] = [2]uint32{a, b}; edgeAt++ }
	pushVertex := func(v uint32) { vertices[vertexAt&15] = v; vertexAt++ }
	difference := func() uint32 {
		v, n := binary.Uvarint(rest)
		rest = rest[n:]
		last += uint32(v>>1) ^ -uint32(v&1)
		return last
	}
	fresh := func() uint32 { next++; return next - 1 }
	for _, code := range codes {
		var a, b, c uint32
		if code < 0xf0 {
			e := edges[(edgeAt-1-int(code>>4))&15]
			a, b = e[0], e[1]
			switch low := code & 15; {
			case low == 0:
				c = fresh()
				pushVertex(c)
			case low < 13:
				c = vertices[(vertexAt-1-int(low))&15]
			case low == 13:
				last--
				c = last
				pushVertex(c)
			case low == 14:
				last++
				c = last
				pushVertex(c)
			default:
				c = difference()
				pushVertex(c)
			}
			pushEdge(c, b)
			pushEdge(a, c)
		} else {
			var first, pair byte
			if code < 0xfe {
				pair = table[code&15]
			} else {
				if code == 0xff {
					first = 15
				}
				pair, rest = rest[0], rest[1:]
				if pair == 0 {
					next = 0
				}
			}
			before := vertexAt
			corner := func(code byte) (v uint32, push bool) {
				switch code {
				case 0:
					return fresh(), true
				case 15:
					return 0, true
				}
				return vertices[(before-int(code))&15], false
			}
			a, pushA := corner(first)
			b, pushB := corner(pair >> 4)
			c, pushC := corner(pair & 15)
			if first == 15 {
				a = difference()
			}
			if pair>>4 == 15 {
				b = difference()
			}
			if pair&15 == 15 {
				c = difference()
			}
			for i, push := range []bool{pushA, pushB, pushC} {
				if push {
					pushVertex([]uint32{a, b, c}[i])
				}
			}
			pushEdge(b, a)
			pushEdge(c, b)
			pushEdge(a, c)
			out = append(out, a, b, c)
			continue
		}
		out = append(out, a, b, c)
	}
	if len(rest) != 0 {
		return nil, errors.New("bytes are left over")
	}
	return out, nil
}

// decodeIndices is the decoder of the specification's appendix.
func decodeIndices(data []byte, count int) ([]uint32, error) {
	if len(data) < 5 || data[0] != 0xd1 {
		return nil, errors.New("no stream of indices")
	}
	rest := data[1 : len(data)-4]
	var last [2]uint32
	var out []uint32
	for range count {
		v, n := binary.Uvarint(rest)
		rest = rest[n:]
		run, d := v&1, uint32(v>>1)
		last[run] += d>>1 ^ -(d & 1)
		out = append(out, last[run])
	}
	if len(rest) != 0 {
		return nil, errors.New("bytes are left over")
	}
	return out, nil
}

// decodeAttributes is the decoder of the specification's appendix.
func decodeAttributes(data []byte, count, size int) ([]byte, error) {
	if data[0] != 0xa0 {
		return nil, errors.New("no stream of attributes")
	}
	rest, tail := data[1:], data[len(data)-size:]
	last := slices.Clone(tail)
	perBlock := min(8192/size&^15, 256)
	var out []byte
	for at := 0; at < count; at += perBlock {
		n := min(perBlock, count-at)
		block := make([]byte, n*size)
		groups := (n + 15) / 16
		for k := range size {
			header := rest[:(groups+3)/4]
			rest = rest[len(header):]
			before := last[k]
			for g := range groups {
				var group [16]byte
				switch header[g/4] >> (g % 4 * 2) & 3 {
				case 1:
					rest = widen(group[:], rest, 2)
				case 2:
					rest = widen(group[:], rest, 4)
				case 3:
					rest = rest[copy(group[:], rest):]
				}
				for i, d := range group {
					if e := 16*g + i; e < n {
						before += d>>1 ^ -(d & 1)
						block[e*size+k] = before
					}
				}
			}
		}
		copy(last, block[(n-1)*size:])
		out = append(out, block...)
	}
	if len(rest) != max(32, size) {
		return nil, errors.New("the tail has another length")
	}
	return out, nil
}

func widen(group, data []byte, bits int) []byte {
	full := data[16*bits/8:]
	for i := range group {
		at := i * bits
		v := data[at/8] >> (8 - bits - at%8) & (1<<bits - 1)
		if v == 1<<bits-1 {
			v, full = full[0], full[1:]
		}
		group[i] = v
	}
	return full
}

// sheet is a grid of n² squares, two triangles each, in random order.
func sheet(n int, dice *rand.Rand) (corners []uint32, vertices int) {
	for y := range n {
		for x := range n {
			a := uint32(y*(n+1) + x)
			b, c, d := a+1, a+uint32(n)+1, a+uint32(n)+2
			corners = append(corners, a, b, d, a, d, c)
		}
	}
	dice.Shuffle(len(corners)/3, func(i, k int) {
		for c := range 3 {
			corners[3*i+c], corners[3*k+c] = corners[3*k+c], corners[3*i+c]
		}
	})
	return corners, (n + 1) * (n + 1)
}

// turned rotates each triangle to the first of its rotations in the order of their numbers.
func turned(corners []uint32) [][3]uint32 {
	var out [][3]uint32
	for t := range slices.Chunk(corners, 3) {
		out = append(out, slices.MinFunc([][3]uint32{{t[0], t[1], t[2]}, {t[1], t[2], t[0]}, {t[2], t[0], t[1]}},
			func(a, b [3]uint32) int { return slices.Compare(a[:], b[:]) }))
	}
	return out
}

func TestTriangles_ComeBackAsTheyWere(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	ordered, _, _ := meshopt.Order(sheet(40, dice))
	unordered, _ := sheet(25, dice)
	random := make([]uint32, 3*500)
	for i := range random {
		random[i] = dice.Uint32() >> dice.IntN(32)
	}
	for name, corners := range map[string][]uint32{
		"in order": ordered, "shuffled": unordered, "random numbers": random, "collapsed": {7, 7, 7, 0, 0, 1, 0, 1, 2}, "none": {},
		"extremes": {math.MaxUint32 - 1, 0, 1, 5, math.MaxUint32 - 1, 2},
	} {
		back, err := decodeTriangles(meshopt.Triangles(corners), len(corners)/3)
		require.NoError(t, err, name)
		require.Equal(t, turned(corners), turned(back), name)
	}
}

func TestOrder_KeepsTheSurfaceAndCostsLittle(t *testing.T) {
	corners, count := sheet(100, rand.New(rand.NewPCG(3, 4)))
	indices, triangles, vertices := meshopt.Order(corners, count+5) // five that nobody uses
	require.Len(t, vertices, count)
	require.Len(t, triangles, len(corners)/3)
	for i, old := range triangles {
		for c := range 3 {
			require.Equal(t, corners[3*old+uint32(c)], vertices[indices[3*i+c]])
		}
	}
	sorted := slices.Sorted(slices.Values(triangles))
	for i, old := range sorted {
		require.Equal(t, uint32(i), old, "each triangle once")
	}
	require.Less(t, float64(len(meshopt.Triangles(indices)))/float64(len(triangles)), 1.4, "bytes a triangle")
	require.Greater(t, float64(len(meshopt.Triangles(corners)))/float64(len(triangles)), 4., "shuffled, it would be")
}

func TestIndices_ComeBackAsTheyWere(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 10))
	random := make([]uint32, 1000)
	for i := range random {
		random[i] = dice.Uint32N(1<<30) >> dice.IntN(30)
	}
	for name, numbers := range map[string][]uint32{
		"none": {}, "to and fro": {5, 1000, 6, 1001, 4, 1002, 1<<30 - 1, 0}, "random": random,
	} {
		back, err := decodeIndices(meshopt.Indices(numbers), len(numbers))
		require.NoError(t, err, name)
		require.Equal(t, numbers, append([]uint32{}, back...), name)
	}
}

// bricks is n³ cubes of six tetrahedra each, in random order.
func bricks(n uint32, dice *rand.Rand) (corners []uint32, vertices int) {
	m := n + 1
	for i := range n * n * n {
		at := i%n + i/n%n*m + i/n/n*m*m
		for _, way := range [][2]uint32{{1, m}, {1, m * m}, {m, 1}, {m, m * m}, {m * m, 1}, {m * m, m}} {
			corners = append(corners, at, at+way[0], at+way[0]+way[1], at+1+m+m*m)
		}
	}
	dice.Shuffle(len(corners)/4, func(i, k int) {
		for c := range 4 {
			corners[4*i+c], corners[4*k+c] = corners[4*k+c], corners[4*i+c]
		}
	})
	return corners, int(m * m * m)
}

func TestOrderVolume_KeepsTheElementsAndCostsLittle(t *testing.T) {
	corners, count := bricks(16, rand.New(rand.NewPCG(11, 12)))
	indices, elements, vertices := meshopt.OrderVolume(corners, 4, count)
	require.Len(t, vertices, count)
	seen := make([]bool, len(corners)/4)
	for i, old := range elements {
		require.False(t, seen[old])
		seen[old] = true
		for c := range 4 {
			require.Equal(t, corners[4*int(old)+c], vertices[indices[4*i+c]])
		}
	}
	require.Len(t, elements, len(seen))
	bytes := func(numbers []uint32) float64 { return float64(len(meshopt.Indices(numbers))) / float64(len(seen)) }
	require.Less(t, bytes(indices), 0.8*bytes(corners), "bytes a tetrahedron, against those of the shuffled")
}

func TestAttributes_ComeBackAsTheyWere(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{4, 8, 12, 16, 64, 256} {
		for _, count := range []int{0, 1, 15, 16, 17, 255, 256, 257, 1000} {
			data := make([]byte, size*count)
			for i := range data {
				switch i % size % 4 {
				case 0:
					data[i] = byte(i / size)
				case 1:
					data[i] = byte(dice.IntN(5))
				case 2:
					data[i] = byte(dice.Uint32())
				}
			}
			encoded, err := meshopt.Attributes(data, size)
			require.NoError(t, err)
			back, err := decodeAttributes(encoded, count, size)
			require.NoError(t, err, "%d elements of %d bytes", count, size)
			require.Equal(t, data, append([]byte{}, back...), "%d elements of %d bytes", count, size)
		}
	}
	for _, size := range []int{0, 3, 260} {
		_, err := meshopt.Attributes(make([]byte, 780), size)
		require.Error(t, err, size)
	}
	_, err := meshopt.Attributes(make([]byte, 9), 4)
	require.Error(t, err)
}

func BenchmarkSurface(b *testing.B) {
	corners, count := sheet(708, rand.New(rand.NewPCG(7, 8))) // a million triangles
	for b.Loop() {
		indices, _, _ := meshopt.Order(corners, count)
		meshopt.Triangles(indices)
	}
}
