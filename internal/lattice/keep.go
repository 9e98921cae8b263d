package lattice

import (
	"slices"

	"meshgen/internal/field"
)

// Kept says what became of the edges and corners of a surface.
type Kept struct {
	Corners     int // of the surface
	CornersKept int // where a node of the mesh lies
	Moved       int // nodes of the mesh that were moved onto edges of the surface
	Split       int // edges of the mesh that were divided there
	Left        int // edges of the mesh that still cut across an edge of the surface, to keep the tetrahedra in shape

	Length float64 // of the surface's edges
	Lost   float64 // the part of it that has no edge of the mesh, between the same faces, within three edges of the lattice
	// Deviation is the greatest distance of the rest from such edges of the mesh.
	Deviation float64
}

const (
	// keptShape is that of the sharpest dihedral angle, 10 degrees, that keeping an edge may leave; see shape.
	keptShape = 0.9698
	// reach is how many edges of the lattice a node may be away from the curve or corner that it is moved to.
	reach = 3
	// keepRounds is how often edges that could not be kept are tried again, the tetrahedra around them having got better.
	keepRounds = 2
	// crossingEffort is how many tetrahedra may be looked at for each edge of the mesh that crosses one of the surface, and
	// triangleEffort for each triangle of its surface: more than is needed where the lattice is fine enough. The cost has a
	// bound where it is not.
	crossingEffort, triangleEffort = 1000, 300
	// poorShape is that of the dihedral angle, 14 degrees, below which tetrahedra near edges are smoothed.
	poorShape = 0.9415
)

type kind uint8

const (
	inner kind = iota
	onFace
	onCurve
	onCorner
)

// knot is a node near an edge of the surface.
type knot struct {
	at    [3]float64
	node  int32 // its number in the mesh
	kind  kind
	side  side
	held  bool // some of its tetrahedra are not looked at: it stays
	moved bool
	// shared is that it is held for the time that others work on elements at it.
	shared bool
	faces  []int32 // that it lies on, ascending
	on     int32   // triangle of the surface
	tets   []int32
	tris   []int32
}

// keeper works on the part of a mesh that lies near edges of the surface.
type keeper struct {
	mesh       *Mesh
	surface    *field.Surface
	probe      *field.Probe
	faceOf     []int32
	edge       float64
	curves     *curves
	knots      []knot
	tets       [][4]int32 // by knots
	tetAt      []int32    // their numbers in the mesh, -1 for those that are new
	doubtful   []bool     // which are not known to be good enough
	cell       []int32    // the solid of each, see Divide
	tris       [][3]int32
	triAt      []int32
	between    []bool  // which lie between two solids, not on the surface
	done       []bool  // of each corner: a node lies there
	within     slab    // where edges and corners are kept
	slabs      int     // into how many the part may be cut
	origin     []int32 // of the first knots of a slab, their numbers in the whole
	effort     int     // tetrahedra that may still be looked at
	kept       Kept
	near, some cluster           // scratch: of one node, and of any
	places     [tries][3]float64 // scratch: where a node may be, and what is nearest there
	hits       [tries]field.Hit
}

// Keep moves nodes of a mesh of a lattice onto the edges and corners of its surface, and divides tetrahedra there. Where that
// leaves a dihedral angle that is too sharp, the mesh stays as it is. It returns the face that each triangle of the mesh lies on.
// It uses as many threads as the surface.
func (m *Mesh) Keep(s *field.Surface, edge float64, f *Features, faceOf []int32) ([]int32, Kept) {
	return m.keep(s, edge, f, faceOf, mostParts)
}

// keep cuts what is near edges into so many slabs at most.
func (m *Mesh) keep(s *field.Surface, edge float64, f *Features, faceOf []int32, slabs int) ([]int32, Kept) {
	k := &keeper{mesh: m, surface: s, faceOf: faceOf, edge: edge, slabs: slabs, kept: Kept{Corners: len(f.corners)}}
	if len(f.segments) > 0 {
		k.probe = s.Probe()
		defer k.probe.Close()
		k.curves = f.near(reach * edge)
		k.done = make([]bool, len(f.corners))
		whole := k.gather()
		k.work(f, whole)
		k.kept.Left = len(k.crossing())
		k.write()
	}
	faces, doubtful := k.faces()
	k.compare(f, faces, doubtful)
	return faces, k.kept
}

// faceOn returns the face that a node of the surface lies on, -1 where that is not known.
func (k *keeper) faceOn(node int32) int32 {
	if t := k.mesh.On[int(node)-k.mesh.Inside]; t >= 0 {
		return k.faceOf[t]
	}
	return -1
}

// region is a part of a mesh: tetrahedra and triangles by knots.
type region struct {
	knots    []knot
	tets     [][4]int32
	tetAt    []int32
	doubtful []bool
	tris     [][3]int32
	triAt    []int32
}

