package lattice

// #include "shape.h"
import "C"

import "slices"

// The shape of a tetrahedron says how bad it is: the greatest square of the cosine of a dihedral angle, or as much where gamma, 3
// inradius/circumradius, is small. It is more than one where the tetrahedron is turned inside out. Most of the time of keeping edges is
// spent on it, so that it is computed in C for many at once.

const (
	tries    = C.LAT_PLACES
	together = 64 // tetrahedra that are looked at before any is bettered
	// crowd is how many tetrahedra a node may have around it if it is to be moved for their sake.
	crowd = C.LAT_AROUND
)

// cluster is tetrahedra around a node, or any others, as C takes them.
type cluster struct{ c C.lat_around }

// put sets a tetrahedron, by knots; n is the one that may be elsewhere.
func (a *cluster) put(i int, tet [4]int32, knots []knot, n int32) {
	for c, v := range tet {
		at := &knots[v].at
		a.c.at[c][0][i], a.c.at[c][1][i], a.c.at[c][2][i] = C.double(at[0]), C.double(at[1]), C.double(at[2])
		a.c.moves[c][i] = 0
		if v == n {
			a.c.moves[c][i] = -1
		}
	}
}

// shapes returns those of the first tetrahedra.
func (a *cluster) shapes(count int) []C.double {
	a.c.count = C.int32_t(count)
	C.lat_shapes(&a.c)
	return a.c.shape[:count]
}

// try sets a place where the node may be, if it may.
func (a *cluster) try(i int, at [3]float64, may bool) {
	for k, x := range at {
		a.c.place[i][k] = C.double(x)
	}
	a.c.may[i] = 0
	if may {
		a.c.may[i] = 1
	}
}

// tried returns a place that was set.
func (a *cluster) tried(i int) (at [3]float64) {
	for k, x := range a.c.place[i] {
		at[k] = float64(x)
	}
	return at
}

// best returns the place where the worst shape is least and less than a value, which becomes that; -1 where there is none. The effort is less
// by the tetrahedra that were looked at.
func (a *cluster) best(value *float64, effort *int) int {
	least := C.double(*value)
	at := C.lat_best_place(&a.c, tries, &least)
	*value = float64(least)
	*effort -= int(a.c.looked)
	return int(at)
}

// shapes returns those of the tetrahedra around a knot, which is then ready to be tried elsewhere unless they are a crowd.
func (k *keeper) shapes(n int32) []C.double {
	tets := k.knots[n].tets
	if len(tets) <= crowd {
		return k.shapesOf(tets, n)
	}
	var all []C.double
	for part := range slices.Chunk(tets, crowd) {
		all = append(all, k.shapesOf(part, n)...)
	}
	return all
}

func (k *keeper) shapesOf(tets []int32, n int32) []C.double {
	for i, t := range tets {
		k.near.put(i, k.tets[t], k.knots, n)
	}
	return k.near.shapes(len(tets))
}

// changed notes that a knot was moved.
func (k *keeper) changed(n int32) {
	for _, t := range k.knots[n].tets {
		k.doubtful[t] = true
	}
}
