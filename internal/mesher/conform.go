package mesher

import (
	"fmt"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// maxCuts bounds how often solids are cut, each time without those that did not survive the time before.
const maxCuts = 6

// conform cuts solids that touch along what they share, so that their meshes share nodes there. A solid for which that is
// not safe stays as it was, with a mesh of its own, and a warning says so; the others are cut without it.
func (j *job) conform() error {
	apart := map[int]bool{}
	tolerance := 0.
	for try := 1; ; try++ {
		touching, err := j.touching(apart)
		if err != nil || len(touching) == 0 {
			return err
		}
		if !j.mayHeal() {
			j.warnUncut(touching)
			return nil
		}
		if try > maxCuts {
			for _, group := range touching {
				j.leave(apart, group, "too many of them could not be cut")
			}
			return nil
		}
		j.begin(engine.StageHeal)
		flaw, err := j.fragment(touching, tolerance)
		if err != nil || flaw == nil {
			return err
		}
		if err := j.readAgain(); err != nil {
			return err
		}
		switch {
		case flaw.overlaps != nil:
			for _, i := range fewestOf(flaw.overlaps, j.source.solids) {
				apart[i] = true
			}
			for _, o := range flaw.overlaps {
				j.warn(*o.warning(j.source.solids))
			}
		case tolerance == 0:
			// Faces that nearly coincide are the usual reason.
			tolerance = sewTolerance * j.source.diagonal()
		default:
			j.leave(apart, flaw.solids, flaw.problem)
		}
	}
}

// warnUncut tells of solids that stay as they are though they touch.
func (j *job) warnUncut(touching [][]int) {
	var solids []gmsh.DimTag
	for _, group := range touching {
		for _, i := range group {
			solids = append(solids, gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag})
		}
	}
	j.warn(*diagnosis.New(diagnosis.UnfitSpec,
		"Heal is off, so that %s that touch are not cut along what they share: their meshes have no nodes in common there, and overlap where the solids do.",
		count(len(solids), "solid")).WithHint("Leave heal to auto if the parts are to be connected.").At(j.places(solids)...))
}

// leave has solids meshed apart.
func (j *job) leave(apart map[int]bool, solids []int, problem string) {
	var places []gmsh.DimTag
	for _, i := range solids {
		apart[i] = true
		places = append(places, gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag})
	}
	j.warn(*diagnosis.New(diagnosis.Repaired, "Solids that touch are meshed apart, without common nodes: %s.", problem).
		WithHint("Unite the parts in the CAD if they are to be connected.").At(j.places(places)...))
}

// readAgain reads the file once more, after its shapes were changed for the worse.
func (j *job) readAgain() error {
	before := len(j.source.solids)
	j.catalogue.undo()
	if err := gmsh.RemoveModel(); err != nil {
		return err
	}
	warnings := len(j.warnings)
	if err := j.loadShapes(); err != nil {
		return err
	}
	j.warnings = j.warnings[:warnings] // they are known
	if len(j.source.solids) != before {
		return fmt.Errorf("reading the file again gave %d solids instead of %d", len(j.source.solids), before)
	}
	return nil
}

// touching returns the groups of solids whose boxes touch and that do not share a face already, each of at least two. Those
// that are to be apart are in none.
func (j *job) touching(apart map[int]bool) ([][]int, error) {
	solids := j.source.solids
	if len(solids) < 2 {
		return nil, nil
	}
	gap := sewTolerance * j.source.diagonal()
	boxes := make([]engine.Box, len(solids))
	owners := map[int][]int{} // of each face
	for i, s := range solids {
		low, high, err := gmsh.BoundingBox(gmsh.DimTag{Dim: 3, Tag: s.tag})
		if err != nil {
			return nil, err
		}
		boxes[i] = engine.Box{Min: low, Max: high}
		for _, f := range s.faces {
			owners[f] = append(owners[f], i)
		}
	}
	shared := map[[2]int]bool{}
	for _, o := range owners {
		if len(o) == 2 {
			shared[[2]int{min(o[0], o[1]), max(o[0], o[1])}] = true
		}
	}

	group := make([]int, len(solids)) // the smallest index that a solid is connected to
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	cut := map[int]bool{} // groups, by any member, with a pair that is not conformal yet
	for i := range solids {
		for k := i + 1; k < len(solids); k++ {
			if !apart[i] && !apart[k] && !separate(boxes[i], boxes[k], gap) {
				a, b := root(i), root(k)
				group[max(a, b)] = min(a, b)
				cut[i] = cut[i] || !shared[[2]int{i, k}]
			}
		}
	}
	members := map[int][]int{}
	wanted := map[int]bool{}
	for i := range solids {
		r := root(i)
		members[r] = append(members[r], i)
		wanted[r] = wanted[r] || cut[i]
	}
	var groups [][]int
	for i := range solids {
		if wanted[i] && len(members[i]) > 1 {
			groups = append(groups, members[i])
		}
	}
	return groups, nil
}

func separate(a, b engine.Box, gap float64) bool {
	for k := range 3 {
		if a.Max[k]+gap < b.Min[k] || b.Max[k]+gap < a.Min[k] {
			return true
		}
	}
	return false
}
