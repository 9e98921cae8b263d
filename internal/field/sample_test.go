package field

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireCuts fails unless exactly the edges whose ends differ have a cut.
func requireCuts(t *testing.T, l Lattice, got *Samples) {
	t.Helper()
	slot := 0
	for n, in := range got.Inside {
		owns := false
		for e := range Edges {
			other, ok := l.Other(n, e)
			owns = owns || ok && got.Inside[other] != in
		}
		if !owns {
			continue
		}
		require.EqualValues(t, n, got.Cuts.Node[slot])
		for e := range Edges {
			share := got.Cuts.T[slot*Edges+e]
			if other, ok := l.Other(n, e); ok && got.Inside[other] != in {
				require.True(t, share >= 0 && share <= 1, "edge %d of node %d is cut at %g", e, n, share)
			} else {
				require.EqualValues(t, -1, share)
			}
		}
		slot++
	}
	require.Len(t, got.Cuts.Node, slot)
}

func TestCuts_LieWhereEdgesPassTheSurface(t *testing.T) {
	clean := torus(40, 20, 3, 1)
	for name, s := range map[string]soup{
		"torus":              clean,
		"two balls":          ball(3, 1, [3]float64{}).with(ball(3, 1, [3]float64{0.7, 0.3, 0.2})),
		"cube":               cube([3]float64{0, 0, 0}, [3]float64{1, 1, 1}),
		"1 % are missing":    clean.without(0.01, dice(1)),
		"torn apart":         clean.torn(1e-3, dice(2)),
		"nodes on the sides": cube([3]float64{1, 1, 1}, [3]float64{2, 2, 2}),
	} {
		t.Run(name, func(t *testing.T) {
			f := s.prepare(Options{})
			l := around(f, 30)
			if name == "nodes on the sides" {
				l = Lattice{H: 0.25, N: [3]int32{13, 13, 13}}
			}
			got, err := f.Sample(l, 0, l.Slabs(), Want{Cuts: true, Slots: true}, nil)
			require.NoError(t, err)
			requireCuts(t, l, got)
			holes := 0
			for slot, n := range got.Cuts.Node {
				require.EqualValues(t, slot, got.Cuts.Slot[n])
				for e := range Edges {
					share, tri := got.Cuts.T[slot*Edges+e], got.Cuts.Triangle[slot*Edges+e]
					if share < 0 {
						require.EqualValues(t, -1, tri)
						continue
					}
					other, _ := l.Other(int(n), e)
					p, q := l.At(int(n)), l.At(other)
					at := add(p, scaled(sub(q, p), float64(share)))
					if tri < 0 {
						holes++
						continue
					}
					c := s.triangles[tri]
					near := norm(sub(at, closest(at, s.vertices[c[0]], s.vertices[c[1]], s.vertices[c[2]])))
					require.Less(t, near, 2e-6*l.H, "the cut of edge %d of node %d and its triangle", e, n)
					// and no triangle is passed before it
					first := f.Cross([][3]float64{p}, [][3]float64{q})[0]
					require.GreaterOrEqual(t, first.Triangle, int32(0))
					require.InDelta(t, first.T, share, 3e-6)
				}
			}
			if f.Closed() {
				require.Zero(t, holes)
			} else {
				require.Less(t, holes, len(got.Cuts.Node))
			}
		})
	}
}

// closest returns the point of a triangle nearest to p, by trying its plane, its sides and its corners.
func closest(p, a, b, c [3]float64) [3]float64 {
	best, least := a, math.Inf(1)
	try := func(q [3]float64) {
		if d := norm(sub(p, q)); d < least {
			best, least = q, d
		}
	}
	for _, side := range [][2][3]float64{{a, b}, {b, c}, {c, a}} {
		along := sub(side[1], side[0])
		if square := dot(along, along); square > 0 {
			try(add(side[0], scaled(along, max(0, min(1, dot(sub(p, side[0]), along)/square)))))
		}
	}
	n := cross(sub(b, a), sub(c, a))
	if square := dot(n, n); square > 0 {
		q := sub(p, scaled(n, dot(sub(p, a), n)/square))
		if dot(cross(sub(b, a), sub(q, a)), n) >= 0 && dot(cross(sub(c, b), sub(q, b)), n) >= 0 && dot(cross(sub(a, c), sub(q, c)), n) >= 0 {
			try(q)
		}
	}
	return best
}

func (s soup) nearest(p [3]float64) float64 {
	least := math.Inf(1)
	for _, t := range s.triangles {
		least = min(least, norm(sub(p, closest(p, s.vertices[t[0]], s.vertices[t[1]], s.vertices[t[2]]))))
	}
	return least
}

