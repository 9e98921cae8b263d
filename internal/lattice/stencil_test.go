package lattice

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// octahedron is one of random values at its nodes, that have given signs: what a linear function in each tetrahedron cuts.
type octahedron struct {
	*cutter
	value [nodes]float64 // negative inside
}

func newOctahedron(axis int, signs [nodes]sign, random *rand.Rand) *octahedron {
	o := &octahedron{cutter: fill(axis, signs)}
	for v, s := range signs {
		switch s {
		case inside:
			o.value[v] = -0.1 - random.Float64()
		case outside:
			o.value[v] = 0.1 + random.Float64()
		}
	}
	return o
}

// share is how far along an edge its cut is.
func (o *octahedron) share(a, b int) float64 { return o.value[a] / (o.value[a] - o.value[b]) }

func (o *octahedron) at(p int) (q [3]float64) {
	place := &octahedronNodes[o.axis]
	a, b, t := p, p, 0.
	if p >= firstCut {
		a, b = octahedronEdges[p-firstCut][0], octahedronEdges[p-firstCut][1]
		t = o.share(a, b)
	}
	for k := range 3 {
		q[k] = float64(place[a][k]) + t*float64(place[b][k]-place[a][k])
	}
	return q
}

func (o *octahedron) size(t [4]int) float64 {
	a, b, c, d := o.at(t[0]), o.at(t[1]), o.at(t[2]), o.at(t[3])
	var u, v, w [3]float64
	for k := range 3 {
		u[k], v[k], w[k] = b[k]-a[k], c[k]-a[k], d[k]-a[k]
	}
	return (u[0]*(v[1]*w[2]-v[2]*w[1]) - u[1]*(v[0]*w[2]-v[2]*w[0]) + u[2]*(v[0]*w[1]-v[1]*w[0])) / 6
}

// expected is what lies inside of one tetrahedron, by the shares of its edges alone.
func (o *octahedron) expected(corners [4]int) float64 {
	var in, rest []int
	for _, v := range corners {
		if o.signs[v] == inside {
			in = append(in, v)
		} else {
			rest = append(rest, v)
		}
	}
	whole := math.Abs(o.size(corners))
	tip := func(v int, others []int) float64 { // of the corner at v, in the whole
		product := 1.
		for _, w := range others {
			product *= o.share(v, w)
		}
		return product
	}
	switch len(in) {
	case 0:
		return 0
	case 1:
		return whole * tip(in[0], rest)
	case 2:
		// of the values: the integral of a simplex spline, by divided differences
		a, b, c, d := o.value[in[0]], o.value[in[1]], o.value[rest[0]], o.value[rest[1]]
		if a == b {
			a += 1e-9
		}
		return whole * (a*a*a/((a-b)*(a-c)*(a-d)) + b*b*b/((b-a)*(b-c)*(b-d)))
	case 3:
		return whole * (1 - tip(rest[0], in))
	}
	return whole
}

func eachOctahedron(t *testing.T, check func(t *testing.T, o *octahedron)) {
	random := rand.New(rand.NewPCG(1, 2))
	for axis := range 3 {
		for code := range codes {
			for range 3 {
				check(t, newOctahedron(axis, signsOf(code), random))
				if t.Failed() {
					t.Fatalf("axis %d, signs %v", axis, signsOf(code))
				}
			}
		}
	}
}

func TestStencils_FillWhatIsInside(t *testing.T) {
	eachOctahedron(t, func(t *testing.T, o *octahedron) {
		var got, want float64
		for _, tet := range o.tets {
			size := o.size(tet)
			if size <= 0 {
				t.Errorf("tetrahedron %v has the volume %g", tet, size)
			}
			got += size
		}
		for k := range 4 {
			want += o.expected([4]int{0, 1, 2 + k, 2 + (k+1)%4})
		}
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%g is filled, and %g is inside", got, want)
		}
	})
}

// faces returns the sides of the tetrahedra that only one of them has, turned outward.
func (c *cutter) faces() map[[3]int]bool {
	open := map[[3]int]bool{}
	for _, t := range c.tets {
		for _, f := range [4][3]int{{t[1], t[2], t[3]}, {t[0], t[3], t[2]}, {t[0], t[1], t[3]}, {t[0], t[2], t[1]}} {
			f = rotated(f)
			if back := rotated([3]int{f[0], f[2], f[1]}); open[back] {
				delete(open, back)
			} else if open[f] {
				panic("a side that two tetrahedra have from the same side")
			} else {
				open[f] = true
			}
		}
	}
	return open
}

