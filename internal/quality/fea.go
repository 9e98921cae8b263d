package quality

import (
	"fmt"

	"meshgen/internal/mesh"
)

// The limits of finite element solvers. Sources: Abaqus/CAE User's Guide, "Verifying element quality" (the limits that its
// shape metrics begin with). They give none for the scaled Jacobian but zero: that one is ours.
const (
	// MinJacobian is the scaled Jacobian below which an element is close to flat.
	MinJacobian = 0.1
	// MaxEdgeRatio is the longest by the shortest edge.
	MaxEdgeRatio = 10
	// Angles of triangles and quadrangles, in degrees.
	minTriangleAngle, maxTriangleAngle     = 5, 170
	minQuadrangleAngle, maxQuadrangleAngle = 10, 160
	// MinJacobianRatio is the smallest by the largest determinant of a curved element that is no cause for a warning: Ansys'
	// limit of 30 for its inverse. Source: Ansys Mechanical APDL Theory Reference, "Jacobian Ratio".
	MinJacobianRatio = 1. / 30
)

// Verdict says whether a mesh is fit for a kind of solver.
type Verdict string

// The verdicts.
const (
	Ready    Verdict = "ok"
	Warnings Verdict = "warnings" // it runs; look at what is said
	Unfit    Verdict = "unfit"    // a solver will refuse it, or diverge
	Note     Verdict = "note"     // of a finding only: to be known, and no fault
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Severity Verdict     `json:"severity" enum:"note,warnings,unfit"`
	Message  string      `json:"message" doc:"what is found, in words"`
	Count    int         `json:"count" doc:"how many faces or elements"`
	Place    *[3]float64 `json:"place,omitempty" doc:"where the worst is"`
}

// FEA says whether a mesh is fit for structural analysis.
type FEA struct {
	Verdict          Verdict   `json:"verdict" enum:"ok,warnings,unfit"`
	Order            int       `json:"order" doc:"order of the elements"`
	MinJacobian      float64   `json:"min_jacobian" doc:"smallest scaled Jacobian, of the straight elements"`
	MinJacobianRatio float64   `json:"min_jacobian_ratio,omitempty" doc:"of curved elements: smallest by largest determinant of the Jacobian, bounded from below"`
	MaxEdgeRatio     float64   `json:"max_edge_ratio" doc:"largest longest by shortest edge"`
	MinAngle         float64   `json:"min_angle" doc:"smallest angle of a face of an element, degrees"`
	MaxAngle         float64   `json:"max_angle" doc:"largest angle of a face of an element, degrees"`
	Findings         []Finding `json:"findings" doc:"what is not as it should be"`
}

// tally counts elements and keeps the worst of them.
type tally struct {
	n            int
	worst        float64 // the larger, the worse
	block, index int
}

func (t *tally) add(badness float64, block, index int) {
	t.n++
	t.keep(tally{1, badness, block, index})
}

func (t *tally) keep(o tally) {
	if t.n == 1 || o.worst > t.worst || o.worst == t.worst && (o.block < t.block || o.block == t.block && o.index < t.index) {
		t.worst, t.block, t.index = o.worst, o.block, o.index
	}
}

func (t *tally) merge(o tally) {
	if o.n == 0 {
		return
	}
	if t.n == 0 {
		*t = o
		return
	}
	n := t.n + o.n
	t.n = 2 // not the first
	t.keep(o)
	t.n = n
}

// feaCounts counts the elements beyond the limits.
type feaCounts struct {
	negative, jacobian, curved, ratio, angle tally
	elements                                 int
}

// limits are those of the angles of faces.
type limits struct{ low, high float64 }

func limitsOf(shape mesh.Shape) limits {
	if shape == mesh.ATetrahedron {
		return limits{minTriangleAngle, maxTriangleAngle}
	}
	return limits{minQuadrangleAngle, maxQuadrangleAngle}
}

