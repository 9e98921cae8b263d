// Package surface holds triangle surfaces: it reads STL, finds what is wrong with the triangles, mends what can be mended
// without guessing, and says which shells bound which solids.
//
//	Read    bytes → triangles over shared vertices; refuses what is not a list of triangles of finite numbers
//	Repair  drops what has no area or is there twice, turns what points the wrong way; refuses what has no inside:
//	        open edges, edges of three triangles, surfaces that pass through themselves
//
// After Repair the surface is a set of closed shells of which none touches itself or another (but in single vertices),
// and the signed volumes of all shells add up to what they enclose.
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

// Read reads an STL file, ASCII or binary. Vertices with equal coordinates become one; nothing else is changed.
func Read(path string) (*Mesh, *diagnosis.Diagnosis) {
	return nil, diagnosis.New(diagnosis.Internal, "The reader of STL is not built yet.")
}

// Repair makes the surface one that a volume mesher can fill, or says why it is not: see the package comment. It
// returns what it changed as warnings. On a refusal the mesh is left in an unspecified state.
func (m *Mesh) Repair() ([]diagnosis.Diagnosis, *diagnosis.Diagnosis) {
	return nil, nil
}

// Box returns the bounding box of all vertices.
func (m *Mesh) Box() Box { return Box{} }

// Volume returns what the shells enclose together, voids left out. Repair has to come first.
func (m *Mesh) Volume() float64 { return 0 }

// SolidVolume returns the volume of a solid, its voids left out.
func (m *Mesh) SolidVolume(s Solid) float64 { return 0 }
