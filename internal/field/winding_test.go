package field

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// within returns points in the box of a surface, and a little beyond.
func within(f *Surface, n int, r *rand.Rand) [][3]float64 {
	low, high := f.Box()
	out := make([][3]float64, n)
	for i := range out {
		for k := range 3 {
			out[i][k] = low[k] + (1.2*r.Float64()-0.1)*(high[k]-low[k])
		}
	}
	return out
}

// brute sums the solid angles of all triangles as they were given.
func (s soup) brute(p [3]float64) (sum float64) {
	for _, t := range s.triangles {
		sum += solidAngle(sub(s.vertices[t[0]], p), sub(s.vertices[t[1]], p), sub(s.vertices[t[2]], p))
	}
	return sum / (4 * math.Pi)
}

// holder returns whether a point lies inside a shape, and how far it is from its surface at most.
type holder func(p [3]float64) (inside bool, distance float64)

func inBall(radius float64, middle [3]float64) holder {
	return func(p [3]float64) (bool, float64) {
		d := norm(sub(p, middle)) - radius
		return d < 0, math.Abs(d)
	}
}

func inTorus(radius, tube float64) holder {
	return func(p [3]float64) (bool, float64) {
		d := math.Hypot(math.Hypot(p[0], p[1])-radius, p[2]) - tube
		return d < 0, math.Abs(d)
	}
}

func inCube(low, high [3]float64) holder {
	return func(p [3]float64) (bool, float64) {
		d := math.Inf(-1)
		for k := range 3 {
			d = max(d, low[k]-p[k], p[k]-high[k])
		}
		return d < 0, math.Abs(d)
	}
}

func TestClosed_SidesAreThoseOfTheShape(t *testing.T) {
	far := [3]float64{1e6, -2e6, 5e5}
	for name, c := range map[string]struct {
		soup
		holds holder
		chord float64 // how far the triangles are from the shape
	}{
		"ball":            {ball(4, 1, [3]float64{}), inBall(1, [3]float64{}), 0.005},
		"ball far off":    {ball(4, 1, far), inBall(1, far), 0.005},
		"tiny ball":       {ball(4, 1e-9, [3]float64{}), inBall(1e-9, [3]float64{}), 0.005e-9},
		"torus":           {torus(120, 50, 3, 1), inTorus(3, 1), 0.01},
		"cube":            {cube([3]float64{-1, -1, -1}, [3]float64{1, 2, 3}), inCube([3]float64{-1, -1, -1}, [3]float64{1, 2, 3}), 1e-9},
		"cube of slivers": {cube([3]float64{0, 0, 0}, [3]float64{1000, 1, 0.01}), inCube([3]float64{0, 0, 0}, [3]float64{1000, 1, 0.01}), 1e-9},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.prepare(Options{})
			require.True(t, f.Closed())
			require.Equal(t, Changes{}, f.Changes)
			points := within(f, 4000, dice(1))
			for i, w := range f.Winding(points) {
				inside, d := c.holds(points[i])
				if d > c.chord {
					require.Equal(t, map[bool]float32{true: 1}[inside], w, "at %v", points[i])
				}
			}
			l := around(f, 40)
			got, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true}, nil)
			require.NoError(t, err)
			for n, w := range got.Winding {
				inside, d := c.holds(l.At(n))
				if d > c.chord {
					require.Equal(t, map[bool]float32{true: 1}[inside], w, "node %d at %v", n, l.At(n))
				}
				require.Equal(t, w >= 0.5, got.Inside[n] == 1)
			}
		})
	}
}

// Nodes in the planes of faces, on edges and on corners: a side is chosen for each, and no line leaks.
func TestClosed_NodesOnTheSurfaceLeakNothing(t *testing.T) {
	f := cube([3]float64{2, 2, 2}, [3]float64{6, 6, 6}).prepare(Options{})
	l := Lattice{H: 1, N: [3]int32{9, 9, 9}}
	got, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true}, nil)
	require.NoError(t, err)
	holds := inCube([3]float64{2, 2, 2}, [3]float64{6, 6, 6})
	for n, w := range got.Winding {
		require.Contains(t, []float32{0, 1}, w)
		if inside, d := holds(l.At(n)); d > 0 {
			require.Equal(t, inside, got.Inside[n] == 1, "at %v", l.At(n))
		}
	}
	require.InDelta(t, 64, l.volume(got.Inside), 20)
}

