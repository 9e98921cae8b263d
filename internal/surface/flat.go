package surface

import (
	"meshgen/internal/diagnosis"
)

// flatPasses bounds the passes of mendFlat: where flat triangles lie in a row, each pass mends every second or so.
const flatPasses = 64

// mendFlat removes the triangles whose corners lie on one line. One that only touches the surface is dropped. One that
// hangs on its neighbours by all three sides cannot just go, since a slit would open: its middle corner is given to the
// neighbour across the longest side, which is thereby cut in two. Both leave the enclosed volume as it is.
func (r *repair) mendFlat() *diagnosis.Diagnosis {
	var placesDropped, placesCut []diagnosis.Entity
	dropped, cut := 0, 0
	for range flatPasses {
		flat := r.flat()
		if len(flat) == 0 {
			break
		}
		table := newEdgeTable(r.Mesh)
		touched := map[int32]bool{}
		var gone, stuck []int
		for _, i := range flat {
			open, full := table.usage(r.Triangles[i])
			switch {
			case touched[int32(i)]: // in the next pass
			case open:
				gone = append(gone, i)
				touched[int32(i)] = true
			case full:
				if place := r.placeOf(i); r.cutNeighbour(table, i, touched) {
					placesCut = append(placesCut, place)
					cut++
				} else if r.number[i] != crack {
					stuck = append(stuck, i)
				}
			}
		}
		if len(touched) == 0 {
			if len(stuck) == 0 {
				break // they hang on crowded edges, which are refused later
			}
			return diagnosis.New(diagnosis.DegenerateGeometry, "%s without area cannot be taken out of the surface.",
				count(len(stuck), "triangle")).At(r.places(stuck)...)
		}
		placesDropped = append(placesDropped, r.places(gone)...)
		dropped += len(gone)
		r.drop(gone)
	}
	if dropped > 0 {
		r.repaired(placesDropped[:min(len(placesDropped), maxPlaces)], "Left out %s without area.", count(dropped, "triangle"))
	}
	if cut > 0 {
		r.repaired(placesCut[:min(len(placesCut), maxPlaces)], "Joined %s without area to their neighbours.", count(cut, "triangle"))
	}
	return nil
}

// flat lists the triangles that are not higher than the flatness; in the lid of a crack, than the crack is wide.
func (r *repair) flat() []int {
	var out []int
	for i, t := range r.Triangles {
		a, b, c := r.corners(t)
		u, v, w := sub(b, a), sub(c, b), sub(a, c)
		longest := max(dot(u, u), dot(v, v), dot(w, w))
		limit := r.flatness
		if r.number[i] == crack {
			limit = 2 * seamWidth * r.diagonal
		}
		if n := cross(u, v); dot(n, n) <= limit*limit*longest {
			out = append(out, i)
		}
	}
	return out
}

// usage reports whether a triangle has an edge to itself, and whether it shares each edge with exactly one other.
func (t *edgeTable) usage(tri [3]int32) (open, full bool) {
	full = true
	for k := range 3 {
		n := len(t.of(tri[k], tri[(k+1)%3]))
		open = open || n == 1
		full = full && n == 2
	}
	return open, full
}

// cutNeighbour gives the middle corner of flat triangle i to its neighbour across the longest side. It reports false
// where that would make an edge that is there already, or where one of the two was touched in this pass.
func (r *repair) cutNeighbour(table *edgeTable, i int, touched map[int32]bool) bool {
	t := r.Triangles[i]
	longest, k := -1.0, 0
	for side := range 3 {
		e := sub(r.Vertices[t[(side+1)%3]], r.Vertices[t[side]])
		if length := dot(e, e); length > longest {
			longest, k = length, side
		}
	}
	middle := t[(k+2)%3]
	sides := table.of(t[k], t[(k+1)%3])
	half := sides[0].half
	if half/3 == int32(i) {
		half = sides[1].half
	}
	n := half / 3
	if touched[n] {
		return false
	}
	from, to, apex := r.Triangles[n][half%3], r.Triangles[n][(half+1)%3], r.Triangles[n][(half+2)%3]
	if apex == middle || len(table.of(middle, apex)) > 0 {
		return false
	}
	r.Triangles[n] = [3]int32{from, middle, apex}
	r.Triangles[i] = [3]int32{middle, to, apex}
	r.number[i] = r.number[n]
	touched[n], touched[int32(i)] = true, true
	return true
}
