package lattice

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// shapeOf is what shape.c computes, in Go.
func shapeOf(a, b, c, d [3]float64) float64 {
	e, f, g := sub(b, a), sub(c, a), sub(d, a)
	n3, n1, n2 := cross(e, f), cross(f, g), cross(g, e)
	volume := dot(n3, g)
	ee, ff, gg := dot(e, e), dot(f, f), dot(g, g)
	if !(volume > 0) {
		return 2 - volume/(math.Sqrt(ee)*math.Sqrt(ff)*math.Sqrt(gg)+1e-300)
	}
	var n0 [3]float64
	for k := range n0 {
		n0[k] = -(n1[k] + n2[k] + n3[k])
	}
	n := [4][3]float64{n0, n1, n2, n3}
	worst, surface := 0., 0.
	for i := range n {
		surface += math.Sqrt(dot(n[i], n[i]))
		for k := range i {
			x := dot(n[k], n[i])
			worst = max(worst, x*x*(1/dot(n[k], n[k]))*(1/dot(n[i], n[i])))
		}
	}
	x, y, z := sub(g, f), sub(e, g), sub(f, e)
	xx, yy, zz := dot(x, x), dot(y, y), dot(z, z)
	mean := (ee + ff + gg + xx + yy + zz) / 6
	if 2*volume*volume > 0.25*mean*mean*mean {
		return worst
	}
	u, v, w := math.Sqrt(ee*xx), math.Sqrt(ff*yy), math.Sqrt(gg*zz)
	gamma := 0.
	if product := (u + v + w) * (u + v - w) * (v + w - u) * (w + u - v); product > 0 {
		gamma = 12 * volume * volume / (surface * math.Sqrt(product))
	}
	return max(worst, 1-0.302*gamma)
}

// heap is a keeper of one node with tetrahedra around it, in any of their corners: good ones, slivers and some that are inside out.
func heap(random *rand.Rand, n int) *keeper {
	k := &keeper{mesh: &Mesh{}, knots: []knot{{}}}
	for t := range n {
		v := [4]int32{}
		for c := range v {
			v[c] = int32(len(k.knots))
			at := [3]float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
			if random.IntN(4) == 0 {
				at[2] *= 1e-3
			}
			k.knots = append(k.knots, knot{at: at})
		}
		v[t%4] = 0
		if shapeOf(k.knots[v[0]].at, k.knots[v[1]].at, k.knots[v[2]].at, k.knots[v[3]].at) >= 2 && random.IntN(8) > 0 {
			a, b := (t+1)%4, (t+2)%4
			v[a], v[b] = v[b], v[a]
		}
		k.addTet(v, int32(t), -1)
	}
	return k
}

func TestShapes_AreToTheBitThoseOfGo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	inverted, poor := 0, 0
	for round := range 300 {
		n := 1 + random.IntN(40)
		if round == 0 {
			n = 2*crowd + 5
		}
		k := heap(random, n)
		shapes := k.shapes(0)
		want := func(tet int32) float64 {
			v := k.tets[tet]
			return shapeOf(k.knots[v[0]].at, k.knots[v[1]].at, k.knots[v[2]].at, k.knots[v[3]].at)
		}
		for i, tet := range k.knots[0].tets {
			w := want(tet)
			if float64(shapes[i]) != w {
				t.Fatalf("tetrahedron %d of %d: %v, and %v in Go", i, n, shapes[i], w)
			}
			if w >= 2 {
				inverted++
			} else if w > keptShape {
				poor++
			}
		}
		if n > crowd {
			continue
		}
		// the best of some places, and how many tetrahedra it takes to know
		var places [tries][3]float64
		var may [tries]bool
		for i := range places {
			may[i] = random.IntN(5) > 0
			for x := range places[i] {
				places[i][x] = 0.3 * random.NormFloat64()
			}
			k.near.try(i, places[i], may[i])
		}
		start, _ := k.worst(0)
		effort, best := 10_000, start
		at := k.near.best(&best, &effort)
		wantAt, wantBest, looked := -1, start, 0
		batches := slices.Collect(slices.Chunk(k.knots[0].tets, 8))
		begin := slices.IndexFunc(batches, func(b []int32) bool {
			return slices.ContainsFunc(b, func(tet int32) bool { return want(tet) == start })
		})
		for i, p := range places {
			if !may[i] {
				continue
			}
			k.knots[0].at = p
			worst, failed := 0., -1
			for b := 0; b < len(batches) && failed < 0; b++ {
				at := (begin + b) % len(batches)
				for _, tet := range batches[at] {
					looked++
					if worst = max(worst, want(tet)); worst >= wantBest {
						failed = at
					}
				}
			}
			if failed < 0 {
				wantAt, wantBest = i, worst
			} else {
				begin = failed // the next place is first looked at from there
			}
		}
		if at != wantAt || best != wantBest || effort != 10_000-looked {
			t.Fatalf("place %d of %v after %d, and %d of %v after %d in Go", at, best, 10_000-effort, wantAt, wantBest, looked)
		}
		if at >= 0 && k.near.tried(at) != places[at] {
			t.Fatalf("%v, and %v was tried", k.near.tried(at), places[at])
		}
	}
	if inverted < 100 || poor < 100 {
		t.Errorf("%d inside out and %d poor: too few to tell", inverted, poor)
	}
}

// A corner that is nowhere makes what stands on it worse than anything, whatever is looked at after it.
func TestShapes_WhatIsNoNumberIsNotForgotten(t *testing.T) {
	k := heap(rand.New(rand.NewPCG(3, 4)), 20)
	v := k.tets[3]
	k.knots[max(v[0], v[1])].at = [3]float64{math.NaN(), 0, 0} // the higher of two: not the node in the middle
	if worst, tet := k.worst(0); worst == worst || tet != 3 {
		t.Fatalf("the worst is %v of tetrahedron %d", worst, tet)
	}
	for i := range tries {
		k.near.try(i, [3]float64{}, true)
	}
	best, effort := 100., 10_000
	if at := k.near.best(&best, &effort); at >= 0 {
		t.Fatalf("place %d is said to be better: %v", at, best)
	}
}
