package field

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Points near and far, on the surface, at its corners and in a heap, of surfaces of small, large and flat triangles.
func TestDistances_AreThoseOfTheTree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	far := [3]float64{1e6, -2e6, 5e5}
	slivers := torus(40, 20, 3, 1).each(func(t [3]int32) [][3]int32 { return [][3]int32{t, {t[0], t[1], t[0]}} })
	for i := range slivers.vertices {
		slivers.vertices[i][2] *= 1e-6
	}
	for name, s := range map[string]soup{
		"ball":            ball(4, 1, [3]float64{}),
		"ball far off":    ball(4, 1, far),
		"tiny ball":       ball(4, 1e-9, [3]float64{}),
		"cube":            cube([3]float64{-1, -1, -1}, [3]float64{1, 2, 3}),
		"cube of slivers": cube([3]float64{0, 0, 0}, [3]float64{100, 1, 0.1}),
		"torus":           torus(120, 50, 3, 1),
		"nearly flat":     slivers,
	} {
		t.Run(name, func(t *testing.T) {
			f := s.prepare(Options{Threads: 2})
			low, high := f.Box()
			size := norm(sub(high, low))
			for _, step := range []float64{size / 300, size / 40, size / 5, size * 10} {
				var points [][3]float64
				for range 1000 {
					tri := s.triangles[random.IntN(len(s.triangles))]
					p := s.vertices[tri[0]]
					u, v := random.Float64(), random.Float64()
					if random.IntN(4) > 0 {
						p = add(p, add(scaled(sub(s.vertices[tri[1]], p), u*(1-v)), scaled(sub(s.vertices[tri[2]], p), u*v)))
					}
					away := [...]float64{0, 1e-9, 0.1, 0.3, 3}[random.IntN(5)] * step
					for k := range p {
						p[k] += away * random.NormFloat64()
					}
					points = append(points, p)
				}
				got := f.Distances(points, step)
				bare, err := Bare(s.vertices, s.triangles, 1)
				require.NoError(t, err)
				alone := bare.Distances(points, step)
				f.SetThreads(1)
				require.True(t, slices.Equal(got, f.Distances(points, step)), "whatever the threads")
				f.SetThreads(2)
				for i, hit := range f.Nearest(points, math.Inf(1)) {
					slack := 1e-9*size + 1e-15*norm(points[i])
					require.InDelta(t, hit.Distance, got[i], slack, "%v with step %g", points[i], step)
					require.InDelta(t, hit.Distance, alone[i], slack, "%v with step %g", points[i], step)
				}
			}
		})
	}
}

// The nearest point of a triangle that is long for its width, of points above it, is the one right below.
func TestNearest_OfASliver(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, width := range []float64{1e-2, 1e-4, 1e-6} {
		s := soup{vertices: [][3]float64{{0, 0, 0}, {100, 0, 0}, {40, 100 * width, 0}}, triangles: [][3]int32{{0, 1, 2}}}
		f, err := Bare(s.vertices, s.triangles, 1)
		require.NoError(t, err)
		var points, below [][3]float64
		for range 1000 {
			u, v := random.Float64(), random.Float64()
			if u+v > 1 {
				u, v = 1-u, 1-v
			}
			q := [3]float64{100*u + 40*v, 100 * width * v, 0}
			below = append(below, q)
			points = append(points, [3]float64{q[0], q[1], 1e-3 * random.Float64()})
		}
		for i, hit := range f.Nearest(points, math.Inf(1)) {
			require.InDelta(t, points[i][2], hit.Distance, 1e-12, "%v, width %g", points[i], width)
			require.InDelta(t, 0, norm(sub(hit.Point, below[i])), 1e-7, "%v, width %g", points[i], width)
		}
	}
}

// So many points make as many parts as may be.
func TestDistances_OfManyPoints_AreThoseOfTheTree(t *testing.T) {
	const count = mostParts*pointsPerPart + 5000
	random := rand.New(rand.NewPCG(5, 6))
	s := torus(120, 50, 3, 1)
	f := s.prepare(Options{Threads: 2})
	const step = 0.1
	points := make([][3]float64, count)
	for i := range points {
		tri := s.triangles[random.IntN(len(s.triangles))]
		p := scaled(add(add(s.vertices[tri[0]], s.vertices[tri[1]]), s.vertices[tri[2]]), 1./3)
		away := [...]float64{0, 1e-9, 0.1, 0.3, 3}[random.IntN(5)] * step
		for k := range p {
			p[k] += away * random.NormFloat64()
		}
		points[i] = p
	}
	want := f.Nearest(points, math.Inf(1))
	got := f.Distances(points, step)
	for i := range points {
		if math.Abs(got[i]-want[i].Distance) > 1e-9 {
			t.Fatalf("%v: %g, want %g", points[i], got[i], want[i].Distance)
		}
	}
	for _, threads := range []int{1, 3} {
		f.SetThreads(threads)
		require.True(t, slices.Equal(got, f.Distances(points, step)), "%d threads", threads)
	}
}

func TestDistances_OfFewOrOddPoints(t *testing.T) {
	f := ball(3, 1, [3]float64{}).prepare(Options{})
	require.Empty(t, f.Distances(nil, 0.1))
	require.InDelta(t, 1, f.Distances([][3]float64{{2, 0, 0}}, 0.1)[0], 0.01)
	same := make([][3]float64, 2*leastNear) // all in one cell, and out of reach
	for _, d := range f.Distances(same, 0.1) {
		require.InDelta(t, 1, d, 0.02)
	}
	_, err := Bare(nil, nil, 1)
	require.ErrorIs(t, err, ErrNoTriangle)
}

// BenchmarkDistances asks for points of a torus as a lattice's mesh has them.
func BenchmarkDistances(b *testing.B) {
	s := torus(320, 80, 3, 1)
	f := s.prepare(Options{})
	var points [][3]float64
	for i := range 125_000 {
		tri := s.triangles[i%len(s.triangles)]
		p := scaled(add(add(s.vertices[tri[0]], s.vertices[tri[1]]), s.vertices[tri[2]]), 1./3)
		points = append(points, add(p, [3]float64{1e-3 * math.Sin(float64(i)), 0, 0}))
	}
	for name, ask := range map[string]func(){
		"tree": func() { f.Nearest(points, math.Inf(1)) },
		"near": func() { f.Distances(points, 0.12) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(points)), "ns/point")
		})
	}
}
