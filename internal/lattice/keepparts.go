package lattice

import (
	"math"
	"slices"
)

// Edges are kept one after the other, since each changes what is around it. So that several threads may do so, what is near edges is cut into
// slabs. In each, what lies well within is kept first; what is where they meet stays as it is meanwhile, and comes last. How many slabs there are
// follows from the mesh alone, so that it is the same whatever the number of threads.

const (
	// crossingsOfPart is how many edges of the mesh that cross one of the surface a slab has at least, and mostParts how many slabs there are
	// at most.
	crossingsOfPart, mostParts = 300, 8
	// apartParts is how many edges of the lattice are left between what is kept in a slab and its end: more than moving a node takes along.
	// thinnestPart is how many a slab is thick at least: what is left is the lesser part.
	apartParts, thinnestPart = 6, 36
)

// slab is what lies between two planes across an axis. The empty one is everything.
type slab struct {
	bounded   bool
	axis      int
	low, high float64
}

func (s *slab) holds(p [3]float64) bool {
	return !s.bounded || p[s.axis] >= s.low && p[s.axis] < s.high
}

// work keeps edges and corners in a part of the mesh, of which the keeper then has what became of it.
func (k *keeper) work(f *Features, whole *region) {
	crossings := crossing(whole.tris, whole.knots)
	k.effort = min(crossingEffort*(len(crossings)+len(f.corners)), triangleEffort*len(k.mesh.Tris)/3)
	if axis, cuts := k.cuts(whole, crossings); len(cuts) > 0 {
		parts := k.parts(whole, axis, cuts)
		effort := k.effort / len(parts)
		parallel(k.surface.Threads(), len(parts), func(first, last int) int32 {
			for _, p := range parts[first:last] {
				p.effort = effort
				p.keepAll(f)
			}
			return 0
		})
		for _, p := range parts {
			k.effort -= effort - p.effort
		}
		k.join(whole, parts)
	}
	k.takeOutside(whole)
	k.keepAll(f)
	k.smooth()
}

func (k *keeper) keepAll(f *Features) {
	for range keepRounds {
		k.keepCorners(f)
		k.keepCurves()
		k.smooth()
	}
}

// cuts returns where a part of the mesh is cut, across which axis: so that about as many edges cross in each slab.
func (k *keeper) cuts(whole *region, crossings [][2]int32) (axis int, cuts []float64) {
	n := min(len(crossings)/crossingsOfPart, k.slabs)
	if n < 2 {
		return 0, nil
	}
	var at [3][]float64
	widest := 0.
	for x := range 3 {
		for _, e := range crossings {
			at[x] = append(at[x], whole.knots[e[0]].at[x])
		}
		slices.Sort(at[x])
		if wide := at[x][len(at[x])-1] - at[x][0]; wide > widest {
			axis, widest = x, wide
		}
	}
	along, least := at[axis], thinnestPart*k.edge
	last := along[0]
	for i := 1; i < n; i++ {
		if c := along[i*len(along)/n]; c-last >= least && along[len(along)-1]-c >= least {
			cuts, last = append(cuts, c), c
		}
	}
	return axis, cuts
}

// parts returns keepers of slabs. Knots that have elements in several of them are held.
func (k *keeper) parts(whole *region, axis int, cuts []float64) []*keeper {
	slabOf := func(n int32) int32 {
		i, _ := slices.BinarySearch(cuts, whole.knots[n].at[axis])
		return int32(i)
	}
	const none = -1
	home := make([]int32, len(whole.knots))
	for i := range home {
		home[i] = none
	}
	put := func(nodes []int32, part int32) {
		for _, n := range nodes {
			switch home[n] {
			case none:
				home[n] = part
			case part:
			default:
				if kn := &whole.knots[n]; !kn.held {
					kn.held, kn.shared = true, true
				}
			}
		}
	}
	tetPart, triPart := make([]int32, len(whole.tets)), make([]int32, len(whole.tris))
	for i, v := range whole.tets {
		tetPart[i] = slabOf(v[0])
		put(v[:], tetPart[i])
	}
	for i, v := range whole.tris {
		triPart[i] = slabOf(v[0])
		put(v[:], triPart[i])
	}
	parts := make([]*keeper, len(cuts)+1)
	bounds := slices.Concat([]float64{math.Inf(-1)}, cuts, []float64{math.Inf(1)})
	parallel(k.surface.Threads(), len(parts), func(first, last int) int32 {
		for i := first; i < last; i++ {
			p := &keeper{mesh: k.mesh, surface: k.surface, probe: k.surface.Probe(), faceOf: k.faceOf, edge: k.edge, curves: k.curves.alike(),
				done: make([]bool, len(k.done)), within: slab{true, axis, bounds[i] + apartParts*k.edge, bounds[i+1] - apartParts*k.edge}}
			parts[i] = p
			p.takeOutside(p.of(whole, int32(i), tetPart, triPart))
		}
		return 0
	})
	return parts
}

