package estimate

import (
	"math"

	"meshgen/internal/spec"
)

// Range is an expectation and the bounds that hold in nine of ten cases.
type Range struct {
	Expected float64 `json:"expected"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Estimate is what a mesh would cost.
type Estimate struct {
	Triangles  Range // on the surface
	Tetrahedra Range // elements in the volume: those of layers too, hexahedra with hex
	Nodes      Range
	Seconds    Range
	MaxEdge    float64
	MinEdge    float64
}

// The constants of the estimate were fitted to 333 meshes of 46 CAD parts (bench/results/estimate.md says how good it is).
// What it does not know is how slender faces are, and what is hidden in corners.
const (
	trianglesPerSquare = 2.31 // triangles of edge h on an area of h²: as many as equilateral ones
	trianglesPerEdge   = 0.56 // more of them for each edge around a face
	trianglesOfStrip   = 1.69 // beside a fine face, where sizes grow, for each edge around it, by the slope of growth
	trianglesPerFace   = 0.13
	around             = 4 // the length around a face, by the root of its area: that of a square

	tetrahedraPerFacet = 1.43 // tetrahedra for each triangle of the surface
	tetrahedraPerCube  = 3.04 // tetrahedra of edge h in a volume of h³, away from the surface
	inwards            = 0.18 // how far edges grow from the surface's (0) towards the longest (1) inside

	lowest, highest = 0.65, 2 // the bounds, by what is expected

	secondsAtLeast        = 0.02
	secondsPerFace        = 2e-3 // curves are slow to measure
	secondsPerTriangle    = 60e-6
	secondsPerTetrahedron = 20e-6
	machines              = 2.5 // how much faster or slower another may be

	targetMissed = 0.2 // how far target_elements may be missed
	targetPasses = 2.5 // meshes that are made to meet it, in time of the last
)

// Of is the rough model of what a mesh costs.
func Of(f *Facts, s spec.Spec) Estimate {
	if s.Strategy == spec.Lattice {
		return f.lattice(s, s.Size.MaxEdge(f.Diagonal))
	}
	if target := float64(s.Size.TargetElements); target > 0 {
		return f.targeted(s, target)
	}
	return f.at(s, 1)
}

// at returns the estimate for sizes that are all multiplied by a scale.
func (f *Facts) at(s spec.Spec, scale float64) Estimate {
	z := f.sizes(s, scale)
	triangles, prisms := f.surface(s, z)
	if n := float64(s.Size.WallElements); n > 0 {
		wall := trianglesPerSquare * f.Area / square(max(2*f.Volume/f.Area/n, s.Size.Min))
		triangles = max(triangles, wall/4) // a part that is no plate is thicker than that
	}
	elements := f.Tetrahedra(triangles, z.longest) + prisms
	if s.Strategy == spec.MMG {
		elements *= mmgElements
	}
	seconds := secondsAtLeast + secondsPerFace*float64(f.Faces) + secondsPerTriangle*triangles + secondsPerTetrahedron*elements
	if s.Strategy == spec.Hex {
		elements, triangles = elements*hexahedra, triangles*quadrangles
	}
	e := Estimate{
		Triangles: about(triangles), Tetrahedra: about(elements), Seconds: about(seconds),
		MaxEdge: s.Size.MaxEdge(f.Diagonal) * scale, MinEdge: min(s.Size.MinEdge(f.Diagonal), s.Size.MaxEdge(f.Diagonal)) * scale,
	}
	if n := s.Size.WallElements; n > 0 {
		e.Triangles.High, e.Tetrahedra.High, e.Seconds.High = 4*e.Triangles.High, 4*e.Tetrahedra.High, 4*e.Seconds.High
	}
	for _, r := range s.Refine {
		a := f.refinement(s, r, z.longest)
		if s.Strategy == spec.Hex {
			a.triangles, a.tetrahedra = a.triangles*quadrangles/(hexEdge*hexEdge), a.tetrahedra*hexahedra/(hexEdge*hexEdge*hexEdge)
		}
		e.refine(a)
	}
	e.finish(s, prisms)
	return e
}

func about(x float64) Range { return Range{Low: lowest * x, Expected: x, High: highest * x} }

// finish counts the nodes, and rounds.
func (e *Estimate) finish(s spec.Spec, prisms float64) {
	nodes := func(triangles, elements, share float64) float64 {
		if s.Strategy == spec.Hex {
			return nodesOfHexahedra(elements, s.Order)
		}
		return nodesOf(triangles, max(elements-share*prisms, 0), s.Order) + nodesOfPrisms(share*prisms, s.Order)
	}
	e.Nodes = Range{
		Low:      nodes(e.Triangles.Low, e.Tetrahedra.Low, lowest),
		Expected: nodes(e.Triangles.Expected, e.Tetrahedra.Expected, 1),
		High:     nodes(e.Triangles.High, e.Tetrahedra.High, highest),
	}
	e.Seconds.Low /= machines
	e.Seconds.High *= machines
	for _, r := range []*Range{&e.Triangles, &e.Tetrahedra, &e.Nodes} {
		r.Low, r.Expected, r.High = math.Floor(r.Low), math.Round(r.Expected), math.Ceil(r.High)
	}
}

// refine adds what a refinement needs.
func (e *Estimate) refine(a addition) {
	const rough = 2 // how much more or less it may be
	e.Triangles = e.Triangles.plus(a.triangles, rough)
	e.Tetrahedra = e.Tetrahedra.plus(a.tetrahedra, rough)
	e.Seconds = e.Seconds.plus(secondsPerTriangle*a.triangles+secondsPerTetrahedron*a.tetrahedra, rough)
}

func (r Range) plus(x, rough float64) Range {
	return Range{Low: r.Low + x/rough, Expected: r.Expected + x, High: r.High + x*rough}
}

// targeted returns the estimate of a mesh whose sizes are scaled until it has a number of elements.
func (f *Facts) targeted(s spec.Spec, target float64) Estimate {
	low, high := 1e-3, 1e3
	for range 40 {
		if middle := math.Sqrt(low * high); f.at(s, middle).Tetrahedra.Expected > target {
			low = middle
		} else {
			high = middle
		}
	}
	e := f.at(s, high)
	share := target / max(e.Tetrahedra.Expected, 1)
	bounds := func(expected float64) Range {
		return Range{Low: math.Floor((1 - targetMissed) * expected), Expected: math.Round(expected), High: math.Ceil((1 + targetMissed) * expected)}
	}
	e.Tetrahedra = bounds(target)
	e.Triangles = bounds(share * e.Triangles.Expected)
	e.Nodes = bounds(share * e.Nodes.Expected)
	seconds := share * e.Seconds.Expected * targetPasses
	e.Seconds = Range{Low: seconds / machines, Expected: seconds, High: seconds * machines}
	return e
}

// Tetrahedra returns how many tetrahedra fit to a surface of some triangles, where edges may be as long as longest.
func (f *Facts) Tetrahedra(triangles, longest float64) float64 {
	edge := min(math.Sqrt(trianglesPerSquare*f.Area/max(triangles, 1)), longest)
	inside := math.Pow(edge, 1-inwards) * math.Pow(longest, inwards)
	return tetrahedraPerFacet*triangles + tetrahedraPerCube*f.Volume/(inside*inside*inside)
}

func square(x float64) float64 { return x * x }