func TestNearest_IsTheNearest(t *testing.T) {
	s := torus(30, 15, 3, 1).with(cube([3]float64{-1, -1, -1}, [3]float64{1, 1e-3, 1})).without(0.1, dice(1))
	f := s.prepare(Options{})
	points := within(f, 500, dice(2))
	for i, hit := range f.Nearest(points, math.Inf(1)) {
		want := s.nearest(points[i])
		require.InDelta(t, want, hit.Distance, 1e-12)
		c := s.triangles[hit.Triangle]
		require.Less(t, norm(sub(hit.Point, closest(hit.Point, s.vertices[c[0]], s.vertices[c[1]], s.vertices[c[2]]))), 1e-12)
		require.InDelta(t, want, norm(sub(hit.Point, points[i])), 1e-12)
	}
	for i, hit := range f.Nearest(points, 0.2) {
		require.Equal(t, s.nearest(points[i]) <= 0.2, hit.Triangle >= 0)
	}
}

func TestDistance_IsExactWithinTheBand(t *testing.T) {
	for name, s := range map[string]soup{
		"torus":           torus(40, 20, 3, 1),
		"large triangles": cube([3]float64{0, 0, 0}, [3]float64{3, 1, 2}),
		"with a hole":     torus(40, 20, 3, 1).without(0.02, dice(1)),
		"thin triangles":  torus(300, 4, 3, 1),
		"a flat triangle": torus(20, 10, 3, 1).with(soup{[][3]float64{{0, 0, 0}, {0.5, 0, 0}, {1, 0, 0}}, [][3]int32{{0, 1, 2}}}),
	} {
		t.Run(name, func(t *testing.T) {
			const band = 1.5
			f := s.prepare(Options{})
			l := around(f, 24)
			got, err := f.Sample(l, 0, l.Slabs(), Want{Distance: true, Band: band}, nil)
			require.NoError(t, err)
			for n := 0; n < len(got.Distance); n += 61 {
				d := float64(got.Distance[n])
				require.Equal(t, got.Inside[n] == 1, math.Signbit(d))
				require.InDelta(t, min(s.nearest(l.At(n)), band*l.H), math.Abs(d), 2e-5*l.H, "at %v", l.At(n))
			}
		})
	}
}

// requireSame fails at the first element that differs.
func requireSame[E comparable](t *testing.T, want, got []E, words ...any) {
	t.Helper()
	require.Len(t, got, len(want), words...)
	for i := range want {
		if want[i] != got[i] {
			require.Equal(t, want[i], got[i], append([]any{fmt.Sprint("element ", i)}, words...)...)
		}
	}
}

// The same bits, however the work is shared.
func TestLong_Sample_DoesNotDependOnThreadsOrRanges(t *testing.T) {
	clean := torus(40, 20, 3, 1)
	for name, c := range map[string]struct {
		soup
		asGiven bool
	}{
		"closed": {clean, false},
		"holes":  {clean.without(0.02, dice(1)), false},
		"torn":   {clean.torn(1e-3, dice(2)), false},
		"turned": {torus(24, 12, 3, 1).turned(0.3, dice(4)), true}, // caps of weight 2
	} {
		t.Run(name, func(t *testing.T) {
			want := Want{Winding: true, Distance: true, Band: 1.25, Cuts: true, Slots: true}
			one := c.prepare(Options{Threads: 1, AsGiven: c.asGiven})
			require.Equal(t, c.asGiven, slices.Contains(one.weight[one.solid:], 2))
			l := around(one, 36)
			whole, err := one.Sample(l, 0, l.Slabs(), want, nil)
			require.NoError(t, err)
			points := within(one, 1000, dice(3))
			for _, threads := range []int{2, 5} {
				f := c.prepare(Options{Threads: threads, AsGiven: c.asGiven})
				got, err := f.Sample(l, 0, l.Slabs(), want, nil)
				require.NoError(t, err)
				requireSame(t, whole.Inside, got.Inside)
				requireSame(t, whole.Winding, got.Winding)
				requireSame(t, whole.Distance, got.Distance)
				requireSame(t, whole.Cuts.T, got.Cuts.T)
				requireSame(t, whole.Cuts.Triangle, got.Cuts.Triangle)
				requireSame(t, whole.Cuts.Slot, got.Cuts.Slot)
				requireSame(t, one.Winding(points), f.Winding(points))
				requireSame(t, one.Nearest(points, 1), f.Nearest(points, 1))
			}
			for _, many := range []int{1, 3, 7, 17} {
				var reuse *Samples
				slots := 0
				for first := 0; first < l.Slabs(); first += many {
					last := min(first+many, l.Slabs())
					part, err := one.Sample(l, first, last, want, reuse)
					require.NoError(t, err)
					from, to := first*l.Slab(), last*l.Slab()
					requireSame(t, whole.Inside[from:to], part.Inside)
					requireSame(t, whole.Winding[from:to], part.Winding)
					requireSame(t, whole.Distance[from:to], part.Distance)
					n := len(part.Cuts.Node)
					for i, node := range part.Cuts.Node {
						require.EqualValues(t, whole.Cuts.Node[slots+i], int(node)+from)
					}
					requireSame(t, whole.Cuts.T[Edges*slots:Edges*(slots+n)], part.Cuts.T)
					requireSame(t, whole.Cuts.Triangle[Edges*slots:Edges*(slots+n)], part.Cuts.Triangle)
					slots += n
					reuse = part
					plain, err := one.Sample(l, first, last, Want{}, nil) // which skips what cannot matter
					require.NoError(t, err)
					requireSame(t, part.Inside, plain.Inside)
				}
				require.Equal(t, len(whole.Cuts.Node), slots)
			}
		})
	}
}

