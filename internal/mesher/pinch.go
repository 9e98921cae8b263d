package mesher

import (
	"fmt"
	"maps"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
)

// Where a closed face is slimmer than the edges on it, as at the tip of a needle, one node lies opposite its seam, and what joins the two
// is an edge on either side of the face: two edges with the same ends, and mostly two triangles with the same corners. No tetrahedron fits
// between them. Mostly it is enough to mesh such a face again with shorter edges. Where it is not, each of the edges is cut in two on its
// side of the face, which leaves a ring of four nodes:
//
//	across:  seam ═══════ node    becomes     ╱ ╲
//	                                     seam     node
//	                                          ╲ ╱

// pinch is a face with edges that have the same ends as others.
type pinch struct {
	nodes faceNodes
	edges [][2]uint64
}

// place returns a place on one of the edges.
func (p *pinch) place() (at [3]float64, ok bool) {
	for _, e := range p.edges {
		if i := slices.IndexFunc(p.nodes.tags, func(n uint64) bool { return n == e[0] || n == e[1] }); i >= 0 {
			return [3]float64(p.nodes.places[3*i : 3*i+3]), true
		}
	}
	return at, false
}

// unpinch looks for pinched edges, right after the faces were meshed. Faces that have not been eased yet are blamed, others are mended.
func (j *job) unpinch() error {
	pinches, err := j.pinches()
	if err != nil || len(pinches) == 0 {
		return err
	}
	if len(pinches) <= maxEased { // more are not eased
		var fresh []diagnosis.Entity
		for _, p := range pinches {
			if j.eased[p.nodes.face] == 0 {
				e := gmsh.DimTag{Dim: 2, Tag: p.nodes.face}
				place := diagnosis.Entity{Dim: 2, Tag: e.Tag, Name: j.entityName(e)}
				if at, ok := p.place(); ok {
					place.Point = &at
				}
				fresh = append(fresh, place)
			}
		}
		if len(fresh) > 0 {
			return diagnosis.New(diagnosis.BoundaryRecoveryFailed, "%d of %s: slimmer than the edges on it, so that triangles have the same corners and no tetrahedron fits between.",
				len(fresh), count(j.faceCount(), "face")).At(fresh[:min(len(fresh), maxPlaces)]...).WithHint("Choose a smaller size.")
		}
	}
	for i := range pinches {
		if err := j.mendPinch(&pinches[i]); err != nil {
			return err
		}
	}
	return nil
}

// pinches returns the faces with pinched edges: closed ones alone have any.
func (j *job) pinches() (out []pinch, err error) {
	seen := map[int]bool{}
	for _, s := range j.source.solids {
		for _, face := range s.faces {
			if seen[face] || j.isStrip(face) {
				continue
			}
			seen[face] = true
			closed, err := isClosed(face)
			if err != nil {
				return nil, err
			} else if !closed {
				continue
			}
			k, err := takeFaceNodes(face)
			if err != nil {
				return nil, err
			}
			if edges := k.pinched(); len(edges) > 0 {
				out = append(out, pinch{k, edges})
			}
		}
	}
	return out, nil
}

// mendPinch cuts the pinched edges of a face.
func (j *job) mendPinch(of *pinch) error {
	k, edges := &of.nodes, of.edges
	next, err := nextNode()
	if err != nil {
		return err
	}
	p, err := unroll(k, edges)
	if err != nil {
		return err
	}
	loops, err := p.openLoops(next)
	if err != nil {
		return err
	}
	next += uint64(loops)
	if loops > 0 {
		edges = k.pinched()
		p.collect(edges)
	}
	cuts := 0
	for _, e := range edges {
		for _, s := range p.sides(e) {
			if err := p.cut(e, s, next); err != nil {
				return err
			}
			next++
			cuts++
		}
	}
	if loops+cuts == 0 {
		return nil
	}
	j.track.say(gmsh.Info, fmt.Sprintf("Cut %s of face %d in two, where it is slimmer than they are long", count(loops+cuts, "edge"), k.face))
	if err := gmsh.ClearMesh(gmsh.DimTag{Dim: 2, Tag: k.face}); err != nil {
		return err
	}
	_, err = k.putBack(next)
	return err
}

// isClosed reports whether a face meets itself along a curve.
func isClosed(face int) (bool, error) {
	curves, err := gmsh.Boundary([]gmsh.DimTag{{Dim: 2, Tag: face}}, false)
	if err != nil {
		return false, err
	}
	seen := map[int]bool{}
	for _, c := range curves {
		if seen[abs(c.Tag)] {
			return true, nil
		}
		seen[abs(c.Tag)] = true
	}
	return false, nil
}

// pinched returns the edges at which more than two triangles of a closed face meet, and those of triangles with the same corners. One end
// of each is on what bounds the face.
func (k *faceNodes) pinched() (edges [][2]uint64) {
	inner := make(map[uint64]bool, len(k.tags))
	for _, n := range k.tags {
		inner[n] = true
	}
	uses, found := map[[2]uint64]int{}, map[[2]uint64]bool{}
	twins := map[[3]uint64]bool{}
	for t := 0; t < len(k.corners); t += 3 {
		n := [3]uint64(k.corners[t : t+3])
		if inner[n[0]] && inner[n[1]] && inner[n[2]] {
			continue
		}
		sorted := n
		slices.Sort(sorted[:])
		twin := twins[sorted]
		twins[sorted] = true
		for i := range 3 {
			a, b := n[i], n[(i+1)%3]
			if inner[a] && inner[b] {
				continue
			}
			e := edgeKey(a, b)
			if uses[e]++; uses[e] > 2 || twin {
				found[e] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b [2]uint64) int { return slices.Compare(a[:], b[:]) })
}
