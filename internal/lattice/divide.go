package lattice

import (
	"slices"

	"meshgen/internal/field"
)

// side says where a node lies as seen from the solid that is cut off from the rest.
type side uint8

const (
	onWall side = iota // or nowhere near
	within
	beyond
)

// standing is where a node is known to lie, of those that lie on several faces, or on walls.
type standing struct {
	kind  kind
	faces []int32
	on    int32
}

// division divides the mesh of a joint among its solids: one after the other is cut off from the rest. What was a wall then is a
// surface to the next, so that edges where more than two solids meet are kept as edges of a surface are.
type division struct {
	*Joint
	mesh    *Mesh
	edge    float64
	curves  *curves
	known   map[int32]standing
	done    []bool // of each solid
	corners []bool // of each corner: a node lies there
	kept    Kept

	solid int32          // that is cut off
	near  *field.Surface // its walls
	wall  []int32        // the triangle of the joint that each of these is
	side  []side         // of each node

	walled map[Sides]*field.Surface // see shared
}

// Divide divides the mesh of a joint, of which Keep kept the edges outside, among its solids. It moves nodes onto the walls and the edges
// and corners of these, as Keep does, and has the same bounds. It returns the face that each triangle lies on, those of the walls too.
func (m *Mesh) Divide(j *Joint, edge float64, faces []int32, outside Kept) ([]int32, Kept, error) {
	d := &division{
		Joint: j, mesh: m, edge: edge, curves: j.Features.near(reach * edge), known: map[int32]standing{}, done: make([]bool, len(j.solids)),
		walled: map[Sides]*field.Surface{},
		kept:   Kept{Corners: len(j.Features.corners), Moved: outside.Moved, Split: outside.Split, Left: outside.Left},
	}
	d.begin(faces)
	m.Cells, m.Between = make([]int32, len(m.Tets)/4), make([]bool, len(m.Tris)/3)
	for i := range m.Cells {
		m.Cells[i] = Nobody
	}
	for k := range int32(len(j.solids)) {
		if err := d.cutOff(k); err != nil {
			return nil, d.kept, err
		}
	}
	d.settle()
	faces, err := d.faces(faces)
	if err != nil {
		return nil, d.kept, err
	}
	for _, ok := range d.corners {
		if ok {
			d.kept.CornersKept++
		}
	}
	d.kept.Left += d.left()
	d.compare(faces)
	return faces, d.kept, nil
}

// begin finds the nodes outside that lie on several faces.
func (d *division) begin(faces []int32) {
	m := d.mesh
	of := map[int32][]int32{}
	between := m.between(faces)
	for i, face := range faces {
		for _, n := range m.Tris[3*i : 3*i+3] {
			if between[int(n)-m.Inside] && !slices.Contains(of[n], face) {
				of[n] = append(of[n], face)
			}
		}
	}
	corner := map[[3]float64]int{}
	for i := range d.Features.corners {
		corner[d.Features.corners[i].at] = i
	}
	d.corners = make([]bool, len(d.Features.corners))
	for n, list := range of {
		at := m.At(n)
		s := standing{kind: onCorner, on: m.On[int(n)-m.Inside]}
		if c, ok := corner[at]; ok {
			d.corners[c] = true
			list = append(list, d.Features.corners[c].faces...)
		} else if place, meeting, ok := d.curves.nearest(at, list, list); ok {
			if len(list) == 2 && norm(sub(place, at)) < onCurveWithin*d.edge {
				s.kind = onCurve
			}
			list = append(list, meeting...)
		}
		slices.Sort(list)
		s.faces = slices.Compact(list)
		d.known[n] = s
	}
}

// onCurveWithin is how near to a curve, in edges of the lattice, what was put there is at most.
const onCurveWithin = 1e-6

