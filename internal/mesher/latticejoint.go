package mesher

import (
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/field"
	"meshgen/internal/lattice"
)

// joined returns the hulls of solids that share no face, and one for each group of solids that do: one lattice fills them all, with
// common nodes.
func (j *job) joined(hulls []*latticeHull) (out []*latticeHull, err error) {
	having := map[int32]int{} // a solid that has a face
	group := make([]int, len(hulls))
	for i, h := range hulls {
		group[i] = i
		for _, f := range h.solid.faces {
			first, shared := having[int32(f)]
			if !shared {
				having[int32(f)] = i
				continue
			}
			from, to := group[i], group[first]
			for k := range group[:i+1] {
				if group[k] == from {
					group[k] = to
				}
			}
		}
	}
	for g := range hulls {
		var members []*latticeHull
		for i, h := range hulls {
			if group[i] == g {
				members = append(members, h)
			}
		}
		switch len(members) {
		case 0:
		case 1:
			out = append(out, members[0])
		default:
			h, err := j.join(members)
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
	}
	return out, nil
}

// join makes one hull of those of solids that share faces.
func (j *job) join(members []*latticeHull) (*latticeHull, error) {
	h := &latticeHull{number: members[0].number, solid: members[0].solid, members: members}
	sides := map[int32]lattice.Sides{}
	number := map[[3]float64]int32{}
	taken := map[int32]int{}
	var triangles [][3]int32
	var face []int32
	for i, m := range members {
		h.enclosed += m.enclosed
		for t, f := range m.face {
			first, met := taken[f]
			if !met {
				taken[f], sides[f] = i, lattice.Sides{int32(i), lattice.Nobody}
			} else if first != i {
				sides[f] = lattice.Sides{int32(first), int32(i)}
				continue // the first has its triangles
			}
			var corners [3]int32
			for k, v := range m.triangles[t] {
				n, known := number[m.vertices[v]]
				if !known {
					n = int32(len(h.vertices))
					number[m.vertices[v]] = n
					h.vertices = append(h.vertices, m.vertices[v])
				}
				corners[k] = n
			}
			triangles, face = append(triangles, corners), append(face, f)
		}
	}
	fields := make([]*field.Surface, len(members))
	for i, m := range members {
		fields[i] = m.field
	}
	var err error
	if h.joint, err = lattice.NewJoint(h.vertices, triangles, face, sides, fields, j.req.Threads); err != nil {
		return nil, diagnosis.New(diagnosis.DegenerateGeometry, "The triangles of %s enclose nothing.", h.describe()).WithDetail(err.Error())
	}
	h.field = h.joint.Outside
	h.triangles, h.face = h.joint.Triangles()
	h.area = lattice.Area(h.vertices, h.triangles) + h.joint.WallArea() // walls have two sides
	h.samples = lattice.Samples(h.vertices, h.triangles)
	return h, nil
}

// solids returns those that the hull is around.
func (h *latticeHull) solids() []*latticeHull {
	if h.joint == nil {
		return []*latticeHull{h}
	}
	return h.members
}

// describe names the solids of the hull.
func (h *latticeHull) describe() string {
	if h.joint == nil {
		return describeSolid(*h.solid)
	}
	return count(len(h.members), "solid") + " that touch, the first of them " + describeSolid(*h.solid)
}

// surface is what the mesh is compared with.
func (h *latticeHull) surface() *field.Surface {
	if h.joint == nil {
		return h.field
	}
	return h.joint.All
}

// nearest returns the solid that a place is nearest to.
func (h *latticeHull) nearest(place [3]float64) *solid {
	s, least := h.solid, math.Inf(1)
	for _, m := range h.members {
		if d := m.field.Distances([][3]float64{place}, h.edge)[0]; d < least {
			s, least = m.solid, d
		}
	}
	return s
}

// divide divides the mesh of a joint among its solids.
func (h *latticeHull) divide() {
	outside, kept := h.mesh.Keep(h.field, h.edge, h.joint.Outline, h.joint.OutsideFaces())
	var err error
	if h.faces, h.kept, err = h.mesh.Divide(h.joint, h.edge, outside, kept); err != nil {
		h.undivided = true
		return
	}
	h.volume = 0
	for i, v := range h.mesh.Volumes(len(h.members)) {
		h.members[i].volume = v
		h.volume += v
	}
}

// fillJoints fills all hulls. Solids of a joint that does not hold, since one of them is too small for the lattice or loses too much of its
// volume, have lattices of their own.
func (j *job) fillJoints(hulls []*latticeHull, z *latticeSizes, edge float64) ([]*latticeHull, error) {
	for {
		if err := j.fillHulls(hulls, z, edge); err != nil {
			return nil, err
		}
		at := slices.IndexFunc(hulls, func(h *latticeHull) bool { return h.joint != nil && j.unfit(h) })
		if at < 0 {
			return hulls, nil
		}
		h := hulls[at]
		j.warn(*diagnosis.New(diagnosis.Repaired, "%s, have no lattice in common: it is too coarse for one of them. They share no nodes.",
			capital(h.describe())).WithHint("Choose a smaller size.max, or strategy delaunay, if the parts are to be connected."))
		hulls = slices.Concat(hulls[:at], j.separated(h), hulls[at+1:])
		if z.inner != nil {
			if err := z.sample(hulls); err != nil {
				return nil, err
			}
		}
	}
}

// unfit reports whether the mesh of a joint is not one of its solids.
func (j *job) unfit(h *latticeHull) bool {
	if h.mesh == nil {
		return false // that is told
	}
	if h.undivided {
		return true
	}
	for _, m := range h.members {
		if m.volume == 0 || j.ownSizes() && !j.req.Spec.Draft && math.Abs(m.volume/m.enclosed-1) > tessellatedShare {
			return true
		}
	}
	return false
}

// separated returns the hulls of the solids of a joint, each for itself.
func (j *job) separated(h *latticeHull) []*latticeHull {
	var solids []*solid
	for _, m := range h.members {
		solids = append(solids, m.solid)
	}
	j.partFaces(solids, func(int) bool { return false })
	for _, m := range h.members {
		m.face = slices.Clone(m.face) // a part that is kept has them too
		for t, f := range m.face {
			m.face[t] = int32(m.solid.alias(int(f)))
		}
		m.solid.renameFaces()
		m.features = lattice.FindFeatures(m.vertices, m.triangles, m.face)
		m.volume = 0
	}
	return h.members
}
