package improve

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/quality"
)

func randomTets(count int, do func(p [4]vec)) {
	random := rand.New(rand.NewPCG(3, 4))
	for range count {
		var p [4]vec
		for k := range p {
			p[k] = vec{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
		}
		do(p)
	}
}

func TestGamma_IsThatOfPackageQuality_AndZeroWhereInverted(t *testing.T) {
	randomTets(1000, func(p [4]vec) {
		point := func(v vec) quality.Point { return quality.Point{v.x, v.y, v.z} }
		want := quality.Tetrahedron(point(p[0]), point(p[1]), point(p[2]), point(p[3]))
		got := gamma(&p[0], &p[1], &p[2], &p[3])
		if want.Volume > 0 {
			require.InEpsilon(t, want.Gamma, got, 1e-6)
		} else {
			require.Zero(t, got)
		}
	})
	require.Zero(t, gamma(&vec{}, &vec{1, 0, 0}, &vec{0, 1, 0}, &vec{1, 1, 0}), "flat")
	require.Zero(t, gamma(&vec{}, &vec{1, 0, 0}, &vec{0, 1, 0}, &vec{1, 1, 1e-15}), "of doubtful sign")
	require.Zero(t, gamma(&vec{}, &vec{}, &vec{}, &vec{}))
}

func TestGammaSlope_IsTheDerivative(t *testing.T) {
	randomTets(1000, func(p [4]vec) {
		value, slope := gammaSlope(&p[0], &p[1], &p[2], &p[3])
		require.Equal(t, gamma(&p[0], &p[1], &p[2], &p[3]), value)
		if value < 0.01 {
			return // steep
		}
		const h = 1e-6
		for k, e := range []vec{{h, 0, 0}, {0, h, 0}, {0, 0, h}} {
			above, below := p[3].add(e), p[3].sub(e)
			want := (gamma(&p[0], &p[1], &p[2], &above) - gamma(&p[0], &p[1], &p[2], &below)) / (2 * h)
			require.InDelta(t, want, [3]float64{slope.x, slope.y, slope.z}[k], 1e-4*(1+slope.norm2()))
		}
	})
}

func TestQueue_GivesTheWorstFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var q queue
	for i := range 1000 {
		q.push(entry{q: float64(random.IntN(50)), t: int32(i)})
	}
	last := entry{q: -1}
	for len(q) > 0 {
		e := q.pop()
		require.True(t, last.before(e))
		last = e
	}
}
