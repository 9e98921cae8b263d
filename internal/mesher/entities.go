package mesher

import (
	"fmt"
	"slices"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// catalogue is what a spec can refer to: the entities of the file by their tags there, and by the names of groups.
type catalogue struct {
	groups        []engine.FileGroup // of the file
	solids, faces []engine.Body      // with what the file says of them; faces without their areas
	lineage
}

// face returns a face of the file by its tag there; nil where the file says nothing of it.
func (c *catalogue) face(tag int) *engine.Body {
	for i := range c.faces {
		if c.faces[i].Tag == tag {
			return &c.faces[i]
		}
	}
	return nil
}

// catalog notes the entities of the file and their groups. It comes before solids are cut.
func (j *job) catalog() error {
	if t := j.source.triangle; t != nil {
		j.catalogue.file = make(map[gmsh.DimTag]bool)
		for dim, n := range []int{len(t.Corners), len(t.Curves), len(t.Faces), len(t.Solids)} {
			for tag := range n {
				j.catalogue.file[gmsh.DimTag{Dim: dim, Tag: tag + 1}] = true
			}
		}
		return nil
	}
	entities, err := gmsh.Entities(-1)
	if err != nil {
		return err
	}
	j.catalogue.file = make(map[gmsh.DimTag]bool, len(entities))
	for _, e := range entities {
		j.catalogue.file[e] = true
	}
	if j.catalogue.solids, j.catalogue.faces, err = j.labels(); err != nil {
		return err
	}
	j.catalogue.groups = engine.GroupsOf(j.catalogue.solids, j.catalogue.faces)
	return nil
}

// named returns the entities of a group: one of the spec's, or of the file's.
func (j *job) named(path, name string) ([]gmsh.DimTag, error) {
	for i, g := range j.req.Spec.Groups {
		if g.Name == name {
			return j.tagged(fmt.Sprintf("groups[%d].entities", i), *g.Dim, g.Entities)
		}
	}
	for _, g := range j.catalogue.groups {
		if g.Name == name {
			return j.tagged(path, g.Dim, g.Entities)
		}
	}
	return nil, diagnosis.New(diagnosis.UnfitSpec, "%s: the geometry has no group %q.", path, name).WithHint(j.knownGroups())
}

func (j *job) knownGroups() string {
	var names []string
	for _, g := range j.req.Spec.Groups {
		names = append(names, fmt.Sprintf("%q", g.Name))
	}
	for _, g := range j.catalogue.groups {
		names = append(names, fmt.Sprintf("%q", g.Name))
	}
	if len(names) == 0 {
		return "The file names nothing. Define the group in groups, by the tags of its entities."
	}
	const shown = 20
	if len(names) > shown {
		names = append(names[:shown], "…")
	}
	return "There are " + strings.Join(names, ", ") + "; or define the group in groups, by the tags of its entities."
}

// tagged returns what became of entities of the file.
func (j *job) tagged(path string, dim int, tags []int) ([]gmsh.DimTag, error) {
	var out []gmsh.DimTag
	for _, tag := range tags {
		e := gmsh.DimTag{Dim: dim, Tag: tag}
		now := j.catalogue.of(e)
		if len(now) == 0 {
			return nil, diagnosis.New(diagnosis.UnfitSpec, "%s: the geometry has no %s %d.", path, dimensions[dim], tag).
				WithHint("The geometry lists the tags of its solids and faces.")
		}
		for _, e := range now {
			if !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// dimensions names entities by their dimension.
var dimensions = [4]string{"point", "edge", "face", "solid"}

// chosen returns the entities of lists of tags.
func (j *job) chosen(path string, e spec.Entities) ([]gmsh.DimTag, error) {
	var out []gmsh.DimTag
	for dim, tags := range e.ByDimension() {
		found, err := j.tagged(path+"."+dimensions[dim]+"s", dim, tags)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// references returns the entities of the file that the spec and the file's own groups speak of, by their tags in the file. The other
// faces are among them with false: who looks at the mesh knows them by these tags.
func (j *job) references() map[gmsh.DimTag]bool {
	wanted := map[gmsh.DimTag]bool{}
	for e := range j.catalogue.file {
		if e.Dim == 2 {
			wanted[e] = false
		}
	}
	note := func(dim int, tags []int) {
		for _, t := range tags {
			wanted[gmsh.DimTag{Dim: dim, Tag: t}] = true
		}
	}
	for _, g := range j.catalogue.groups {
		note(g.Dim, g.Entities)
	}
	for _, g := range j.req.Spec.Groups {
		note(*g.Dim, g.Entities)
	}
	for _, r := range j.req.Spec.Refine {
		lists := [][4][]int{r.Entities.ByDimension()}
		if r.Near != nil {
			lists = append(lists, r.Near.Entities.ByDimension())
		}
		for _, list := range lists {
			for dim, tags := range list {
				note(dim, tags)
			}
		}
	}
	return wanted
}
