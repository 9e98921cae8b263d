package mesher

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/surface"
)

// readTriangles reads an STL and mends it. The triangles stay as they are: they become the surface mesh of the model,
// one discrete face for each closed shell, and one volume for each solid with its voids. Shells are told apart here
// because Gmsh would put all of them into one volume and then fill nothing.
func (j *job) readTriangles() error {
	mesh, d := surface.Read(j.req.Source.Path)
	if d != nil {
		return d
	}
	warnings, d := mesh.Repair()
	j.warn(warnings...)
	if d != nil {
		return d
	}
	if len(mesh.Solids) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The triangles close no space.")
	}
	j.source.triangle = mesh
	box := mesh.Box()
	j.source.low, j.source.high = box.Min, box.Max

	if j.req.Kind != engine.Mesh {
		for i, s := range mesh.Solids {
			j.source.solids = append(j.source.solids,
				solid{tag: i + 1, volume: mesh.SolidVolume(s), faces: shellTags(s, func(shell int) int { return shell + 1 })})
		}
		return nil
	}
	if err := set(j.readingOptions()); err != nil {
		return err
	}
	return j.loadTriangles(mesh)
}

func shellTags(s surface.Solid, tag func(shell int) int) []int {
	tags := []int{tag(s.Outer)}
	for _, v := range s.Voids {
		tags = append(tags, tag(v))
	}
	return tags
}

// loadTriangles puts a mended surface into the library.
func (j *job) loadTriangles(mesh *surface.Mesh) error {
	if err := gmsh.AddModel("model"); err != nil {
		return err
	}
	faces := make([]int, len(mesh.Shells)) // tag of each shell's face
	owned := make([]bool, len(mesh.Vertices))
	for i, shell := range mesh.Shells {
		tag, err := gmsh.AddDiscreteEntity(2, nil)
		if err != nil {
			return err
		}
		faces[i] = tag
		// A node belongs to the first shell that uses it. Its number is the vertex's, from 1.
		var nodes []uint64
		var coordinates []float64
		corners := make([]uint64, 0, 3*shell.Count)
		for _, triangle := range mesh.Triangles[shell.First : shell.First+shell.Count] {
			for _, v := range triangle {
				corners = append(corners, uint64(v)+1)
				if !owned[v] {
					owned[v] = true
					nodes = append(nodes, uint64(v)+1)
					coordinates = append(coordinates, mesh.Vertices[v][:]...)
				}
			}
		}
		if err := gmsh.AddNodes(2, tag, nodes, coordinates); err != nil {
			return err
		}
		if err := gmsh.AddElements(tag, gmsh.Triangle3, corners); err != nil {
			return err
		}
	}
	loops := make([]int, len(mesh.Shells))
	for i, face := range faces {
		loop, err := gmsh.AddSurfaceLoop([]int{face})
		if err != nil {
			return err
		}
		loops[i] = loop
	}
	for _, s := range mesh.Solids {
		tag, err := gmsh.AddVolume(shellTags(s, func(shell int) int { return loops[shell] }))
		if err != nil {
			return err
		}
		j.source.solids = append(j.source.solids, solid{
			tag: tag, volume: mesh.SolidVolume(s), faces: shellTags(s, func(shell int) int { return faces[shell] }),
		})
	}
	return gmsh.GeoSynchronize()
}
