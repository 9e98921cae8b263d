package mesher

import (
	"fmt"

	"meshgen/internal/mesh"
)

// readsBack compares a mesh file with the mesh.
func (s *snapshot) readsBack(path string) error {
	found, err := mesh.CheckMSH(path)
	if err != nil {
		return err
	}
	if found.Nodes != s.Nodes() {
		return fmt.Errorf("the file holds %d of %d nodes", found.Nodes, s.Nodes())
	}
	counts := s.Counts()
	for key, n := range counts {
		if found.Counts[key] != n {
			return fmt.Errorf("the file holds %d of %d elements of kind %s in entity %d of dimension %d",
				found.Counts[key], n, key.Kind, key.Entity, key.Dim)
		}
	}
	if len(found.Counts) != len(counts) {
		return fmt.Errorf("the file holds elements of %d entities, the mesh of %d", len(found.Counts), len(counts))
	}
	return nil
}