// count returns how many of a list are x.
func count[T comparable](list []T, x T) (n int) {
	for _, y := range list {
		if y == x {
			n++
		}
	}
	return n
}

// of returns the elements of a slab, and notes which knots of the whole those of the slab are.
func (k *keeper) of(whole *region, part int32, tetPart, triPart []int32) *region {
	tets, tris := count(tetPart, part), count(triPart, part)
	r := &region{
		knots: make([]knot, 0, roomyKnots(tets)), tets: make([][4]int32, 0, tets), tetAt: make([]int32, 0, tets), doubtful: make([]bool, 0, tets),
		tris: make([][3]int32, 0, tris), triAt: make([]int32, 0, tris),
	}
	k.origin = make([]int32, 0, cap(r.knots))
	local := make([]int32, len(whole.knots)) // one more than the number, 0 for none
	number := func(n int32) int32 {
		if local[n] == 0 {
			r.knots, k.origin = append(r.knots, whole.knots[n]), append(k.origin, n)
			local[n] = int32(len(r.knots))
		}
		return local[n] - 1
	}
	for i, v := range whole.tets {
		if tetPart[i] == part {
			r.tets = append(r.tets, [4]int32{number(v[0]), number(v[1]), number(v[2]), number(v[3])})
			r.tetAt, r.doubtful = append(r.tetAt, whole.tetAt[i]), append(r.doubtful, whole.doubtful[i])
		}
	}
	for i, v := range whole.tris {
		if triPart[i] == part {
			r.tris = append(r.tris, [3]int32{number(v[0]), number(v[1]), number(v[2])})
			r.triAt = append(r.triAt, whole.triAt[i])
		}
	}
	return r
}

// join puts what became of the slabs together, one after the other, and ends their keepers.
func (k *keeper) join(whole *region, parts []*keeper) {
	knots, tets, tris := len(whole.knots), 0, 0
	for _, p := range parts {
		knots, tets, tris = knots+len(p.knots)-len(p.origin), tets+len(p.tets), tris+len(p.tris)
	}
	whole.knots = slices.Grow(whole.knots, knots-len(whole.knots))
	whole.tets, whole.tetAt, whole.doubtful = make([][4]int32, 0, tets), make([]int32, 0, tets), make([]bool, 0, tets)
	whole.tris, whole.triAt = make([][3]int32, 0, tris), make([]int32, 0, tris)
	for _, p := range parts {
		p.probe.Close()
		own := int32(len(p.origin))
		more := int32(len(whole.knots)) - own
		number := func(n int32) int32 {
			if n < own {
				return p.origin[n]
			}
			return n + more
		}
		for _, v := range p.tets {
			whole.tets = append(whole.tets, [4]int32{number(v[0]), number(v[1]), number(v[2]), number(v[3])})
		}
		for _, v := range p.tris {
			whole.tris = append(whole.tris, [3]int32{number(v[0]), number(v[1]), number(v[2])})
		}
		whole.tetAt, whole.doubtful = append(whole.tetAt, p.tetAt...), append(whole.doubtful, p.doubtful...)
		whole.triAt = append(whole.triAt, p.triAt...)
		for i, n := range p.origin {
			if kn := &p.knots[i]; !kn.shared {
				whole.knots[n] = *kn
			}
		}
		whole.knots = append(whole.knots, p.knots[own:]...)
		for i, done := range p.done {
			k.done[i] = k.done[i] || done
		}
		k.kept.CornersKept, k.kept.Moved, k.kept.Split = k.kept.CornersKept+p.kept.CornersKept, k.kept.Moved+p.kept.Moved, k.kept.Split+p.kept.Split
	}
	for i := range whole.knots {
		if kn := &whole.knots[i]; kn.shared {
			kn.held, kn.shared = false, false
		}
	}
}
