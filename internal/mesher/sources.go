package mesher

import (
	"maps"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/sizing"
)

// skin is a mesh of the surface: what a first pass says of where faces and curves are.
type skin struct {
	xyz       []float64 // of each node, at three times its number
	faces     map[int][]uint64
	triangles int
}

func (k *skin) at(node uint64) [3]float64 { return [3]float64(k.xyz[3*node : 3*node+3]) }

// takeSkin copies the surface mesh out of the library.
func takeSkin() (*skin, error) {
	k := &skin{faces: map[int][]uint64{}}
	tags, coordinates, err := gmsh.Nodes(-1, -1)
	defer tags.Free()
	defer coordinates.Free()
	if err != nil {
		return nil, err
	}
	highest := uint64(0)
	for _, tag := range tags.View() {
		highest = max(highest, tag)
	}
	k.xyz = make([]float64, 3*(highest+1))
	for i, tag := range tags.View() {
		copy(k.xyz[3*tag:3*tag+3], coordinates.View()[3*i:3*i+3])
	}
	faces, err := gmsh.Entities(2)
	if err != nil {
		return nil, err
	}
	for _, f := range faces {
		if k.faces[f.Tag], err = cornersOf(int(mesh.Triangle3), f.Tag); err != nil {
			return nil, err
		}
		k.triangles += len(k.faces[f.Tag]) / 3
	}
	return k, nil
}

// cornersOf returns the nodes of all elements of a type in an entity.
func cornersOf(elementType, tag int) ([]uint64, error) {
	elements, nodes, err := gmsh.Elements(elementType, tag)
	defer elements.Free()
	defer nodes.Free()
	return append([]uint64(nil), nodes.View()...), err
}

// around returns what is asked for around faces and curves.
func (k *skin) around(d *demands) ([]sizing.Source, error) {
	var sources []sizing.Source
	for _, a := range d.around {
		for _, e := range a.entities {
			ask := func(shape sizing.Shape) {
				sources = append(sources, sizing.Source{Shape: shape, Size: a.size, From: a.from, Slope: a.slope})
			}
			if e.Dim == 2 {
				for t := k.faces[e.Tag]; len(t) > 0; t = t[3:] {
					ask(sizing.Triangle(k.at(t[0]), k.at(t[1]), k.at(t[2])))
				}
				continue
			}
			lines, err := cornersOf(int(mesh.Line2), e.Tag)
			if err != nil {
				return nil, err
			}
			for ; len(lines) > 0; lines = lines[2:] {
				ask(sizing.Segment(k.at(lines[0]), k.at(lines[1])))
			}
		}
	}
	return sources, nil
}

// grown asks around each node for edges that are as long as those that meet there, and grow from there: whatever makes the
// surface fine in places, it is left at the pace that was asked for, along the surface and inwards.
func (k *skin) grown(slope float64, z *sizes) []sizing.Source {
	type mean struct{ sum, n float64 }
	edges := make([]mean, len(k.xyz)/3)
	for _, face := range slices.Sorted(maps.Keys(k.faces)) { // in order, so that the sums are always the same
		for nodes := k.faces[face]; len(nodes) > 0; nodes = nodes[3:] {
			for i := range 3 {
				a, b := nodes[i], nodes[(i+1)%3]
				length := distance(k.at(a), k.at(b))
				edges[a].sum, edges[a].n = edges[a].sum+length, edges[a].n+1
				edges[b].sum, edges[b].n = edges[b].sum+length, edges[b].n+1
			}
		}
	}
	var sources []sizing.Source
	for node, e := range edges {
		if e.n == 0 {
			continue
		}
		if size := max(e.sum/e.n/z.coarser, z.shortest); size < z.longest {
			// Nodes lie about an edge apart: between them the size holds.
			sources = append(sources, sizing.Source{Shape: sizing.Point(k.at(uint64(node))), Size: size, From: z.coarser * size / 2, Slope: slope})
		}
	}
	return sources
}
