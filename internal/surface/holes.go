package surface

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
)

// A hole is closed without asking only where nobody can have meant it. What is meant is an opening: the end of a pipe or a
// vessel, a face left out. It is wide, or its rim is an edge of the part; a lost triangle is neither.
const (
	// maxHoleWidth bounds how far a hole may reach, in relation to the shell that it is in.
	maxHoleWidth = 0.1
	// maxHoleArea bounds what is put in, in relation to the area of the shell. Without it a single triangle, or each of
	// the loose triangles of a surface that was never welded, would be closed by its own back.
	maxHoleArea = 0.01
	// maxRimBend bounds the mean angle, in degrees, between the lid and the surface around it: the lid of a lost triangle
	// goes on as the surface does, that of a cut pipe stands square to it.
	maxRimBend = 40
	// seamWidth is the mean width, in relation to the diagonal of the shell, below which a hole is a crack between parts
	// that were meant to meet: it may be as long as it likes.
	seamWidth = 1e-3
	// maxHoleEdges bounds the cubic work of triangulating a hole.
	maxHoleEdges = 200
)

// hole is a closed loop of open edges.
type hole struct {
	rim       []int32    // its vertices in their order
	apex      [][3]int32 // of each edge of the rim, from rim[i] on, the triangle that it belongs to
	perimeter float64
	box       Box
}

func (h *hole) across() float64 { return h.box.Diagonal() }

// holePlace is a hole as a place of a diagnosis.
func (r *repair) holePlace(number int, h *hole) diagnosis.Entity {
	var sum [3]float64
	for _, v := range h.rim {
		for k, x := range r.Vertices[v] {
			sum[k] += x / float64(len(h.rim))
		}
	}
	return diagnosis.Entity{Dim: 1, Tag: number, Point: &sum, Name: holeName(len(h.rim), h.across(), h.perimeter)}
}

func holeName(edges int, across, around float64) string {
	return fmt.Sprintf("hole of %s, %.3g across, %.3g around", count(edges, "edge"), across, around)
}

// closeHoles puts lids on all holes, if each of them is small enough not to be meant; otherwise it changes nothing. It
// reports whether it did. The lids of cracks are to be mended like triangles without area.
func (r *repair) closeHoles(open []edge) bool {
	holes, ok := r.traceHoles(open)
	if !ok {
		return false
	}
	shells := r.looseShells()
	table := newEdgeTable(r.Mesh)
	var lids [][][3]int32
	var kinds []int32
	area := map[int32]float64{} // put into each shell
	for _, h := range holes {
		lid, ok := r.lid(h, table)
		if !ok {
			return false
		}
		kind := r.kindOf(h, lid, shells.of(h))
		if kind == opening {
			return false
		}
		lids, kinds = append(lids, lid), append(kinds, kind)
		area[shells.root[h.apex[0][0]]] += r.areaOf(lid)
	}
	for root, a := range area {
		if a > maxHoleArea*shells.area[root] {
			return false
		}
	}
	slices.SortStableFunc(holes, func(a, b *hole) int { return cmp.Compare(b.across(), a.across()) })
	var places []diagnosis.Entity
	for i, h := range holes[:min(len(holes), maxPlaces)] {
		places = append(places, r.holePlace(i+1, h))
	}
	added := 0
	for i, lid := range lids {
		for _, t := range lid {
			r.Triangles, r.number = append(r.Triangles, t), append(r.number, kinds[i])
			added++
		}
	}
	r.repaired(places, "Closed %s with %s; the largest was %.3g across.", count(len(holes), "small hole"), count(added, "triangle"),
		holes[0].across())
	return true
}

