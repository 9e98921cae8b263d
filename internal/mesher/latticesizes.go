package mesher

import (
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/field"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
	"meshgen/internal/sizing"
)

// latticeSizes says how long the edges of lattices may be: no longer anywhere than limit, and than refinements say where they hold.
// A lattice is of one size on all of its surface, the least that is asked for there, and coarser inside.
type latticeSizes struct {
	limit   float64
	least   float64 // of refinements; infinite where there are none
	layers  int     // cubes of each size before the next
	refined *sizing.Field
	within  map[int]float64 // what refinements say of whole solids
	inner   map[*latticeHull]*sampledSizes
}

// sampledSizes is what refinements ask for inside a solid, at places spread over it. Each stands for as much of the volume.
type sampledSizes struct {
	each  float64   // volume
	asked []float64 // where it is less than elsewhere
}

// steepestInside bounds by how much sizes grow for each length: a cube is asked for in its middle, and has to feel there what is wanted in
// its corners, 0.87 of its edge away, if that is half as long as it or shorter.
const steepestInside = 0.5

// latticeSizes finds what the spec asks of sizes. What a lattice cannot have it tells.
func (j *job) latticeSizes(hulls []*latticeHull) (*latticeSizes, error) {
	s := j.req.Spec
	z := &latticeSizes{limit: j.longestEdge(j.source.diagonal()), least: math.Inf(1), within: map[int]float64{}}
	if g := s.Size.Growth; g > 1 {
		z.layers = 2 * int(math.Ceil(math.Log(2)/math.Log(g)/2))
	}
	d := demands{growth: s.Size.Growth, coarser: 1} // no edge is cut in two here
	slope := min(d.slope(), steepestInside)
	var sources []sizing.Source
	left := false
	for i, r := range s.Refine {
		place := sizing.Source{Size: r.Size, Slope: slope}
		path, group, entities := fmt.Sprintf("refine[%d]", i), r.Group, r.Entities
		switch {
		case r.Box != nil:
			place.Shape = sizing.Box([3]float64(r.Box[0]), [3]float64(r.Box[1]))
			sources = append(sources, place)
		case r.Sphere != nil:
			place.Shape, place.From = sizing.Point([3]float64(r.Sphere.Center)), r.Sphere.Radius
			sources = append(sources, place)
		default:
			if r.Near != nil {
				path, group, entities = path+".near", r.Near.Group, r.Near.Entities
				place.From = r.Near.From
				if r.Near.To > 0 {
					place.Slope = min(ramp(r.Size, z.limit, r.Near.To-r.Near.From), steepestInside)
				}
			}
			meant, err := j.meant(path, group, entities)
			if err != nil {
				return nil, err
			}
			for _, e := range meant {
				switch {
				case e.Dim == 2:
					sources = append(sources, onFace(hulls, e.Tag, place)...)
				case e.Dim == 3 && r.Near == nil:
					z.within[e.Tag] = min(r.Size, orInfinite(z.within, e.Tag))
				default:
					left = true
				}
			}
		}
	}
	for _, s := range sources {
		z.least = min(z.least, s.Size)
	}
	if left {
		j.warn(*diagnosis.New(diagnosis.UnfitSpec, "A lattice is refined in boxes, balls, at faces and in solids: other refinements are left out.").
			WithHint("Choose strategy delaunay where they matter."))
	}
	z.refined = sizing.New(sources)
	if len(sources) == 0 {
		return z, nil
	}
	return z, z.sample(hulls)
}

