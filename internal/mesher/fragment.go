package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
)

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
