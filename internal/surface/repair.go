package surface

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
)

// maxPlaces is how many places a diagnosis lists.
const maxPlaces = 10

// Repair makes the surface one that a volume mesher can fill, or says why it is not: see the package comment. It
// returns what it changed, or passed over, as warnings. On a refusal the mesh is left half mended.
func (m *Mesh) Repair() ([]diagnosis.Diagnosis, *diagnosis.Diagnosis) {
	r := newRepair(m)
	d := r.run()
	return r.warnings, d
}

// repair is a mesh under repair.
type repair struct {
	*Mesh
	number   []int32 // of each triangle in the file, from 1; the kind of hole where it closes one
	diagonal float64 // of the bounding box
	flatness float64 // a triangle that is not higher than this has no area
	warnings []diagnosis.Diagnosis
}

func newRepair(m *Mesh) *repair {
	r := &repair{Mesh: m, warnings: slices.Clone(m.notes), number: make([]int32, len(m.Triangles))}
	for i := range r.number {
		r.number[i] = int32(i + 1)
	}
	return r
}

func (r *repair) run() *diagnosis.Diagnosis {
	total := len(r.Triangles)
	if total == 0 {
		return diagnosis.New(diagnosis.EmptyModel, "The file holds no triangle.")
	}
	if d := r.measure(); d != nil {
		return d
	}
	r.joinNeighbours()
	r.dropCollapsed()
	r.dropDuplicates()
	if d := r.mendFlat(); d != nil {
		return d
	}
	if len(r.Triangles) == 0 {
		return diagnosis.New(diagnosis.DegenerateGeometry, "None of the %d triangles has an area.", total)
	}
	if d := r.refuseOpen(); d != nil {
		return d
	}
	r.dropUnusedVertices()

	parts := r.components()
	r.sortByShell(parts)
	tree := newTree(r.Mesh)
	if d := r.refuseCrossing(tree); d != nil {
		return d
	}
	if parts.twisted {
		return diagnosis.New(diagnosis.SelfIntersecting, "The surface has one side only, like a Klein bottle.")
	}
	return r.orient(parts, tree)
}

// measure sets the lengths that depend on the size of the part.
func (r *repair) measure() *diagnosis.Diagnosis {
	box := r.Box()
	r.diagonal = box.Diagonal()
	if r.diagonal == 0 {
		return diagnosis.New(diagnosis.DegenerateGeometry, "All %d triangles lie in one point.", len(r.Triangles))
	}
	// the predicates multiply three lengths; far below this they would leave the range of doubles
	if r.diagonal < 1e-30 {
		return diagnosis.New(diagnosis.BelowTolerance, "The whole part is %g units long.", r.diagonal)
	}
	far := 0.0
	for k := range 3 {
		far = max(far, math.Abs(box.Min[k]), math.Abs(box.Max[k]))
	}
	// 1e-10 of the part is below what any file of it means; a few steps of a double at its place is all that is known
	r.flatness = max(1e-10*r.diagonal, 4*far*0x1p-52)
	return nil
}

// repaired notes a change as a warning.
func (r *repair) repaired(places []diagnosis.Entity, format string, args ...any) {
	r.warnings = append(r.warnings, *diagnosis.New(diagnosis.Repaired, format, args...).At(places...))
}

// placeOf is a triangle as a place of a diagnosis: a face with the triangle's number in the file, if it is in the file.
func (r *repair) placeOf(triangle int) diagnosis.Entity {
	a, b, c := r.corners(r.Triangles[triangle])
	p := midpoint(a, b, c)
	if r.number[triangle] <= 0 {
		return diagnosis.Entity{Dim: 2, Name: "triangle that closes a hole", Point: &p}
	}
	return diagnosis.Entity{Dim: 2, Tag: int(r.number[triangle]), Name: fmt.Sprintf("triangle %d", r.number[triangle]), Point: &p}
}

// places lists the first few triangles.
func (r *repair) places(triangles []int) []diagnosis.Entity {
	var out []diagnosis.Entity
	for _, t := range triangles[:min(len(triangles), maxPlaces)] {
		out = append(out, r.placeOf(t))
	}
	return out
}

// keepOnly drops the triangles for which keep is false.
func (r *repair) keepOnly(keep func(i int) bool) {
	n := 0
	for i := range r.Triangles {
		if keep(i) {
			r.Triangles[n], r.number[n] = r.Triangles[i], r.number[i]
			n++
		}
	}
	r.Triangles, r.number = r.Triangles[:n], r.number[:n]
}

// drop drops the triangles listed in ascending order.
func (r *repair) drop(triangles []int) {
	r.keepOnly(func(i int) bool {
		if len(triangles) > 0 && triangles[0] == i {
			triangles = triangles[1:]
			return false
		}
		return true
	})
}