// cutOff cuts a solid off from the rest.
func (d *division) cutOff(solid int32) (err error) {
	d.solid = solid
	if d.near, d.wall, err = d.walls(solid, d.done); err != nil {
		return err
	}
	defer func() { d.done[solid] = true }()
	if d.near == nil { // all that touches it is cut off from it
		d.findSides(true)
		d.assign()
		return nil
	}
	d.findSides(false)
	if k := d.gatherCrossings(); k != nil {
		d.part(k)
		d.note(k)
	}
	d.assign()
	d.raiseWalls()
	if k := d.gatherEdges(); k != nil {
		for range keepRounds {
			k.keepCorners(d.Features)
			k.keepCurves()
			k.smooth()
		}
		k.smooth()
		d.note(k)
	}
	return nil
}

// facesOf returns the faces that a node lies on.
func (d *division) facesOf(n int32) []int32 {
	if s, ok := d.known[n]; ok {
		return s.faces
	}
	if t := d.onOf(n); t >= 0 {
		return d.face[t : t+1]
	}
	return nil
}

// onOf returns the triangle that a node lies on, -1 for none.
func (d *division) onOf(n int32) int32 {
	if s, ok := d.known[n]; ok {
		return s.on
	}
	if int(n) >= d.mesh.Inside {
		return d.mesh.On[int(n)-d.mesh.Inside]
	}
	return -1
}

// sideOn returns the side that what lies on some faces is on, and whether these tell.
func (d *division) sideOn(faces []int32) (s side, told bool) {
	mine, others := false, false
	for _, f := range faces {
		for _, solid := range d.sides[f] {
			switch {
			case solid == d.solid:
				mine = true
			case solid != Nobody && !d.done[solid]:
				others = true
			}
		}
	}
	switch {
	case mine && others:
		return onWall, true
	case mine:
		return within, true
	}
	return beyond, others
}

// findSides finds the side of each node of what is not divided yet. A solid that has no wall left is whole: its faces alone tell.
func (d *division) findSides(whole bool) {
	m := d.mesh
	d.side = make([]side, len(m.XYZ)/3)
	wanted := make([]bool, len(d.side))
	for t, cell := range m.Cells {
		if cell == Nobody {
			for _, n := range m.Tets[4*t : 4*t+4] {
				wanted[n] = true
			}
		}
	}
	low, high := d.solids[d.solid].Box()
	var ask []int32
	var places [][3]float64
	for n := range d.side {
		if !wanted[n] {
			continue
		}
		s, told := d.sideOn(d.facesOf(int32(n)))
		if told {
			d.side[n] = s
			continue
		}
		d.side[n] = beyond
		at := m.At(int32(n))
		in := true
		for k, x := range at {
			in = in && low[k] <= x && x <= high[k]
		}
		if in {
			ask, places = append(ask, int32(n)), append(places, at)
		}
	}
	for i, in := range d.solids[d.solid].Inside(places) {
		if in != 0 {
			d.side[ask[i]] = within
		}
	}
}

// newKeeper returns one for the neighbourhood of seeds.
func (d *division) newKeeper(near []uint8) *keeper {
	k := &keeper{mesh: d.mesh, surface: d.All, faceOf: d.face, edge: d.edge, curves: d.curves, done: d.corners, probe: d.All.Probe()}
	k.take(k.around(near, func(kn *knot) {
		kn.side = d.side[kn.node]
		if s, ok := d.known[kn.node]; ok {
			kn.kind, kn.faces, kn.on = s.kind, s.faces, s.on
		}
	}))
	return k
}

// note puts into the mesh what a keeper did.
func (d *division) note(k *keeper) {
	k.write()
	k.probe.Close()
	d.kept.Moved += k.kept.Moved
	d.kept.Split += k.kept.Split
	d.side = append(d.side, make([]side, len(d.mesh.XYZ)/3-len(d.side))...)
	for i := range k.knots {
		kn := &k.knots[i]
		d.side[kn.node] = kn.side
		if _, ok := d.known[kn.node]; ok || len(kn.faces) > 1 || len(kn.faces) == 1 && (d.sides[kn.faces[0]].wall() || kn.moved) {
			d.known[kn.node] = standing{kn.kind, kn.faces, kn.on}
		}
	}
}

