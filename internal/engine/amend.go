package engine

import (
	"encoding/json"
	"fmt"
	"os"
)

// AmendReport writes what an engine reported, from its file to another, with what whoever drives the ladder knows besides:
// what was tried, and that it was a race.
func AmendReport(from, to string, known *MeshReport) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var r MeshReport
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.Tried, r.Raced = known.Tried, known.Raced
	detail, err := r.Detail.Encode()
	if err != nil {
		return err
	}
	return WriteReport(to, &r, detail)
}

// WasRaced reports whether anything ran beside the rung that made the mesh, or one before it.
func (r *MeshReport) WasRaced() bool {
	for _, t := range r.Tried {
		if len(t.Beside) > 0 {
			return true
		}
	}
	return false
}
