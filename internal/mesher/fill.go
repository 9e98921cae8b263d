package mesher

import (
	"math"
	"runtime"
	"sync"

	"meshgen/internal/quality"
)

// filling is how the tetrahedra of a solid lie in the surface mesh around it.
//
// Each triangle of the surface has to be a face of exactly one tetrahedron of the solid. That tetrahedron says on which
// side the solid is, so the volume that the surface encloses follows from the triangles alone, and it has to be the sum
// of the tetrahedra: what is missing or doubled inside shows in the sum, what is missing at the surface as a bare triangle.
type filling struct {
	elements int
	volume   float64 // sum of the tetrahedra
	enclosed float64 // inside the surface mesh
	gap      float64 // what the surface lacks to be closed: the sum of its outward areas, as a share of all area

	bare     []site // triangles without a tetrahedron, the first few
	bares    int
	inverted []site
	inverts  int
	flat     []site
	flats    int

	sicn, gamma quality.Statistics
	outward     map[int][]int8 // of each face's triangles: 1 where Gmsh's order of nodes points out of the solid, -1 into it
}

// site is a place in the mesh.
type site struct {
	dim, tag int
	point    [3]float64
}

// maxSites bounds how many places are noted of each kind.
const maxSites = 5

// flatSICN is the quality below which a tetrahedron has no volume to speak of: its corners lie in a plane to about the
// precision that solvers work with. Slivers of an STL and thin plates come near to it (1e-5, 1e-4) and are legitimate.
const flatSICN = 1e-6

// measure looks at every solid. It uses no Gmsh, and runs on all processors.
func (s *snapshot) measure(centre [3]float64) []filling {
	out := make([]filling, len(s.solids))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range s.solids {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			out[i] = s.fill(&s.solids[i], centre)
		}()
	}
	wait.Wait()
	return out
}

// shell is the surface triangles of a solid, found by their nodes.
type shell struct {
	nodes  []uint64 // three corners each, of all faces
	face   []int    // of each triangle
	hits   []uint8  // tetrahedra at each triangle
	side   []int8   // see filling.outward
	first  map[uint64]int32
	next   []int32 // the next triangle with the same smallest node, -1 at the end
	isNode []uint64
}

func (s *snapshot) shellOf(solid *solidMesh) *shell {
	total := 0
	for _, tag := range solid.faces {
		if f := s.faces[tag]; f.step > 0 {
			total += len(f.nodes) / f.step
		}
	}
	sh := &shell{
		nodes: make([]uint64, 0, 3*total), face: make([]int, 0, total), hits: make([]uint8, total), side: make([]int8, total),
		first: make(map[uint64]int32, total/2), next: make([]int32, 0, total), isNode: make([]uint64, len(s.XYZ)/192+1),
	}
	for _, tag := range solid.faces {
		f := s.faces[tag]
		for t := 0; t < len(f.nodes); t += f.step {
			n := f.nodes[t : t+3]
			index := int32(len(sh.face))
			sh.nodes = append(sh.nodes, n...)
			sh.face = append(sh.face, tag)
			low := min(n[0], n[1], n[2])
			before, ok := sh.first[low]
			if !ok {
				before = -1
			}
			sh.next = append(sh.next, before)
			sh.first[low] = index
			for _, node := range n {
				sh.isNode[node/64] |= 1 << (node % 64)
			}
		}
	}
	return sh
}

func (sh *shell) has(node uint64) bool { return sh.isNode[node/64]>>(node%64)&1 == 1 }

// find returns the triangle with these corners in any order, or -1; even tells whether the order is the same but for a
// rotation.
func (sh *shell) find(a, b, c uint64) (index int32, even bool) {
	index, ok := sh.first[min(a, b, c)]
	if !ok {
		return -1, false
	}
	for ; index >= 0; index = sh.next[index] {
		x, y, z := sh.nodes[3*index], sh.nodes[3*index+1], sh.nodes[3*index+2]
		switch {
		case x == a && y == b && z == c, x == b && y == c && z == a, x == c && y == a && z == b:
			return index, true
		case x == a && y == c && z == b, x == c && y == b && z == a, x == b && y == a && z == c:
			return index, false
		}
	}
	return -1, false
}

// outwardFaces are the corners of a positive tetrahedron's faces, in the order that is counter-clockwise from outside.
var outwardFaces = [4][3]int{{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}}

func (s *snapshot) fill(solid *solidMesh, centre [3]float64) filling {
	out := filling{elements: len(solid.tags), outward: map[int][]int8{}}
	surface := s.shellOf(solid)
	var area [3]float64
	total := 0.

	at := func(node uint64) [3]float64 {
		return [3]float64{s.XYZ[3*node] - centre[0], s.XYZ[3*node+1] - centre[1], s.XYZ[3*node+2] - centre[2]}
	}
	for e := 0; e < len(solid.nodes); e += solid.step {
		n := solid.nodes[e : e+4]
		p := [4][3]float64{at(n[0]), at(n[1]), at(n[2]), at(n[3])}
		m := quality.Tetrahedron(p[0], p[1], p[2], p[3])
		out.volume += m.Volume
		out.sicn.Add(m.SICN)
		out.gamma.Add(m.Gamma)
		switch {
		case m.SICN < 0:
			out.inverts++
			out.inverted = s.note(out.inverted, 3, solid.tag, n)
		case m.SICN < flatSICN:
			out.flats++
			out.flat = s.note(out.flat, 3, solid.tag, n)
		}

		on := 0
		for _, node := range n {
			if surface.has(node) {
				on++
			}
		}
		if on < 3 {
			continue
		}
		for _, f := range outwardFaces {
			a, b, c := f[0], f[1], f[2]
			if m.Volume < 0 {
				b, c = c, b
			}
			index, same := surface.find(n[a], n[b], n[c])
			if index < 0 {
				continue
			}
			surface.hits[index]++
			surface.side[index] = -1
			if same {
				surface.side[index] = 1
			}
			normal := doubleArea(p[a], p[b], p[c])
			out.enclosed += (p[a][0]*normal[0] + p[a][1]*normal[1] + p[a][2]*normal[2]) / 6
			for k := range 3 {
				area[k] += normal[k]
			}
			total += math.Sqrt(normal[0]*normal[0] + normal[1]*normal[1] + normal[2]*normal[2])
		}
	}
	if total > 0 {
		out.gap = math.Sqrt(area[0]*area[0]+area[1]*area[1]+area[2]*area[2]) / total
	}
	for t, face := range surface.face {
		out.outward[face] = append(out.outward[face], surface.side[t])
		if surface.hits[t] == 0 {
			out.bares++
			out.bare = s.note(out.bare, 2, face, surface.nodes[3*t:3*t+3])
		}
	}
	return out
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
