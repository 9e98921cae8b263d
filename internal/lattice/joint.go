package lattice

import (
	"errors"
	"math"

	"meshgen/internal/field"
	"meshgen/internal/sizing"
)

// Joint is solids that share faces. One lattice fills them all, and is divided among them along the faces that two of them share, the
// walls.
type Joint struct {
	Outside  *field.Surface // the surface of all solids together, to be filled
	All      *field.Surface // all faces, the walls too, each once: to be asked for distances
	Features *Features      // of all faces
	Outline  *Features      // of those outside

	vertices  [][3]float64
	triangles [][3]int32 // those outside first
	face      []int32    // of each triangle
	outside   int        // how many triangles are
	sides     map[int32]Sides
	solids    []*field.Surface
}

// Sides are the solids on both sides of a face, the lesser first; the second is Nobody where there is one alone.
type Sides [2]int32

// Nobody has a number that no solid has.
const Nobody = -1

// ErrDivide is returned where a mesh could not be divided among its solids so that each has the faces that it has in the CAD.
var ErrDivide = errors.New("lattice: solids meet in the mesh that share no face")

func (s Sides) wall() bool { return s[1] != Nobody }

func (s Sides) has(solid int32) bool { return s[0] == solid || s[1] == solid }

// NewJoint joins solids, each of which is known by its own surface, too. Triangles outside are counter-clockwise seen from there.
func NewJoint(vertices [][3]float64, triangles [][3]int32, face []int32, sides map[int32]Sides, solids []*field.Surface, threads int) (*Joint, error) {
	j := &Joint{vertices: vertices, sides: sides, solids: solids}
	for _, walls := range [2]bool{false, true} {
		for i, t := range triangles {
			if sides[face[i]].wall() == walls {
				j.triangles, j.face = append(j.triangles, t), append(j.face, face[i])
			}
		}
		if !walls {
			j.outside = len(j.triangles)
		}
	}
	var err error
	if j.Outside, err = field.Prepare(vertices, j.triangles[:j.outside], field.Options{Threads: threads}); err != nil {
		return nil, err
	}
	if j.All, err = field.Bare(vertices, j.triangles, threads); err != nil {
		return nil, err
	}
	j.Features = findFeatures(vertices, j.triangles, j.face, true)
	j.Outline = FindFeatures(vertices, j.triangles[:j.outside], j.face[:j.outside])
	return j, nil
}

// SetThreads says how many threads are used from now on.
func (j *Joint) SetThreads(n int) {
	j.Outside.SetThreads(n)
	j.All.SetThreads(n)
	for _, s := range j.solids {
		s.SetThreads(n)
	}
}

// OutsideFaces returns the face of each triangle outside.
func (j *Joint) OutsideFaces() []int32 { return j.face[:j.outside] }

// Triangles returns those of all faces, and the face of each.
func (j *Joint) Triangles() (triangles [][3]int32, face []int32) { return j.triangles, j.face }

// WallArea returns the area of the walls.
func (j *Joint) WallArea() float64 { return Area(j.vertices, j.triangles[j.outside:]) }

// steepestAtWalls bounds how fast edges grow away from walls: a cube is asked for in its middle, and is to be small where a wall passes
// through a corner of it.
const steepestAtWalls = 0.5

// Graded has a lattice of some edge stay as fine at the walls as it is on the surface.
func (j *Joint) Graded(g Grading, edge float64) Grading {
	sources := make([]sizing.Source, 0, len(j.triangles)-j.outside)
	for _, t := range j.triangles[j.outside:] {
		sources = append(sources, sizing.Source{
			Shape: sizing.Triangle(j.vertices[t[0]], j.vertices[t[1]], j.vertices[t[2]]), Size: edge, From: edge, Slope: steepestAtWalls,
		})
	}
	walls, wanted := sizing.New(sources), g.Size
	g.Size = func(p [3]float64) float64 {
		limit := math.Inf(1)
		if wanted != nil {
			limit = wanted(p)
		}
		return walls.At(p, limit)
	}
	return g
}

// walls returns the faces that a solid shares with those that are not done with, and the number of each triangle.
func (j *Joint) walls(solid int32, done []bool) (s *field.Surface, number []int32, err error) {
	var triangles [][3]int32
	for i := j.outside; i < len(j.triangles); i++ {
		if sides := j.sides[j.face[i]]; sides.has(solid) && !done[sides[0]] && !done[sides[1]] && areaOf(j.vertices, j.triangles[i]) > 0 {
			triangles, number = append(triangles, j.triangles[i]), append(number, int32(i))
		}
	}
	if len(triangles) == 0 {
		return nil, nil, nil
	}
	s, err = field.Bare(j.vertices, triangles, j.All.Threads())
	return s, number, err
}
