package mesher

import (
	"math"
	"runtime"
	"sync/atomic"

	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/threads"
)

// filling is how the elements of a solid lie in the surface mesh around it.
//
// Each triangle and quadrangle of the surface has to be a face of exactly one element of the solid. That element says on
// which side the solid is, so the volume that the surface encloses follows from the surface alone, and it has to be the sum
// of the elements: what is missing or doubled inside shows in the sum, what is missing at the surface as a bare face.
// Every other face of an element has to be the face of one more: two triangles against a quadrangle, or a node in the
// middle of a neighbour's edge, leave the volume whole but tear the solution apart.
type filling struct {
	elements int
	volume   float64 // sum of the elements
	enclosed float64 // inside the surface mesh
	gap      float64 // what the surface lacks to be closed: the sum of its outward areas, as a share of all area

	bare     []site // triangles and quadrangles without an element, the first few
	bares    int
	inverted []site
	inverts  int
	flat     []site
	flats    int
	hanging  []site // faces within the solid that not exactly two elements share
	hangs    int

	outward map[int][]int8 // of each face's elements: 1 where Gmsh's order of nodes points out of the solid, -1 into it
}

// site is a place in the mesh.
type site struct {
	dim, tag int
	point    [3]float64
}

// maxSites bounds how many places are noted of each kind.
const maxSites = 5

// flatSICN is the quality below which a tetrahedron has no volume to speak of: its corners lie in a plane to about the
// precision that solvers work with. Slivers of an STL and thin plates come near to it (1e-5, 1e-4) and are legitimate. Other
// shapes are judged by their scaled Jacobian, since a prism of a boundary layer may be a millionth of its width high.
const flatSICN = 1e-6

// measure looks at every solid. It uses no Gmsh, and runs on all processors.
func (s *snapshot) measure(centre [3]float64) []filling {
	out := make([]filling, len(s.solids))
	var next atomic.Int64
	threads.Run(min(runtime.GOMAXPROCS(0), len(out)), func(int) {
		for i := int(next.Add(1)) - 1; i < len(out); i = int(next.Add(1)) - 1 {
			out[i] = s.fill(&s.solids[i], centre)
		}
	})
	return out
}

// fill measures one solid.
func (s *snapshot) fill(solid *solidMesh, centre [3]float64) filling {
	f := filler{s: s, solid: solid, centre: centre, surface: s.shellOf(solid)}
	f.out.elements, f.out.outward = solid.elements(), map[int][]int8{}
	for _, b := range solid.blocks {
		if b.Kind.Shape() == mesh.ATetrahedron {
			f.tetrahedra(b)
		} else {
			f.others(b)
		}
	}
	if f.total > 0 {
		f.out.gap = math.Sqrt(f.area[0]*f.area[0]+f.area[1]*f.area[1]+f.area[2]*f.area[2]) / f.total
	}
	if f.unpaired != 0 {
		f.findHanging()
	}
	for t, face := range f.surface.face {
		if t == 0 || face != f.surface.face[t-1] {
			last := t + 1 // of a run of elements of one face
			for last < len(f.surface.face) && f.surface.face[last] == face {
				last++
			}
			f.out.outward[face] = append(f.out.outward[face], f.surface.side[t:last]...)
		}
		if f.surface.hits[t] == 0 {
			f.out.bares++
			f.out.bare = s.note(f.out.bare, 2, face, f.surface.corners(t))
		}
	}
	return f.out
}

// filler goes through the elements of a solid.
type filler struct {
	s       *snapshot
	solid   *solidMesh
	centre  [3]float64
	surface *shell
	out     filling
	area    [3]float64 // of the surface, pointing outwards
	total   float64    // of the surface, doubled
	// unpaired is the exclusive or of a hash of every face within the solid: zero where all occur twice. It costs no memory,
	// and only where it is not zero are the faces looked for.
	unpaired uint64
}

func (f *filler) at(node uint64) [3]float64 {
	p := f.s.XYZ[3*node : 3*node+3]
	return [3]float64{p[0] - f.centre[0], p[1] - f.centre[1], p[2] - f.centre[2]}
}

