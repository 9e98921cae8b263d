package lattice

import "testing"

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
