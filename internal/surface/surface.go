// Package surface holds triangle surfaces: it reads STL, finds what is wrong with the triangles, mends what can be mended
// without guessing, and says which shells bound which solids.
//
//	Read    bytes → triangles over shared vertices; refuses what is not a list of triangles of finite numbers
//	Repair  drops what has no area or is there twice, closes small holes, turns what points the wrong way; refuses what has
//	        no inside: wide openings, edges of three triangles, surfaces that pass through themselves
//
// After Repair the surface is a set of closed shells of which none touches itself or another (but in vertices that they
// share), and the signed volumes of all shells add up to what they enclose. Whether triangles cross is decided in exact
// arithmetic (predicates.go), so that the answer depends neither on the scale nor on the place of the part.
package surface

import (
	"math"

	"meshgen/internal/diagnosis"
)

// Mesh is a triangle surface. Lengths are in the file's own unit.
type Mesh struct {
	Vertices  [][3]float64
	Triangles [][3]int32 // indices into Vertices; counter-clockwise seen from outside, after Repair

	Shells []Shell // set by Repair: each a range of Triangles
	Solids []Solid // set by Repair

	Faces   []Face  // set by FindFeatures: each a range of Triangles
	Curves  []Curve // set by FindFeatures
	Corners []int32 // set by FindFeatures: vertices

	notes []diagnosis.Diagnosis // what Read passed over; Repair hands them out with its own warnings
}

// Shell is a closed, connected part of the surface.
type Shell struct {
	First, Count int     // its triangles are Triangles[First : First+Count]
	Volume       float64 // enclosed; negative for a shell that bounds a void
	Area         float64
	Box          Box
}

// Solid is what one outer shell encloses, less its voids.
type Solid struct {
	Outer int   // index into Shells
	Voids []int // indices into Shells
}

// Box is an axis-aligned bounding box.
type Box struct {
	Min, Max [3]float64
}

// Diagonal returns the length of the box's diagonal.
func (b Box) Diagonal() float64 {
	return math.Hypot(math.Hypot(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]), b.Max[2]-b.Min[2])
}

// emptyBox contains nothing: adding a point makes it that point.
func emptyBox() Box {
	inf := math.Inf(1)
	return Box{Min: [3]float64{inf, inf, inf}, Max: [3]float64{-inf, -inf, -inf}}
}

func (b *Box) add(p [3]float64) {
	for k, x := range p {
		b.Min[k] = min(b.Min[k], x)
		b.Max[k] = max(b.Max[k], x)
	}
}

func (b *Box) join(o Box) {
	b.add(o.Min)
	b.add(o.Max)
}

func (b *Box) overlaps(o *Box) bool {
	return b.Min[0] <= o.Max[0] && o.Min[0] <= b.Max[0] &&
		b.Min[1] <= o.Max[1] && o.Min[1] <= b.Max[1] &&
		b.Min[2] <= o.Max[2] && o.Min[2] <= b.Max[2]
}

func (b Box) centre() [3]float64 {
	return [3]float64{(b.Min[0] + b.Max[0]) / 2, (b.Min[1] + b.Max[1]) / 2, (b.Min[2] + b.Max[2]) / 2}
}

// Box returns the bounding box of all vertices; the zero box where there is none.
func (m *Mesh) Box() Box {
	if len(m.Vertices) == 0 {
		return Box{}
	}
	box := emptyBox()
	for _, v := range m.Vertices {
		box.add(v)
	}
	return box
}

// Volume returns what the solids hold together, voids left out. Repair has to come first.
func (m *Mesh) Volume() float64 {
	sum := 0.0
	for _, s := range m.Shells {
		sum += s.Volume
	}
	return sum
}

// SolidVolume returns what one solid holds, its voids left out.
func (m *Mesh) SolidVolume(s Solid) float64 {
	sum := m.Shells[s.Outer].Volume
	for _, v := range s.Voids {
		sum += m.Shells[v].Volume
	}
	return sum
}

// corners returns the three points of a triangle.
func (m *Mesh) corners(t [3]int32) (a, b, c [3]float64) {
	return m.Vertices[t[0]], m.Vertices[t[1]], m.Vertices[t[2]]
}

func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func norm(a [3]float64) float64 { return math.Sqrt(dot(a, a)) }

func midpoint(points ...[3]float64) [3]float64 {
	var sum [3]float64
	for _, p := range points {
		for k := range sum {
			sum[k] += p[k] / float64(len(points))
		}
	}
	return sum
}