// dropUnusedVertices leaves the vertices that triangles use, in their order.
func (r *repair) dropUnusedVertices() {
	index := make([]int32, len(r.Vertices))
	for _, t := range r.Triangles {
		for _, v := range t {
			index[v] = 1
		}
	}
	n := int32(0)
	for v, used := range index {
		if used == 1 {
			r.Vertices[n] = r.Vertices[v]
			index[v] = n
			n++
		}
	}
	r.Vertices = r.Vertices[:n]
	for i := range r.Triangles {
		for k, v := range r.Triangles[i] {
			r.Triangles[i][k] = index[v]
		}
	}
}

// refuseOpen refuses a surface of which an edge has not exactly two triangles, or of which all triangles lie in a plane.
func (r *repair) refuseOpen() *diagnosis.Diagnosis {
	open, crowded := newEdgeTable(r.Mesh).census()
	if len(open) > 0 && r.weldSeams(open) {
		open, crowded = newEdgeTable(r.Mesh).census()
	}
	if len(open) > 0 && len(crowded) == 0 && r.closeHoles(open) {
		if d := r.mendFlat(); d != nil { // the lid of a crack has no area
			return d
		}
		open, crowded = newEdgeTable(r.Mesh).census()
	}
	switch {
	case len(open) > 0:
		return r.openEdges(open, len(crowded))
	case r.isPlane():
		return diagnosis.New(diagnosis.NoVolume, "All triangles lie in one plane, so that they enclose nothing.")
	case len(crowded) > 0:
		d := diagnosis.New(diagnosis.NonManifold, "At %s more than two triangles meet.", count(len(crowded), "edge"))
		for i, e := range crowded[:min(len(crowded), maxPlaces)] {
			p := midpoint(r.Vertices[e.low], r.Vertices[e.high])
			d.At(diagnosis.Entity{Dim: 1, Tag: i + 1, Name: fmt.Sprintf("edge of %d triangles", len(e.sides)), Point: &p})
		}
		return d
	}
	return nil
}

// openEdges is the diagnosis of a surface with open edges: it groups them to holes, the largest first.
func (r *repair) openEdges(open []edge, crowded int) *diagnosis.Diagnosis {
	// open edges that share vertices bound one hole (or sheet); two holes that touch count as one
	sets := newForest(len(r.Vertices))
	for _, e := range open {
		sets.join(e.low, e.high)
	}
	type hole struct {
		edges  int
		around float64
		box    Box
		sum    [3]float64
	}
	byRoot := map[int32]*hole{}
	var holes []*hole
	for _, e := range open {
		h := byRoot[sets.root(e.low)]
		if h == nil {
			h = &hole{box: emptyBox()}
			byRoot[sets.root(e.low)] = h
			holes = append(holes, h)
		}
		h.edges++
		h.around += norm(sub(r.Vertices[e.low], r.Vertices[e.high]))
		for _, v := range [2]int32{e.low, e.high} {
			h.box.add(r.Vertices[v])
			for k, x := range r.Vertices[v] {
				h.sum[k] += x / 2
			}
		}
	}
	slices.SortStableFunc(holes, func(a, b *hole) int { return cmp.Compare(b.box.Diagonal(), a.box.Diagonal()) })

	also := ""
	if crowded > 0 {
		also = fmt.Sprintf(" At %s more than two triangles meet.", count(crowded, "edge"))
	}
	d := diagnosis.New(diagnosis.NotWatertight, "The surface has %s around %s; the largest is %.3g across.%s",
		count(len(open), "open edge"), count(len(holes), "hole"), holes[0].box.Diagonal(), also)
	for i, h := range holes[:min(len(holes), maxPlaces)] {
		var centre [3]float64
		for k := range centre {
			centre[k] = h.sum[k] / float64(h.edges)
		}
		d.At(diagnosis.Entity{Dim: 1, Tag: i + 1, Name: holeName(h.edges, h.box.Diagonal(), h.around), Point: &centre})
	}
	return d
}

// isPlane reports whether all triangles lie in one plane.
func (r *repair) isPlane() bool {
	var normal [3]float64
	for _, t := range r.Triangles {
		a, b, c := r.corners(t)
		if n := cross(sub(b, a), sub(c, a)); norm(n) > norm(normal) {
			normal = n
		}
	}
	length := norm(normal)
	origin := r.Vertices[r.Triangles[0][0]]
	for _, t := range r.Triangles {
		for _, v := range t {
			if math.Abs(dot(normal, sub(r.Vertices[v], origin))) > r.flatness*length {
				return false
			}
		}
	}
	return true
}

// count says how many of something there are, in words for people.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
