package mesher

import (
	"errors"
	"fmt"

	"meshgen/internal/gmsh"
)

// Warm meshes a tiny box, so that what the library sets up on first use is set up before the first request. It proves at
// the same time that the library works.
func (m *Mesher) Warm() error {
	if err := m.fresh(false); err != nil {
		return err
	}
	m.untidied = &job{}
	defer m.Tidy()
	if err := set([]option{{"General.Terminal", 1}, {"Mesh.MeshSizeMax", 0.5}}); err != nil {
		return err
	}
	if err := gmsh.AddModel("warm"); err != nil {
		return err
	}
	box, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	if err != nil {
		return err
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return err
	}
	if err := leaveOnce(); err != nil {
		return err
	}
	if err := gmsh.Generate(3); err != nil {
		return err
	}
	tags, nodes, err := gmsh.Elements(gmsh.Tet4, box)
	defer tags.Free()
	defer nodes.Free()
	if err != nil {
		return err
	}
	if tags.Len() == 0 {
		return fmt.Errorf("the library meshed a box into nothing")
	}
	return nil
}

// leaveOnce begins a mesh and leaves it as a speculation is left that is given up. That is by an exception: for the first, a megabyte of
// tables is read from the library's file. It is not to be read while somebody waits for the engine, who may not wait for long.
func leaveOnce() error {
	if err := gmsh.SetSizes(func(_, _ int, _ [3]float64, size float64) float64 { return size }); err != nil {
		return err
	}
	gmsh.Interrupt()
	err := gmsh.Generate(1)
	gmsh.Resume()
	if err != nil && !errors.Is(err, gmsh.ErrInterrupted) {
		return err
	}
	if err := gmsh.RemoveSizes(); err != nil {
		return err
	}
	return gmsh.ClearMesh()
}
