package mesher

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/layers"
	"meshgen/internal/mesh"
	"meshgen/internal/surface"
)

// layering is what the boundary layers of a mesh become, between the mesh of the faces and that of the solids.
//
// The surface mesh is shrunk away from the walls before tetrahedra are made: they then fill the inside of what is left. Once
// they are there, the wall's triangles get their old places back and prisms are put between. So both join by making.
type layering struct {
	columns map[uint64]*column // of the nodes that were moved, by their number
	walls   []wallTriangle
	sides   []side
	reports []engine.LayerReport
}

// column is the nodes over a node of a wall: places holds them from the wall to the top.
type column struct {
	places []layers.Vec
	on     gmsh.DimTag // what those above the wall lie on
}

// wallTriangle is a triangle of a wall, counter-clockwise seen from outside its solid.
type wallTriangle struct {
	solid, layer int
	nodes        [3]uint64
}

// side is an edge of a wall along which another face begins, in the direction of that face's own triangles.
type side struct {
	face int
	a, b uint64
}

// crossingLimit is how many places are looked at in a round where the shrunken surface passes through itself.
const crossingLimit = 10000

// shrinkWalls makes room for boundary layers, if any are asked for.
func (j *job) shrinkWalls() error {
	j.layers = nil
	if len(j.req.Spec.Layers) == 0 {
		return nil
	}
	wallOf, err := j.walls()
	if err != nil {
		return err
	}
	l := &layering{columns: map[uint64]*column{}, reports: make([]engine.LayerReport, len(j.req.Spec.Layers))}
	for i, asked := range j.req.Spec.Layers {
		l.reports[i] = engine.LayerReport{Groups: asked.Groups, Count: asked.Count}
	}
	owners := map[int]int{} // of faces: how many solids
	for _, s := range j.source.solids {
		for _, f := range s.faces {
			owners[f]++
		}
	}
	for face := range wallOf {
		if owners[face] > 1 {
			return diagnosis.New(diagnosis.UnfitSpec, "layers: face %d lies between two solids; layers grow from faces of one.", face).
				At(j.places([]gmsh.DimTag{{Dim: 2, Tag: face}})...).WithHint("Leave the face out of the group.")
		}
	}
	for _, s := range j.source.solids {
		if !slices.ContainsFunc(s.faces, func(f int) bool { _, ok := wallOf[f]; return ok }) {
			continue
		}
		if err := j.shrinkSolid(l, s, wallOf, owners); err != nil {
			return err
		}
	}
	j.layers = l
	return nil
}

// walls returns which of the spec's layers each face gets.
func (j *job) walls() (map[int]int, error) {
	out := map[int]int{}
	for i, asked := range j.req.Spec.Layers {
		for k, name := range asked.Groups {
			path := fmt.Sprintf("layers[%d].groups[%d]", i, k)
			entities, err := j.named(path, name)
			if err != nil {
				return nil, err
			}
			for _, e := range entities {
				if e.Dim != 2 {
					return nil, diagnosis.New(diagnosis.UnfitSpec, "%s: %q is no group of faces.", path, name)
				}
				if other, taken := out[e.Tag]; taken && other != i {
					return nil, diagnosis.New(diagnosis.UnfitSpec, "%s: face %d has the layers of layers[%d] already.", path, e.Tag, other)
				}
				out[e.Tag] = i
			}
		}
	}
	return out, nil
}

func (j *job) shrinkSolid(l *layering, s solid, wallOf, owners map[int]int) error {
	shell, err := j.orientedShell(s)
	if err != nil {
		return err
	}
	ground := &layers.Surface{
		Points: shell.points, Triangles: shell.triangles, Face: shell.face,
		Walls: map[int]layers.Wall{}, Fixed: map[int]bool{},
	}
	for _, f := range s.faces {
		if i, ok := wallOf[f]; ok {
			ground.Walls[f] = layers.Wall{Thickness: j.req.Spec.Layers[i].Thickness(), ID: i}
		}
	}
	planes := ground.Planes()
	for _, f := range s.faces {
		_, wall := ground.Walls[f]
		// nothing says where a curved face of an STL is between its triangles
		ground.Fixed[f] = owners[f] > 1 || !wall && !planes[f] && j.source.triangle != nil
	}
	if j.source.triangle == nil {
		ground.Project = func(face int, p layers.Vec) (layers.Vec, bool) {
			if planes[face] {
				return p, false
			}
			q, _, err := gmsh.ClosestPoint(gmsh.DimTag{Dim: 2, Tag: face}, p)
			return q, err == nil
		}
	}
	growth := layers.Grow(ground, func(points []layers.Vec, triangles [][3]int32) [][2]int32 {
		return surface.Crossing(points, triangles, crossingLimit)
	})
	if growth.Crossing > 0 {
		return diagnosis.New(diagnosis.SurfaceMeshingFailed, "The layers of %s cannot be kept apart.", describeSolid(s)).
			At(diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name}).
			WithHint("Ask for thinner layers, or a finer size where walls are near to each other.")
	}
	return j.note(l, s, shell, ground, growth, wallOf)
}

