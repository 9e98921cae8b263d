package lattice

import (
	"slices"
	"testing"
)

// As many points are looked at as may be, from first to last, however little there are more.
func TestThinned_SpreadsEvenly(t *testing.T) {
	for _, n := range []int{1, 99, 100, 101, 150, 199, 201, 12345} {
		points := make([][3]float64, n)
		for i := range points {
			points[i][0] = float64(i)
		}
		if got := thinned(points, 0); len(got) != n {
			t.Errorf("%d of %d without a bound", len(got), n)
		}
		const most = 100
		got := thinned(points, most)
		if len(got) != min(n, most) {
			t.Errorf("%d of %d", len(got), n)
		}
		step := max(1, float64(n)/most)
		for i, p := range got {
			if want := float64(i) * step; p[0] > want || p[0] <= want-1 {
				t.Errorf("of %d, the %dth is %g", n, i, p[0])
			}
		}
	}
}

// Fewer points of a surface are those that would be taken of all.
func TestSurfacePoints_AreThinned(t *testing.T) {
	m := &Mesh{XYZ: []float64{0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4}, Tris: []int32{0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3}}
	all := m.surfacePoints(0)
	if len(all) != 10 {
		t.Fatalf("%d points of four triangles with six edges", len(all))
	}
	for _, p := range [][3]float64{{4. / 3, 4. / 3, 0}, {2, 0, 0}, {0, 2, 2}} {
		if !slices.ContainsFunc(all, func(q [3]float64) bool { return norm(sub(p, q)) < 1e-12 }) {
			t.Errorf("%v is missing", p)
		}
	}
	for most := 1; most < 13; most++ {
		if got := m.surfacePoints(most); !slices.Equal(got, thinned(all, most)) {
			t.Errorf("%d points: %v", most, got)
		}
	}
}
