package lattice

import (
	"math"
	"unsafe"

	"meshgen/internal/field"
)

// Truth says how far a mesh is from the surface that it fills.
type Truth struct {
	// OfMesh is how far points of the mesh's surface lie from the surface, OfSurface how far points of the surface lie from
	// the mesh's: sampled at nodes and within triangles. The greater of both maxima is the Hausdorff distance, sampled.
	OfMesh, OfSurface Distance
	Farthest          [3]float64 // the point of the surface that is farthest from the mesh
}

// Distance is how far points are from something.
type Distance struct {
	Max, Mean float64
}

// samplesOfSurface is about how many points of the surface are looked at, beside its vertices.
const samplesOfSurface = 50_000

// Compare measures the distance between a mesh and a surface s that it was made from by a lattice of some edge, on as many threads as that
// has; samples are those of its triangles. It looks at so many points of either at most, evenly spread; 0 is no bound.
func (m *Mesh) Compare(s *field.Surface, edge float64, samples [][3]float64, most int) (Truth, error) {
	var truth Truth
	truth.OfMesh, _ = far(s, edge, m.surfacePoints(most))
	mine, err := field.Bare(triples(m.XYZ), triples(m.Tris), s.Threads())
	if err != nil {
		return truth, err
	}
	truth.OfSurface, truth.Farthest = far(mine, edge, thinned(samples, most))
	return truth, nil
}

// thinned returns so many of the points at most, evenly spread over their order, which is that of the triangles.
func thinned(points [][3]float64, most int) [][3]float64 {
	if most <= 0 || len(points) <= most {
		return points
	}
	out := make([][3]float64, most)
	for i := range out {
		out[i] = points[i*len(points)/most]
	}
	return out
}

// triples sees values by three.
func triples[T any](values []T) [][3]T {
	return unsafe.Slice((*[3]T)(unsafe.Pointer(unsafe.SliceData(values))), len(values)/3)
}

// surfacePoints returns the middles of the triangles of the mesh's surface, and of their edges: its nodes lie on the surface. They are those that
// thinned takes of all.
func (m *Mesh) surfacePoints(most int) [][3]float64 {
	tris, at := triples(m.Tris), triples(m.XYZ)
	all := len(tris)
	for _, t := range tris {
		for c := range 3 {
			if t[c] < t[(c+1)%3] {
				all++
			}
		}
	}
	wanted := all
	if most > 0 {
		wanted = min(all, most)
	}
	out := make([][3]float64, 0, wanted)
	number, next := 0, 0 // of the point that it is the turn of, and of the next that is wanted
	for _, t := range tris {
		if number == next {
			var p [3]float64
			for _, n := range t {
				for k := range 3 {
					p[k] += at[n][k] / 3
				}
			}
			out = append(out, p)
			next = len(out) * all / wanted
		}
		number++
		for c := range 3 {
			a, b := t[c], t[(c+1)%3]
			if a >= b {
				continue
			}
			if number == next {
				out = append(out, [3]float64{at[a][0]/2 + at[b][0]/2, at[a][1]/2 + at[b][1]/2, at[a][2]/2 + at[b][2]/2})
				next = len(out) * all / wanted
			}
			number++
		}
	}
	return out
}

// Samples spreads points over triangles: one at each corner, and inside in proportion to their area.
func Samples(vertices [][3]float64, triangles [][3]int32) (out [][3]float64) {
	total := Area(vertices, triangles)
	if !(total > 0) {
		return nil
	}
	out = make([][3]float64, 0, samplesOfSurface+len(vertices)+1)
	const phi1, phi2 = 0.7548776662466927, 0.5698402909980532 // of the plastic number: the points of the sequence lie evenly
	sum, n := 0., 0
	met := make([]bool, len(vertices))
	for _, t := range triangles {
		a, b, c := vertices[t[0]], vertices[t[1]], vertices[t[2]]
		for _, v := range t {
			if !met[v] {
				met[v] = true
				out = append(out, vertices[v])
			}
		}
		for sum += areaOf(vertices, t) / total * samplesOfSurface; float64(n) < sum; n++ {
			_, u := math.Modf(float64(n) * phi1)
			_, v := math.Modf(float64(n) * phi2)
			if u+v > 1 {
				u, v = 1-u, 1-v
			}
			var p [3]float64
			for k := range 3 {
				p[k] = a[k] + u*(b[k]-a[k]) + v*(c[k]-a[k])
			}
			out = append(out, p)
		}
	}
	return out
}

// Area returns that of triangles.
func Area(vertices [][3]float64, triangles [][3]int32) (sum float64) {
	for _, t := range triangles {
		sum += areaOf(vertices, t)
	}
	return sum
}

func areaOf(vertices [][3]float64, t [3]int32) float64 {
	a := vertices[t[0]]
	return norm(cross(sub(vertices[t[1]], a), sub(vertices[t[2]], a))) / 2
}

func far(s *field.Surface, edge float64, points [][3]float64) (d Distance, at [3]float64) {
	for i, distance := range s.Distances(points, edge) {
		d.Mean += distance / float64(len(points))
		if distance > d.Max {
			d.Max, at = distance, points[i]
		}
	}
	return d, at
}
