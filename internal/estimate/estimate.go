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
	Tetrahedra Range
	Nodes      Range
	Seconds    Range
	MaxEdge    float64
	MinEdge    float64
}

// The constants of the estimate were fitted to 99 meshes of 17 CAD parts, by Gmsh's Delaunay, at three finenesses with 8
// and 30 elements a circle. Where flat faces rule, as in fine meshes, it is good to 20 %. What it cannot know is how much
// of a part is curved and how tightly: that is a factor of 3 in coarse meshes with many elements a circle, and the bounds
// say so. 82 of the 99 lay within them, 12 of the others less than 5 % below.
const (
	trianglesPerSquare = 2.57 // triangles of edge h on an area of h²; equilateral ones would be 2.31
	tetrahedraPerCube  = 4.24 // tetrahedra of edge h in a volume of h³, away from the surface; regular ones would be 8.5
	tetrahedraPerFacet = 0.7  // tetrahedra for each triangle of the surface
	inwards            = 0.06 // how far edges grow from the surface's (0) towards the longest (1) inside
	curvedShare        = 0.3  // of the area, taken to be as curved as a rod of the part's thickness
	trianglesPerFace   = 20   // that small faces take at 30 elements a circle
	upwards            = 0.6  // where the upper bound lies between expectation (0) and the shortest edge everywhere (1)

	secondsAtLeast        = 0.02
	secondsPerFace        = 2e-3 // curves are slow to measure
	secondsPerTriangle    = 20e-6
	secondsPerTetrahedron = 10e-6
	machines              = 2.5 // how much faster or slower another may be

	targetMissed = 0.2 // how far target_elements may be missed
	targetPasses = 2.5 // meshes that are made to meet it, in time of the last
)

// Of is the rough model of what a mesh costs.
func Of(f *Facts, s spec.Spec) Estimate {
	longest, shortest := s.Size.MaxEdge(f.Diagonal), s.Size.MinEdge(f.Diagonal)
	if s.Strategy == spec.Lattice {
		return f.lattice(s, longest)
	}
	if target := float64(s.Size.TargetElements); target > 0 {
		return f.targeted(s, longest, shortest, target)
	}
	return f.at(s, longest, shortest)
}

// at returns the estimate for edges of some length.
func (f *Facts) at(s spec.Spec, longest, shortest float64) Estimate {
	shortest = min(shortest, longest)
	on := func(edge float64) float64 { return trianglesPerSquare * f.Area / (edge * edge) }

	thickness := 2 * f.Volume / f.Area // the radius, if it were a rod; the wall, if it were a plate
	curved := min(max(2*math.Pi*thickness/s.Size.Chords(), shortest), longest)
	few := on(longest)
	likely := (1-curvedShare)*few + curvedShare*on(curved) + trianglesPerFace*float64(f.Faces)*min(1, s.Size.Chords()/30)
	many := max(1.3*likely, likely*math.Pow(max(on(shortest)/likely, 1), upwards))
	if n := float64(s.Size.WallElements); n > 0 {
		wall := on(max(thickness/n, s.Size.Min))
		likely, many = max(likely, wall/4), max(many, wall) // a part that is no plate is thicker than that
	}

	e := Estimate{MaxEdge: longest, MinEdge: shortest}
	e.Triangles = Range{Low: few, Expected: likely, High: many}
	count := func(triangles float64) (tetrahedra, seconds float64) {
		tetrahedra = f.Tetrahedra(triangles, longest)
		return tetrahedra, secondsAtLeast + secondsPerFace*float64(f.Faces) + secondsPerTriangle*triangles + secondsPerTetrahedron*tetrahedra
	}
	e.Tetrahedra.Low, e.Seconds.Low = count(few)
	e.Tetrahedra.Expected, e.Seconds.Expected = count(likely)
	e.Tetrahedra.High, e.Seconds.High = count(many)
	// The volume's share varies as well.
	e.Tetrahedra.Low *= 0.65
	e.Tetrahedra.High *= 1.4
	for _, r := range s.Refine {
		e.refine(f.refinement(s, r, longest))
	}
	e.finish(s.Order)
	return e
}

// finish counts the nodes, and rounds.
func (e *Estimate) finish(order int) {
	e.Nodes = Range{
		Low:      nodesOf(e.Triangles.Low, e.Tetrahedra.Low, order),
		Expected: nodesOf(e.Triangles.Expected, e.Tetrahedra.Expected, order),
		High:     nodesOf(e.Triangles.High, e.Tetrahedra.High, order),
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
func (f *Facts) targeted(s spec.Spec, longest, shortest, target float64) Estimate {
	low, high := 1e-3, 1e3
	scaled := func(scale float64) Estimate {
		return f.at(s, longest*scale, shortest*scale)
	}
	for range 40 {
		if middle := math.Sqrt(low * high); scaled(middle).Tetrahedra.Expected > target {
			low = middle
		} else {
			high = middle
		}
	}
	e := scaled(high)
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
	inside := math.Pow(edge, 1/(1+inwards)) * math.Pow(longest, inwards/(1+inwards))
	return tetrahedraPerFacet*triangles + tetrahedraPerCube*f.Volume/(inside*inside*inside)
}

// nodesOf is the number of nodes of elements of an order: those of order 1, one more on each edge for order 2, and two
// on each edge and one in each triangle for order 3. Edges and triangles follow from Euler's formula.
func nodesOf(triangles, tetrahedra float64, order int) float64 {
	corners := 0.17*tetrahedra + 0.25*triangles
	edges := corners + tetrahedra + triangles/2
	faces := 2*tetrahedra + triangles/2
	switch order {
	case 2:
		return corners + edges
	case 3:
		return corners + 2*edges + faces
	}
	return corners
}
