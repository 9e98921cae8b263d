package improve

import "math"

// plane is a plane face.
type plane struct {
	origin, normal vec // the normal has length 1
}

// along returns the part of a direction that lies in the plane.
func (p *plane) along(d vec) vec { return d.sub(p.normal.times(p.normal.dot(d))) }

// nearest returns the point of the plane that is nearest to x.
func (p *plane) nearest(x vec) vec { return x.sub(p.normal.times(p.normal.dot(x.sub(p.origin)))) }

// flatness is how far the nodes of a plane face may be from it, in relation to its extent: rounding.
const flatness = 1e-12

// findPlanes finds the nodes that may slide, and in which plane.
func (m *triangulation) findPlanes(mesh *Mesh) {
	m.slid = map[int32]bool{}
	if mesh.Planes == nil {
		return
	}
	m.plane = make([]int32, len(m.x))
	for i := range m.plane {
		m.plane[i] = none
	}
	of := map[int32][]int32{} // the triangles of each face
	var faces []int32
	const torn = -2
	for i, face := range mesh.Planes {
		for _, node := range mesh.Triangles[i] {
			switch known := m.plane[node]; {
			case known == none && face >= 0:
				m.plane[node] = face
			case known != face:
				m.plane[node] = torn // between two faces
			}
		}
		if face < 0 {
			continue
		}
		if of[face] == nil {
			faces = append(faces, face)
		}
		of[face] = append(of[face], int32(i))
	}
	number := map[int32]int32{}
	for _, face := range faces {
		number[face] = none
		if p, ok := m.planeThrough(mesh, of[face]); ok {
			number[face] = int32(len(m.planes))
			m.planes = append(m.planes, p)
		}
	}
	for node, face := range m.plane {
		m.plane[node] = none
		if face >= 0 && mesh.Dim[node] == 2 {
			m.plane[node] = number[face]
		}
	}
	m.holdOpen()
}

// planeThrough returns the plane that all corners of the triangles lie in, if there is one.
func (m *triangulation) planeThrough(mesh *Mesh, triangles []int32) (plane, bool) {
	origin := m.x[mesh.Triangles[triangles[0]][0]]
	var sum vec
	extent := 0.
	for _, i := range triangles {
		v := mesh.Triangles[i]
		n := m.x[v[1]].sub(m.x[v[0]]).cross(m.x[v[2]].sub(m.x[v[0]]))
		if n.dot(sum) < 0 {
			n = n.times(-1)
		}
		sum = sum.add(n)
		for _, node := range v {
			extent = max(extent, m.x[node].sub(origin).norm2())
		}
	}
	extent = math.Sqrt(extent)
	size := math.Sqrt(sum.norm2())
	if size == 0 {
		return plane{}, false
	}
	p := plane{origin, sum.times(1 / size)}
	for _, i := range triangles {
		for _, node := range mesh.Triangles[i] {
			if math.Abs(p.normal.dot(m.x[node].sub(origin))) > flatness*extent {
				return plane{}, false
			}
		}
	}
	return p, true
}

// holdOpen takes the leave to slide from nodes of faces behind which there is nothing that is known and no surface: other
// elements may lie there.
func (m *triangulation) holdOpen() {
	for i := range m.tets {
		t := &m.tets[i]
		for k, n := range t.n {
			if n == none && t.s[k] == none {
				for _, c := range facing[k] {
					m.plane[t.v[c]] = none
				}
			}
		}
	}
}

// planeOf returns the plane that a node may slide in, nil where it may not.
func (m *triangulation) planeOf(node int32) *plane {
	if int(node) >= len(m.plane) || m.plane[node] == none {
		return nil
	}
	return &m.planes[m.plane[node]]
}