// gather returns the nodes of triangles that have nodes on several faces, the tetrahedra around them, and those around the
// nodes of those.
func (k *keeper) gather() *region {
	m := k.mesh
	near := make([]uint8, len(m.XYZ)/3)
	for _, tri := range find(k.surface.Threads(), len(m.Tris)/3, func(first, last int, found []int32) []int32 {
		for i := first; i < last; i++ {
			t := m.Tris[3*i : 3*i+3]
			if a := k.faceOn(t[0]); a != k.faceOn(t[1]) || a != k.faceOn(t[2]) {
				found = append(found, int32(i))
			}
		}
		return found
	}) {
		for _, n := range m.Tris[3*tri : 3*tri+3] {
			near[n] = seed
		}
	}
	return k.around(near, nil)
}

// What nodes are near: seeds are those that are to be moved, rings and borders are around them. Borders stay.
const seed, ring, border = 1, 2, 3

// around returns the tetrahedra and triangles around the nodes that are seeds, and around the neighbours of those. What is known of a node
// beforehand may be told.
func (k *keeper) around(near []uint8, known func(*knot)) *region {
	m := k.mesh
	mark := func(t []int32, as uint8) {
		for _, n := range t {
			if near[n] == 0 {
				near[n] = as
			}
		}
	}
	for _, tet := range m.touching(k.surface.Threads(), near) { // seeds
		mark(m.Tets[4*tet:4*tet+4], ring)
	}
	tets := m.touching(k.surface.Threads(), near) // and those around them
	for _, tet := range tets {
		mark(m.Tets[4*tet:4*tet+4], border)
	}
	knots := make([]knot, 0, roomyKnots(len(tets)))
	local := make([]int32, len(near)) // one more than the number of the knot, 0 for none
	var alone []int32                 // the faces of knots on one
	add := func(n int32) int32 {
		if local[n] > 0 {
			return local[n] - 1
		}
		l := int32(len(knots))
		local[n] = l + 1
		knot := knot{at: m.At(n), node: n, held: near[n] == border, on: -1}
		if int(n) >= m.Inside {
			knot.kind, knot.on = onFace, m.On[int(n)-m.Inside]
			if f := k.faceOn(n); f >= 0 {
				if len(alone) == cap(alone) {
					alone = make([]int32, 0, 1<<10)
				}
				alone = append(alone, f)
				knot.faces = alone[len(alone)-1 : len(alone) : len(alone)]
			}
		}
		if known != nil {
			known(&knot)
		}
		knots = append(knots, knot)
		return l
	}
	corners := make([][4]int32, len(tets))
	for i, tet := range tets {
		for c, n := range m.Tets[4*tet : 4*tet+4] {
			corners[i][c] = add(n)
		}
	}
	within := func(n int32) bool { return near[n] == seed || near[n] == ring }
	tris := find(k.surface.Threads(), len(m.Tris)/3, func(first, last int, found []int32) []int32 {
		for i := first; i < last; i++ {
			if within(m.Tris[3*i]) || within(m.Tris[3*i+1]) || within(m.Tris[3*i+2]) {
				found = append(found, int32(i))
			}
		}
		return found
	})
	sides := make([][3]int32, len(tris))
	for i, tri := range tris {
		for c, n := range m.Tris[3*tri : 3*tri+3] {
			sides[i][c] = local[n] - 1
		}
	}
	doubtful := make([]bool, len(tets))
	for i := range doubtful {
		doubtful[i] = true
	}
	return &region{knots, corners, tets, doubtful, sides, tris}
}

// roomyKnots is how many knots so many tetrahedra along curves are expected to have: lists of more grow.
func roomyKnots(tets int) int { return 3 * tets / 8 }

// take takes a part of the mesh to work on.
func (k *keeper) take(r *region) {
	k.knots = r.knots
	k.makeRoom(r.tets, r.tris)
	for i, v := range r.tets {
		k.addTet(v, r.tetAt[i], -1)
		k.doubtful[i] = r.doubtful[i]
	}
	for i, v := range r.tris {
		k.addTri(v, r.triAt[i], -1)
	}
}

// takeOutside takes a part of the mesh of one surface: nodes that are not on it any more are inside.
func (k *keeper) takeOutside(r *region) {
	k.take(r)
	for i := range k.knots {
		if kn := &k.knots[i]; !kn.held && len(kn.tris) == 0 {
			kn.kind, kn.faces = inner, nil // all that was outside around it has been moved, too
		}
	}
}

