package surface

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRays_FindWhatTheyPassThrough(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	point := func() [3]float64 { return [3]float64{random.Float64(), random.Float64(), random.Float64()} }
	m := &Mesh{}
	for range 500 {
		a, b, c := point(), point(), point()
		for k := range 3 {
			b[k], c[k] = a[k]+0.2*b[k], a[k]+0.2*c[k]
		}
		n := int32(len(m.Vertices))
		m.Vertices = append(m.Vertices, a, b, c)
		m.Triangles = append(m.Triangles, [3]int32{n, n + 1, n + 2})
	}
	rays := NewRays(m)
	hits := 0
	for range 300 {
		from, to := point(), point()
		var found, want []int
		for i, share := range rays.Hits(from, to) {
			found = append(found, i)
			a, b, c := m.corners(m.Triangles[i])
			at := sub(to, from)
			for k := range 3 {
				at[k] = from[k] + share*at[k]
			}
			normal := cross(sub(b, a), sub(c, a))
			require.InDelta(t, 0, dot(sub(at, a), normal)/norm(normal), 1e-9, "the hit lies in the plane of the triangle")
		}
		for i, tri := range m.Triangles {
			a, b, c := m.corners(tri)
			if _, hit := meets(from, sub(to, from), a, b, c); hit {
				want = append(want, i)
			}
		}
		slices.Sort(found)
		require.Equal(t, want, found)
		hits += len(found)
	}
	require.Greater(t, hits, 100)
	for range NewRays(&Mesh{}).Hits(point(), point()) {
		t.Fatal("nothing can be hit")
	}
}
