package improve_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/improve"
)

// planeAt returns the number of the plane of the block that all these nodes lie in: its six sides, and the interface.
func planeAt(m *improve.Mesh, n int, nodes ...int32) int32 {
	for axis := range 3 {
		for k, level := range []float64{0, float64(n), float64(n) / 2} {
			on := axis == 0 || k < 2
			for _, node := range nodes {
				on = on && m.XYZ[3*int(node)+axis] == level
			}
			if on {
				return int32(3*axis + k)
			}
		}
	}
	return -1
}

// shifted is a block whose nodes on its sides and interface were moved about in their planes.
func shifted(n int, jitter float64, seed uint64) *improve.Mesh {
	m := block(n, jitter, seed)
	m.Planes = make([]int32, len(m.Triangles))
	for i, v := range m.Triangles {
		m.Planes[i] = planeAt(m, n, v[:]...)
	}
	random := rand.New(rand.NewPCG(seed, 2))
	for node, dim := range m.Dim {
		if dim != 2 {
			continue
		}
		levels := 0
		for axis := range 3 {
			x := m.XYZ[3*node+axis]
			if x == 0 || x == float64(n) || axis == 0 && x == float64(n)/2 {
				levels++
			}
		}
		if levels > 1 {
			m.Dim[node] = 1
			continue
		}
		for axis := range 3 {
			if x := &m.XYZ[3*node+axis]; *x != 0 && *x != float64(n) && !(axis == 0 && *x == float64(n)/2) {
				*x += jitter * (2*random.Float64() - 1)
			}
		}
	}
	return m
}

func TestNodesOfPlaneFaces_SlideInTheirPlaneAndNowhereElse(t *testing.T) {
	const n = 6
	before := shifted(n, 0.25, 1)
	still := clone(before)
	_, err := improve.Improve(still, improve.Options{})
	require.NoError(t, err)
	require.Empty(t, still.Slid, "where no plane is named")
	fixed, volume := gammas(still)

	after := clone(before)
	after.Planes = before.Planes
	_, err = improve.Improve(after, improve.Options{})
	require.NoError(t, err)
	free, now := gammas(after)
	t.Logf("gamma %.3f with the surface fixed, %.3f with nodes that slide", fixed[0], free[0])
	require.Greater(t, free[0], fixed[0])
	for solid, v := range volume {
		require.InEpsilon(t, v, now[solid], 1e-12)
	}
	for i := range after.Tets {
		require.Positive(t, measure(after, i).Volume)
	}
	require.Equal(t, surfaceOf(before), surfaceOf(after), "triangles keep their nodes")

	slid := map[int32]bool{}
	for _, node := range after.Slid {
		slid[node] = true
		require.EqualValues(t, 2, before.Dim[node])
		require.Equal(t, planeAt(before, n, node), planeAt(after, n, node), "node %d", node)
	}
	require.Greater(t, len(slid), 20)
	for node, dim := range before.Dim {
		if dim < 3 && !slid[int32(node)] {
			require.Equal(t, before.XYZ[3*node:3*node+3], after.XYZ[3*node:3*node+3], "node %d", node)
		}
	}
}

func TestNodesOfCurvedFaces_DoNotSlide(t *testing.T) {
	before := shifted(6, 0.25, 1)
	for i := range before.Planes {
		before.Planes[i] = 1 // all sides as one face
	}
	_, err := improve.Improve(before, improve.Options{})
	require.NoError(t, err)
	require.Empty(t, before.Slid)
}

func TestNodesOfAFaceWithUnknownElementsBehind_DoNotSlide(t *testing.T) {
	before := shifted(6, 0.25, 1)
	for i, face := range before.Planes {
		if face == 0 {
			before.Planes[i] = -1
		}
	}
	_, err := improve.Improve(before, improve.Options{})
	require.NoError(t, err)
	require.NotEmpty(t, before.Slid)
	for _, node := range before.Slid {
		require.NotEqualValues(t, 0, planeAt(before, 6, node))
	}
}
