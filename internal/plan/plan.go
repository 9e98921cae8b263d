// Package plan is the ladder: what is tried, in what order, before a job is given up. One rung is one engine request,
// so that a rung that kills its engine does not end the ladder. It is pure Go and drives nothing itself.
package plan

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
)

// Rung is one configuration to try.
type Rung struct {
	Name string // for the report and the diagnosis
	Spec spec.Spec
}

// Ladder returns the rungs for a mesh, the most promising first. Auto is Delaunay, then HXT, whose boundary recovery is
// another program and survives where the first one crashes. A strategy that the user named is the only one.
func Ladder(s spec.Spec) []Rung {
	rung := func(strategy string) Rung {
		r := Rung{Name: strategy, Spec: s}
		r.Spec.Strategy = strategy
		return r
	}
	if s.Strategy != spec.Auto {
		return []Rung{rung(s.Strategy), rung(s.Strategy)}
	}
	return []Rung{rung(spec.Delaunay), rung(spec.HXT)}
}

// Again returns the rungs of work that knows one way only, an import or an export.
func Again(name string) []Rung {
	return []Rung{{Name: name}, {Name: name}}
}

// Next returns the rung to try after rung i of the ladder failed with the code, and whether there is one. What is wrong
// with the file or the request stays wrong on every rung; a mesher that gave up may be followed by another; and the same
// once more only if its engine died, since that may have had a cause outside, such as the kernel's out-of-memory killer.
func Next(ladder []Rung, i int, code diagnosis.Code) (Rung, bool) {
	if i+1 >= len(ladder) {
		return Rung{}, false
	}
	next := ladder[i+1]
	switch code {
	case diagnosis.EngineCrashed:
		return next, true
	case diagnosis.BoundaryRecoveryFailed, diagnosis.QualityBelowThreshold:
		return next, next.Name != ladder[i].Name
	}
	return Rung{}, false
}
