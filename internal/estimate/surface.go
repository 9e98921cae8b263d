package estimate

import (
	"math"

	"meshgen/internal/sizing"
	"meshgen/internal/spec"
)

// What a surface mesh of default sizes may have, as the mesher bounds it.
const (
	crowd         = 60_000
	worthThinning = 1.4
	mostThinning  = 2.5
)

// sizes are the edge lengths that a spec stands for on a part.
type sizes struct {
	longest, shortest, scale float64
	chords                   sizing.Chords
	automatic                bool
	slope                    float64 // by which sizes grow
}

func (f *Facts) sizes(s spec.Spec, scale float64) sizes {
	z := sizes{longest: s.Size.MaxEdge(f.Diagonal), scale: scale, slope: sizing.Growth - 1, automatic: s.Size.Curvature == 0}
	circle, shortest := s.Size.Chords(), s.Size.MinEdge(f.Diagonal)
	if s.Strategy == spec.Hex {
		z.longest, shortest, z.automatic = z.longest*hexEdge, shortest*hexEdge, false
		circle = max(circle/hexChords, spec.MinCurvature)
	}
	if s.Size.Growth > 0 {
		z.slope = s.Size.Growth - 1
	}
	z.chords = sizing.NewChords(circle)
	z.shortest = min(shortest, z.longest) * scale
	z.longest *= scale
	return z
}

// on returns the length of edges on a face.
func (z sizes) on(b bend, stretch float64) float64 {
	if b.radius == 0 {
		return z.longest
	}
	arc := 0.
	if z.automatic {
		arc = sizing.ArcShare * b.thickness
	}
	length := z.chords.Length(b.radius, arc, sizing.WallShare*b.thickness) * z.scale
	return min(max(length, z.shortest)*stretch, z.longest)
}

// triangles returns how many triangles a face has and causes beside it.
func (z sizes) triangles(b bend, stretch float64) float64 {
	h := z.on(b, stretch)
	edges := around * math.Sqrt(b.area) / h
	return trianglesPerSquare*b.area/(h*h) + (trianglesPerEdge+trianglesOfStrip*(1-h/z.longest)/z.slope)*edges + trianglesPerFace
}

// surface returns the number of triangles of a part, and of the elements of layers that stand on them.
func (f *Facts) surface(s spec.Spec, z sizes) (triangles, prisms float64) {
	stretch := 1.
	sum := func() (n float64) {
		for _, b := range f.bends {
			n += z.triangles(b, stretch)
		}
		return n
	}
	triangles = sum()
	limit := crowd * math.Exp2(max(0, s.Size.Fineness-spec.DefaultFineness))
	if z.automatic && s.Size.Min == 0 && s.Size.TargetElements == 0 && triangles > worthThinning*limit {
		stretch = min(math.Sqrt(triangles/limit), mostThinning)
		triangles = sum()
	}
	for _, l := range s.Layers {
		walls := f.facesOf(s, l.Groups)
		for _, b := range f.bends {
			if walls[b.face] {
				h := z.on(b, stretch)
				prisms += float64(l.Count) * trianglesPerSquare * b.area / (h * h)
			}
		}
	}
	return triangles, prisms
}

// facesOf returns the faces of groups.
func (f *Facts) facesOf(s spec.Spec, names []string) map[int]bool {
	faces := map[int]bool{}
	note := func(name string, dim int, tags []int) {
		for _, want := range names {
			for _, t := range tags {
				if name == want && dim == 2 {
					faces[t] = true
				}
			}
		}
	}
	for _, g := range s.Groups {
		note(g.Name, *g.Dim, g.Entities)
	}
	for _, g := range f.groups {
		note(g.Name, g.Dim, g.Entities)
	}
	return faces
}
