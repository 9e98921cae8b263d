package tets_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/tets"
)

// elements is n tetrahedra over random nodes of all sizes, with flat, collapsed and inverted ones among them; the nodes of an element
// begin step apart.
func elements(random *rand.Rand, n, step int) (xyz []float64, nodes []uint64) {
	xyz = make([]float64, 3)
	for range n {
		size := math.Exp(8 * random.NormFloat64())
		var p [4][3]float64
		for c := range p {
			for k := range 3 {
				p[c][k] = size * random.NormFloat64()
				if random.IntN(3) == 0 { // many that are alike, and places that coincide
					p[c][k] = float64(random.IntN(3))
				}
			}
		}
		switch random.IntN(8) {
		case 0:
			p[random.IntN(4)] = p[random.IntN(4)]
		case 1: // in a plane, or nearly
			for c := range p {
				p[c][2] *= 1e-9 * float64(random.IntN(2))
			}
		case 2:
			p[3] = [3]float64{p[0][0] + 2*(p[1][0]-p[0][0]), p[0][1] + 2*(p[1][1]-p[0][1]), p[0][2] + 2*(p[1][2]-p[0][2])}
		}
		for c := range step {
			if c < 4 {
				nodes = append(nodes, uint64(len(xyz)/3))
				xyz = append(xyz, p[c][:]...)
			} else {
				nodes = append(nodes, 0)
			}
		}
	}
	return xyz, nodes
}

// bits makes values comparable: NaN is equal to itself.
func bits(of []float64) []uint64 {
	out := make([]uint64, len(of))
	for i, x := range of {
		out[i] = math.Float64bits(x)
		if x != x {
			out[i] = math.Float64bits(math.NaN())
		}
	}
	return out
}

func TestKernel_MeasuresToTheBitAsGoDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var got, want quality.Columns
	for round := range 200 {
		step := 4 + 6*(round%2)
		n := 1 + random.IntN(quality.Batch)
		xyz, nodes := elements(random, n, step)
		tets.Kernel{}.Measure(xyz, nodes, step, n, &got)
		quality.Plain{}.Measure(xyz, nodes, step, n, &want)
		for m := range want.Values {
			require.Equal(t, bits(want.Values[m][:n]), bits(got.Values[m][:n]), quality.Measure(m).Name())
		}
		require.Equal(t, bits(want.Volume[:n]), bits(got.Volume[:n]))
	}
}

func TestFill_IsToTheBitWhatGoSums(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	from := [3]float64{1, -2, 0.5}
	for round := range 200 {
		step := 4 + 6*(round%2)
		n := 1 + random.IntN(quality.Batch)
		xyz, nodes := elements(random, n, step)
		marked := make([]uint64, len(xyz)/192+1)
		for i := range marked {
			marked[i] = random.Uint64() | random.Uint64()
		}
		const flat = 1e-6
		got := tets.Filling{Volume: 3, Unpaired: 5}
		got.Fill(xyz, nodes, step, n, from, marked, flat)
		volume := 3.
		var bad, near []int32
		var sicn []float64
		var inverted []uint8
		for e := range n {
			var p [4]quality.Point
			count := 0
			for c, node := range nodes[e*step : e*step+4] {
				for k := range 3 {
					p[c][k] = xyz[3*node+uint64(k)] - from[k]
				}
				count += int(marked[node/64] >> (node % 64) & 1)
			}
			want := quality.Tetrahedron(p[0], p[1], p[2], p[3])
			volume += want.Volume
			if !(want.SICN >= flat) {
				bad, sicn = append(bad, int32(e)), append(sicn, want.SICN)
			}
			if count >= 3 {
				near, inverted = append(near, int32(e)), append(inverted, map[bool]uint8{true: 1}[want.Volume < 0])
			}
		}
		require.Equal(t, math.Float64bits(volume), math.Float64bits(got.Volume))
		gotBad, gotSICN := got.Bad()
		require.Equal(t, append([]int32{}, bad...), append([]int32{}, gotBad...))
		require.Equal(t, bits(sicn), bits(gotSICN))
		gotNear, gotInverted := got.Near()
		require.Equal(t, append([]int32{}, near...), append([]int32{}, gotNear...))
		require.Equal(t, append([]uint8{}, inverted...), append([]uint8{}, gotInverted...))
	}
}

