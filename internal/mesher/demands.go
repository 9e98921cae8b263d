package mesher

import (
	"cmp"
	"fmt"

	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
)

// demands is what the spec asks of sizes beyond Gmsh's own rules, in terms of the model's entities.
type demands struct {
	places []sizing.Source         // boxes, balls and points
	around []around                // curves, faces and solids, with what is near to them
	on     map[gmsh.DimTag]float64 // the size on each entity that was named, and on what bounds it
	growth float64                 // size.growth, or 0
	// coarser is by how much longer edges are until each is cut in two: neighbours are those before that.
	coarser float64
	walls   int // size.wall_elements, or 0
}

// around asks for a size near to entities.
type around struct {
	entities          []gmsh.DimTag // curves and faces
	size, from, slope float64
}

func (d *demands) any() bool {
	return len(d.places)+len(d.on)+len(d.around) > 0 || d.growth > 0 || d.walls > 0
}

// needSurface reports whether a first mesh of the surface has to say where things are.
func (d *demands) needSurface() bool { return len(d.around) > 0 || d.growth > 0 || d.walls > 0 }

// fixed returns the sources that need no mesh. The slice is new each time.
func (d *demands) fixed() []sizing.Source { return append([]sizing.Source(nil), d.places...) }

// slope is how fast sizes grow around what is refined.
func (d *demands) slope() float64 {
	return slopeOf(cmp.Or(d.growth, spec.DefaultTransition)) / d.coarser
}

// demands finds what the refinements of the spec speak of. A name or a tag that the model does not have is an error.
func (j *job) demands() (*demands, error) {
	s := j.req.Spec
	d := &demands{on: map[gmsh.DimTag]float64{}, growth: s.Size.Growth, coarser: j.coarser(), walls: s.Size.WallElements}
	for i, g := range s.Groups {
		if _, err := j.tagged(fmt.Sprintf("groups[%d].entities", i), *g.Dim, g.Entities); err != nil {
			return nil, err
		}
	}
	for i, r := range s.Refine {
		path := fmt.Sprintf("refine[%d]", i)
		place := sizing.Source{Size: r.Size, Slope: d.slope()}
		switch {
		case r.Box != nil:
			place.Shape = sizing.Box([3]float64(r.Box[0]), [3]float64(r.Box[1]))
			d.places = append(d.places, place)
		case r.Sphere != nil:
			place.Shape, place.From = sizing.Point([3]float64(r.Sphere.Center)), r.Sphere.Radius
			d.places = append(d.places, place)
		case r.Near != nil:
			entities, err := j.meant(path+".near", r.Near.Group, r.Near.Entities)
			if err != nil {
				return nil, err
			}
			a := around{size: r.Size, from: r.Near.From, slope: d.slope()}
			if r.Near.To > 0 {
				a.slope = ramp(r.Size, s.Size.MaxEdge(j.source.diagonal()), r.Near.To-r.Near.From)
			}
			if err := d.surround(a, entities); err != nil {
				return nil, err
			}
		default:
			entities, err := j.meant(path, r.Group, r.Entities)
			if err != nil {
				return nil, err
			}
			if err := d.surround(around{size: r.Size, slope: d.slope()}, entities); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

// meant returns the entities of a group or of lists of tags.
func (j *job) meant(path, group string, e spec.Entities) ([]gmsh.DimTag, error) {
	if group != "" {
		return j.named(path+".group", group)
	}
	return j.chosen(path, e)
}

// surround asks for a size on entities, on all that bounds them, and around them.
func (d *demands) surround(a around, entities []gmsh.DimTag) error {
	bounds, err := boundaries(entities)
	if err != nil {
		return err
	}
	for _, e := range append(entities, bounds...) {
		if asked, ok := d.on[e]; !ok || a.size < asked {
			d.on[e] = a.size
		}
		if e.Dim == 1 || e.Dim == 2 {
			a.entities = append(a.entities, e)
		}
	}
	for _, e := range entities {
		if e.Dim != 0 {
			continue
		}
		p, err := gmsh.Point(e)
		if err != nil {
			return err
		}
		d.places = append(d.places, sizing.Source{Shape: sizing.Point(p), Size: a.size, From: a.from, Slope: a.slope})
	}
	if len(a.entities) > 0 {
		d.around = append(d.around, a)
	}
	return nil
}
