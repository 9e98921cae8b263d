package estimate

import (
	"math"

	"meshgen/internal/spec"
)

// addition is what a refinement needs beyond the mesh without it.
type addition struct{ triangles, tetrahedra float64 }

// denser is how much denser a refined volume is than one that is merely bounded: Gmsh is asked for shorter edges there
// (mesher.inward), to get those that are wanted.
const denser = 1 / (0.75 * 0.75 * 0.75)

// refinedPerCube is the number of tetrahedra of one edge h in a volume of h³.
const refinedPerCube = 4.24

// refinement estimates what a refinement needs: elements of its size where it holds, and those of the sizes in between,
// where they grow from there by the slope k: ∫ dV / (size + k·distance)³.
func (f *Facts) refinement(s spec.Spec, r spec.Refinement, longest float64) addition {
	if r.Size >= longest || r.Size <= 0 {
		return addition{}
	}
	slope := spec.DefaultTransition - 1
	if s.Size.Growth > 0 {
		slope = s.Size.Growth - 1
	}
	box := max(volume(f.Box.Min, f.Box.Max), f.Volume)
	share := f.Volume / box             // of the box that is filled
	reach := (longest - r.Size) / slope // where sizes are what they would be
	per := denser * refinedPerCube
	cube := func(x float64) float64 { return x * x * x }
	// Around a body of volume v, area a and length l, the volume at a distance d grows by a + 2π·l·d + 4π·d².
	around := func(v, a, l, from float64) float64 {
		sum := per * (v + a*from + math.Pi*l*from*from + 4./3*math.Pi*cube(from)) / cube(r.Size)
		const steps = 40
		for i := range steps {
			d := reach * (float64(i) + 0.5) / steps
			sum += per * (a + 2*math.Pi*l*(from+d) + 4*math.Pi*(from+d)*(from+d)) * reach / steps / cube(r.Size+slope*d)
		}
		return sum
	}
	// No more than the whole part would have at the size.
	most := addition{trianglesPerSquare * f.Area / (r.Size * r.Size), tetrahedraPerFacet*trianglesPerSquare*f.Area/(r.Size*r.Size) + per*f.Volume/cube(r.Size)}
	var out addition
	switch {
	case r.Box != nil:
		low, high := r.Box[0], r.Box[1]
		var side [3]float64
		var lowIn, highIn [3]float64
		for k := range 3 {
			lowIn[k], highIn[k] = max(low[k], f.Box.Min[k]), min(high[k], f.Box.Max[k])
			side[k] = highIn[k] - lowIn[k]
			if side[k] <= 0 {
				return addition{} // beside the part
			}
		}
		a := 2 * (side[0]*side[1] + side[1]*side[2] + side[2]*side[0])
		v := volume(lowIn, highIn)
		out.tetrahedra = share * around(v, a, side[0]+side[1]+side[2], 0)
		out.triangles = most.triangles * v / box
	case r.Sphere != nil:
		v := min(4./3*math.Pi*cube(r.Sphere.Radius), box)
		out.tetrahedra = share * around(0, 0, 0, min(r.Sphere.Radius, f.Diagonal/2))
		out.triangles = most.triangles * v / box
	default:
		group, entities, from := r.Group, r.Entities, 0.
		if r.Near != nil {
			group, entities, from = r.Near.Group, r.Near.Entities, r.Near.From
		}
		v, a, l := f.extent(s, group, entities)
		out.tetrahedra = around(v, a, l, from) // material is on one side of a face
		out.triangles = trianglesPerSquare * a / (r.Size * r.Size)
		out.tetrahedra += tetrahedraPerFacet * out.triangles
	}
	return addition{min(out.triangles, most.triangles), min(out.tetrahedra, most.tetrahedra)}
}

func volume(low, high [3]float64) float64 {
	return (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2])
}

// extent returns the volume, area and length of entities, as far as they are known: of edges, that they may be as long as a
// quarter of the part.
func (f *Facts) extent(s spec.Spec, group string, e spec.Entities) (volume, area, length float64) {
	add := func(dim int, tags []int) {
		for _, t := range tags {
			switch dim {
			case 1:
				length += f.Diagonal / 4
			case 2:
				area += f.areas[t]
			case 3:
				volume += f.solids[t]
			}
		}
	}
	for dim, tags := range e.ByDimension() {
		add(dim, tags)
	}
	if group == "" {
		return volume, area, length
	}
	for _, g := range s.Groups {
		if g.Name == group {
			add(*g.Dim, g.Entities)
			return volume, area, length
		}
	}
	for _, g := range f.groups {
		if g.Name == group {
			add(g.Dim, g.Entities)
		}
	}
	return volume, area, length
}
