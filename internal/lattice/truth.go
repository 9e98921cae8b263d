package lattice

import (
	"math"

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

// Compare measures the distance between a mesh and the triangles of a surface s that it was made from, on as many threads as that has.
func (m *Mesh) Compare(s *field.Surface, vertices [][3]float64, triangles [][3]int32) (Truth, error) {
	var truth Truth
	truth.OfMesh, _ = far(s, m.surfacePoints())

	own := make([][3]float64, len(m.XYZ)/3-m.Inside)
	for i := range own {
		own[i] = m.At(int32(m.Inside + i))
	}
	tris := make([][3]int32, len(m.Tris)/3)
	for i := range tris {
		for k := range 3 {
			tris[i][k] = m.Tris[3*i+k] - int32(m.Inside)
		}
	}
	mine, err := field.Prepare(own, tris, field.Options{AsGiven: true, Threads: s.Threads()})
	if err != nil {
		return truth, err
	}
	truth.OfSurface, truth.Farthest = far(mine, pointsOf(vertices, triangles))
	return truth, nil
}

// surfacePoints returns the middles of the triangles of the mesh's surface, and of their edges: its nodes lie on the surface.
func (m *Mesh) surfacePoints() (out [][3]float64) {
	out = make([][3]float64, 0, 2*len(m.Tris)/3)
	for i := 0; i < len(m.Tris); i += 3 {
		t := m.Tris[i : i+3]
		out = append(out, m.centre(t))
		for k := range 3 {
			if a, b := t[k], t[(k+1)%3]; a < b {
				out = append(out, m.centre([]int32{a, b}))
			}
		}
	}
	return out
}

// pointsOf spreads points over triangles: one at each corner, and inside in proportion to their area.
func pointsOf(vertices [][3]float64, triangles [][3]int32) (out [][3]float64) {
	total := Area(vertices, triangles)
	if !(total > 0) {
		return nil
	}
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

func far(s *field.Surface, points [][3]float64) (d Distance, at [3]float64) {
	for i, hit := range s.Nearest(points, math.Inf(1)) {
		d.Mean += hit.Distance / float64(len(points))
		if hit.Distance > d.Max {
			d.Max, at = hit.Distance, points[i]
		}
	}
	return d, at
}
