package mesher

import (
	"fmt"
	"slices"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/improve"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// optimize improves the tetrahedra. Gmsh's own optimiser is not run before: ours starts from the same mesh and comes
// farther in the same time.
func (j *job) optimize() error {
	if j.req.Spec.Element != spec.HexDominant { // there they are improved before the hexahedra join them
		j.begin(engine.StageOptimize)
		if err := j.optimizeTetrahedra(); err != nil {
			return err
		}
	}
	return renumber()
}

func (j *job) optimizeTetrahedra() error {
	o, err := j.takeTetrahedra()
	if err != nil {
		return err
	}
	if len(o.mesh.Tets) > 0 {
		report, err := improve.Improve(&o.mesh, improve.Options{Time: j.optimizingTime()})
		if err != nil {
			return j.failed(diagnosis.QualityBelowThreshold, "The tetrahedra could not be optimised.", nil, err)
		}
		j.noteImprovement(&report)
		if report.Changed() > 0 {
			return o.putBack()
		}
	}
	return nil
}

// optimizingShare is the part of the time that is left that optimisation may take at the most.
const optimizingShare = 0.5

func (j *job) optimizingTime() time.Duration {
	left := j.req.Spec.Limit() - time.Since(j.began)
	return max(time.Duration(optimizingShare*float64(left)), time.Millisecond)
}

func (j *job) noteImprovement(r *improve.Report) {
	j.optimized = &engine.Optimized{Poor: r.Poor, Changes: r.Changed(), Before: r.Before, After: r.After, Complete: !r.Stopped}
	text := fmt.Sprintf("Optimised %d poor tetrahedra by %d changes: smallest gamma %.4g, was %.4g", r.Poor, r.Changed(), r.After, r.Before)
	j.timeCut = j.timeCut || r.OutOfTime
	if r.Stopped {
		text += "; stopped at the bound on effort"
	}
	j.track.say(gmsh.Info, text)
}

// tetrahedra is what is optimised: all solids that hold straight tetrahedra and nothing else.
type tetrahedra struct {
	mesh   improve.Mesh
	tags   []uint64 // the library's number of each node of the mesh
	free   uint64   // from where on it has used no number
	solids []gmsh.DimTag
}

func (j *job) takeTetrahedra() (*tetrahedra, error) {
	o := &tetrahedra{}
	index, err := o.takeNodes()
	if err != nil {
		return nil, err
	}
	solids, err := gmsh.Entities(3)
	if err != nil {
		return nil, err
	}
	for _, s := range solids {
		types, err := gmsh.ElementTypes(3, s.Tag)
		if err != nil {
			return nil, err
		}
		if len(types) != 1 || types[0] != int(mesh.Tet4) {
			continue
		}
		o.solids = append(o.solids, s)
		err = eachElement(mesh.Tet4, s.Tag, func(n []uint64) {
			o.mesh.Tets = append(o.mesh.Tets, [4]int32{index[n[0]], index[n[1]], index[n[2]], index[n[3]]})
			o.mesh.Solids = append(o.mesh.Solids, int32(s.Tag))
		})
		if err != nil {
			return nil, err
		}
	}
	if err := o.takeFaces(index); err != nil {
		return nil, err
	}
	if j.layers != nil { // the tops of layers lie in no plane of the CAD, and their nodes are known by their places
		for i := range o.mesh.Planes {
			o.mesh.Planes[i] = -1
		}
	}
	err = eachElement(mesh.Line2, -1, func(n []uint64) {
		o.mesh.Lines = append(o.mesh.Lines, [2]int32{index[n[0]], index[n[1]]})
	})
	return o, err
}

// takeFaces copies the triangles out. Nodes may slide within a plane of the CAD that bounds nothing but what is optimised.
func (o *tetrahedra) takeFaces(index []int32) error {
	faces, err := gmsh.Entities(2)
	if err != nil {
		return err
	}
	for _, face := range faces {
		plane := int32(-1)
		if kind, err := gmsh.Kind(face); err != nil {
			return err
		} else if kind == "Plane" {
			solids, _, err := gmsh.Adjacencies(face)
			if err != nil {
				return err
			}
			if o.holds(solids) {
				plane = int32(face.Tag)
			}
		}
		err = eachElement(mesh.Triangle3, face.Tag, func(n []uint64) {
			o.mesh.Triangles = append(o.mesh.Triangles, [3]int32{index[n[0]], index[n[1]], index[n[2]]})
			o.mesh.Planes = append(o.mesh.Planes, plane)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether all of some solids are optimised.
func (o *tetrahedra) holds(solids []int) bool {
	for _, tag := range solids {
		if !slices.Contains(o.solids, gmsh.DimTag{Dim: 3, Tag: tag}) {
			return false
		}
	}
	return true
}

// takeNodes copies the nodes out, and returns the place of each by its tag.
func (o *tetrahedra) takeNodes() (index []int32, err error) {
	for dim := range 4 {
		tags, places, err := gmsh.Nodes(dim, -1)
		if err == nil && tags.Len() > 0 {
			if highest := int(slices.Max(tags.View())); highest >= len(index) {
				index = append(index, make([]int32, highest+1-len(index))...)
			}
			for i, tag := range tags.View() {
				index[tag] = int32(len(o.tags) + i)
			}
			o.tags = append(o.tags, tags.View()...)
			o.mesh.XYZ = append(o.mesh.XYZ, places.View()...)
			o.mesh.Dim = append(o.mesh.Dim, slices.Repeat([]int8{int8(dim)}, tags.Len())...)
		}
		tags.Free()
		places.Free()
		if err != nil {
			return nil, err
		}
	}
	o.free = uint64(max(len(index), 1))
	return index, nil
}

// eachElement hands over the nodes of each element of a kind in an entity, in all of its dimension where entity is -1.
func eachElement(kind mesh.Kind, entity int, do func(nodes []uint64)) error {
	tags, nodes, err := gmsh.Elements(int(kind), entity)
	defer tags.Free()
	defer nodes.Free()
	if err != nil {
		return err
	}
	step := kind.Nodes()
	for all := nodes.View(); len(all) >= step; all = all[step:] {
		do(all[:step])
	}
	return nil
}

// putBack replaces the tetrahedra in the library and the nodes within the solids, and moves those that slid on a plane.
func (o *tetrahedra) putBack() error {
	if len(o.solids) == 0 {
		return nil // ClearMesh of nothing clears all
	}
	if err := gmsh.ClearMesh(o.solids...); err != nil {
		return err
	}
	for next := o.free; len(o.tags) < len(o.mesh.Dim); next++ {
		o.tags = append(o.tags, next)
	}
	if err := o.putSlid(); err != nil {
		return err
	}
	of := map[int][]int32{} // the tetrahedra of each solid
	for i, solid := range o.mesh.Solids {
		of[int(solid)] = append(of[int(solid)], int32(i))
	}
	put := make([]bool, len(o.tags))
	for _, s := range o.solids {
		var tags, corners []uint64
		var places []float64
		for _, i := range of[s.Tag] {
			for _, node := range o.mesh.Tets[i] {
				corners = append(corners, o.tags[node])
				if o.mesh.Dim[node] == 3 && !put[node] {
					put[node] = true
					tags = append(tags, o.tags[node])
					places = append(places, o.mesh.XYZ[3*node:3*node+3]...)
				}
			}
		}
		if err := gmsh.AddNodes(3, s.Tag, tags, places); err != nil {
			return err
		}
		if err := gmsh.AddElements(s.Tag, int(mesh.Tet4), corners); err != nil {
			return err
		}
	}
	return nil
}

// putSlid moves the nodes that slid. They need the parameters of their new places, by which higher orders are made.
func (o *tetrahedra) putSlid() error {
	face := map[int32]int{}
	for i, v := range o.mesh.Triangles {
		for _, node := range v {
			face[node] = int(o.mesh.Planes[i])
		}
	}
	for _, node := range o.mesh.Slid {
		place := [3]float64(o.mesh.XYZ[3*node : 3*node+3])
		parameters, err := gmsh.Parameters(gmsh.DimTag{Dim: 2, Tag: face[node]}, place[:])
		if err != nil {
			return err
		}
		if err := gmsh.SetNode(o.tags[node], place, parameters); err != nil {
			return err
		}
	}
	return nil
}