// hold reports whether an element of volume is within all limits of feaCounts.
func (l limits) hold(c *Columns, i int) bool {
	v := &c.Values
	return v[Jacobian][i] >= MinJacobian && v[SICN][i] > 0 && !(v[JacobianRatio][i] < MinJacobianRatio) &&
		v[EdgeRatio][i] <= MaxEdgeRatio && v[MinAngle][i] >= l.low && v[MaxAngle][i] <= l.high
}

// add counts an element that may be beyond limits.
func (f *feaCounts) add(shape mesh.Shape, v *Values, block, index int) {
	switch {
	case v[Jacobian] <= 0 || v[SICN] <= 0 || v[JacobianRatio] <= 0:
		f.negative.add(-min(v[Jacobian], v[SICN]), block, index)
	case v[Jacobian] < MinJacobian:
		f.jacobian.add(-v[Jacobian], block, index)
	case v[JacobianRatio] < MinJacobianRatio:
		f.curved.add(-v[JacobianRatio], block, index)
	}
	if v[EdgeRatio] > MaxEdgeRatio {
		f.ratio.add(v[EdgeRatio], block, index)
	}
	l := limitsOf(shape)
	if v[MinAngle] < l.low || v[MaxAngle] > l.high {
		f.angle.add(max(l.low-v[MinAngle], v[MaxAngle]-l.high), block, index)
	}
}

func (f *feaCounts) merge(o *feaCounts) {
	f.negative.merge(o.negative)
	f.jacobian.merge(o.jacobian)
	f.curved.merge(o.curved)
	f.ratio.merge(o.ratio)
	f.angle.merge(o.angle)
	f.elements += o.elements
}

// verdict says what was found; place returns the middle of an element.
func (f *feaCounts) verdict(m *mesh.Mesh, whole *Part, place func(block, index int) Point) FEA {
	out := FEA{
		Order: m.Order(), Findings: []Finding{},
		MinJacobian: whole.Measures[Jacobian.Name()].Min, MaxEdgeRatio: whole.Measures[EdgeRatio.Name()].Max,
		MinJacobianRatio: whole.Measures[JacobianRatio.Name()].Min,
		MinAngle:         whole.Measures[MinAngle.Name()].Min, MaxAngle: whole.Measures[MaxAngle.Name()].Max,
	}
	find := func(t *tally, severity Verdict, format string, args ...any) {
		if t.n > 0 {
			at := place(t.block, t.index)
			out.Findings = append(out.Findings, Finding{severity, fmt.Sprintf("%d "+format, append([]any{t.n}, args...)...), t.n, &at})
		}
	}
	find(&f.negative, Unfit, "elements are flat or inverted: a solver stops at them.")
	find(&f.jacobian, Warnings, "elements have a scaled Jacobian below %g, down to %.2g.", MinJacobian, -f.jacobian.worst)
	find(&f.curved, Warnings, "curved elements have a determinant that is up to %.3g times as large in one place as in another.", -1/f.curved.worst)
	find(&f.ratio, Warnings, "elements have a longest edge of more than %d times the shortest, up to %.3g.", MaxEdgeRatio, f.ratio.worst)
	find(&f.angle, Warnings, "elements have faces with angles below %d° or above %d° (quadrangles: %d° and %d°).",
		minTriangleAngle, maxTriangleAngle, minQuadrangleAngle, maxQuadrangleAngle)
	if tets := whole.Measures[Gamma.Name()].Count; out.Order == 1 && tets > f.elements/2 {
		out.Findings = append(out.Findings, Finding{Note, "Tetrahedra of order 1 are too stiff in bending: take order 2 for stresses.", tets, nil})
	}
	out.Verdict = judge(out.Findings)
	return out
}

// judge returns the worst of what was found.
func judge(findings []Finding) Verdict {
	verdict := Ready
	for _, f := range findings {
		if f.Severity == Unfit {
			return Unfit
		}
		if f.Severity == Warnings {
			verdict = Warnings
		}
	}
	return verdict
}
