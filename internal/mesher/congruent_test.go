package mesher

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/field"
	"meshgen/internal/lattice"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/tets"
)

// lumpy is a ball with lumps, all one face.
func lumpy(random *rand.Rand) (vertices [][3]float64, triangles [][3]int32, faces []int32) {
	const around, up = 48, 24
	k, phase := [3]float64{3 * random.Float64(), 3 * random.Float64(), 3 * random.Float64()}, 6*random.Float64()
	at := func(i, j int32) int32 {
		switch {
		case j == 0:
			return 0
		case j == up:
			return 1
		}
		return 2 + (j-1)*around + i%around
	}
	put := func(theta, phi float64) {
		p := [3]float64{math.Sin(theta) * math.Cos(phi), math.Sin(theta) * math.Sin(phi), math.Cos(theta)}
		r := 10 * (1 + 0.15*math.Sin(k[0]*p[0]+k[1]*p[1]+k[2]*p[2]+phase))
		vertices = append(vertices, [3]float64{r * p[0], r * p[1], r * p[2]})
	}
	put(0, 0)
	put(math.Pi, 0)
	for j := 1; j < up; j++ {
		for i := range around {
			put(math.Pi*float64(j)/up, 2*math.Pi*float64(i)/around)
		}
	}
	for j := range int32(up) {
		for i := range int32(around) {
			a, b, c, d := at(i, j), at(i, j+1), at(i+1, j+1), at(i+1, j)
			for _, t := range [][3]int32{{a, b, c}, {a, c, d}} {
				if t[0] != t[1] && t[1] != t[2] && t[2] != t[0] {
					triangles, faces = append(triangles, t), append(faces, 1)
				}
			}
		}
	}
	return vertices, triangles, faces
}

// wedge is a prism over a triangle, with five faces.
func wedge(random *rand.Rand) (vertices [][3]float64, triangles [][3]int32, faces []int32) {
	for _, z := range [2]float64{0, 12} {
		for i := range 3 {
			a := 2*math.Pi*float64(i)/3 + 0.3*random.Float64()
			p := [3]float64{10 * math.Cos(a), 10 * math.Sin(a), z}
			// turned, so that no face lies along the lattice
			vertices = append(vertices, [3]float64{p[0], 0.8*p[1] - 0.6*p[2], 0.6*p[1] + 0.8*p[2]})
		}
	}
	triangles, faces = [][3]int32{{0, 2, 1}, {3, 4, 5}}, []int32{1, 2}
	for i := range int32(3) {
		j := (i + 1) % 3
		triangles, faces = append(triangles, [3]int32{i, j, 3 + j}, [3]int32{i, 3 + j, 3 + i}), append(faces, 3+i, 3+i)
	}
	return vertices, triangles, faces
}

// What stands for the congruent tetrahedra of a lattice is what each of them has, in the report and in what is shown: whatever the
// shape, uniform and graded, with edges kept.
func TestCongruent_TetrahedraAreMeasuredAsIfEachWereLookedAt(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	m := &lattice.Mesher{}
	defer m.Free()
	for round := range 8 {
		shape := lumpy
		if round%2 == 1 {
			shape = wedge
		}
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			vertices, triangles, faces := shape(random)
			surface, err := field.Prepare(vertices, triangles, field.Options{})
			require.NoError(t, err)
			h := 0.7 + 0.4*random.Float64()
			filled, err := m.Fill(surface, h, lattice.Grading{Levels: round / 2 % 2 * lattice.MaxLevels})
			require.NoError(t, err)
			filled.Keep(surface, h, lattice.FindFeatures(vertices, triangles, faces), faces)

			whole := wholeOf(filled)
			b := &whole.Blocks[1]
			known := map[*mesh.Block][]uint64{b: filled.Regular(0)}
			count := 0
			for _, w := range known[b] {
				count += bits.OnesCount64(w)
			}
			require.Greater(t, count, b.Len()/10)

			o := quality.Options{Asked: func(int, int) quality.Size { return quality.Size{Same: h} }, Kernel: tets.Kernel{}}
			want := quality.Look(whole, o)
			var measured atomic.Int64
			o.Congruent, o.Kernel = known, counting{n: &measured}
			sameSurvey(t, want, quality.Look(whole, o))
			require.EqualValues(t, b.Len()-count+1, measured.Load(), "one stands for all")

			behind := whole.Behind(known)
			require.Equal(t, whole.Behind(nil), behind)
			require.NotContains(t, behind[0], mesh.Element{})

			each, like := valuesOf(whole, nil), valuesOf(whole, known)
			for e := range b.Len() {
				for k := range shown {
					require.InDelta(t, each.blocks[b][e][k], like.blocks[b][e][k], 1e-5)
				}
			}
		})
	}
}

