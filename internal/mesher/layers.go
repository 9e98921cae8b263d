package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/layers"
	"meshgen/internal/spec"
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

// elements returns how many elements the layers become: one for each layer over a triangle of a wall of which a node moved,
// whatever the number of the nodes that did.
func (l *layering) elements(asked []spec.Layer) (n int) {
	if l == nil {
		return 0
	}
	for _, w := range l.walls {
		for _, node := range w.nodes {
			if l.columns[node] != nil {
				n += asked[w.layer].Count
				break
			}
		}
	}
	return n
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
