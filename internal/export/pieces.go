package export

import "meshgen/internal/mesh"

// Label is a group as a format names it.
type Label struct {
	Dim  int
	Name string
}

// Piece is elements that a writer of Gmsh's is given as one entity.
type Piece struct {
	Label                // what the entity is called
	Blocks []*mesh.Block // its elements
	Labels []Label       // the groups that it is in; at least one
}

// Pieces returns what a file that Gmsh writes is to hold: all solids, and the faces, edges and points that are in groups.
// Names are what the format allows. Volumes come first, so that nodes belong to them. Where the format gives an entity one
// name, a piece is a whole group; elsewhere it is an entity.
func (f Format) Pieces(m *mesh.Mesh) []Piece {
	var out []Piece
	for _, dim := range []int{3, 2, 1, 0} {
		taken := f.rule.names()
		if f.divides {
			for _, p := range divide(m, dim, dim == 3, taken) {
				label := Label{dim, p.name}
				out = append(out, Piece{label, p.blocks, []Label{label}})
			}
			continue
		}
		labels := map[int][]Label{}
		for _, p := range groups(m, dim, taken) {
			for _, entity := range p.entities {
				labels[entity] = append(labels[entity], Label{dim, p.name})
			}
		}
		seen := map[int]bool{}
		for _, b := range m.Of(dim) {
			if seen[b.Entity] || labels[b.Entity] == nil && dim < 3 {
				continue
			}
			seen[b.Entity] = true
			of := labels[b.Entity]
			if of == nil {
				of = []Label{{dim, taken.take(title(dim, b.Entity))}}
			}
			out = append(out, Piece{Label{dim, title(dim, b.Entity)}, m.In(dim, b.Entity), of})
		}
	}
	return out
}