// A line along x that meets edges and vertices of triangles in its way, everywhere.
func TestClosed_PointsBehindVerticesAreCountedOnce(t *testing.T) {
	s := ball(2, 1, [3]float64{})
	f := s.prepare(Options{})
	var points [][3]float64
	for _, v := range s.vertices {
		points = append(points, [3]float64{v[0] / 2, v[1], v[2]}, [3]float64{1.5, v[1], v[2]}, [3]float64{-1.5, v[1], v[2]})
	}
	for i, w := range f.Winding(points) {
		if inside := norm(points[i]) < 0.95; inside || norm(points[i]) > 1.001 {
			require.Equal(t, map[bool]float32{true: 1}[inside], w, "at %v", points[i])
		}
	}
}

func TestClosed_ShellsInShells(t *testing.T) {
	centre := [][3]float64{{}}
	outer, inner := ball(3, 1, [3]float64{}), ball(2, 0.5, [3]float64{})
	for name, c := range map[string]struct {
		soup
		winding float32
		turned  int
	}{
		"a void":                       {outer.with(inner.turned(1, dice(1))), 0, 0},
		"a void in one turned inwards": {outer.turned(1, dice(1)).with(inner), 0, len(outer.triangles) + len(inner.triangles)},
		"a body within a body":         {outer.with(inner), 2, 0},
		"turned inwards":               {outer.turned(1, dice(1)), 1, len(outer.triangles)},
		"two that overlap":             {outer.with(ball(3, 1, [3]float64{0.5, 0.2, 0})), 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.prepare(Options{})
			require.Equal(t, []float32{c.winding}, f.Winding(centre))
			require.Equal(t, c.turned, f.Changes.Turned)
		})
	}
}

// Dirt that is undone: the field is that of the clean surface, to the bit.
func TestDirt_DoubledAndTurnedTrianglesChangeNothing(t *testing.T) {
	clean := torus(60, 30, 3, 1)
	f := clean.prepare(Options{})
	l := around(f, 40)
	want, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true, Distance: true, Band: 2}, nil)
	require.NoError(t, err)
	for name, s := range map[string]soup{
		"5 % doubled": clean.doubled(0.05, dice(1)),
		"30 % turned": clean.turned(0.3, dice(2)),
		"80 % turned": clean.turned(0.8, dice(3)),
		"both":        clean.turned(0.3, dice(4)).doubled(0.3, dice(5)).turned(0.3, dice(6)),
		"soup":        clean.torn(0, dice(7)),
		"flat ones":   clean.each(func(t [3]int32) [][3]int32 { return [][3]int32{t, {t[0], t[1], t[0]}} }),
		"negative zero": func() soup {
			s := clean.torn(0, dice(7))
			for i := range s.vertices {
				for k, x := range s.vertices[i] {
					if x == 0 && i%2 == 0 {
						s.vertices[i][k] = math.Copysign(0, -1)
					}
				}
			}
			return s
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			g := s.prepare(Options{})
			require.True(t, g.Closed(), "%+v", g.Changes)
			got, err := g.Sample(l, 0, l.Slabs(), Want{Winding: true, Distance: true, Band: 2}, nil)
			require.NoError(t, err)
			requireSame(t, want.Winding, got.Winding)
			require.InDeltaSlice(t, want.Distance, got.Distance, 1e-5, "corners may be rolled, and round differently")
		})
	}
}

// Two boxes that touch share a wall, once from each side: it belongs to neither.
func TestDirt_AWallBetweenTwoBodiesGoes(t *testing.T) {
	left := cube([3]float64{0, 0, 0}, [3]float64{1, 1, 1})
	right := cube([3]float64{1, 0, 0}, [3]float64{2, 1, 1})
	// the right one's wall has the diagonal of the left one's
	f := left.with(right).prepare(Options{})
	w := f.Winding([][3]float64{{0.5, 0.4, 0.3}, {1.5, 0.4, 0.3}, {1 - 1e-9, 0.4, 0.3}, {1 + 1e-9, 0.4, 0.3}, {2.1, 0.4, 0.3}})
	require.Equal(t, []float32{1, 1, 1, 1, 0}, w)
}