// assign gives the tetrahedra of what is not divided yet to the solid, or leaves them. Where their nodes do not tell, their middle does.
func (d *division) assign() {
	m := d.mesh
	var unsure []int32
	var middles [][3]float64
	for t, cell := range m.Cells {
		if cell != Nobody {
			continue
		}
		var any [3]bool
		for _, n := range m.Tets[4*t : 4*t+4] {
			any[d.side[n]] = true
		}
		switch {
		case any[within] && !any[beyond]:
			m.Cells[t] = d.solid
		case any[within] == any[beyond]:
			if any[within] {
				d.kept.Left++
			}
			unsure, middles = append(unsure, int32(t)), append(middles, m.centre(m.Tets[4*t:4*t+4]))
		}
	}
	for i, in := range d.solids[d.solid].Inside(middles) {
		if in != 0 {
			m.Cells[unsure[i]] = d.solid
		}
	}
}

// raiseWalls adds the triangles between the solid and what is not divided yet.
func (d *division) raiseWalls() {
	m := d.mesh
	const mine, others = 1, 2
	marks := make([]uint8, len(d.side))
	for t, cell := range m.Cells {
		mark := uint8(0)
		switch cell {
		case d.solid:
			mark = mine
		case Nobody:
			mark = others
		}
		for _, n := range m.Tets[4*t : 4*t+4] {
			marks[n] |= mark
		}
	}
	open := map[[3]int32]bool{}
	for _, turn := range [2]bool{false, true} { // first the rest's triangles, then which of them the solid has, too
		for t, cell := range m.Cells {
			if cell != Nobody && !turn || cell != d.solid && turn {
				continue
			}
			v := m.Tets[4*t : 4*t+4]
			for _, s := range sidesOfTet {
				a, b, c := v[s[0]], v[s[1]], v[s[2]]
				if marks[a]&marks[b]&marks[c] != mine|others {
					continue
				}
				key := ascending(a, b, c)
				if !turn {
					open[key] = true
				} else if open[key] {
					m.Tris, m.Between = append(m.Tris, a, b, c), append(m.Between, true)
				}
			}
		}
	}
}

// sidesOfTet are those of a tetrahedron, counter-clockwise seen from outside.
var sidesOfTet = [4][3]int{{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}}

func ascending(a, b, c int32) [3]int32 {
	low, high := min(a, b, c), max(a, b, c)
	return [3]int32{low, a ^ b ^ c ^ low ^ high, high}
}

// gatherEdges takes what is around edges of the mesh that cross one between faces, nil where there is none.
func (d *division) gatherEdges() *keeper {
	m := d.mesh
	near := make([]uint8, len(d.side))
	crossings := 0
	for i := 0; i < len(m.Tris); i += 3 {
		t := m.Tris[i : i+3]
		for c := range 3 {
			f, g := d.facesOf(t[c]), d.facesOf(t[(c+1)%3])
			if disjoint(f, g) {
				near[t[0]], near[t[1]], near[t[2]] = seed, seed, seed
				crossings++
			}
		}
	}
	if crossings == 0 {
		return nil
	}
	k := d.newKeeper(near)
	k.effort = crossingEffort * crossings
	return k
}

// left returns how many edges of the mesh's triangles cut across an edge between faces.
func (d *division) left() int {
	edges := map[[2]int32]bool{}
	for _, t := range triples(d.mesh.Tris) {
		for c := range 3 {
			if a, b := t[c], t[(c+1)%3]; disjoint(d.facesOf(a), d.facesOf(b)) {
				edges[[2]int32{min(a, b), max(a, b)}] = true
			}
		}
	}
	return len(edges)
}

// disjoint reports whether two lists of faces have none in common, though neither is empty.
func disjoint(f, g []int32) bool {
	return len(f) > 0 && len(g) > 0 && !slices.ContainsFunc(f, func(x int32) bool { return slices.Contains(g, x) })
}

// Volumes returns those of the solids in a mesh that was divided.
func (m *Mesh) Volumes(solids int) []float64 {
	out := make([]float64, solids)
	at := triples(m.XYZ)
	for t, cell := range m.Cells {
		v := m.Tets[4*t : 4*t+4]
		o := at[v[0]]
		out[cell] += dot(cross(sub(at[v[1]], o), sub(at[v[2]], o)), sub(at[v[3]], o)) / 6
	}
	return out
}