// traceHoles takes open edges apart into closed loops that pass no vertex twice. It reports false where they end somewhere.
func (r *repair) traceHoles(open []edge) ([]*hole, bool) {
	at := map[int32][]int{} // open edges at each vertex
	for i, e := range open {
		at[e.low] = append(at[e.low], i)
		at[e.high] = append(at[e.high], i)
	}
	for _, edges := range at {
		if len(edges)%2 != 0 {
			return nil, false
		}
	}
	used := make([]bool, len(open))
	var holes []*hole
	for first := range open {
		if used[first] {
			continue
		}
		// walk on; wherever the path meets itself, the loop since then is a hole
		path, edges := []int32{open[first].low}, []int{}
		where := map[int32]int{open[first].low: 0}
		for v, next := open[first].low, first; ; {
			if next < 0 {
				break
			}
			used[next] = true
			edges = append(edges, next)
			v = open[next].low + open[next].high - v
			if start, met := where[v]; met {
				holes = append(holes, r.newHole(path[start:], edges[start:], open))
				for _, u := range path[start+1:] {
					delete(where, u)
				}
				path, edges = path[:start+1], edges[:start]
			} else {
				where[v] = len(path)
				path = append(path, v)
			}
			next = -1
			for _, e := range at[v] {
				if !used[e] {
					next = e
					break
				}
			}
		}
	}
	return holes, true
}

func (r *repair) newHole(rim []int32, edges []int, open []edge) *hole {
	h := &hole{rim: slices.Clone(rim), box: emptyBox()}
	for i, v := range rim {
		h.box.add(r.Vertices[v])
		h.perimeter += norm(sub(r.Vertices[v], r.Vertices[rim[(i+1)%len(rim)]]))
		half := open[edges[i]].sides[0].half
		t := r.Triangles[half/3]
		h.apex = append(h.apex, [3]int32{half / 3, t[half%3], t[(half+2)%3]})
	}
	return h
}

// looseShells are the connected parts of a surface that may be open.
type looseShells struct {
	root []int32 // of each triangle
	area map[int32]float64
	box  map[int32]Box
}

func (s *looseShells) of(h *hole) (box Box) { return s.box[s.root[h.apex[0][0]]] }

func (r *repair) looseShells() *looseShells {
	sets := newForest(len(r.Triangles))
	for e := range newEdgeTable(r.Mesh).all {
		for _, s := range e.sides[1:] {
			sets.join(e.sides[0].half/3, s.half/3)
		}
	}
	out := &looseShells{root: make([]int32, len(r.Triangles)), area: map[int32]float64{}, box: map[int32]Box{}}
	for i, t := range r.Triangles {
		root := sets.root(int32(i))
		out.root[i] = root
		out.area[root] += r.areaOf([][3]int32{t})
		box, ok := out.box[root]
		if !ok {
			box = emptyBox()
		}
		for _, v := range t {
			box.add(r.Vertices[v])
		}
		out.box[root] = box
	}
	return out
}

func (r *repair) areaOf(triangles [][3]int32) (sum float64) {
	for _, t := range triangles {
		a, b, c := r.corners(t)
		sum += norm(cross(sub(b, a), sub(c, a))) / 2
	}
	return sum
}

// What a hole may be. Triangles that close one have no number in the file; they are marked by the kind instead.
const (
	lost    = 0  // a few triangles are missing
	crack   = -1 // two parts were meant to meet here, and do nearly
	opening = -2 // somebody wants it so
)

// kindOf returns the kind of a hole in a shell of the given box.
func (r *repair) kindOf(h *hole, lid [][3]int32, shell Box) int32 {
	size := shell.Diagonal()
	switch {
	case r.areaOf(lid) <= seamWidth*size*h.perimeter/2:
		return crack
	case h.across() <= maxHoleWidth*size && r.rimBend(h, lid) <= maxRimBend*math.Pi/180:
		return lost
	}
	return opening
}

// rimBend returns the mean angle between the lid and the triangles around it, weighted by the length of the rim.
func (r *repair) rimBend(h *hole, lid [][3]int32) float64 {
	third := map[[2]int32]int32{} // of the triangle of the lid at each edge of the rim
	for _, t := range lid {
		for k := range 3 {
			a, b := t[k], t[(k+1)%3]
			third[[2]int32{min(a, b), max(a, b)}] = t[(k+2)%3]
		}
	}
	sum, length := 0.0, 0.0
	for i, a := range h.rim {
		b := h.rim[(i+1)%len(h.rim)]
		l := norm(sub(r.Vertices[a], r.Vertices[b]))
		sum += l * r.bend(a, b, h.apex[i][2], third[[2]int32{min(a, b), max(a, b)}])
		length += l
	}
	return sum / length
}