// Threads get about the same to do where most triangles lie at one end, and few triangles are looked at twice.
// Threads take the tiles one after another, whoever is free: none has much more to do than its share.
func TestSampling_BalancesTiles(t *testing.T) {
	draft := Lattice{H: 1, N: [3]int32{67, 67, 21}} // 42 slabs: more than a tile may have
	for _, c := range []struct {
		name    string
		s       soup
		lattice Lattice
		tiles   float64 // in how many a triangle is on average, at most
	}{
		{name: "a fine ball above a coarse one", s: ball(6, 1, [3]float64{0, 0, 5}).with(ball(2, 2, [3]float64{})), tiles: 1.7},
		{name: "a fine ball at the end", s: ball(5, 2.7, [3]float64{0, 0, 17.8}).with(ball(3, 7, [3]float64{0, 0, 7.5})), lattice: draft, tiles: 1.7},
		{name: "a fine ball at the beginning", s: ball(5, 2.7, [3]float64{0, 0, 3.2}).with(ball(3, 7, [3]float64{0, 0, 13.5})), lattice: draft, tiles: 1.7},
	} {
		for _, threads := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s, %d threads", c.name, threads), func(t *testing.T) {
				f := c.s.prepare(Options{Threads: threads})
				l := c.lattice
				if l.H == 0 {
					l = around(f, 60)
				}
				w := newSampling(f, l, 0, l.Slabs(), Want{Cuts: true}, &Samples{})
				tiles := w.tiles(l.Slabs())
				all, next := 0, 0
				busy := make([]int, threads)
				for _, tile := range tiles {
					require.EqualValues(t, next, tile.c.m0)
					require.LessOrEqual(t, int(tile.c.m1-tile.c.m0), w.highest())
					next = int(tile.c.m1)
					work := nodesPerTriangle*int(tile.count) + tile.nodes[1] - tile.nodes[0]
					busy[slices.Index(busy, slices.Min(busy))] += work
					all += int(tile.count)
				}
				require.Equal(t, l.Slabs(), next)
				if threads == 1 { // nothing to share
					require.Len(t, tiles, (l.Slabs()+w.highest()-1)/w.highest())
				}
				require.Less(t, float64(all), c.tiles*float64(len(f.triangles)), "%d tiles", len(tiles))
				sum := 0
				for _, b := range busy {
					sum += b
				}
				require.Less(t, float64(slices.Max(busy)), 1.2*float64(sum)/float64(threads), "%v: %v", w.bounds, busy)
			})
		}
	}
}

func TestThreads_AreThoseOfTheSurface(t *testing.T) {
	triangles := [][3]int32{{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}}
	s, err := Prepare([][3]float64{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, triangles, Options{Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	if s.Threads() != 3 {
		t.Errorf("%d threads", s.Threads())
	}
	if s.SetThreads(1); s.Threads() != 1 {
		t.Errorf("%d threads", s.Threads())
	}
	if s.SetThreads(0); s.Threads() != runtime.GOMAXPROCS(0) {
		t.Errorf("%d threads", s.Threads())
	}
}

func TestProbe_FindsWhatNearestDoes(t *testing.T) {
	s, err := Prepare([][3]float64{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, [][3]int32{{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	points := [][3]float64{{0.2, 0.1, -0.3}, {1, 1, 1}, {9, 9, 9}, {0.1, 0.2, 0.3}}
	p := s.Probe()
	defer p.Close()
	want := s.Nearest(points, 2)
	for _, together := range []int{1, 3, 4} {
		got := make([]Hit, together)
		p.Nearest(points[:together], 2, got)
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%v: %+v, want %+v", points[i], got[i], want[i])
			}
		}
	}
}
