package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// mayHeal reports whether the geometry may be changed so that it can be meshed.
func (j *job) mayHeal() bool { return j.req.Spec.Heal != spec.HealOff }

// sewTolerance is how far apart edges may lie to be sewn, as a share of the diagonal.
const sewTolerance = 1e-5

// sew makes solids of faces that lie side by side, as IGES holds them. It is for models without any solid: sewing drops
// the solids that there are.
func (j *job) sew() error {
	faces, err := gmsh.OCCEntities(2)
	if err != nil {
		return err
	}
	if len(faces) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The file holds curves or points only.")
	}
	if !j.mayHeal() {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and heal is off.", count(len(faces), "face")).
			WithHint("Leave heal to auto: faces that lie side by side are then sewn into solids.")
	}
	j.begin(engine.StageHeal)
	diagonal, err := occDiagonal(faces)
	if err != nil {
		return err
	}
	if err := gmsh.Sew(sewTolerance * diagonal); err != nil {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and nothing could be sewn.", count(len(faces), "face")).
			WithDetail(err.Error())
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return err
	}
	solids, err := gmsh.OCCEntities(3)
	if err != nil {
		return err
	}
	if len(solids) == 0 {
		// Gmsh makes one solid of all shells, and none where they are several.
		if solids, err = fillShells(); err != nil {
			return err
		}
	}
	if len(solids) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and nothing that closes a space.", count(len(faces), "face"))
	}
	for _, s := range solids {
		open, err := openCurves(s)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return diagnosis.New(diagnosis.NoVolume,
				"The file holds %s and no solid; sewn together, %s stay open.", count(len(faces), "face"), count(len(open), "edge")).
				At(j.places(open)...)
		}
	}
	j.warn(*diagnosis.New(diagnosis.Repaired, "Sewed %s into %s, closing gaps up to %.3g.",
		count(len(faces), "face"), count(len(solids), "solid"), sewTolerance*diagonal))
	return nil
}

// fillShells makes a solid of each set of faces that hang together and close, and returns them. Where one lies within
// another it is not for us to say which is the void: nothing is made then.
func fillShells() ([]gmsh.DimTag, error) {
	faces, err := gmsh.Entities(2)
	if err != nil {
		return nil, err
	}
	neighbours := map[int][]int{} // faces by curve
	for _, f := range faces {
		_, curves, err := gmsh.Adjacencies(f)
		if err != nil {
			return nil, err
		}
		for _, c := range curves {
			neighbours[c] = append(neighbours[c], f.Tag)
		}
	}
	var shells [][]int
	var boxes []engine.Box
	seen := map[int]bool{}
	for _, f := range faces {
		if seen[f.Tag] {
			continue
		}
		seen[f.Tag] = true
		shell := []int{f.Tag}
		box := engine.Box{}
		for i := 0; i < len(shell); i++ {
			low, high, err := gmsh.BoundingBox(gmsh.DimTag{Dim: 2, Tag: shell[i]})
			if err != nil {
				return nil, err
			}
			if i == 0 {
				box = engine.Box{Min: low, Max: high}
			}
			for k := range 3 {
				box.Min[k], box.Max[k] = min(box.Min[k], low[k]), max(box.Max[k], high[k])
			}
			_, curves, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 2, Tag: shell[i]})
			if err != nil {
				return nil, err
			}
			for _, c := range curves {
				for _, next := range neighbours[c] {
					if !seen[next] {
						seen[next] = true
						shell = append(shell, next)
					}
				}
			}
		}
		open, err := openCurvesOf(shell)
		if err != nil {
			return nil, err
		}
		if len(open) == 0 {
			shells, boxes = append(shells, shell), append(boxes, box)
		}
	}
	for i, a := range boxes {
		for k, b := range boxes {
			if i != k && within(b.Min, a.Min, a.Max, 0) && within(b.Max, a.Min, a.Max, 0) {
				return nil, nil
			}
		}
	}
	for _, shell := range shells {
		if err := gmsh.FillShell(shell); err != nil {
			return nil, nil // OpenCASCADE does not take it for a shell
		}
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return nil, err
	}
	return gmsh.OCCEntities(3)
}

func occDiagonal(entities []gmsh.DimTag) (float64, error) {
	box := engine.Box{}
	for i, e := range entities {
		low, high, err := gmsh.OCCBoundingBox(e)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			box = engine.Box{Min: low, Max: high}
		}
		for k := range 3 {
			box.Min[k], box.Max[k] = min(box.Min[k], low[k]), max(box.Max[k], high[k])
		}
	}
	s := source{low: box.Min, high: box.Max}
	return s.diagonal(), nil
}

// openCurves returns the curves along which the shell of a solid is open: those that bound an odd number of its faces and
// are more than a point (the pole of a sphere is a curve of no length).
func openCurves(s gmsh.DimTag) ([]gmsh.DimTag, error) {
	_, faces, err := gmsh.Adjacencies(s)
	if err != nil {
		return nil, err
	}
	return openCurvesOf(faces)
}

func openCurvesOf(tags []int) ([]gmsh.DimTag, error) {
	faces := make([]gmsh.DimTag, len(tags))
	for i, tag := range tags {
		faces[i] = gmsh.DimTag{Dim: 2, Tag: tag}
	}
	curves, err := gmsh.Boundary(faces, true)
	if err != nil {
		return nil, err
	}
	var open []gmsh.DimTag
	for _, c := range curves {
		length, err := gmsh.Mass(c)
		if err != nil {
			return nil, err
		}
		if length > tolerance {
			open = append(open, c)
		}
	}
	return open, nil
}

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

