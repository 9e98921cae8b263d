package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/curved"
	"meshgen/internal/engine"
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
	if least < curved.Least {
		require.NotZero(t, a.Mesh.Elements["hexahedron"], "others can always be straightened")
	}
	require.Positive(t, least)
	d := a.Mesh.Measured.Volume.Measures["jacobian_ratio"]
	require.InDelta(t, least, d.Min, 1e-9)
	require.Equal(t, a.Mesh.Measured.Volume.Elements, d.Count)
	require.InDelta(t, least, a.Mesh.Measured.FEA.MinJacobianRatio, 1e-9)
	return m
}

func TestLong_CurvedElementsThatTurnInsideOut_AreStraightenedWhereTheyHaveTo(t *testing.T) {
	t.Parallel()
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

func TestLayersOfOrderTwo_BendAsTheWallDoes(t *testing.T) {
	t.Parallel()
	c := start(t)
	for name, wall := range map[string][]int{"pipe": {1}, "elbow": {1, 3, 4}, "tee": {1, 4}, "slanted": {1}} {
		for _, first := range []float64{firstHeight, 0.002} { // 0.002: all of them together thinner than the wall's bend between two nodes
			a, _ := duct(t, c, name, wall, func(s *spec.Spec) { s.Order, s.Layers[0].FirstHeight, s.Size.Curvature = 2, first, 8 })
			m := requireCurvesProven(t, a)
			require.Nil(t, a.Mesh.Straightened, "%s: no wall had to give way", name)
			require.Greater(t, a.Mesh.Measured.FEA.MinJacobianRatio, 0.3, name)
			volumeWithin(t, 2e-4, a)
			l := a.Mesh.Layers[0]
			require.GreaterOrEqual(t, l.Share, 0.95, name)
			kinds := m.Counts()
			for key := range kinds {
				require.Contains(t, []mesh.Kind{mesh.Point, mesh.Line3, mesh.Triangle6, mesh.Quad9, mesh.Tet10, mesh.Prism18, mesh.Pyramid14}, key.Kind)
			}
			require.Equal(t, l.Complete*layerCount, kinds[mesh.Key{Dim: 3, Entity: 1, Kind: mesh.Prism18}])
			// each layer keeps its height in the middle of its edges, where an unbent one would have none
			for _, b := range m.Of(3) {
				if b.Kind != mesh.Prism18 {
					continue
				}
				for e := range b.Len() {
					n := b.Element(e)
					for _, k := range [][2]int{{6, 12}, {9, 14}, {7, 13}} { // the nodes in the middle of an edge and of the one above
						require.Greater(t, between(m.At(n[k[0]]), m.At(n[k[1]])), 0.5*first, name)
					}
				}
			}
		}
	}
}

func TestLong_HexahedraOfOrderTwo_FollowTheGeometry(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, source := range []engine.Source{named(t, "testdata/pipe.step"), named(t, "testdata/tee.step"), part(t)} {
		a := c.mesh(source, func(s *spec.Spec) {
			s.Strategy, s.Order, s.Formats = spec.Hex, 2, []string{"msh"}
		})
		m := requireCurvesProven(t, a)
		for _, b := range m.Of(3) {
			require.Equal(t, mesh.Hex27, b.Kind)
		}
		for _, b := range m.Of(2) {
			require.Equal(t, mesh.Quad9, b.Kind)
		}
		volumeWithin(t, 5e-4, a)
		t.Log(a.Mesh.Straightened, a.Mesh.Measured.Volume.Measures["jacobian_ratio"], a.Mesh.Solids[0].Deviation, a.took)
	}
}

func TestHexDominantOfOrderTwo_FollowsTheGeometry(t *testing.T) {
	t.Parallel()
	c := start(t)
	a := c.mesh(named(t, "testdata/tee.step"), func(s *spec.Spec) {
		s.Element, s.Order, s.Size.Max, s.Formats = spec.HexDominant, 2, 2.5, []string{"msh"}
	})
	m := requireCurvesProven(t, a)
	kinds := map[mesh.Kind]bool{}
	for _, b := range m.Of(3) {
		kinds[b.Kind] = true
	}
	require.Equal(t, map[mesh.Kind]bool{mesh.Tet10: true, mesh.Pyramid14: true, mesh.Hex27: true}, kinds)
	volumeWithin(t, 1e-3, a)
}

func TestHexDominantOfOrderTwo_WithoutRoomForHexahedra_CurvesItsTetrahedra(t *testing.T) {
	a := start(t).mesh(part(t), func(s *spec.Spec) {
		coarse(s)
		s.Element, s.Order, s.Formats = spec.HexDominant, 2, []string{"msh"}
	})
	m := requireCurvesProven(t, a)
	for _, b := range m.Of(3) {
		require.Equal(t, mesh.Tet10, b.Kind)
	}
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
