package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// group makes the physical groups. A kept part has those of its last mesh, which stay if they are the same: the library never gives back the
// memory of a group that is removed, and takes long to add many.
func (j *job) group() error {
	groups, err := j.groups()
	if err != nil {
		return err
	}
	if have, err := physicalGroups(); err != nil {
		return err
	} else if sameGroups(have, groups) {
		return nil
	}
	if err := gmsh.RemovePhysicalGroups(); err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := gmsh.AddPhysicalGroup(g.Dim, g.Entities, g.Tag, g.Name); err != nil {
			return err
		}
	}
	return nil
}

// sameGroups reports whether groups are the same, in whatever order they and their entities are.
func sameGroups(have, want []mesh.Group) bool {
	if len(have) != len(want) {
		return false
	}
	of := make(map[gmsh.DimTag]mesh.Group, len(have))
	for _, g := range have {
		of[gmsh.DimTag{Dim: g.Dim, Tag: g.Tag}] = g
	}
	for _, g := range want {
		h, ok := of[gmsh.DimTag{Dim: g.Dim, Tag: g.Tag}]
		if !ok || h.Name != g.Name || !slices.Equal(slices.Sorted(slices.Values(h.Entities)), slices.Sorted(slices.Values(g.Entities))) {
			return false
		}
	}
	return true
}

// groups returns the physical groups, by which solvers address the parts of a mesh: one for each solid; those that the spec
// asks for; and those of faces that the file names. Names are unique, since many readers of mesh files keep groups by name:
// the spec's stand as they are, the file's get a number appended where they are taken.
func (j *job) groups() ([]mesh.Group, error) {
	taken := map[string]bool{}
	owned := map[int]string{} // the names of solids that have a group of the spec's to themselves
	var further []mesh.Group
	for i, g := range j.req.Spec.Groups {
		taken[g.Name] = true
		entities, err := j.tagged(fmt.Sprintf("groups[%d].entities", i), *g.Dim, g.Entities)
		if err != nil {
			return nil, err
		}
		tags := make([]int, len(entities))
		for k, e := range entities {
			tags[k] = e.Tag
		}
		if *g.Dim == 3 && len(tags) == 1 && owned[tags[0]] == "" {
			owned[tags[0]] = g.Name
			continue
		}
		further = append(further, mesh.Group{Dim: *g.Dim, Name: g.Name, Entities: tags})
	}
	var out []mesh.Group
	highest := 0
	for i, name := range groupNames(j.source.solids, owned, taken) {
		tag := j.source.solids[i].tag
		out = append(out, mesh.Group{Dim: 3, Tag: tag, Name: name, Entities: []int{tag}})
		highest = max(highest, tag)
	}
	for _, g := range j.catalogue.groups {
		if g.Dim == 3 {
			continue // each solid has its own
		}
		var tags []int
		for _, tag := range g.Entities {
			for _, e := range j.catalogue.of(gmsh.DimTag{Dim: g.Dim, Tag: tag}) {
				if !slices.Contains(tags, e.Tag) {
					tags = append(tags, e.Tag)
				}
			}
		}
		if len(tags) > 0 {
			further = append(further, mesh.Group{Dim: g.Dim, Name: free(safeGroupName(g.Name), taken), Entities: tags})
		}
	}
	for _, g := range further {
		highest++ // the library's own choice would go on from the groups of earlier meshes of a kept part
		g.Tag = highest
		out = append(out, g)
	}
	return out, nil
}

// groupNames returns a name for the physical group of each solid: the one that it owns; that of the CAD, with a number where
// several solids bear the same; or "solid_<tag>". What it returns is taken then.
func groupNames(solids []solid, owned map[int]string, taken map[string]bool) []string {
	uses := map[string]int{}
	for _, s := range solids {
		uses[s.name]++
	}
	out := make([]string, len(solids))
	for i, s := range solids {
		base := safeGroupName(s.name)
		switch {
		case owned[s.tag] != "":
			out[i] = owned[s.tag]
		case base == "":
			out[i] = free(fmt.Sprintf("solid_%d", s.tag), taken)
		case uses[s.name] > 1:
			out[i] = numbered(base, taken)
		default:
			out[i] = free(base, taken)
		}
	}
	return out
}

// free returns the name, or one with a number where it is taken, and takes it.
func free(name string, taken map[string]bool) string {
	if taken[name] {
		return numbered(name, taken)
	}
	taken[name] = true
	return name
}

func numbered(base string, taken map[string]bool) string {
	for n := 1; ; n++ {
		if name := fmt.Sprintf("%s_%d", base, n); !taken[name] {
			taken[name] = true
			return name
		}
	}
}
