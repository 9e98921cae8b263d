package mesher

import (
	"math"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
	"meshgen/internal/surface"
)

// walls measures how thick the part is behind each place of its surface, where it is thin: a ray goes from the surface into
// the material, and what it meets first, if it faces back, is the other side. Coarse triangles of curved faces are no measure
// of a thin wall (they may even cross), so both ends are taken on the true faces.
type walls struct {
	skin     *skin
	rays     *surface.Rays
	face     []int // of each triangle
	surface  *surface.Mesh
	flat     map[int]bool // faces that are planes, or have no other geometry than their triangles
	across   float64      // edges wanted across a wall
	longest  float64      // edges that are wanted anyway
	shortest float64      // 0, or the least that may be asked for
	slope    float64

	sources  []sizing.Source
	elements float64 // about how many the walls will have
	thinnest float64
	where    diagnosis.Entity
}

const (
	// facing is the least cosine between the normals of two sides of a wall: beyond it, they are a wedge.
	facing = 0.7
	// maxSplits bounds how often a triangle is quartered where the wall behind it is not of one thickness.
	maxSplits = 4
	// uneven is the ratio of thicknesses behind one triangle from which on it is quartered.
	uneven = 1.3
	// perCube is the number of tetrahedra of Gmsh's for the cube of the edge asked for.
	perCube = 4.24
)

// thickness is what was measured behind a part of a triangle. Infinite where no wall is.
type thickness struct{ least, most float64 }

// across returns what wall_elements asks for.
func (j *job) acrossWalls(k *skin, d *demands, z *sizes) ([]sizing.Source, error) {
	across := 1.
	if j.req.Spec.Strategy == spec.Hex { // each edge of a tetrahedron is cut in two, which are longer than the mean edge
		across = float64(hexSize) / hexChords
	}
	w := &walls{
		skin: k, surface: &surface.Mesh{}, flat: map[int]bool{}, across: float64(d.walls) * across, longest: z.longest,
		shortest: j.req.Spec.Size.Min, slope: d.slope(), thinnest: math.Inf(1),
	}
	faces := j.facesInOrder()
	for _, f := range faces {
		w.flat[f] = true
		if j.source.triangle == nil {
			kind, err := gmsh.Kind(gmsh.DimTag{Dim: 2, Tag: f})
			if err != nil {
				return nil, err
			}
			w.flat[f] = kind == "Plane"
		}
		for t := k.faces[f]; len(t) > 0; t = t[3:] {
			n := int32(len(w.surface.Vertices))
			w.surface.Vertices = append(w.surface.Vertices, k.at(t[0]), k.at(t[1]), k.at(t[2]))
			w.surface.Triangles = append(w.surface.Triangles, [3]int32{n, n + 1, n + 2})
			w.face = append(w.face, f)
		}
	}
	w.rays = surface.NewRays(w.surface)
	sides := map[int][]float64{}
	for i := range w.surface.Triangles {
		f := w.face[i]
		inside, known := sides[f]
		if !known {
			var err error
			if inside, err = j.materialBehind(w, i); err != nil {
				return nil, err
			}
			sides[f] = inside
		}
		a, b, c := w.corners(i)
		for _, side := range inside {
			w.measure(i, a, b, c, side, maxSplits)
		}
	}
	if limit := float64(j.maxElements()); w.elements > limit {
		return nil, diagnosis.New(diagnosis.TooLarge,
			"%s across walls as thin as %.3g stand for about %.2g elements; %.2g are allowed.",
			count(d.walls, "element"), w.thinnest, w.elements, limit).
			At(w.where).WithHint("Bound the sizes by size.min, or refine single faces.")
	}
	return w.sources, nil
}

// facesInOrder returns the faces of all solids, each once.
func (j *job) facesInOrder() (faces []int) {
	seen := map[int]bool{}
	for _, s := range j.source.solids {
		for _, f := range s.faces {
			if !seen[f] {
				seen[f] = true
				faces = append(faces, f)
			}
		}
	}
	return faces
}

func (w *walls) corners(i int) (a, b, c [3]float64) {
	t := w.surface.Triangles[i]
	return w.surface.Vertices[t[0]], w.surface.Vertices[t[1]], w.surface.Vertices[t[2]]
}