// rotated brings the least point to the front.
func rotated[T ~int | ~int32](f [3]T) [3]T {
	for f[0] != min(f[0], f[1], f[2]) {
		f = [3]T{f[1], f[2], f[0]}
	}
	return f
}

// sides are the eight triangles of nodes that bound an octahedron.
func sides() (out [][3]int) {
	for end := range 2 {
		for k := range 4 {
			out = append(out, [3]int{end, 2 + k, 2 + (k+1)%4})
		}
	}
	return out
}

// liesOn reports whether a point is a node or on an edge of a triangle of nodes.
func liesOn(p int, side [3]int) bool {
	if p < firstCut {
		return slices.Contains(side[:], p)
	}
	ends := octahedronEdges[p-firstCut]
	return slices.Contains(side[:], ends[0]) && slices.Contains(side[:], ends[1])
}

func TestStencils_LeaveNoCrack(t *testing.T) {
	// what lies on a side, by where its nodes are relative to the first and by their signs: the same from both octahedra
	known := map[string]string{}
	eachOctahedron(t, func(t *testing.T, o *octahedron) {
		open := o.faces()
		for _, tri := range o.tris {
			if !open[rotated(tri)] {
				t.Errorf("triangle %v of the surface is no side of the mesh, seen from outside", tri)
			}
			delete(open, rotated(tri))
		}
		for _, ask := range o.asks {
			if !open[rotated(ask.tri)] {
				t.Errorf("triangle %v, that may be of the surface, is no side of the mesh, seen from outside", ask.tri)
			}
		}
		for _, side := range sides() {
			var found []string
			for f := range open {
				if liesOn(f[0], side) && liesOn(f[1], side) && liesOn(f[2], side) {
					corners := []string{fmt.Sprint(o.relative(f[0], side)), fmt.Sprint(o.relative(f[1], side)), fmt.Sprint(o.relative(f[2], side))}
					slices.Sort(corners)
					found = append(found, fmt.Sprint(corners))
					delete(open, f)
				}
			}
			slices.Sort(found)
			if o.signs[side[0]] != inside && o.signs[side[1]] != inside && o.signs[side[2]] != inside {
				continue // the mesh may end there; a side of nodes on the surface alone is asked for
			}
			key := o.key(side)
			if before, ok := known[key]; ok && before != fmt.Sprint(found) {
				t.Errorf("side %s: %v in one octahedron and %s in another", key, found, before)
			}
			known[key] = fmt.Sprint(found)
		}
		if len(open) > 0 {
			t.Errorf("the sides %v end inside of the octahedron", open)
		}
	})
}

// relative returns where a point is, cuts in the middle, from the least node of a side, in a unit that is the same for all axes.
func (o *octahedron) relative(p int, side [3]int) (at [3]int) {
	at = o.place(p)
	least := o.leastOf(side)
	for k := range 3 {
		at[k] -= least[k]
	}
	return at
}

func (o *octahedron) leastOf(side [3]int) [3]int {
	places := [][3]int{o.place(side[0]), o.place(side[1]), o.place(side[2])}
	slices.SortFunc(places, func(a, b [3]int) int { return slices.Compare(a[:], b[:]) })
	return places[0]
}

func (o *octahedron) key(side [3]int) string {
	var corners []string
	for _, v := range side {
		corners = append(corners, fmt.Sprint(o.relative(v, side), o.signs[v]))
	}
	slices.Sort(corners)
	return fmt.Sprint(corners)
}

func TestStencils_EverySideIsSeenFromBoth(t *testing.T) {
	// each lattice triangle belongs to two octahedra: over all axes, each place of a triangle is met twice
	seen := map[string]int{}
	for axis := range 3 {
		o := &octahedron{cutter: fill(axis, [nodes]sign{})}
		for _, side := range sides() {
			seen[o.key(side)]++
		}
	}
	for key, n := range seen {
		if n != 2 {
			t.Errorf("side %s is met %d times", key, n)
		}
	}
}
