package surface

import (
	"cmp"
	"math"
	"slices"
)

const (
	// featureAngle is the bend, in degrees, from which on two triangles meet in an edge of the part. CAD divides a circle
	// into twelve chords at least, 30 degrees each, and bends between faces that are meant as such are mostly 45 or 90.
	featureAngle = 40
	// tinyFace is the share of a shell's area below which nobody would pick a face: a rounding of the writer, not a face.
	tinyFace = 1e-5
	// Noise of a scan bends the surface everywhere. A shell of more faces than maxFaces, or of manyFaces of which a good
	// part is one triangle each, is taken for a scan, of which only faces of noisyFace of the area are kept.
	maxFaces  = 500
	manyFaces = 100
	noisyFace = 1e-3
	// zigzag is how many corners a curve may have, and their share of its points, before it is the ragged border of a scan
	zigzagCorners, zigzagShare = 8, 1. / 3
)

// Face is a part of a shell that ends where the surface has an edge. The faces of a shell are ranges of its triangles.
type Face struct {
	Shell        int
	First, Count int // its triangles are Triangles[First : First+Count]
	Area         float64
	Place        [3]float64 // a point on it
	Curves       []int      // that bound it, indices into Curves; none for a closed smooth surface
}

// Curve is an edge of the part between two faces, from corner to corner or closed.
type Curve struct {
	Vertices []int32 // in their order along it; a closed curve ends with its first
	Faces    [2]int  // on its two sides
	Corners  []int   // indices into Corners at its beginning and end; none if it is closed
}

// FindFeatures finds the edges of the part: it fills in Faces, Curves and Corners and puts the triangles of each face side
// by side. Repair has to come first.
func (m *Mesh) FindFeatures() {
	f := &features{Mesh: m, twin: newEdgeTable(m).twins()}
	f.findSharp()
	f.flood()
	f.mergeTiny()
	f.sortByFace()
	f.traceCurves()
}

type features struct {
	*Mesh
	twin  []int32
	sharp []bool  // of each half-edge
	patch []int32 // of each triangle
	count int     // of patches
}

// normals returns the unit normal of each triangle; null for one without area.
func (m *Mesh) normals() [][3]float64 {
	out := make([][3]float64, len(m.Triangles))
	for i, t := range m.Triangles {
		a, b, c := m.corners(t)
		out[i] = unit(cross(sub(b, a), sub(c, a)))
	}
	return out
}

// unit returns v with the length 1, or v where it has none.
func unit(v [3]float64) [3]float64 {
	l := norm(v)
	if l == 0 {
		return v
	}
	return [3]float64{v[0] / l, v[1] / l, v[2] / l}
}

func (f *features) findSharp() {
	f.sharp = make([]bool, len(f.twin))
	normal := f.normals()
	limit := math.Cos(featureAngle * math.Pi / 180)
	for h, g := range f.twin {
		f.sharp[h] = dot(normal[h/3], normal[g/3]) < limit
	}
}

// flood finds the patches: what can be reached without crossing a sharp edge.
func (f *features) flood() {
	f.patch = make([]int32, len(f.Triangles))
	for i := range f.patch {
		f.patch[i] = -1
	}
	var stack []int32
	for first := range f.Triangles {
		if f.patch[first] >= 0 {
			continue
		}
		f.patch[first] = int32(f.count)
		for stack = append(stack, int32(first)); len(stack) > 0; {
			t := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for h := 3 * t; h < 3*t+3; h++ {
				if u := f.twin[h] / 3; !f.sharp[h] && f.patch[u] < 0 {
					f.patch[u] = int32(f.count)
					stack = append(stack, u)
				}
			}
		}
		f.count++
	}
}