// normal returns the unit normal of a triangle, false where it has no area.
func normal(a, b, c [3]float64) (n [3]float64, ok bool) {
	u, v := minus(b, a), minus(c, a)
	n = [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	length := distance(n, [3]float64{})
	if length == 0 {
		return n, false
	}
	return [3]float64{n[0] / length, n[1] / length, n[2] / length}, true
}

func minus(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

// along returns the place at a distance from p in a direction.
func along(p, direction [3]float64, distance float64) [3]float64 {
	return [3]float64{p[0] + distance*direction[0], p[1] + distance*direction[1], p[2] + distance*direction[2]}
}

// materialBehind says on which sides of a face material is, by a triangle of it: 1 along its normal, -1 against it. All
// triangles of a face are turned the same way.
func (j *job) materialBehind(w *walls, i int) (sides []float64, err error) {
	a, b, c := w.corners(i)
	n, ok := normal(a, b, c)
	if !ok {
		return nil, nil
	}
	if j.source.triangle != nil {
		return []float64{-1}, nil // shells point outwards, and voids into themselves
	}
	at := w.onFace(w.face[i], middle(a, b, c))
	for _, side := range []float64{1, -1} {
		place := along(at, n, side*10*max(tolerance, 1e-7*j.source.diagonal()))
		for _, s := range j.source.solids {
			in, err := gmsh.Contains(gmsh.DimTag{Dim: 3, Tag: s.tag}, place)
			if err != nil {
				return nil, err
			}
			if in {
				sides = append(sides, side)
				break
			}
		}
	}
	return sides, nil
}

func middle(a, b, c [3]float64) (p [3]float64) {
	for k := range p {
		p[k] = (a[k] + b[k] + c[k]) / 3
	}
	return p
}

// onFace returns the place of a face that is nearest to one on its triangles.
func (w *walls) onFace(face int, p [3]float64) [3]float64 {
	if w.flat[face] {
		return p
	}
	if q, _, err := gmsh.ClosestPoint(gmsh.DimTag{Dim: 2, Tag: face}, p); err == nil {
		return q
	}
	return p
}

// measure asks for the size that a part of triangle i needs, for the material on one side of it.
func (w *walls) measure(i int, a, b, c [3]float64, side float64, splits int) {
	n, ok := normal(a, b, c)
	if !ok {
		return
	}
	inwards := [3]float64{side * n[0], side * n[1], side * n[2]}
	m := middle(a, b, c)
	found := thickness{math.Inf(1), 0}
	for _, p := range [][3]float64{m, towards(m, a), towards(m, b), towards(m, c)} {
		t := w.behind(i, p, inwards)
		found.least, found.most = min(found.least, t), max(found.most, t)
	}
	if math.IsInf(found.least, 1) {
		return
	}
	span := max(distance(a, b), distance(b, c), distance(c, a))
	if splits > 0 && found.most > uneven*found.least && span > found.least {
		ab, bc, ca := half(a, b), half(b, c), half(c, a)
		w.measure(i, a, ab, ca, side, splits-1)
		w.measure(i, ab, b, bc, side, splits-1)
		w.measure(i, ca, bc, c, side, splits-1)
		w.measure(i, ab, bc, ca, side, splits-1)
		return
	}
	size := max(found.least/w.across, w.shortest)
	if size >= w.longest {
		return
	}
	w.sources = append(w.sources, sizing.Source{Shape: sizing.Triangle(a, b, c), Size: size, From: size / 2, Slope: w.slope})
	if found.least < w.thinnest {
		w.thinnest = found.least
		w.where = diagnosis.Entity{Dim: 2, Tag: w.face[i], Point: &m}
	}
	area := distance(a, b) * height(a, b, c) / 2
	edge := inward * size
	w.elements += perCube * area * found.least / 2 / (edge * edge * edge) // each side has half of the wall
}

// towards returns a place between the middle of a triangle and a corner, well within.
func towards(m, corner [3]float64) [3]float64 { return along(m, minus(corner, m), 0.85) }

func half(a, b [3]float64) [3]float64 { return along(a, minus(b, a), 0.5) }

// height returns the distance of c from the line through a and b.
func height(a, b, c [3]float64) float64 {
	u, v := minus(b, a), minus(c, a)
	n := [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	return distance(n, [3]float64{}) / max(distance(a, b), math.SmallestNonzeroFloat64)
}

// behind returns the thickness of the wall behind a place of triangle i, infinite where there is none that matters.
func (w *walls) behind(i int, p, inwards [3]float64) float64 {
	face := w.face[i]
	from := w.onFace(face, p)
	bulge := distance(from, p) // how far the triangles are off the face
	reach := w.longest * w.across
	start, end := along(from, inwards, -2*bulge), along(from, inwards, reach+2*bulge)
	length := distance(start, end)
	best := math.Inf(1)
	hit := -1
	for k, share := range w.rays.Hits(start, end) {
		at := share*length - 2*bulge
		if k == i || at >= best || (w.face[k] == face && at < 4*bulge+1e-6*reach) {
			continue
		}
		a, b, c := w.corners(k)
		n, ok := normal(a, b, c)
		if !ok || math.Abs(n[0]*inwards[0]+n[1]*inwards[1]+n[2]*inwards[2]) < facing {
			continue
		}
		best, hit = at, k
	}
	if hit < 0 {
		return best
	}
	if other := w.face[hit]; !w.flat[other] {
		// The projection is onto the whole surface of the face, which may go on beyond its bounds: it is believed as far as the
		// triangles can be off the faces.
		at := along(from, inwards, best)
		slack := bulge + distance(at, w.onFace(other, at)) + math.Abs(best)/2
		if exact := distance(from, w.onFace(other, from)); exact > 0 && math.Abs(exact-best) <= slack {
			best = exact
		}
	}
	if best <= tolerance {
		return math.Inf(1) // a face that goes on in another
	}
	return best
}

// maxElements is the number of elements that a mesh may have.
func (j *job) maxElements() int64 {
	if j.req.MaxElements > 0 {
		return j.req.MaxElements
	}
	return defaultMaxElements
}

const defaultMaxElements = 100_000_000