// note moves the nodes in Gmsh's mesh, and keeps what is needed to put the layers in.
func (j *job) note(l *layering, s solid, shell *oriented, ground *layers.Surface, growth *layers.Growth, wallOf map[int]int) error {
	layerOf := make([]int, len(shell.points))
	for t, tri := range shell.triangles {
		if i, ok := wallOf[shell.face[t]]; ok {
			for _, v := range tri {
				layerOf[v] = i
			}
		}
	}
	for v, top := range growth.Top {
		if top == shell.points[v] {
			continue
		}
		if err := gmsh.SetNode(shell.tags[v], top, nil); err != nil {
			return err
		}
		if !growth.Wall[v] {
			continue
		}
		c := &column{on: gmsh.DimTag{Dim: 3, Tag: s.tag}}
		switch faces := growth.Faces[v]; len(faces) {
		case 0:
		case 1:
			c.on = gmsh.DimTag{Dim: 2, Tag: faces[0]}
		default:
			curve, err := commonCurve(faces[0], faces[1])
			if err != nil {
				return err
			}
			c.on = curve
		}
		asked := j.req.Spec.Layers[layerOf[v]]
		height, sum, way := asked.FirstHeight, 0., between(shell.points[v], top)
		for range asked.Count {
			p := shell.points[v]
			for k := range p {
				p[k] += way[k] * sum / asked.Thickness()
			}
			if sum > 0 {
				p = ground.Onto(p, growth.Faces[v])
			}
			c.places = append(c.places, p)
			sum += height
			height *= asked.Ratio
		}
		c.places = append(c.places, top)
		l.columns[shell.tags[v]] = c
	}

	edges := map[[2]int32]int{}
	for t, tri := range shell.triangles {
		for k := range tri {
			edges[[2]int32{tri[k], tri[(k+1)%3]}] = t
		}
	}
	for t, tri := range shell.triangles {
		layer, ok := wallOf[shell.face[t]]
		if !ok {
			continue
		}
		nodes := [3]uint64{shell.tags[tri[0]], shell.tags[tri[1]], shell.tags[tri[2]]}
		l.walls = append(l.walls, wallTriangle{solid: s.tag, layer: layer, nodes: nodes})
		for k := range tri {
			a, b := tri[k], tri[(k+1)%3]
			other, ok := edges[[2]int32{b, a}]
			if !ok {
				continue
			}
			if _, wall := wallOf[shell.face[other]]; wall {
				continue
			}
			from, to := shell.tags[b], shell.tags[a]
			if shell.flipped[other] {
				from, to = to, from
			}
			l.sides = append(l.sides, side{face: shell.face[other], a: from, b: to})
		}
	}
	return nil
}

// commonCurve returns a curve that bounds both faces.
func commonCurve(a, b int) (gmsh.DimTag, error) {
	_, ofA, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 2, Tag: a})
	if err != nil {
		return gmsh.DimTag{}, err
	}
	_, ofB, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 2, Tag: b})
	if err != nil {
		return gmsh.DimTag{}, err
	}
	for _, c := range ofA {
		if slices.Contains(ofB, c) {
			return gmsh.DimTag{Dim: 1, Tag: c}, nil
		}
	}
	return gmsh.DimTag{}, fmt.Errorf("faces %d and %d share no curve", a, b)
}

// insertLayers puts the prisms between the walls and the tetrahedra.
func (j *job) insertLayers() error {
	l := j.layers
	if l == nil {
		return nil
	}
	m, err := j.take()
	if err != nil {
		return err
	}
	at, err := l.find(m)
	if err != nil {
		return err
	}
	// nodes of each column, from the wall to the top: the top is the node that was moved
	stacks := map[uint64][]uint64{}
	for _, before := range slices.Sorted(maps.Keys(at)) { // the numbers of new nodes follow
		node, c := at[before], l.columns[before]
		stack := make([]uint64, len(c.places))
		stack[0] = m.addNode(c.places[0], m.owner[node])
		for i := 1; i < len(stack)-1; i++ {
			stack[i] = m.addNode(c.places[i], c.on)
		}
		stack[len(stack)-1] = node
		m.owner[node] = c.on
		stacks[node] = stack
	}
	now := func(before uint64) uint64 {
		if node, moved := at[before]; moved {
			return node
		}
		return before
	}
	if err := j.restoreWalls(m, stacks); err != nil {
		return err
	}
	for _, w := range l.walls {
		l.stack(m, w, [3]uint64{now(w.nodes[0]), now(w.nodes[1]), now(w.nodes[2])}, stacks)
	}
	for _, s := range l.sides {
		addSide(m, s.face, now(s.a), now(s.b), stacks)
	}
	if err := m.giveBack(); err != nil {
		return err
	}
	return j.judgeLayers(m, stacks, now)
}