// Holes: the winding number is that of solid angles.
func TestOpen_WindingIsThatOfSolidAngles(t *testing.T) {
	clean := torus(40, 20, 3, 1)
	for name, s := range map[string]soup{
		"a face is missing":   {clean.vertices, clean.triangles[40:]},
		"1 % are missing":     clean.without(0.01, dice(1)),
		"40 % are missing":    clean.without(0.4, dice(2)),
		"torn apart":          clean.torn(0.01, dice(3)),
		"half of a torus":     {clean.vertices, clean.triangles[:len(clean.triangles)/2]},
		"one triangle":        {clean.vertices, clean.triangles[:1]},
		"open and overlapped": clean.without(0.05, dice(4)).with(ball(2, 1, [3]float64{3, 0, 0}).without(0.05, dice(5))),
	} {
		t.Run(name, func(t *testing.T) {
			f := s.prepare(Options{AsGiven: true})
			require.False(t, f.Closed())
			points := within(f, 200, dice(6))
			inside := f.Inside(points)
			for i, w := range f.Winding(points) {
				want := s.brute(points[i])
				require.InDelta(t, want, w, 1e-3, "at %v", points[i])
				if math.Abs(want-0.5) > 1e-3 {
					require.Equal(t, want > 0.5, inside[i] == 1)
				}
			}
			l := around(f, 20)
			got, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true}, nil)
			require.NoError(t, err)
			for n := 0; n < len(got.Inside); n += 101 {
				require.InDelta(t, s.brute(l.At(n)), got.Winding[n], 1e-3, "node %d at %v", n, l.At(n))
			}
			// the glance at the caps leaves no side undecided
			plain, err := f.Sample(l, 0, l.Slabs(), Want{}, nil)
			require.NoError(t, err)
			requireSame(t, got.Inside, plain.Inside)
		})
	}
}

// Where many triangles are turned, all of the surface is caps: what is far of them is interpolated. libigl's fast winding number is off by 2.3e-4 in
// the mean and 2.4e-3 at most on such a surface (bench/results/lattice-winding.md).
func TestTurned_WindingIsThatOfSolidAngles(t *testing.T) {
	s := torus(160, 40, 3, 1).turned(0.3, dice(1))
	f := s.prepare(Options{AsGiven: true})
	l := around(f, 52)
	got, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true}, nil)
	require.NoError(t, err)
	largest, sum, count := 0.0, 0.0, 0
	for n := 0; n < len(got.Winding); n += 499 {
		off := math.Abs(s.brute(l.At(n)) - float64(got.Winding[n]))
		largest, sum, count = max(largest, off), sum+off, count+1
	}
	t.Logf("at %d nodes: %.1e at most, %.1e in the mean", count, largest, sum/float64(count))
	require.Less(t, largest, 2.4e-3)
	require.Less(t, sum/float64(count), 2.3e-4)
}

// An edge between a turned triangle and one that is not belongs to two loops: what closes both is one cap that counts twice.
func TestTurned_CapsOfTheSameCornersAreOne(t *testing.T) {
	s := torus(40, 20, 3, 1)
	s.triangles[7][0], s.triangles[7][1] = s.triangles[7][1], s.triangles[7][0]
	f := s.prepare(Options{AsGiven: true})
	require.Equal(t, 6, f.Changes.Open)
	require.Equal(t, 1, f.Changes.Caps)
	require.Equal(t, []int32{2}, f.weight[f.solid:])
	for _, p := range within(f, 100, dice(1)) {
		require.InDelta(t, s.brute(p), f.Winding([][3]float64{p})[0], 1e-4, "at %v", p)
	}
}

// A cap that counts often matters from farther away: a cup that is there 40 times is 40 times as full, and so far beyond its rim.
func TestOpen_CapsThatCountOftenLeaveNoSideUndecided(t *testing.T) {
	cup := soup{[][3]float64{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, [][3]int32{{0, 2, 1}, {0, 1, 3}, {0, 3, 2}}}
	s := cup.each(func(t [3]int32) [][3]int32 { return slices.Repeat([][3]int32{t}, 40) })
	f := s.prepare(Options{AsGiven: true})
	require.Equal(t, 1, f.Changes.Caps)
	require.Equal(t, []int32{40}, f.weight[f.solid:])
	l := around(f, 12)
	for k := range 3 { // far around it, too
		l.Origin[k] -= 3
		l.N[k] += int32(6 / l.H)
	}
	want, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true}, nil)
	require.NoError(t, err)
	got, err := f.Sample(l, 0, l.Slabs(), Want{}, nil)
	require.NoError(t, err)
	for n, w := range want.Winding {
		require.Equal(t, w >= 0.5, got.Inside[n] == 1, "node %d at %v, winding number %g", n, l.At(n), w)
	}
	require.Greater(t, l.volume(got.Inside), 10.0, "where a tetrahedron has 1/6")
}

