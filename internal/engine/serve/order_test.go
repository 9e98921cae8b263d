package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/curved"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// requireCurvesProven checks that no element of a mesh file of higher order is inverted anywhere, and that the report says the
// same of it.
func requireCurvesProven(t *testing.T, a answer) *mesh.Mesh {
	t.Helper()
	requireSound(t, a)
	m, err := mesh.ReadMSH(a.dir + "/mesh.msh")
	require.NoError(t, err)
	least := 1.
	for _, b := range m.Of(3) {
		require.Equal(t, a.Mesh.Order, b.Kind.Order())
		for _, ratio := range curved.Ratios(m, b) {
			least = min(least, ratio)
		}
	}
	require.GreaterOrEqual(t, least, curved.Least)
	d := a.Mesh.Measured.Volume.Measures["jacobian_ratio"]
	require.InDelta(t, least, d.Min, 1e-9)
	require.Equal(t, a.Mesh.Measured.Volume.Elements, d.Count)
	require.InDelta(t, least, a.Mesh.Measured.FEA.MinJacobianRatio, 1e-9)
	return m
}

func TestCurvedElementsThatTurnInsideOut_AreStraightenedWhereTheyHaveTo(t *testing.T) {
	c := start(t)
	for order := 2; order <= 3; order++ {
		a := c.mesh(part(t), func(s *spec.Spec) { s.Order, s.Formats = order, []string{"msh"} })
		m := requireCurvesProven(t, a)
		s := a.Mesh.Straightened
		require.NotNil(t, s, "the rims of this part's holes bend too much for its elements")
		require.Positive(t, s.Boundary)
		require.Less(t, s.Deviation, 1e-4*diagonalOf(m), "little of the curve is lost")
		require.NotEmpty(t, s.Places)
		require.Equal(t, s.Deviation, s.Places[0].Deviation)
		for _, p := range s.Places {
			nearest := 1e9
			for n := uint64(1); n <= uint64(m.Nodes()); n++ {
				nearest = min(nearest, between(m.At(n), p.Point))
			}
			require.LessOrEqual(t, nearest, p.Deviation+1e-12, "a node is as near as is said")
		}
		require.Less(t, s.Elements, 50, "and few elements")
		t.Log(order, *s, a.Mesh.Measured.Volume.Measures["jacobian_ratio"], a.took)
	}
}

func TestCurvedElementsThatFit_KeepTheirCurves(t *testing.T) {
	c := start(t)
	a := c.mesh(named(t, "testdata/elbow.step"), func(s *spec.Spec) { s.Order, s.Size.Max, s.Formats = 2, 4, []string{"msh"} })
	requireCurvesProven(t, a)
	require.Nil(t, a.Mesh.Straightened)
	require.Greater(t, a.Mesh.Measured.FEA.MinJacobianRatio, 0.3)
	volumeWithin(t, 1e-3, a)
}

func diagonalOf(m *mesh.Mesh) float64 {
	low, high := m.At(1), m.At(1)
	for n := uint64(1); n <= uint64(m.Nodes()); n++ {
		p := m.At(n)
		for k := range 3 {
			low[k], high[k] = min(low[k], p[k]), max(high[k], p[k])
		}
	}
	return between(low, high)
}
