package mesher

import (
	"cmp"
	"fmt"
	"slices"

	"meshgen/internal/curved"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// curve raises the order, with new nodes on the geometry. Elements may turn inside out where a coarse mesh meets a sharp bend:
// they are straightened as far as they have to be.
func (j *job) curve(straight *snapshot) (s *snapshot, err error) {
	if straight.mixed() {
		if err := j.elevate(); err != nil {
			return nil, err
		}
		return j.snapshot()
	}
	if err := gmsh.SetOrder(j.req.Spec.Order); err != nil {
		return nil, j.failed(diagnosis.QualityBelowThreshold, "The elements could not be curved.", nil, err)
	}
	if s, err = j.snapshot(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	result := curved.Straighten(&s.Mesh, nil)
	for _, move := range result.Moved {
		if err := gmsh.SetNode(move.Node, s.At(move.Node), nil); err != nil {
			return nil, err
		}
	}
	j.noteStraightened(&s.Mesh, result)
	return s, nil
}

// noteStraightened says what the boundary has lost.
func (j *job) noteStraightened(m *mesh.Mesh, result *curved.Straightened) {
	if result.Elements == 0 {
		return
	}
	on := boundaryNodes(m)
	var places []engine.StraightPlace
	for _, move := range result.Moved {
		if e, ok := on[move.Node]; ok {
			places = append(places, engine.StraightPlace{Dim: e.Dim, Tag: e.Tag, Point: move.From, Deviation: distance(move.From, m.At(move.Node))})
		}
	}
	slices.SortStableFunc(places, func(a, b engine.StraightPlace) int { return cmp.Compare(b.Deviation, a.Deviation) })
	report := &engine.Straightened{Elements: result.Elements, Boundary: len(places)}
	j.straightened = report
	text := fmt.Sprintf("Straightened %d curved elements", result.Elements)
	if len(places) > 0 {
		report.Deviation = places[0].Deviation
		text += fmt.Sprintf("; %d nodes of the boundary are off the CAD by up to %.3g", report.Boundary, report.Deviation)
	}
	j.track.say(gmsh.Info, text)
	reach := 0.02 * j.source.diagonal()
	var entities []diagnosis.Entity
	for _, p := range places { // the worst of each neighbourhood
		if len(report.Places) == maxPlaces {
			break
		}
		if !slices.ContainsFunc(report.Places, func(o engine.StraightPlace) bool { return distance(o.Point, p.Point) < reach }) {
			report.Places = append(report.Places, p)
			entities = append(entities, diagnosis.Entity{Dim: p.Dim, Tag: p.Tag, Point: &p.Point})
		}
	}
	if notable := notableStraight * j.source.diagonal(); report.Deviation > notable {
		j.warn(*diagnosis.New(diagnosis.Repaired, "%d curved elements turned inside out and were straightened; the boundary is off the CAD by up to %.3g there.",
			result.Elements, report.Deviation).At(entities...).WithHint("Ask for a finer size at the places listed."))
	}
}

// notableStraight is how far from the CAD the boundary may be before a user is warned, as a share of the part's diagonal: what is less
// is in the report alone.
const notableStraight = 1e-4

// boundaryNodes returns the curve or face that each node of a curved boundary lies on, but for those at corners of elements.
func boundaryNodes(m *mesh.Mesh) map[uint64]gmsh.DimTag {
	out := map[uint64]gmsh.DimTag{}
	for dim := 2; dim >= 1; dim-- { // what lies on a curve is on a face too
		for _, b := range m.Of(dim) {
			corners := b.Kind.Corners()
			for e := range b.Len() {
				for _, node := range b.Element(e)[corners:] {
					out[node] = gmsh.DimTag{Dim: b.Dim, Tag: b.Entity}
				}
			}
		}
	}
	return out
}
