// Package plan is the ladder: what is tried, in what order, before a job is given up. One rung is one engine request,
// so that a rung that kills its engine does not end the ladder. It is pure Go and drives nothing itself.
//
//	delaunay ─ finer ─ hxt ─ mended ─ coarser ─ tessellation or anchored ─ lattice
//	              fails at boundary recovery, at quality ───────────▶ finer, hxt, mended, tessellation, lattice
//	              fails at a face ──────────────────────────────────▶ finer, mended, tessellation, lattice
//	              fails at a face that nothing of that can mesh ────▶ anchored, where names forbid the tessellation
//	              engine dies ──────────────────────────────────────▶ hxt, mended, tessellation, lattice
//	              out of time or memory ────────────────────────────▶ coarser, tessellation, lattice
//	              triangles that do not close ──────────────────────▶ lattice
//
// A draft is a lattice, and by delaunay where its walls are too thin for that.
//
// Each rung names the failures that it can do something about, and the next that can is tried. What is wrong with the file
// or the request stays wrong on every rung. A rung has a share of the time, so that one that hangs leaves some to the others.
package plan

import (
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// Rung is one configuration to try.
type Rung struct {
	Name   string // for the report and the diagnosis
	Spec   spec.Spec
	Tuning engine.Tuning
	// Share is how much of the time that is left the rung may take, if another may follow it.
	Share float64
	// After lists the failures after which it is worth trying.
	After []diagnosis.Code
}

var (
	// shaped is where the mesher did not get along with the shape.
	shaped = []diagnosis.Code{diagnosis.SurfaceMeshingFailed, diagnosis.BoundaryRecoveryFailed, diagnosis.QualityBelowThreshold}
	// unfilled is where it did with the volume only.
	unfilled = []diagnosis.Code{diagnosis.BoundaryRecoveryFailed, diagnosis.QualityBelowThreshold}
	died     = []diagnosis.Code{diagnosis.EngineCrashed}
	exceeded = []diagnosis.Code{diagnosis.TimeLimit, diagnosis.OutOfMemory}
)

const (
	firstShare = 0.7 // for a rung that does it mostly
	laterShare = 0.5
	// mendedShare is less: where MeshAdapt comes to an end it does so soon, and where it does not, on what is bent sharply, the
	// tessellation needs the time.
	mendedShare = 0.2
	// finer and coarser are by what the sizes that the spec leaves open are multiplied. Fewer than half as many elements are
	// an eighth of the work.
	finer, coarser = 0.6, 2
)

// Ladder returns the rungs for a mesh of a file of a format, the most promising first.
func Ladder(s spec.Spec, format engine.Format) []Rung {
	strategy := s.Strategy
	if strategy == spec.Auto {
		strategy = spec.Delaunay
	}
	var rungs []Rung
	add := func(strategy, suffix string, tuning engine.Tuning, after ...[]diagnosis.Code) {
		r := Rung{Name: strategy + suffix, Spec: s, Tuning: tuning, Share: laterShare, After: slices.Concat(after...)}
		r.Spec.Strategy = strategy
		r.Tuning.Rung = r.Name
		rungs = append(rungs, r)
	}
	isCAD, mayMend, own := format != engine.STL, s.Heal != spec.HealOff, s.Strategy != spec.Auto
	add(strategy, "", engine.Tuning{})
	rungs[0].Share = firstShare
	if own {
		// What the user chose is tried once more if its engine died: that may have had a cause outside.
		add(strategy, ", again", engine.Tuning{}, died)
	}
	if s.Draft {
		// Walls are thinner than a lattice that is there at once: triangles that are as long as faces allow need no more of them.
		if leavesSizes(s) {
			add(spec.Delaunay, "", engine.Tuning{Scale: coarser}, shaped, []diagnosis.Code{diagnosis.TooLarge})
		} else {
			add(spec.Delaunay, "", engine.Tuning{}, shaped) // what is too large for a lattice is so for anybody
		}
		return rungs
	}
	if isCAD && leavesSizes(s) {
		add(strategy, ", finer", engine.Tuning{Scale: finer, Faces: engine.Delaunay}, shaped)
	}
	if !own {
		// Its boundary recovery is another program, and survives where the first one crashes. Faces it meshes as the others do.
		add(spec.HXT, "", engine.Tuning{}, unfilled, died)
	}
	if isCAD && mayMend {
		add(strategy, ", mended", engine.Tuning{Mend: true}, shaped, died)
		rungs[len(rungs)-1].Share = mendedShare
	}
	if isCAD && leavesSizes(s) {
		add(strategy, ", coarser", engine.Tuning{Scale: coarser}, exceeded)
	}
	if isCAD && mayMend && !own && len(s.Refine)+len(s.Layers)+len(s.Groups) == 0 { // faces and their names do not survive it
		add(spec.Delaunay, " of the tessellation", engine.Tuning{Tessellate: true}, shaped, died, exceeded)
	} else if isCAD {
		// Mostly slower by far than the tessellation, and all that is left where that would lose what the spec speaks of.
		add(strategy, ", anchored", engine.Tuning{Anchor: true}, []diagnosis.Code{diagnosis.SurfaceMeshingFailed})
	}
	if field, _ := s.Unfilled(); !own && field == "" {
		add(spec.Lattice, "", engine.Tuning{LastResort: true}, shaped, died, exceeded, diagnosis.Unclosed)
	}
	return rungs
}

// Past returns what is left of a ladder for a file that is known to fail by a code: the rungs that can do something about it, and the
// last of them once more if its engine died. Where none can, it is the whole ladder, which will say so.
func Past(ladder []Rung, known diagnosis.Code) (rungs []Rung) {
	for _, r := range ladder {
		if slices.Contains(r.After, known) {
			rungs = append(rungs, r)
		}
	}
	if rungs == nil {
		return ladder
	}
	again := rungs[len(rungs)-1]
	again.Name += ", again"
	again.Tuning.Rung, again.After = again.Name, died
	return append(rungs, again)
}

// leavesSizes reports whether a spec leaves it to us how long edges are.
func leavesSizes(s spec.Spec) bool {
	z := s.Size
	return z.Max == 0 && z.Min == 0 && z.TargetElements == 0
}

// Again returns the rungs of work that knows one way only, an import or an export. It is done again only if its engine
// died, since that may have had a cause outside, such as the kernel's out-of-memory killer.
func Again(name string) []Rung {
	return []Rung{{Name: name, Share: 1}, {Name: name, Share: 1, After: died}}
}

// Next returns the number of the rung to try after rung i failed with the code, and whether there is one.
func Next(ladder []Rung, i int, code diagnosis.Code) (int, bool) {
	for n := i + 1; n < len(ladder); n++ {
		if slices.Contains(ladder[n].After, code) {
			return n, true
		}
	}
	return 0, false
}
