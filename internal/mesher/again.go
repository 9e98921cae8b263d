package mesher

import (
	"cmp"
	"maps"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// faceNodes is the mesh of a face, kept while what is around other faces is meshed again.
type faceNodes struct {
	face               int
	tags               []uint64
	places, parameters []float64
	corners            []uint64 // of its triangles, some on the curves around it
}

// clearAround takes the mesh from some faces, the curves around them and the faces beyond these curves, so that nothing else
// is meshed again: what is far from them stays as it is, and is returned.
func clearAround(faces []int) ([]faceNodes, error) {
	curves, around := map[gmsh.DimTag]bool{}, map[gmsh.DimTag]bool{}
	for _, tag := range faces {
		face := gmsh.DimTag{Dim: 2, Tag: tag}
		around[face] = true
		boundary, err := gmsh.Boundary([]gmsh.DimTag{face}, false)
		if err != nil {
			return nil, err
		}
		for _, c := range boundary {
			curve := gmsh.DimTag{Dim: 1, Tag: abs(c.Tag)}
			curves[curve] = true
			up, _, err := gmsh.Adjacencies(curve)
			if err != nil {
				return nil, err
			}
			for _, f := range up {
				around[gmsh.DimTag{Dim: 2, Tag: f}] = true
			}
		}
	}
	all, err := gmsh.Entities(2)
	if err != nil {
		return nil, err
	}
	var kept []faceNodes
	for _, face := range all {
		if around[face] {
			continue
		}
		k, err := takeFaceNodes(face.Tag)
		if err != nil {
			return nil, err
		}
		kept = append(kept, k)
	}
	for _, group := range []map[gmsh.DimTag]bool{around, curves} { // faces first: they hold their curves
		if len(group) == 0 {
			continue // ClearMesh of nothing clears all
		}
		if err := gmsh.ClearMesh(inOrder(group)...); err != nil {
			return nil, err
		}
	}
	return kept, meshOnly(slices.Concat(inOrder(around), inOrder(curves)))
}

// meshOnly has Gmsh mesh some curves and faces alone. Its option for what is empty meshes all faces anew where a curve is.
func meshOnly(entities []gmsh.DimTag) error {
	for dim := 1; dim <= 2; dim++ {
		all, err := gmsh.Entities(dim)
		if err != nil {
			return err
		}
		if err := gmsh.SetVisibility(false, all...); err != nil {
			return err
		}
	}
	if err := gmsh.SetVisibility(true, entities...); err != nil {
		return err
	}
	return set([]option{{"Mesh.MeshOnlyVisible", 1}, {"Mesh.Renumber", 0}}) // what is kept knows its nodes by number
}

// meshEverything ends what meshOnly began. It has to wait for the solids: what was hidden counts as not meshed once it is shown.
func meshEverything() error {
	if only, err := gmsh.Number("Mesh.MeshOnlyVisible"); err != nil || only == 0 {
		return err
	}
	all, err := gmsh.Entities(-1)
	if err != nil {
		return err
	}
	if err := gmsh.SetVisibility(true, all...); err != nil {
		return err
	}
	return set([]option{{"Mesh.MeshOnlyVisible", 0}, {"Mesh.Renumber", 1}})
}

func takeFaceNodes(face int) (faceNodes, error) {
	k := faceNodes{face: face}
	tags, places, parameters, err := gmsh.NodesWithParameters(2, face)
	if err != nil {
		return k, err
	}
	k.tags, k.places, k.parameters = tags, places, parameters
	err = eachElement(mesh.Triangle3, face, func(n []uint64) { k.corners = append(k.corners, n...) })
	return k, err
}

// putBack gives the face its mesh again, with nodes numbered from next on; it returns the number after them.
func (k *faceNodes) putBack(next uint64) (uint64, error) {
	number := make(map[uint64]uint64, len(k.tags))
	for i, old := range k.tags {
		number[old], k.tags[i] = next, next
		next++
	}
	for i, old := range k.corners {
		if n, inner := number[old]; inner {
			k.corners[i] = n
		}
	}
	if err := gmsh.AddNodesWithParameters(2, k.face, k.tags, k.places, k.parameters); err != nil {
		return next, err
	}
	return next, gmsh.AddElements(k.face, int(mesh.Triangle3), k.corners)
}

// putFacesBack puts back what was kept, once the curves are divided.
func putFacesBack(kept []faceNodes) error {
	next, err := nextNode()
	if err != nil {
		return err
	}
	for i := range kept {
		if next, err = kept[i].putBack(next); err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns the keys of a map by dimension and tag.
func inOrder[V any](of map[gmsh.DimTag]V) []gmsh.DimTag {
	return slices.SortedFunc(maps.Keys(of), func(a, b gmsh.DimTag) int {
		return cmp.Or(cmp.Compare(a.Dim, b.Dim), cmp.Compare(a.Tag, b.Tag))
	})
}

// nextNode returns a number from which on no node has one.
func nextNode() (uint64, error) {
	tags, places, err := gmsh.Nodes(-1, -1)
	places.Free()
	defer tags.Free()
	if err != nil || tags.Len() == 0 {
		return 1, err
	}
	return slices.Max(tags.View()) + 1, nil
}
