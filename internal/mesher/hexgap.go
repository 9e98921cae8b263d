package mesher

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/hexcore"
	"meshgen/internal/mesh"
)

// gap is what is to be filled with tetrahedra: between the faces of solids and their cores.
type gap struct {
	*owned
	skins []skinOf
	// hexahedra is the part of the volume that they fill.
	hexahedra, volume float64
}

// skinOf is the triangles around the core of a solid; none where it has no core.
type skinOf struct {
	solid
	first     uint64 // number of the first of its nodes
	core      *hexcore.Core
	volumeTag int
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

// fillGap makes a model of the gap, has it filled and the tetrahedra improved, and adds them to the mesh.
func (j *job) fillGap(g *gap) (err error) {
	if err := gmsh.AddModel("gap"); err != nil {
		return err
	}
	defer func() {
		if removed := gmsh.RemoveModel(); err == nil {
			err = removed
		}
		if current := gmsh.SetCurrentModel(modelName); err == nil {
			err = current
		}
	}()
	faces, err := g.model()
	if err != nil {
		return err
	}
	// nodes keep their numbers, by which they are found again
	if err := set([]option{{"Mesh.Renumber", 0}}); err != nil {
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
		types, err := gmsh.ElementTypes(3, s.volumeTag)
		if err != nil {
			return err
		}
		if len(types) == 0 || failure != nil {
			return j.failed(diagnosis.BoundaryRecoveryFailed, "No tetrahedra could be fitted between the surface mesh and the hexahedra.",
				[]gmsh.DimTag{{Dim: 3, Tag: s.tag}}, failure)
		}
	}
	j.begin(engine.StageOptimize)
	if err := j.optimizeTetrahedra(); err != nil {
		return err
	}
	return g.takeTetrahedra()
}

// model gives the library the triangles around the gap, and a volume for each solid. It returns the faces of the solids there.
func (g *gap) model() ([]int, error) {
	faceTag := map[int]int{}
	var faces []int
	put := map[uint64]bool{}
	add := func(corners []uint64) (int, error) {
		var nodes []uint64
		var places []float64
		for _, n := range corners {
			if !put[n] {
				put[n] = true
				nodes = append(nodes, n)
				places = append(places, g.XYZ[3*n:3*n+3]...)
			}
		}
		tag, err := gmsh.AddDiscreteEntity(2, nil)
		if err != nil {
			return 0, err
		}
		if err := gmsh.AddNodes(2, tag, nodes, places); err != nil {
			return 0, err
		}
		return tag, gmsh.AddElements(tag, int(mesh.Triangle3), corners)
	}
	for i := range g.skins {
		s := &g.skins[i]
		var outer []int
		for _, f := range s.faces {
			if faceTag[f] == 0 {
				tag, err := add(g.block(2, f, mesh.Triangle3).Nodes)
				if err != nil {
					return nil, err
				}
				faceTag[f] = tag
				faces = append(faces, tag)
			}
			outer = append(outer, faceTag[f])
		}
		if s.core != nil {
			var corners []uint64
			for _, t := range s.core.Skin {
				for _, n := range t {
					corners = append(corners, s.first+uint64(n))
				}
			}
			tag, err := add(corners)
			if err != nil {
				return nil, err
			}
			outer = append(outer, tag)
		}
		loop, err := gmsh.AddSurfaceLoop(outer)
		if err != nil {
			return nil, err
		}
		if s.volumeTag, err = gmsh.AddVolume([]int{loop}); err != nil {
			return nil, err
		}
	}
	return faces, gmsh.GeoSynchronize()
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
	known := uint64(len(g.owner))
	now := map[uint64]uint64{} // of nodes that are new
	for _, s := range g.skins {
		on := gmsh.DimTag{Dim: 3, Tag: s.tag}
		var corners []uint64
		err := eachElement(mesh.Tet4, s.volumeTag, func(n []uint64) {
			for _, node := range n {
				if node >= known {
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
