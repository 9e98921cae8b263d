package mesher

import (
	"fmt"
	"math"

	"meshgen/internal/diagnosis"
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
}

// latticeSizes finds what the spec asks of sizes. What a lattice cannot have it tells.
func (j *job) latticeSizes(hulls []*latticeHull) (*latticeSizes, error) {
	s := j.req.Spec
	z := &latticeSizes{limit: j.longestEdge(j.source.diagonal()), least: math.Inf(1), within: map[int]float64{}}
	if g := s.Size.Growth; g > 1 {
		z.layers = 2 * int(math.Ceil(math.Log(2)/math.Log(g)/2))
	}
	d := demands{growth: s.Size.Growth}
	var sources []sizing.Source
	left := false
	for i, r := range s.Refine {
		place := sizing.Source{Size: r.Size, Slope: d.slope()}
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
					place.Slope = ramp(r.Size, z.limit, r.Near.To-r.Near.From)
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
	return z, nil
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
			if int(face) != h.solid.alias(tag) {
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
	return lattice.Grading{Levels: lattice.MaxLevels, Layers: z.layers, Size: func(p [3]float64) float64 { return z.refined.At(p, limit) }}
}

// longest is how long edges in a solid may be where nothing else is said.
func (z *latticeSizes) longest(h *latticeHull) float64 {
	return min(z.limit, orInfinite(z.within, h.solid.tag))
}

// tets returns about how many tetrahedra a lattice of some edge has in a solid.
func (z *latticeSizes) tets(h *latticeHull, edge float64) float64 {
	return lattice.GradedTets(h.volumeAbout(), h.area, edge, z.longest(h))
}
