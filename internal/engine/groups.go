package engine

import (
	"fmt"
	"slices"
	"strings"
)

// FileGroup is a name that a file gives to some of its entities: a spec may refer to them by it.
type FileGroup struct {
	Name     string `json:"name" doc:"name to refer to in refine and layers"`
	Dim      int    `json:"dim" doc:"dimension of the entities: 2 faces, 3 solids"`
	Entities []int  `json:"entities" doc:"tags of the entities"`
}

// GroupsOf returns the groups that names, colours and layers make of the solids and faces of a file: of the solids by name;
// of the faces by name and by colour ("color_ff0000"), but for faces of the colour of their solid, which says nothing; of
// both by layer ("layer_7"). A name that is taken is not given twice.
func GroupsOf(solids, faces []Body) []FileGroup {
	var groups []FileGroup
	at := map[string]int{}
	add := func(name string, dim, tag int) {
		if name == "" {
			return
		}
		i, known := at[name]
		if !known {
			i = len(groups)
			at[name] = i
			groups = append(groups, FileGroup{Name: name, Dim: dim})
		}
		if groups[i].Dim == dim && !slices.Contains(groups[i].Entities, tag) {
			groups[i].Entities = append(groups[i].Entities, tag)
		}
	}
	owners := map[int][]*Body{} // the solids of each face
	for i := range solids {
		s := &solids[i]
		add(s.Name, 3, s.Tag)
		for _, f := range s.Faces {
			owners[f] = append(owners[f], s)
		}
	}
	for _, f := range faces {
		add(f.Name, 2, f.Tag)
	}
	for _, f := range faces {
		plain := slices.ContainsFunc(owners[f.Tag], func(s *Body) bool { return s.Color == f.Color })
		if f.Color != "" && !plain {
			add("color_"+strings.TrimPrefix(f.Color, "#"), 2, f.Tag)
		}
	}
	for _, s := range solids {
		for _, layer := range s.Layers {
			add(fmt.Sprintf("layer_%s", layer), 3, s.Tag)
		}
	}
	for _, f := range faces {
		for _, layer := range f.Layers {
			add(fmt.Sprintf("layer_%s", layer), 2, f.Tag)
		}
	}
	return groups
}
