package sizing

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFieldIsTheLeastOfItsSources(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	place := func() (p [3]float64) {
		for k := range p {
			p[k] = 100 * random.Float64()
		}
		return p
	}
	var sources []Source
	for i := range 3000 {
		a, b, c := place(), place(), place()
		for k := range 3 {
			b[k], c[k] = a[k]+b[k]/50, a[k]+c[k]/50
		}
		shape := []Shape{Point(a), Segment(a, b), Triangle(a, b, c), Box(a, b)}[i%4]
		sources = append(sources, Source{Shape: shape, Size: 0.1 + random.Float64(), From: random.Float64() * float64(i%3), Slope: 0.1 + random.Float64()})
	}
	f := New(append([]Source(nil), sources...))
	for range 2000 {
		p := place()
		want := 5.
		for i := range sources {
			want = min(want, sources[i].at(sources[i].distance(vecOf(p))))
		}
		require.Equal(t, want, f.At(p, 5))
	}
	require.Equal(t, 0.05, f.At(place(), 0.05), "never more than the limit")
}

func TestFieldGrowsNoFasterThanItsSlope(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var sources []Source
	for range 500 {
		p := [3]float64{random.Float64(), random.Float64(), random.Float64()}
		sources = append(sources, Source{Shape: Point(p), Size: random.Float64() / 10, Slope: 0.3})
	}
	f := New(sources)
	for range 1000 {
		p := [3]float64{random.Float64(), random.Float64(), random.Float64()}
		q := p
		q[random.IntN(3)] += random.Float64() / 10
		require.LessOrEqual(t, math.Abs(f.At(p, 1)-f.At(q, 1)), 0.3*math.Sqrt(vecOf(p).sub(vecOf(q)).norm2())+1e-12)
	}
}

func TestSizeHoldsUpToADistance(t *testing.T) {
	f := New([]Source{{Shape: Box([3]float64{0, 0, 0}, [3]float64{1, 1, 1}), Size: 0.1, From: 2, Slope: 0.5}})
	require.Equal(t, 0.1, f.At([3]float64{0.5, 0.5, 0.5}, 9))
	require.Equal(t, 0.1, f.At([3]float64{3, 0.5, 0.5}, 9))
	require.InDelta(t, 0.6, f.At([3]float64{4, 0.5, 0.5}, 9), 1e-12)
	require.Equal(t, 9., f.At([3]float64{400, 0, 0}, 9))
	require.Equal(t, 0.1, f.Least())
	require.Equal(t, 7., New(nil).At([3]float64{}, 7))
}

func TestDistances(t *testing.T) {
	triangle := Triangle([3]float64{0, 0, 0}, [3]float64{4, 0, 0}, [3]float64{0, 4, 0})
	for _, c := range []struct {
		shape Shape
		place [3]float64
		want  float64
	}{
		{triangle, [3]float64{1, 1, 3}, 3},
		{triangle, [3]float64{-3, 0, 4}, 5},
		{triangle, [3]float64{2, -5, 0}, 5},
		{triangle, [3]float64{4, 4, 0}, math.Sqrt(8)},
		{Triangle([3]float64{0, 0, 0}, [3]float64{1, 0, 0}, [3]float64{2, 0, 0}), [3]float64{3, 0, 0}, 1},
		{Segment([3]float64{0, 0, 0}, [3]float64{2, 0, 0}), [3]float64{1, 1, 0}, 1},
		{Segment([3]float64{1, 0, 0}, [3]float64{1, 0, 0}), [3]float64{1, 3, 4}, 5},
		{Box([3]float64{0, 0, 0}, [3]float64{1, 1, 1}), [3]float64{0.5, 0.5, 0.5}, 0},
		{Box([3]float64{0, 0, 0}, [3]float64{1, 1, 1}), [3]float64{4, 5, 1}, 5},
		{Point([3]float64{1, 1, 1}), [3]float64{1, 1, 3}, 2},
	} {
		require.InDelta(t, c.want, c.shape.distance(vecOf(c.place)), 1e-12)
	}
}

func BenchmarkField(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	place := func(around [3]float64, reach float64) [3]float64 {
		for k := range 3 {
			around[k] += reach * (random.Float64() - 0.5)
		}
		return around
	}
	for name, shape := range map[string]func() Shape{
		"points": func() Shape { return Point([3]float64{random.Float64(), random.Float64(), 0}) },
		"segments": func() Shape {
			a := place([3]float64{}, 1)
			return Segment(a, place(a, 0.02))
		},
		"triangles": func() Shape {
			a := place([3]float64{}, 1)
			return Triangle(a, place(a, 0.02), place(a, 0.02))
		},
	} {
		b.Run(name, func(b *testing.B) {
			sources := make([]Source, 20_000)
			for i := range sources {
				sources[i] = Source{Shape: shape(), Size: 0.003 + 0.01*random.Float64(), Slope: 0.3}
			}
			f := New(sources)
			for b.Loop() {
				f.At(place([3]float64{}, 1), 1)
			}
		})
	}
}
