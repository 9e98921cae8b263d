package quality_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
)

// ideal is the element of each shape that has quality 1.
var ideal = map[mesh.Shape][]quality.Point{
	mesh.ATetrahedron: {{0, 0, 0}, {1, 0, 0}, {0.5, math.Sqrt(3) / 2, 0}, {0.5, math.Sqrt(3) / 6, math.Sqrt(2. / 3)}},
	mesh.APrism:       {{0, 0, 0}, {1, 0, 0}, {0.5, math.Sqrt(3) / 2, 0}, {0, 0, 1}, {1, 0, 1}, {0.5, math.Sqrt(3) / 2, 1}},
	mesh.APyramid:     {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0.5, 0.5, math.Sqrt2 / 2}},
	mesh.AHexahedron:  {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
}

func TestIdealElements_HaveQualityOne(t *testing.T) {
	for shape, p := range ideal {
		m := quality.Straight(shape, p)
		require.InDelta(t, 1, m.SICN, 1e-12, shape)
		require.InDelta(t, 1, m.Jacobian, 1e-12, shape)
		require.Positive(t, m.Volume, shape)
	}
}

func TestThinPrism_IsNotFlat(t *testing.T) {
	p := append([]quality.Point(nil), ideal[mesh.APrism]...)
	for i := 3; i < 6; i++ {
		p[i][2] = 1e-8
	}
	m := quality.Straight(mesh.APrism, p)
	require.InDelta(t, 1, m.Jacobian, 1e-9)
	require.Less(t, m.SICN, 1e-6)
	p[4][2] = 0
	require.InDelta(t, 0, quality.Straight(mesh.APrism, p).Jacobian, 1e-12, "but one that has lost an edge is")
}

// TestVolumesAndSigns_AgreeWithGmsh compares elements with corners moved at random, some of them inside out.
func TestVolumesAndSigns_AgreeWithGmsh(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	require.NoError(t, gmsh.SetNumber("General.Terminal", 0))
	random := rand.New(rand.NewPCG(1, 2))
	for shape, p := range ideal {
		require.NoError(t, gmsh.AddModel(shape.String()))
		entity, err := gmsh.AddDiscreteEntity(3, nil)
		require.NoError(t, err)
		const n = 300
		var nodes []uint64
		var coordinates []float64
		var want []quality.Cell
		for e := range n {
			moved := append([]quality.Point(nil), p...)
			for i := range moved {
				for k := range 3 {
					moved[i][k] += (random.Float64() - 0.5) * float64(e) / n
				}
				nodes = append(nodes, uint64(len(nodes)+1))
				coordinates = append(coordinates, moved[i][:]...)
			}
			want = append(want, quality.Straight(shape, moved))
		}
		kind, _ := mesh.Of(shape, 1)
		require.NoError(t, gmsh.AddNodes(3, entity, nodes, coordinates))
		require.NoError(t, gmsh.AddElements(entity, int(kind), nodes))
		tags, connectivity, err := gmsh.Elements(int(kind), entity)
		require.NoError(t, err)
		defer tags.Free()
		defer connectivity.Free()
		volumes, err := gmsh.Qualities(tags.View(), "volume")
		require.NoError(t, err)
		defer volumes.Free()
		bounds, err := gmsh.Qualities(tags.View(), "minDetJac")
		require.NoError(t, err)
		defer bounds.Free()
		for e, w := range want {
			require.InDelta(t, volumes.View()[e], w.Volume, 1e-9, shape)
			if bounds.View()[e] > 0 {
				require.Positive(t, w.Jacobian, "%s %d", shape, e)
			}
			if bounds.View()[e] < -0.3 {
				require.Negative(t, w.Jacobian, "%s %d: %g", shape, e, bounds.View()[e])
			}
		}
	}
}
