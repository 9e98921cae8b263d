package picture

import "meshgen/internal/mesh"

// pieces is how many straight lines a curved edge is drawn by.
const pieces = 8

// bends are the points between the ends of edges, from the smaller number to the larger: those of the surface. Inside, edges
// are straight.
type bends map[[2]uint64][]Point

// bendsOf returns the curved edges of a mesh, none where it is of order 1.
func bendsOf(m *mesh.Mesh) bends {
	out := bends{}
	for _, b := range m.Of(2) {
		between, corners := b.Kind.Order()-1, b.Kind.Corners()
		if between < 1 {
			continue
		}
		for e := range b.Len() {
			n := b.Element(e)
			for i := range corners {
				a, z := n[i], n[(i+1)%corners]
				nodes := []Point{m.At(a)}
				for k := range between {
					nodes = append(nodes, m.At(n[corners+i*between+k]))
				}
				nodes = append(nodes, m.At(z))
				out.note(a, z, nodes)
			}
		}
	}
	return out
}

func (b bends) note(from, to uint64, nodes []Point) {
	list := make([]Point, pieces-1)
	for i := range list {
		at := i + 1
		if from > to {
			at = pieces - at
		}
		list[i] = between(nodes, float64(at)/pieces)
	}
	b[[2]uint64{min(from, to), max(from, to)}] = list
}

// between returns the point at a share of the way along an edge: the polynomial through its nodes.
func between(nodes []Point, share float64) (p Point) {
	x := share * float64(len(nodes)-1)
	for i, node := range nodes {
		weight := 1.
		for k := range nodes {
			if k != i {
				weight *= (x - float64(k)) / float64(i-k)
			}
		}
		for c := range p {
			p[c] += weight * node[c]
		}
	}
	return p
}

// around returns the corners of a face with the points of its edges between them, each edge by as many pieces.
func (b bends) around(ids []uint64, corners []Point) []Point {
	if len(b) == 0 {
		return corners
	}
	var out []Point
	for i, from := range ids {
		next := (i + 1) % len(ids)
		to := ids[next]
		out = append(out, corners[i])
		list := b[[2]uint64{min(from, to), max(from, to)}]
		for k := 1; k < pieces; k++ {
			switch {
			case list == nil:
				out = append(out, between([]Point{corners[i], corners[next]}, float64(k)/pieces))
			case from < to:
				out = append(out, list[k-1])
			default:
				out = append(out, list[pieces-1-k])
			}
		}
	}
	return out
}
