package quality

import (
	"cmp"
	"slices"

	"meshgen/internal/mesh"
)

// Element is one element with its measures.
type Element struct {
	Number uint64             `json:"number" doc:"number of the element in the mesh file"`
	Shape  string             `json:"shape"`
	Solid  int                `json:"solid" doc:"tag of the solid that it is in"`
	Place  [3]float64         `json:"place" doc:"its middle"`
	Score  float64            `json:"score" doc:"what it is ranked by: gamma of a tetrahedron, scaled Jacobian of another shape, no more than the jacobian_ratio or a negative sicn"`
	Values map[string]float64 `json:"values" doc:"its measures by name"`
}

// maxWorst is how many elements are named.
const maxWorst = 100

// ranked is an element among the worst.
type ranked struct {
	score float64
	block int
	index int
}

func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.block, b.block), cmp.Compare(a.index, b.index))
}

// score is what elements are ranked by: one number for all shapes, in which a thin prism of a boundary layer is no bad
// element.
func score(shape mesh.Shape, v *Values) float64 {
	out := v[Jacobian]
	if shape == mesh.ATetrahedron {
		out = v[Gamma]
	}
	if v[SICN] < 0 {
		out = min(out, v[SICN])
	}
	if v[JacobianRatio] < out {
		out = v[JacobianRatio]
	}
	return out
}

// rank keeps the worst: the list is cut when it has grown to twice their number.
func (w *worker) rank(r ranked) {
	w.worst = append(w.worst, r)
	if len(w.worst) == 2*maxWorst {
		w.trim()
	}
}

func (w *worker) trim() {
	slices.SortFunc(w.worst, compareRanked)
	if len(w.worst) > maxWorst {
		w.worst = w.worst[:maxWorst]
		// Of elements with the same score, the first by number are kept; so one more than the bar would be too few.
		w.bar = w.worst[maxWorst-1].score
		w.bar += 1e-15 + 1e-12*max(w.bar, -w.bar)
	}
}

// describe measures one of the worst again.
func (s *surveyor) describe(r ranked) Element {
	b := s.blocks[r.block]
	var corners []Point
	for _, node := range b.Element(r.index)[:b.Kind.Corners()] {
		corners = append(corners, s.m.At(node))
	}
	v, _ := Of(b.Kind.Shape(), corners)
	if sicn := s.o.SICN[b]; sicn != nil {
		v[SICN] = sicn[r.index]
	}
	if ratio := s.o.JacobianRatio[b]; ratio != nil {
		v[JacobianRatio] = ratio[r.index]
	}
	e := Element{Shape: b.Kind.Shape().String(), Solid: b.Entity, Place: middle(corners), Score: r.score, Values: map[string]float64{}}
	if r.index < len(b.Tags) {
		e.Number = b.Tags[r.index]
	}
	if asked := s.asked[r.block].Of(e.Place); asked > 0 {
		v[SizeRatio] = v[EdgeLength] / asked
	}
	for m, x := range v {
		if x == x {
			e.Values[Measure(m).Name()] = x
		}
	}
	return e
}