// Faces that two tetrahedra share cancel out, in whatever order each has its corners.
func TestFill_HashesFacesWhateverTheirOrder(t *testing.T) {
	xyz := make([]float64, 3*2000)
	marked := make([]uint64, 2000/64+1)
	fill := func(nodes ...uint64) uint64 {
		var f tets.Filling
		f.Fill(xyz, nodes, 4, len(nodes)/4, [3]float64{}, marked, 0)
		return f.Unpaired
	}
	require.Zero(t, fill(1, 700, 65, 1999, 65, 1999, 1, 700))
	require.Equal(t, fill(1, 2, 3, 4)^fill(2, 3, 4, 5), fill(4, 3, 2, 1, 5, 4, 2, 3))
	require.NotEqual(t, fill(1, 2, 3, 4), fill(1, 2, 3, 5))
}

// grid is a mesh of n³ cubes of six tetrahedra, their nodes moved at random, in two solids and a group, and a few that are flat.
func grid(random *rand.Rand, n int) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	node := func(x, y, z int) uint64 { return uint64(1 + x + (n+1)*(y+(n+1)*z)) }
	for z := range n + 1 {
		for y := range n + 1 {
			for x := range n + 1 {
				for _, k := range [3]int{x, y, z} {
					m.XYZ = append(m.XYZ, float64(k)+0.4*random.Float64())
				}
			}
		}
	}
	m.Blocks = []mesh.Block{{Dim: 3, Entity: 1, Kind: mesh.Tet4}, {Dim: 3, Entity: 2, Kind: mesh.Tet4}}
	for z := range n {
		for y := range n {
			for x := range n {
				b := &m.Blocks[x%2]
				for _, way := range [6][3]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}} {
					at := [3]int{x, y, z}
					b.Nodes = append(b.Nodes, node(at[0], at[1], at[2]))
					for _, k := range way {
						at[k]++
						b.Nodes = append(b.Nodes, node(at[0], at[1], at[2]))
					}
					b.Tags = append(b.Tags, uint64(len(b.Nodes)))
				}
			}
		}
	}
	copy(m.XYZ[3*node(1, 1, 1):], m.XYZ[3*node(1, 1, 2):3*node(1, 1, 2)+3])
	m.Groups = []mesh.Group{{Dim: 3, Tag: 1, Name: "one", Entities: []int{1}}, {Dim: 3, Tag: 2, Name: "both", Entities: []int{1, 2}}}
	return m
}

func TestSurvey_IsTheSameWithEitherKernel(t *testing.T) {
	m := grid(rand.New(rand.NewPCG(3, 4)), 14)
	asked := func(_, entity int) quality.Size {
		if entity == 1 {
			return quality.Size{Same: 1.5}
		}
		return quality.Size{At: func(p quality.Point) float64 { return p[0] - 3 }} // none in places
	}
	ratio := map[*mesh.Block][]float64{&m.Blocks[1]: make([]float64, m.Blocks[1].Len())}
	for i := range ratio[&m.Blocks[1]] {
		ratio[&m.Blocks[1]][i] = 1 - 1e-4*float64(i)
	}
	for _, o := range []quality.Options{{}, {Asked: asked}, {Asked: asked, JacobianRatio: ratio, SICN: ratio}} {
		want := quality.Look(m, o)
		o.Kernel = tets.Kernel{}
		require.Equal(t, want, quality.Look(m, o))
		require.Positive(t, want.FEA.Findings[0].Count, "there are flat ones")
	}
}

// BenchmarkSurvey measures half a million tetrahedra, without the faces between them.
func BenchmarkSurvey(b *testing.B) {
	m := grid(rand.New(rand.NewPCG(5, 6)), 44)
	for name, kernel := range map[string]quality.Kernel{"go": quality.Plain{}, "c": tets.Kernel{}} {
		b.Run(name, func(b *testing.B) {
			before := processorTime(b)
			for b.Loop() {
				quality.Look(m, quality.Options{WithoutFaces: true, Kernel: kernel})
			}
			spent := processorTime(b) - before
			b.ReportMetric(float64(spent)/float64(b.N*(m.Blocks[0].Len()+m.Blocks[1].Len())), "cpu-ns/tetrahedron")
		})
	}
}

// processorTime returns the nanoseconds that this process has computed.
func processorTime(b *testing.B) int64 {
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}