// sample looks at what is asked for inside, so that the cost of refinements there is known before they are made.
func (z *latticeSizes) sample(hulls []*latticeHull) error {
	const across = 24 // places along the longest side
	z.inner = map[*latticeHull]*sampledSizes{}
	for _, h := range hulls {
		low, high := h.field.Box()
		edge := max(high[0]-low[0], high[1]-low[1], high[2]-low[2]) / across
		g := lattice.Around(low, high, edge)
		l := field.Lattice{Origin: g.Origin, H: g.H, N: [3]int32{int32(g.N[0]), int32(g.N[1]), int32(g.N[2])}}
		samples, err := h.field.Sample(l, 0, l.Slabs(), field.Want{}, nil)
		if err != nil {
			return err
		}
		s := &sampledSizes{each: edge * edge * edge / 2} // two nodes for each cube
		for node, inside := range samples.Inside {
			if inside != 0 {
				if size := z.refined.At(g.At(node), z.longest(h)); size < z.longest(h) {
					s.asked = append(s.asked, size)
				}
			}
		}
		z.inner[h] = s
	}
	return nil
}

func orInfinite(sizes map[int]float64, tag int) float64 {
	if size, ok := sizes[tag]; ok {
		return size
	}
	return math.Inf(1)
}

// onFace asks for a size on the triangles of a face.
func onFace(hulls []*latticeHull, tag int, like sizing.Source) (sources []sizing.Source) {
	for _, h := range hulls {
		for t, face := range h.face {
			if !slices.ContainsFunc(h.solids(), func(m *latticeHull) bool { return int(face) == m.solid.alias(tag) }) {
				continue
			}
			v := h.triangles[t]
			like.Shape = sizing.Triangle(h.vertices[v[0]], h.vertices[v[1]], h.vertices[v[2]])
			sources = append(sources, like)
		}
	}
	return sources
}

// grading returns how the lattice of a solid may grow inside.
func (z *latticeSizes) grading(h *latticeHull) lattice.Grading {
	limit := z.longest(h)
	g := lattice.Grading{Levels: lattice.MaxLevels, Layers: z.layers, Size: func(p [3]float64) float64 { return z.refined.At(p, limit) }}
	if h.joint != nil {
		return h.joint.Graded(g, h.edge)
	}
	return g
}

// longest is how long edges in a solid may be where nothing else is said. Solids that share faces have the least of theirs.
func (z *latticeSizes) longest(h *latticeHull) float64 {
	longest := z.limit
	for _, m := range h.solids() {
		longest = min(longest, orInfinite(z.within, m.solid.tag))
	}
	return longest
}

// tets returns about how many tetrahedra a lattice of some edge has in a solid.
func (z *latticeSizes) tets(h *latticeHull, edge float64) float64 {
	longest := z.longest(h)
	n := lattice.GradedTets(h.volumeAbout(), h.area, edge, longest)
	if s := z.inner[h]; s != nil {
		for _, size := range s.asked {
			n += lattice.Tets(s.each, doubled(edge, size)) - lattice.Tets(s.each, max(longest, edge))
		}
	}
	return min(n, max(lattice.Tets(h.volumeAbout(), edge), 0))
}

// doubled is how long the edges of a lattice get by doubling where a size is asked for.
func doubled(edge, size float64) float64 {
	for 2*edge <= size {
		edge *= 2
	}
	return edge
}

// asked says of the lattices of solids how long edges were to be: on the surface as long as those of the lattice, inside as long as the
// spec allows, or as long as a number of elements makes them.
func (z *latticeSizes) asked(hulls []*latticeHull, targeted bool) *sizes {
	s := &sizes{longest: z.limit, shortest: z.limit, scale: 1, on: map[gmsh.DimTag]float64{}, refined: z.refined, grown: sizing.New(nil)}
	for _, h := range hulls {
		inside := max(z.longest(h), h.edge)
		if targeted {
			inside = math.Ldexp(h.edge, h.mesh.Levels)
		}
		for _, m := range h.solids() {
			s.on[gmsh.DimTag{Dim: 3, Tag: m.solid.tag}] = inside
			for _, face := range m.solid.faces {
				e := gmsh.DimTag{Dim: 2, Tag: face}
				if before, shared := s.on[e]; !shared || h.edge < before { // each solid has triangles of its own on it
					s.on[e] = h.edge
				}
			}
		}
		s.longest, s.shortest = max(s.longest, inside), min(s.shortest, h.edge)
	}
	return s
}