const (
	// overlapShare is how much of the smaller of two solids may lie in the other before they are said to overlap, rather
	// than to touch imprecisely.
	overlapShare = 1e-5
	// changeShare is how much of its volume a solid may gain or lose when it is cut: integrals over curved faces differ a
	// little once the faces are cut in pieces.
	changeShare = 5e-3
)

// flaw is what speaks against the result of a cut.
type flaw struct {
	overlaps []overlap // nothing else is wrong then
	solids   []int     // the ones concerned
	problem  string
}

// fragment cuts each group of solids where they meet, taking what is within the tolerance as one. It returns what speaks
// against the result, if anything does; the model is changed all the same.
func (j *job) fragment(groups [][]int, tolerance float64) (*flaw, error) {
	if err := gmsh.SetNumber("Geometry.ToleranceBoolean", tolerance); err != nil {
		return nil, err
	}
	for _, group := range groups {
		var tags []gmsh.DimTag
		for _, i := range group {
			tags = append(tags, gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag})
		}
		ancestors, err := j.catalogue.before(tags, j.references())
		if err != nil {
			return nil, err
		}
		_, pieces, err := gmsh.Fragment(tags[:1], tags[1:])
		if err != nil {
			return &flaw{solids: group, problem: err.Error()}, nil
		}
		if len(pieces) != len(tags) {
			return &flaw{solids: group, problem: "the cut lost track of the solids"}, nil
		}
		overlaps, err := j.overlaps(group, pieces)
		if err != nil {
			return nil, err
		}
		if overlaps != nil {
			return &flaw{overlaps: overlaps}, nil
		}
		var broken []int
		problem := ""
		for k, i := range group {
			if p := follow(&j.source.solids[i], pieces[k]); p != "" {
				broken, problem = append(broken, i), p
			}
		}
		if broken != nil {
			return &flaw{solids: broken, problem: problem}, nil
		}
		if err := gmsh.OCCSynchronize(); err != nil {
			return nil, err
		}
		for k, i := range group {
			now := gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag}
			j.catalogue.became[tags[k]] = []gmsh.DimTag{now}
			tags[k] = now
		}
		if err := j.catalogue.after(tags, ancestors, sewTolerance*j.source.diagonal()); err != nil {
			return nil, err
		}
	}
	return nil, j.relist()
}

// follow finds what became of a solid when it was cut.
func follow(s *solid, pieces []gmsh.DimTag) (problem string) {
	label := s.name
	if label == "" {
		label = fmt.Sprintf("solid %d", s.tag)
	}
	if len(pieces) != 1 {
		return fmt.Sprintf("the cut left %d pieces of %s", len(pieces), label)
	}
	volume, err := gmsh.Mass(pieces[0])
	if err != nil {
		return err.Error()
	}
	if d := volume - s.volume; d > changeShare*s.volume || -d > changeShare*s.volume {
		return fmt.Sprintf("the cut changed the volume of %s from %.6g to %.6g", label, s.volume, volume)
	}
	s.tag = pieces[0].Tag
	return ""
}

// overlap is a space that two solids, by their index, share.
type overlap struct {
	a, b   int
	volume float64
	centre [3]float64
}

func (o overlap) warning(solids []solid) *diagnosis.Diagnosis {
	a, b := solids[o.a], solids[o.b]
	return diagnosis.New(diagnosis.OverlappingSolids,
		"%s and %s share a space of %.6g, %.2g %% of the smaller one. Each is meshed whole: the elements overlap there, and their volumes add up to more than the union's.",
		capital(describeSolid(a)), describeSolid(b), o.volume, 100*o.volume/min(a.volume, b.volume)).
		At(diagnosis.Entity{Dim: 3, Tag: a.tag, Name: a.name, Point: &o.centre},
			diagnosis.Entity{Dim: 3, Tag: b.tag, Name: b.name, Point: &o.centre})
}

// overlaps returns the solids of which a piece lies in two.
func (j *job) overlaps(group []int, pieces [][]gmsh.DimTag) ([]overlap, error) {
	owner := map[gmsh.DimTag]int{}
	var out []overlap
	for k, list := range pieces {
		for _, piece := range list {
			first, twice := owner[piece]
			if !twice {
				owner[piece] = k
				continue
			}
			a, b := j.source.solids[group[first]], j.source.solids[group[k]]
			volume, err := gmsh.Mass(piece)
			if err != nil {
				return nil, err
			}
			if volume < overlapShare*min(a.volume, b.volume) {
				continue
			}
			centre, err := gmsh.CenterOfMass(piece)
			if err != nil {
				return nil, err
			}
			out = append(out, overlap{group[first], group[k], volume, centre})
		}
	}
	return out, nil
}

// fewestOf returns few solids without which no overlap is left: the one that overlaps most others first, of equals the
// smallest.
func fewestOf(overlaps []overlap, solids []solid) []int {
	overlaps = slices.Clone(overlaps)
	var out []int
	for len(overlaps) > 0 {
		uses := map[int]int{}
		for _, o := range overlaps {
			uses[o.a]++
			uses[o.b]++
		}
		worst := -1
		for i, n := range uses {
			switch {
			case worst < 0 || n > uses[worst],
				n == uses[worst] && (solids[i].volume < solids[worst].volume ||
					solids[i].volume == solids[worst].volume && i < worst):
				worst = i
			}
		}
		out = append(out, worst)
		overlaps = slices.DeleteFunc(overlaps, func(o overlap) bool { return o.a == worst || o.b == worst })
	}
	return out
}

// relist notes the faces of the solids again; names and volumes stay those of the CAD.
func (j *job) relist() error {
	for i := range j.source.solids {
		s := &j.source.solids[i]
		_, faces, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 3, Tag: s.tag})
		if err != nil {
			return err
		}
		s.faces = faces
	}
	return nil
}