// counting counts how many tetrahedra are measured.
type counting struct {
	tets.Kernel
	n *atomic.Int64
}

func (c counting) Measure(xyz []float64, nodes []uint64, step, n int, into *quality.Columns) {
	c.n.Add(int64(n))
	c.Kernel.Measure(xyz, nodes, step, n, into)
}

// sameSurvey compares surveys of the same elements, but for rounding.
func sameSurvey(t *testing.T, want, got *quality.Survey) {
	t.Helper()
	const (
		rounding = 1e-9
		angle    = 5e-6 // what degrees are exact to, twice
	)
	require.InEpsilon(t, want.Volume.Content, got.Volume.Content, 1e-12)
	require.Equal(t, want.Volume.Elements, got.Volume.Elements)
	require.Len(t, got.Volume.Measures, len(want.Volume.Measures))
	for name, w := range want.Volume.Measures {
		g := got.Volume.Measures[name]
		require.Equal(t, w.Count, g.Count, name)
		require.InDelta(t, w.Min, g.Min, angle, name)
		require.InDelta(t, w.Max, g.Max, angle, name)
		require.InDelta(t, w.Mean, g.Mean, angle, name)
		require.Equal(t, w.Beyond, g.Beyond, name)
		sum := func(counts []int) (n int) {
			for _, c := range counts {
				n += c
			}
			return n
		}
		require.Equal(t, sum(w.Histogram.Counts), sum(g.Histogram.Counts), name)
	}
	require.Len(t, got.Worst, len(want.Worst))
	for i := range want.Worst {
		require.InDelta(t, want.Worst[i].Score, got.Worst[i].Score, rounding)
	}
	require.Equal(t, want.FEA.Verdict, got.FEA.Verdict)
	require.Equal(t, want.FEA.Findings, got.FEA.Findings)
}

// BenchmarkSurveyOfLattice measures the tetrahedra of a lattice of 400 000, each of them, or one of those that are congruent. Read the processor time.
func BenchmarkSurveyOfLattice(b *testing.B) {
	vertices, triangles, _ := lumpy(rand.New(rand.NewPCG(33, 34)))
	surface, err := field.Prepare(vertices, triangles, field.Options{})
	require.NoError(b, err)
	m := &lattice.Mesher{}
	defer m.Free()
	filled, err := m.Fill(surface, lattice.Edge(4000, 400_000), lattice.Grading{})
	require.NoError(b, err)
	whole := wholeOf(filled)
	for name, known := range map[string]map[*mesh.Block][]uint64{"each": nil, "congruent": {&whole.Blocks[1]: filled.Regular(0)}} {
		b.Run(name, func(b *testing.B) {
			before := processorTime(b)
			for b.Loop() {
				quality.Look(whole, quality.Options{WithoutFaces: true, Kernel: tets.Kernel{}, Congruent: known})
			}
			b.ReportMetric(1e3*(processorTime(b)-before)/float64(b.N), "cpu-ms/op")
		})
	}
}

// wholeOf is the mesh of a lattice as one of a face and a solid.
func wholeOf(filled *lattice.Mesh) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: append(make([]float64, 3), filled.XYZ...), Blocks: []mesh.Block{
		{Dim: 2, Entity: 3, Kind: mesh.Triangle3}, {Dim: 3, Entity: 7, Kind: mesh.Tet4},
	}}
	for i, nodes := range [2][]int32{filled.Tris, filled.Tets} {
		b := &m.Blocks[i]
		for _, n := range nodes {
			b.Nodes = append(b.Nodes, uint64(n)+1)
		}
		for e := range b.Len() {
			b.Tags = append(b.Tags, uint64(e)+1)
		}
	}
	return m
}