// find returns the present number of each node that was moved: Gmsh may have numbered them anew since, but has not moved
// them. It fails where one is not where it was put.
func (l *layering) find(m *owned) (map[uint64]uint64, error) {
	out := make(map[uint64]uint64, len(l.columns))
	var lost map[layers.Vec]uint64
	for before, c := range l.columns {
		top := c.places[len(c.places)-1]
		if before < uint64(len(m.owner)) && m.At(before) == top {
			out[before] = before
			continue
		}
		if lost == nil {
			lost = map[layers.Vec]uint64{}
			for node := 1; node < len(m.owner); node++ {
				lost[m.At(uint64(node))] = uint64(node)
			}
		}
		node, ok := lost[top]
		if !ok {
			return nil, fmt.Errorf("node %d of the top of the layers is gone", before)
		}
		out[before] = node
	}
	return out, nil
}

// restoreWalls puts the elements of walls, and of the curves and points around them, back to where they were.
func (j *job) restoreWalls(m *owned, stacks map[uint64][]uint64) error {
	wallOf, err := j.walls()
	if err != nil {
		return err
	}
	type rest struct {
		curve int
		node  uint64
	}
	var rests []rest
	for i := range m.Blocks {
		b := &m.Blocks[i]
		onWall := b.Dim == 0
		switch b.Dim {
		case 1:
			up, _, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 1, Tag: b.Entity})
			if err != nil {
				return err
			}
			for _, f := range up {
				_, wall := wallOf[f]
				onWall = onWall || wall
			}
		case 2:
			_, onWall = wallOf[b.Entity]
		}
		for k, node := range b.Nodes {
			stack := stacks[node]
			switch {
			case stack == nil:
			case onWall:
				b.Nodes[k] = stack[0]
			case b.Dim == 1 && !slices.Contains(rests, rest{b.Entity, node}):
				rests = append(rests, rest{b.Entity, node})
			}
		}
	}
	// a curve that leaves the wall begins with the sides of the layers
	for _, r := range rests {
		lines := m.block(1, r.curve, mesh.Line2)
		stack := stacks[r.node]
		for i := range len(stack) - 1 {
			lines.Nodes = append(lines.Nodes, stack[i], stack[i+1])
		}
	}
	return nil
}

// stack adds the elements between a triangle of a wall and its top: prisms, or where one or two of its nodes have no layers
// pyramids or tetrahedra that end there.
func (l *layering) stack(m *owned, w wallTriangle, n [3]uint64, stacks map[uint64][]uint64) {
	// seen from within the solid, so that the layers grow in the direction of the normal
	n[1], n[2] = n[2], n[1]
	moved := 0
	for _, node := range n {
		if stacks[node] != nil {
			moved++
		}
	}
	for range 2 { // bring the odd one to the front
		odd := stacks[n[0]] == nil
		if moved == 2 && !odd || moved == 1 && odd {
			n = [3]uint64{n[1], n[2], n[0]}
		}
	}
	a, b, c := stacks[n[0]], stacks[n[1]], stacks[n[2]]
	add := func(kind mesh.Kind, nodes ...uint64) {
		block := m.block(3, w.solid, kind)
		block.Nodes = append(block.Nodes, nodes...)
	}
	switch moved {
	case 3:
		for i := range len(a) - 1 {
			add(mesh.Prism6, a[i], b[i], c[i], a[i+1], b[i+1], c[i+1])
		}
	case 2:
		for i := range len(b) - 1 {
			add(mesh.Pyramid5, b[i], b[i+1], c[i+1], c[i], n[0])
		}
	case 1:
		for i := range len(a) - 1 {
			add(mesh.Tet4, a[i], n[1], n[2], a[i+1])
		}
	}
}

