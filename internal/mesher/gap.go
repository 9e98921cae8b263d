package mesher

import (
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/hexcore"
	"meshgen/internal/mesh"
)

// gap is what is to be filled with tetrahedra in a model of its own: solids, but for their cores of hexahedra where they
// have some. Of the mesh around it only the triangles are taken, and they stay as they are.
type gap struct {
	*owned
	skins []skinOf
	put   map[uint64]bool // numbers of the nodes that were given to the model
	// hexahedra is the part of the volume that they fill.
	hexahedra, volume float64
}

// skinOf is the triangles around the core of a solid; none where it has no core.
type skinOf struct {
	solid
	first uint64 // number of the first of its nodes
	core  *hexcore.Core
}

// addCore adds the elements of a core to the mesh.
func (g *gap) addCore(s solid, core *hexcore.Core) {
	skin := skinOf{solid: s, core: core, first: uint64(len(g.owner))}
	g.volume += s.volume
	if core != nil {
		on := gmsh.DimTag{Dim: 3, Tag: s.tag}
		for _, p := range core.Points {
			g.addNode(p, on)
		}
		hexes := g.block(3, s.tag, mesh.Hex8)
		for _, e := range core.Hexes {
			for _, n := range e {
				hexes.Nodes = append(hexes.Nodes, skin.first+uint64(n))
			}
		}
		pyramids := g.block(3, s.tag, mesh.Pyramid5)
		for _, e := range core.Pyramids {
			for _, n := range e {
				pyramids.Nodes = append(pyramids.Nodes, skin.first+uint64(n))
			}
		}
		g.hexahedra += core.Volume
	}
	g.skins = append(g.skins, skin)
}

// fillGap makes a model of the gap, has it filled and the tetrahedra finished, and adds them to the mesh.
func (j *job) fillGap(g *gap, finish func() error) (err error) {
	if err := gmsh.AddModel("gap"); err != nil {
		return err
	}
	defer func() {
		if removed := gmsh.RemoveModel(); err == nil {
			err = removed
		}
		if current := gmsh.SetCurrentModel(j.modelName); err == nil {
			err = current
		}
		// Where no hexahedron has room, Gmsh curves what is made here; it leaves gaps in the numbers otherwise.
		if renumbered := set([]option{{"Mesh.Renumber", 1}}); err == nil {
			err = renumbered
		}
	}()
	faces, err := g.model()
	if err != nil {
		return err
	}
	// Nodes keep their numbers, by which they are found again. Triangles have no curvature that Gmsh
	// could compute.
	if err := set([]option{{"Mesh.Renumber", 0}, {"Mesh.MeshSizeFromCurvature", 0}}); err != nil {
		return err
	}
	if j.source.triangle == nil {
		if err := growFrom(faces, j.sizes.longest, j.growth()); err != nil {
			return err
		}
	}
	if j.sizes != nil {
		if err := j.sizes.install(); err != nil {
			return err
		}
	}
	failure := gmsh.Generate(3)
	j.m.console.Sync()
	for _, s := range g.skins {
		types, err := gmsh.ElementTypes(3, s.tag)
		if err != nil {
			return err
		}
		if len(types) == 0 || failure != nil {
			return j.failed(diagnosis.BoundaryRecoveryFailed, "No tetrahedra could be fitted to the surface mesh of "+describeSolid(s.solid)+".",
				[]gmsh.DimTag{{Dim: 3, Tag: s.tag}}, failure)
		}
	}
	if finish != nil {
		if err := finish(); err != nil {
			return err
		}
	}
	return g.takeTetrahedra()
}

// model gives the library the triangles around the gap, and a volume for each solid, by the tags of the CAD: sizes are asked
// for by them. It returns the faces of the solids.
func (g *gap) model() (faces []int, err error) {
	g.put = map[uint64]bool{}
	for _, s := range g.skins {
		for _, f := range s.faces {
			if slices.Contains(faces, f) {
				continue
			}
			faces = append(faces, f)
			if err := g.add(f, g.block(2, f, mesh.Triangle3).Nodes); err != nil {
				return nil, err
			}
		}
	}
	free := slices.Max(faces)
	for _, s := range g.skins {
		around := slices.Clone(s.faces)
		if s.core != nil {
			var corners []uint64
			for _, t := range s.core.Skin {
				for _, n := range t {
					corners = append(corners, s.first+uint64(n))
				}
			}
			free++
			if err := g.add(free, corners); err != nil {
				return nil, err
			}
			around = append(around, free)
		}
		loop, err := gmsh.AddSurfaceLoop(around)
		if err != nil {
			return nil, err
		}
		if err := gmsh.AddVolume(s.tag, []int{loop}); err != nil {
			return nil, err
		}
	}
	return faces, gmsh.GeoSynchronize()
}

// add gives the library triangles as a face.
func (g *gap) add(face int, corners []uint64) error {
	var nodes []uint64
	var places []float64
	for _, n := range corners {
		if !g.put[n] {
			g.put[n] = true
			nodes = append(nodes, n)
			places = append(places, g.XYZ[3*n:3*n+3]...)
		}
	}
	if err := gmsh.AddDiscrete(gmsh.DimTag{Dim: 2, Tag: face}); err != nil {
		return err
	}
	if err := gmsh.AddNodes(2, face, nodes, places); err != nil {
		return err
	}
	return gmsh.AddElements(face, int(mesh.Triangle3), corners)
}

// takeTetrahedra copies the tetrahedra of the gap into the mesh.
func (g *gap) takeTetrahedra() error {
	places := map[uint64][3]float64{}
	tags, coordinates, err := gmsh.Nodes(-1, -1)
	for i, tag := range tags.View() {
		places[tag] = [3]float64(coordinates.View()[3*i : 3*i+3])
	}
	tags.Free()
	coordinates.Free()
	if err != nil {
		return err
	}
	now := map[uint64]uint64{} // of nodes that are new
	for _, s := range g.skins {
		on := gmsh.DimTag{Dim: 3, Tag: s.tag}
		var corners []uint64
		err := eachElement(mesh.Tet4, s.tag, func(n []uint64) {
			for _, node := range n {
				if !g.put[node] {
					if now[node] == 0 {
						now[node] = g.addNode(places[node], on)
					}
					node = now[node]
				}
				corners = append(corners, node)
			}
		})
		if err != nil {
			return err
		}
		b := g.block(3, s.tag, mesh.Tet4)
		b.Nodes = append(b.Nodes, corners...)
	}
	return nil
}