// judge notes an element that is inverted or flat.
func (f *filler) judge(value float64, nodes []uint64) {
	switch {
	case value < 0:
		f.out.inverts++
		f.out.inverted = f.s.note(f.out.inverted, 3, f.solid.tag, nodes)
	case !(value >= flatSICN): // no number at all where corners coincide
		f.out.flats++
		f.out.flat = f.s.note(f.out.flat, 3, f.solid.tag, nodes)
	}
}

// outwardFaces are the corners of a positive tetrahedron's faces, in the order that is counter-clockwise from outside.
var outwardFaces = [4][3]int{{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}}

// others measures prisms, pyramids and hexahedra.
func (f *filler) others(block *mesh.Block) {
	shape, step := block.Kind.Shape(), block.Kind.Nodes()
	points := make([][3]float64, shape.Corners())
	for e := 0; e < len(block.Nodes); e += step {
		n := block.Nodes[e : e+shape.Corners()]
		for i, node := range n {
			points[i] = f.at(node)
		}
		m := quality.Straight(shape, points)
		f.out.volume += m.Volume
		f.judge(m.Jacobian, n)
		for _, c := range shape.Faces() {
			if !f.touch(n, points, c, m.Volume < 0) {
				f.unpaired ^= hashOf(n, c)
			}
		}
	}
}

// touch looks whether a face of an element is one of the surface, and if so adds what it encloses. A face of an inverted
// element is turned around.
func (f *filler) touch(nodes []uint64, points [][3]float64, face []int, inverted bool) bool {
	index, same := f.surface.find(nodes, face)
	if index < 0 {
		return false
	}
	f.add(index, same, points, face, inverted)
	return true
}

// add notes that a face of an element is a triangle or quadrangle of the surface, and adds what it encloses.
func (f *filler) add(index int32, same bool, points [][3]float64, face []int, inverted bool) {
	sign := 1.
	if inverted {
		sign, same = -1, !same
	}
	f.surface.hits[index]++
	f.surface.side[index] = -1
	if same {
		f.surface.side[index] = 1
	}
	f.out.enclosed += sign * quality.Flux(points, face, [3]float64{})
	normal := doubleArea(points[face[0]], points[face[1]], points[face[2]])
	if len(face) == 4 {
		normal = cross(between(points[face[0]], points[face[2]]), between(points[face[1]], points[face[3]]))
	}
	for k := range 3 {
		f.area[k] += sign * normal[k]
	}
	f.total += math.Sqrt(normal[0]*normal[0] + normal[1]*normal[1] + normal[2]*normal[2])
}

// findHanging notes the faces within the solid that are not shared by two elements.
func (f *filler) findHanging() {
	type count struct {
		n     int
		nodes [4]uint64
	}
	counts := map[uint64]*count{}
	var order []*count
	for _, b := range f.solid.blocks {
		shape := b.Kind.Shape()
		for e := range b.Len() {
			n := b.Element(e)
			for _, face := range shape.Faces() {
				if index, _ := f.surface.find(n, face); index >= 0 {
					continue
				}
				hash := hashOf(n, face)
				c := counts[hash]
				if c == nil {
					c = &count{}
					for i, k := range face {
						c.nodes[i] = n[k]
					}
					counts[hash] = c
					order = append(order, c)
				}
				c.n++
			}
		}
	}
	for _, c := range order {
		if c.n == 2 {
			continue
		}
		nodes := c.nodes[:]
		if nodes[3] == 0 {
			nodes = nodes[:3]
		}
		f.out.hangs++
		f.out.hanging = f.s.note(f.out.hanging, 3, f.solid.tag, nodes)
	}
}

func (s *snapshot) note(sites []site, dim, tag int, nodes []uint64) []site {
	if len(sites) >= maxSites {
		return sites
	}
	return append(sites, site{dim, tag, s.centroid(nodes)})
}

func doubleArea(a, b, c [3]float64) [3]float64 {
	u := [3]float64{b[0] - a[0], b[1] - a[1], b[2] - a[2]}
	v := [3]float64{c[0] - a[0], c[1] - a[1], c[2] - a[2]}
	return cross(u, v)
}

func cross(u, v [3]float64) [3]float64 {
	return [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
}

func between(a, b [3]float64) [3]float64 { return [3]float64{b[0] - a[0], b[1] - a[1], b[2] - a[2]} }
