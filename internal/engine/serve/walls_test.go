package serve_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// The part of these tests is a plate of 8 x 8 x 0.6 mm on which a tube of radius 3, wall 0.5 and height 4 stands.
const plate, bore, outer = 0.6, 2.5, 3.

// through returns the share of edges in the middle of the tube's wall, and of the plate, that lead from one side straight to
// the other, of all edges that begin on a side and leave it.
func through(m *mesh.Mesh) (tube, base float64) {
	radius := func(p [3]float64) float64 { return math.Hypot(p[0], p[1]) }
	var across, leave [2]float64
	for _, e := range edges(m, m.Of(3), 4) {
		r, s := radius(e.a), radius(e.b)
		if p := e.middle(); p[2] > 1.2 && p[2] < 4 {
			if on := math.Abs(r-outer) < 1e-6; on != (math.Abs(s-outer) < 1e-6) {
				leave[0]++
				if math.Abs(min(r, s)-bore) < 1e-6 {
					across[0]++
				}
			}
		} else if p[2] < plate && radius(p) < 2 {
			if on := e.a[2] == 0; on != (e.b[2] == 0) {
				leave[1]++
				if math.Abs(max(e.a[2], e.b[2])-plate) < 1e-6 {
					across[1]++
				}
			}
		}
	}
	return across[0] / leave[0], across[1] / leave[1]
}

func TestWalls_HaveElementsAcrossThem(t *testing.T) {
	t.Parallel()
	c := start(t)
	thin := named(t, "testdata/thin_walls.step")
	plain := c.mesh(thin, func(s *spec.Spec) { s.Size.Max = 2 })
	requireSound(t, plain)
	tube, base := through(readMesh(t, plain))
	require.Greater(t, tube, 0.5, "one element across, where nothing is asked for")
	require.Greater(t, base, 0.5)

	a := c.mesh(thin, func(s *spec.Spec) { s.Size.Max, s.Size.WallElements = 2, 2 })
	requireSound(t, a)
	m := readMesh(t, a)
	tube, base = through(m)
	t.Logf("%+v", a.Timings)
	t.Logf("%d elements instead of %d; straight through: tube %.4f, base %.4f", a.Mesh.Elements["tetrahedron"], plain.Mesh.Elements["tetrahedron"], tube, base)
	require.Less(t, tube, 0.02)
	require.Less(t, base, 0.02)
}

func TestWallsThatAreTooThin_AreRefusedWithAPlace(t *testing.T) {
	a := start(t).do(engine.Request{
		Kind: engine.Mesh, Source: named(t, "testdata/thin_walls.step"), MaxElements: 5000,
		Spec: resolved(t, spec.Spec{Size: spec.Size{Max: 2, WallElements: 2}}),
	})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.TooLarge, a.Error.Code)
	require.NotNil(t, a.Error.Entities[0].Point)
	require.Contains(t, a.Error.Message, "walls as thin as 0.5")
}