// makeRoom gives the lists of tetrahedra and triangles around each knot room for those that there are, and some more: one at a time they would
// be copied again and again.
func (k *keeper) makeRoom(tets [][4]int32, tris [][3]int32) {
	const more = 4
	tetsAt, trisAt := make([]int32, len(k.knots)), make([]int32, len(k.knots))
	for _, v := range tets {
		for _, n := range v {
			tetsAt[n]++
		}
	}
	for _, v := range tris {
		for _, n := range v {
			trisAt[n]++
		}
	}
	room := make([]int32, 4*len(tets)+3*len(tris)+2*more*len(k.knots))
	part := func(n int32) (list []int32) {
		list, room = room[:0:n+more], room[n+more:]
		return list
	}
	for i := range k.knots {
		k.knots[i].tets, k.knots[i].tris = part(tetsAt[i]), nil
		if trisAt[i] > 0 {
			k.knots[i].tris = part(trisAt[i])
		}
	}
	k.tets, k.tetAt, k.doubtful = make([][4]int32, 0, roomy(len(tets))), make([]int32, 0, roomy(len(tets))), make([]bool, 0, roomy(len(tets)))
	k.tris, k.triAt = make([][3]int32, 0, roomy(len(tris))), make([]int32, 0, roomy(len(tris)))
	k.cell, k.between = make([]int32, 0, roomy(len(tets))), make([]bool, 0, roomy(len(tris)))
}

// find returns the numbers that are found in parts of 0 to n, each ascending, in ascending order.
func find(threads, n int, in func(first, last int, found []int32) []int32) []int32 {
	const part = 1 << 14
	found := make([][]int32, (n+part-1)/part)
	parallel(threads, len(found), func(first, last int) int32 {
		for p := first; p < last; p++ {
			found[p] = in(p*part, min((p+1)*part, n), nil)
		}
		return 0
	})
	return slices.Concat(found...)
}

// touching returns the tetrahedra that have a node that is marked.
func (m *Mesh) touching(threads int, marks []uint8) []int32 {
	return find(threads, len(m.Tets)/4, func(first, last int, found []int32) []int32 {
		for tets := m.Tets[4*first : 4*last]; len(tets) >= 4; tets, first = tets[4:], first+1 {
			if marks[tets[0]]|marks[tets[1]]|marks[tets[2]]|marks[tets[3]] != 0 {
				found = append(found, int32(first))
			}
		}
		return found
	})
}

// addTet adds a tetrahedron: one of the mesh, or a part of another.
func (k *keeper) addTet(v [4]int32, number, of int32) {
	t := int32(len(k.tets))
	k.tets, k.tetAt, k.doubtful = append(k.tets, v), append(k.tetAt, number), append(k.doubtful, true)
	cell := int32(0)
	switch {
	case of >= 0:
		cell = k.cell[of]
	case k.mesh.Cells != nil:
		cell = k.mesh.Cells[number]
	}
	k.cell = append(k.cell, cell)
	for _, n := range v {
		k.knots[n].tets = append(k.knots[n].tets, t)
	}
}

func (k *keeper) addTri(v [3]int32, number, of int32) {
	t := int32(len(k.tris))
	k.tris, k.triAt = append(k.tris, v), append(k.triAt, number)
	k.between = append(k.between, of >= 0 && k.between[of] || of < 0 && k.mesh.Between != nil && k.mesh.Between[number])
	for _, n := range v {
		k.knots[n].tris = append(k.knots[n].tris, t)
	}
}

// write puts what was done into the mesh.
func (k *keeper) write() {
	m := k.mesh
	first := len(k.knots) // that is new
	for first > 0 && k.knots[first-1].node < 0 {
		first--
	}
	for i := range k.knots[first:] {
		kn := &k.knots[first+i]
		kn.node = int32(len(m.XYZ) / 3)
		m.XYZ, m.On = append(m.XYZ, kn.at[:]...), append(m.On, kn.on)
	}
	m.moved = append(m.moved, find(k.surface.Threads(), first, func(first, last int, moved []int32) []int32 {
		for i := first; i < last; i++ {
			kn := &k.knots[i]
			if kn.moved {
				copy(m.XYZ[3*kn.node:], kn.at[:])
			}
			if int(kn.node) >= m.Inside {
				m.On[int(kn.node)-m.Inside] = kn.on
			} else if kn.moved {
				moved = append(moved, kn.node)
			}
		}
		return moved
	})...)
	for i, v := range k.tets {
		t := [4]int32{k.knots[v[0]].node, k.knots[v[1]].node, k.knots[v[2]].node, k.knots[v[3]].node}
		if at := k.tetAt[i]; at >= 0 {
			copy(m.Tets[4*at:], t[:])
		} else {
			m.Tets = append(m.Tets, t[:]...)
			if m.Cells != nil {
				m.Cells = append(m.Cells, k.cell[i])
			}
		}
	}
	for i, v := range k.tris {
		t := [3]int32{k.knots[v[0]].node, k.knots[v[1]].node, k.knots[v[2]].node}
		if k.triAt[i] < 0 {
			k.triAt[i] = int32(len(m.Tris) / 3)
			m.Tris = append(m.Tris, t[:]...)
			if m.Between != nil {
				m.Between = append(m.Between, k.between[i])
			}
		} else {
			copy(m.Tris[3*k.triAt[i]:], t[:])
		}
	}
}
