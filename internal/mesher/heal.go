package mesher

import (
	"fmt"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

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
	faces, err := gmsh.Boundary([]gmsh.DimTag{s}, false)
	if err != nil {
		return nil, err
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

// conform cuts solids that touch along what they share, so that their meshes share nodes there. Where that is not safe
// the solids stay as they were, each with a mesh of its own, and a warning says so.
func (j *job) conform() error {
	touching, err := j.touching()
	if err != nil || len(touching) == 0 {
		return err
	}
	j.begin(engine.StageHeal)
	before := j.source.solids
	problem, err := j.fragment(touching)
	if err != nil {
		return err
	}
	if problem == "" {
		return nil
	}
	// The shapes are changed: read them again.
	j.catalogue.undo()
	if err := gmsh.Clear(); err != nil {
		return err
	}
	if err := j.importShapes(); err != nil {
		return err
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return err
	}
	if err := j.dropStrays(); err != nil {
		return err
	}
	if err := j.list(); err != nil {
		return err
	}
	if len(j.source.solids) != len(before) {
		return fmt.Errorf("reading the file again gave %d solids instead of %d", len(j.source.solids), len(before))
	}
	j.warn(*diagnosis.New(diagnosis.Repaired, "Solids that touch are meshed apart, without common nodes: %s.", problem).
		WithHint("Unite the parts in the CAD if they are to be connected."))
	return nil
}

// touching returns the groups of solids whose boxes touch and that do not share a face already, each of at least two.
func (j *job) touching() ([][]int, error) {
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
			if !apart(boxes[i], boxes[k], gap) {
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

func apart(a, b engine.Box, gap float64) bool {
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

// fragment cuts each group of solids where they meet. It returns what speaks against the result, if anything does; the
// model is changed then. Solids that share space are an error.
func (j *job) fragment(groups [][]int) (problem string, err error) {
	for _, group := range groups {
		var tags []gmsh.DimTag
		for _, i := range group {
			tags = append(tags, gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag})
		}
		ancestors, err := j.catalogue.before(tags, j.references())
		if err != nil {
			return "", err
		}
		_, pieces, err := gmsh.Fragment(tags[:1], tags[1:])
		if err != nil {
			return err.Error(), nil
		}
		if len(pieces) != len(tags) {
			return "the cut lost track of the solids", nil
		}
		if err := j.overlaps(group, pieces); err != nil {
			return "", err
		}
		for k, i := range group {
			s := &j.source.solids[i]
			if problem := follow(s, pieces[k]); problem != "" {
				return problem, nil
			}
		}
		if err := gmsh.OCCSynchronize(); err != nil {
			return "", err
		}
		for k, i := range group {
			now := gmsh.DimTag{Dim: 3, Tag: j.source.solids[i].tag}
			j.catalogue.became[tags[k]] = []gmsh.DimTag{now}
			tags[k] = now
		}
		if err := j.catalogue.after(tags, ancestors, sewTolerance*j.source.diagonal()); err != nil {
			return "", err
		}
	}
	return "", j.relist()
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

// overlaps refuses solids of which a piece lies in two.
func (j *job) overlaps(group []int, pieces [][]gmsh.DimTag) error {
	owner := map[gmsh.DimTag]int{}
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
				return err
			}
			if volume < overlapShare*min(a.volume, b.volume) {
				continue
			}
			centre, err := gmsh.CenterOfMass(piece)
			if err != nil {
				return err
			}
			return diagnosis.New(diagnosis.OverlappingSolids, "Two solids share a space of %.6g, %.2g %% of the smaller one.",
				volume, 100*volume/min(a.volume, b.volume)).
				At(diagnosis.Entity{Dim: 3, Tag: a.tag, Name: a.name, Point: &centre},
					diagnosis.Entity{Dim: 3, Tag: b.tag, Name: b.name, Point: &centre})
		}
	}
	return nil
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