// mergeTiny gives patches that are no faces to the neighbour with which they have the longest border.
func (f *features) mergeTiny() {
	limit := f.faceLimits()
	area := make([]float64, f.count)
	for i, t := range f.Triangles {
		a, b, c := f.corners(t)
		area[f.patch[i]] += norm(cross(sub(b, a), sub(c, a))) / 2
	}
	sets := newForest(f.count)
	for {
		border := make([]map[int32]float64, f.count) // of tiny patches, with each neighbour
		var tiny []int32
		for h, g := range f.twin {
			p, q := sets.root(f.patch[h/3]), sets.root(f.patch[g/3])
			if p == q || area[p] >= limit[p] {
				continue
			}
			if border[p] == nil {
				border[p] = map[int32]float64{}
				tiny = append(tiny, p)
			}
			t := f.Triangles[h/3]
			border[p][q] += norm(sub(f.Vertices[t[h%3]], f.Vertices[t[(h+1)%3]]))
		}
		if len(tiny) == 0 {
			break
		}
		slices.SortFunc(tiny, func(p, q int32) int { return cmp.Or(cmp.Compare(area[p], area[q]), cmp.Compare(p, q)) })
		for _, p := range tiny {
			if sets.root(p) != p || area[p] >= limit[p] {
				continue // it has become part of another in this pass, or grown enough
			}
			into := int32(-1)
			for q, length := range border[p] {
				if into < 0 || length > border[p][into] || length == border[p][into] && q < into {
					into = q
				}
			}
			if into = sets.root(into); into != p {
				sum := area[p] + area[into]
				sets.join(p, into)
				area[sets.root(p)] = sum
			}
		}
	}
	for i, p := range f.patch {
		f.patch[i] = sets.root(p)
	}
}

// faceLimits returns for each patch the area that it must have to be a face.
func (f *features) faceLimits() []float64 {
	triangles := make([]int, f.count)
	shell := make([]int, f.count)
	for s, sh := range f.Shells {
		for _, p := range f.patch[sh.First : sh.First+sh.Count] {
			triangles[p]++
			shell[p] = s
		}
	}
	patches, single := make([]int, len(f.Shells)), make([]int, len(f.Shells))
	for p, n := range triangles {
		patches[shell[p]]++
		if n == 1 {
			single[shell[p]]++
		}
	}
	limit := make([]float64, f.count)
	for p := range limit {
		s := shell[p]
		share := tinyFace
		if patches[s] > maxFaces || patches[s] > manyFaces && 4*single[s] > patches[s] {
			share = noisyFace
		}
		limit[p] = share * f.Shells[s].Area
	}
	return limit
}

// sortByFace numbers the patches that are left in the order of their first triangles, as faces, and puts the triangles of
// each side by side.
func (f *features) sortByFace() {
	number := make([]int32, f.count)
	for i := range number {
		number[i] = -1
	}
	f.Faces = nil
	for s, sh := range f.Shells {
		for i := sh.First; i < sh.First+sh.Count; i++ {
			p := f.patch[i]
			if number[p] < 0 {
				number[p] = int32(len(f.Faces))
				f.Faces = append(f.Faces, Face{Shell: s})
			}
			f.patch[i] = number[p]
			f.Faces[number[p]].Count++
		}
	}
	next := make([]int, len(f.Faces))
	for i := 1; i < len(f.Faces); i++ {
		f.Faces[i].First = f.Faces[i-1].First + f.Faces[i-1].Count
		next[i] = f.Faces[i].First
	}
	to := make([]int32, len(f.Triangles))
	triangles := make([][3]int32, len(f.Triangles))
	for i, t := range f.Triangles {
		to[i] = int32(next[f.patch[i]])
		next[f.patch[i]]++
		triangles[to[i]] = t
	}
	patch, twin, sharp := slices.Clone(f.patch), slices.Clone(f.twin), slices.Clone(f.sharp)
	for i, n := range to {
		f.patch[n] = patch[i]
		for k := range int32(3) {
			g := twin[3*int32(i)+k]
			f.twin[3*n+k], f.sharp[3*n+k] = 3*to[g/3]+g%3, sharp[3*int32(i)+k]
		}
	}
	f.Triangles = triangles
	for i := range f.Faces {
		f.measureFace(&f.Faces[i])
	}
}

func (m *Mesh) measureFace(f *Face) {
	f.Area = 0
	largest := -1.
	for _, t := range m.Triangles[f.First : f.First+f.Count] {
		a, b, c := m.corners(t)
		area := norm(cross(sub(b, a), sub(c, a))) / 2
		f.Area += area
		if area > largest {
			largest, f.Place = area, midpoint(a, b, c)
		}
	}
}
