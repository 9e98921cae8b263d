package quality_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/quality"
)

func TestRegularTetrahedron_HasQualityOneInEveryPlaceAndSize(t *testing.T) {
	for _, scale := range []float64{1e-6, 1, 1e6} {
		a := quality.Point{0, 0, 0}
		b := quality.Point{scale, 0, 0}
		c := quality.Point{scale / 2, scale * math.Sqrt(3) / 2, 0}
		d := quality.Point{scale / 2, scale * math.Sqrt(3) / 6, scale * math.Sqrt(2./3)}

		good := quality.Tetrahedron(a, b, c, d)
		require.InEpsilon(t, scale*scale*scale*math.Sqrt(2)/12, good.Volume, 1e-12)
		require.InDelta(t, 1, good.Gamma, 1e-12)
		require.InDelta(t, 1, good.SICN, 1e-12)

		inverted := quality.Tetrahedron(b, a, c, d)
		require.InDelta(t, -1, inverted.SICN, 1e-12)
		require.Negative(t, inverted.Volume)
		require.InDelta(t, 1, inverted.Gamma, 1e-12, "gamma has no sign")
	}
}

func TestFlatTetrahedron_HasQualityZeroAndNoNaN(t *testing.T) {
	a, b, c := quality.Point{0, 0, 0}, quality.Point{1, 0, 0}, quality.Point{0, 1, 0}
	for _, d := range []quality.Point{{1, 1, 0}, {0, 0, 0}, {2, 0, 0}} {
		require.Equal(t, quality.Tet{}, quality.Tetrahedron(a, b, c, d))
	}
	require.Equal(t, quality.Tet{}, quality.Tetrahedron(a, a, a, a))
}

func TestMeasures_AgreeWithGmsh(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	require.NoError(t, gmsh.SetNumber("General.Terminal", 0))
	require.NoError(t, gmsh.AddModel("random"))
	volume, err := gmsh.AddDiscreteEntity(3, nil)
	require.NoError(t, err)

	const count = 1000
	random := rand.New(rand.NewPCG(1, 2))
	var points []quality.Point
	var nodes []uint64
	var coordinates []float64
	for i := range 4 * count {
		p := quality.Point{random.NormFloat64(), random.NormFloat64(), random.NormFloat64() * math.Pow(10, -float64(i%4))}
		points = append(points, p)
		coordinates = append(coordinates, p[:]...)
		nodes = append(nodes, uint64(i+1))
	}
	require.NoError(t, gmsh.AddNodes(3, volume, nodes, coordinates))
	require.NoError(t, gmsh.AddElements(volume, gmsh.Tet4, nodes))
	tags, found, err := gmsh.Elements(gmsh.Tet4, volume)
	require.NoError(t, err)
	defer tags.Free()
	defer found.Free()

	for _, measure := range []string{"volume", "gamma", "minSICN"} {
		theirs, err := gmsh.Qualities(tags.View(), measure)
		require.NoError(t, err)
		defer theirs.Free()
		require.Equal(t, count, theirs.Len())
		for i, want := range theirs.View() {
			n := found.View()[4*i : 4*i+4]
			ours := quality.Tetrahedron(points[n[0]-1], points[n[1]-1], points[n[2]-1], points[n[3]-1])
			got := map[string]float64{"volume": math.Abs(ours.Volume), "gamma": ours.Gamma, "minSICN": ours.SICN}[measure]
			if measure == "volume" {
				want = math.Abs(want)
			}
			require.InDelta(t, want, got, 1e-9*math.Max(1, math.Abs(want)), "%s of element %d", measure, i)
		}
	}
}

func BenchmarkTetrahedron(b *testing.B) {
	p, q, r, s := quality.Point{0, 0, 0}, quality.Point{1, 0, 0}, quality.Point{0, 1, 0}, quality.Point{0.3, 0.2, 1}
	var sum float64
	for b.Loop() {
		sum += quality.Tetrahedron(p, q, r, s).Gamma
	}
	_ = sum
}