// addSide adds the sides of layers to the face that they lie in, between two nodes in the direction of its triangles.
func addSide(m *owned, face int, a, b uint64, stacks map[uint64][]uint64) {
	from, to := stacks[a], stacks[b]
	triangle := func(x, y, z uint64) {
		block := m.block(2, face, mesh.Triangle3)
		block.Nodes = append(block.Nodes, x, y, z)
	}
	switch {
	case from != nil && to != nil:
		block := m.block(2, face, mesh.Quad4)
		for i := range len(from) - 1 {
			block.Nodes = append(block.Nodes, from[i], to[i], to[i+1], from[i+1])
		}
	case from != nil:
		for i := range len(from) - 1 {
			triangle(from[i], b, from[i+1])
		}
	case to != nil:
		for i := range len(to) - 1 {
			triangle(a, to[i], to[i+1])
		}
	}
}

// fullShare is the share of the height asked for from which layers count as not shrunk.
const fullShare = 0.95

// judgeLayers says what became of the layers.
func (j *job) judgeLayers(m *owned, stacks map[uint64][]uint64, now func(uint64) uint64) error {
	l := j.layers
	type spot struct {
		share float64
		point layers.Vec
	}
	spots := make([][]spot, len(l.reports))
	heights, thicknesses := make([][]float64, len(l.reports)), make([][]float64, len(l.reports))
	for _, w := range l.walls {
		r, asked := &l.reports[w.layer], j.req.Spec.Layers[w.layer]
		base := [3]layers.Vec{}
		carries := 0
		for k, before := range w.nodes {
			base[k] = m.At(now(before))
			if stack := stacks[now(before)]; stack != nil {
				base[k] = m.At(stack[0])
				carries++
			}
		}
		normal := doubleArea(base[0], base[2], base[1])
		size := math.Sqrt(normal[0]*normal[0] + normal[1]*normal[1] + normal[2]*normal[2])
		first, total := 0., 0.
		for k, before := range w.nodes {
			stack := stacks[now(before)]
			if stack == nil {
				continue
			}
			height := func(to uint64) (h float64) {
				way := between(base[k], m.At(to))
				for c := range way {
					h += way[c] * normal[c] / size / 3
				}
				return h
			}
			first += height(stack[1])
			total += height(stack[len(stack)-1])
		}
		r.Faces++
		share := total / asked.Thickness()
		switch {
		case carries < 3:
			r.Dropped++
			share = 0
		default:
			r.Complete++
			heights[w.layer] = append(heights[w.layer], first)
			thicknesses[w.layer] = append(thicknesses[w.layer], total)
			if share < fullShare {
				r.Shrunk++
			}
		}
		if share < fullShare {
			var middle layers.Vec
			for k := range middle {
				middle[k] = (base[0][k] + base[1][k] + base[2][k]) / 3
			}
			spots[w.layer] = append(spots[w.layer], spot{share, middle})
		}
	}
	for i := range l.reports {
		r := &l.reports[i]
		r.Share = float64(r.Complete) / float64(max(r.Faces, 1))
		r.FirstHeight, r.Thickness = boundsOf(heights[i]), boundsOf(thicknesses[i])
		slices.SortStableFunc(spots[i], func(a, b spot) int {
			switch {
			case a.share < b.share:
				return -1
			case a.share > b.share:
				return 1
			}
			return 0
		})
		var places []diagnosis.Entity
		reach := 0.05 * j.source.diagonal()
		for _, s := range spots[i] { // the worst of each neighbourhood
			near := slices.ContainsFunc(r.Places, func(p engine.LayerPlace) bool {
				d := between(p.Point, s.point)
				return math.Sqrt(d[0]*d[0]+d[1]*d[1]+d[2]*d[2]) < reach
			})
			if near || len(r.Places) >= maxPlaces {
				continue
			}
			r.Places = append(r.Places, engine.LayerPlace{Point: s.point, Share: s.share})
			places = append(places, diagnosis.Entity{Dim: 2, Point: &s.point, Name: fmt.Sprintf("%.0f %% of the thickness", 100*s.share)})
		}
		if r.Complete == 0 {
			return diagnosis.New(diagnosis.QualityBelowThreshold, "No face of the walls of layers[%d] can carry layers %g thick.",
				i, j.req.Spec.Layers[i].Thickness()).At(places...).
				WithHint("Ask for thinner layers, or make the group of faces that do not run on smoothly beside it.")
		}
		if r.Dropped+r.Shrunk > 0 {
			j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold,
				"Of the %d faces of the wall of layers[%d], %d carry thinner layers than asked for and %d none or not all.",
				r.Faces, i, r.Shrunk, r.Dropped).At(places...).
				WithHint("Ask for thinner layers, or a finer size near the places listed."))
		}
	}
	return nil
}

func boundsOf(values []float64) (b engine.Bounds) {
	if len(values) == 0 {
		return b
	}
	b.Min, b.Max = slices.Min(values), slices.Max(values)
	for _, v := range values {
		b.Mean += v / float64(len(values))
	}
	return b
}