func TestOpen_VolumeIsNearThatOfTheWhole(t *testing.T) {
	clean := torus(60, 30, 3, 1)
	f := clean.prepare(Options{})
	l := around(f, 44)
	want, err := f.Sample(l, 0, l.Slabs(), Want{}, nil)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		soup
		off float64
	}{
		"1 % are missing":         {clean.without(0.01, dice(1)), 0.01},
		"10 % are missing":        {clean.without(0.1, dice(2)), 0.05},
		"missing and turned":      {clean.without(0.01, dice(3)).turned(0.3, dice(4)), 0.01},
		"missing and doubled":     {clean.without(0.01, dice(5)).doubled(0.05, dice(6)), 0.01},
		"torn apart by cracks":    {clean.torn(1e-4, dice(7)), 0.01},
		"noise that crosses":      {clean.shaken(0.03, dice(8)), 0.02},
		"noise, torn and missing": {clean.without(0.02, dice(9)).torn(0.005, dice(10)), 0.02},
		"inside out, 1 % missing": {clean.turned(1, dice(1)).without(0.01, dice(11)), 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			g := c.prepare(Options{})
			got, err := g.Sample(l, 0, l.Slabs(), Want{}, nil)
			require.NoError(t, err)
			require.InEpsilon(t, l.volume(want.Inside), l.volume(got.Inside), c.off, "%+v", g.Changes)
		})
	}
}

// Surfaces of random triangles, as nobody would send them.
func TestDirt_AnythingAtAllIsAnswered(t *testing.T) {
	for seed := range uint64(40) {
		r := dice(seed)
		s := ball(1+r.IntN(2), 1, [3]float64{}).with(cube([3]float64{0, 0, 0}, [3]float64{1 + r.Float64(), 1, 1}))
		for range r.IntN(4) {
			switch r.IntN(6) {
			case 0:
				s = s.without(0.3*r.Float64(), r)
			case 1:
				s = s.doubled(0.3*r.Float64(), r)
			case 2:
				s = s.turned(r.Float64(), r)
			case 3:
				s = s.shaken(0.1*r.Float64(), r)
			case 4:
				s = s.torn(0.01, r)
			case 5: // triangles between any vertices
				for range 10 {
					n := len(s.vertices)
					s.triangles = append(s.triangles, [3]int32{int32(r.IntN(n)), int32(r.IntN(n)), int32(r.IntN(n))})
				}
			}
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			given := s.prepare(Options{AsGiven: true})
			points := within(given, 60, r)
			for i, w := range given.Winding(points) {
				require.InDelta(t, s.brute(points[i]), w, 2e-3, "at %v", points[i])
			}
			f := s.prepare(Options{})
			l := around(f, 16)
			got, err := f.Sample(l, 0, l.Slabs(), Want{Winding: true, Cuts: true, Distance: true, Band: 1}, nil)
			require.NoError(t, err)
			requireCuts(t, l, got)
			for n, w := range got.Winding {
				require.False(t, math.IsNaN(float64(w)) || math.IsNaN(float64(got.Distance[n])))
			}
		})
	}
}

func TestPrepare_RefusesWhatIsNoSurface(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	corners := func(x float64) [][3]float64 { return [][3]float64{{0, 0, 0}, {1, 0, 0}, {0, x, 0}} }
	for _, x := range []float64{nan, inf, -inf, 1e16} {
		_, err := Prepare(corners(x), [][3]int32{{0, 1, 2}}, Options{})
		require.ErrorContains(t, err, "triangle 0 has a corner at")
	}
	_, err := Prepare(corners(1), [][3]int32{{0, 1, 3}}, Options{})
	require.ErrorContains(t, err, "triangle 0 names vertex 3 of 3")
	_, err = Prepare(corners(1), [][3]int32{{0, -1, 2}}, Options{})
	require.ErrorContains(t, err, "triangle 0 names vertex -1 of 3")
	for _, triangles := range [][][3]int32{nil, {{0, 0, 1}}} {
		_, err = Prepare(corners(1), triangles, Options{})
		require.ErrorIs(t, err, ErrNoTriangle)
	}
	s := cube([3]float64{}, [3]float64{1, 1, 1}).prepare(Options{})
	for _, l := range []Lattice{{H: 0, N: [3]int32{4, 4, 4}}, {H: nan, N: [3]int32{4, 4, 4}}, {H: 1, N: [3]int32{4, 0, 4}},
		{H: 1, N: [3]int32{4, 4, 4}, Origin: [3]float64{nan}}, {H: 1, N: [3]int32{1 << 12, 1 << 12, 1 << 12}}} {
		_, err := s.Sample(l, 0, l.Slabs(), Want{}, nil)
		require.Error(t, err, "%+v", l)
	}
}
