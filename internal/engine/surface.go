package engine

import (
	"encoding/json"

	"meshgen/internal/spec"
)

// SamePart reports whether an engine that has read, and cut, the part for one request need not do so again for the other.
func (r Request) SamePart(other Request) bool {
	of := func(r Request) Kept {
		return Kept{SHA256: r.Source.SHA256, Format: r.Source.Format, Units: r.Source.Units}
	}
	return of(r).Of(other.Source) && r.byFaces() && other.byFaces() && r.Spec.Heal == other.Spec.Heal && r.Tuning.Mend == other.Tuning.Mend
}

// byFaces reports whether the request goes by the faces of its part, be it to mesh them now or later.
func (r Request) byFaces() bool {
	return (r.Kind == Mesh || r.Kind == Speculate) && r.Spec.Strategy != spec.Lattice && !r.Tuning.Tessellate
}

// SameSurface reports whether the mesh of curves and faces that one request makes is the one that the other needs, whatever the part:
// there are parts where faces in rows make no difference, but that is known in the end only.
func (r Request) SameSurface(other Request) bool {
	key := r.SurfaceKey()
	return r.SamePart(other) && key != "" && key == other.SurfaceKey() && BearsStrips(r.Spec) == BearsStrips(other.Spec)
}

// BearsStrips reports whether what a spec puts on or in a surface may stand on faces that are meshed in rows, of triangles longer than
// wide.
func BearsStrips(s spec.Spec) bool { return len(s.Layers) == 0 && s.Element != spec.HexDominant }

// Keeps reports whether the mesh after a stage is kept by an engine that may keep so many bytes of parts.
func Keeps(elements float64, keep int64) bool {
	const (
		share      = 8           // of them is for one stage of one mesh
		perElement = 8 * (4 + 1) // corners of a tetrahedron, and its part of the nodes
	)
	return perElement*elements <= float64(keep/share)
}

// SurfaceKey names what the mesh of curves and faces depends on beside the part. It is empty where the mesh is not kept: one that
// is made again and again until a number of elements is met. Nor is it given back to be raised with elements that are no
// tetrahedra: the library leaves gaps in the numbers of nodes then.
func (r Request) SurfaceKey() string {
	if s := r.Spec; s.Size.TargetElements > 0 || s.Order > 1 && s.Mixed() {
		return ""
	}
	return r.StageKey(nil)
}

// StageKey names what a mesh depends on up to a stage: what curves and faces do, and further things.
func (r Request) StageKey(further any) string {
	s, tuning := r.Spec, r.Tuning
	tuning.Rung = ""
	key := struct {
		Size    spec.Size
		Refine  []spec.Refinement
		Groups  []spec.Group
		Hex     bool
		Most    int64
		Tuning  Tuning
		Further any
	}{Size: s.Size, Refine: s.Refine, Hex: s.Strategy == spec.Hex, Tuning: tuning, Further: further}
	if len(s.Refine) > 0 { // which may speak of groups
		key.Groups = s.Groups
	}
	if s.Size.TargetElements > 0 || s.Size.WallElements > 0 { // which may be refused for it
		key.Most = r.MaxElements
	}
	text, err := json.Marshal(key)
	if err != nil {
		return ""
	}
	return string(text)
}
