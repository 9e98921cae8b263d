package spec

import (
	"unicode"
	"unicode/utf8"
)

// maxGroupName is the length in bytes of a group's name: formats hold 127, and a number may be appended.
const maxGroupName = 120

// Group is a named group of entities of one dimension.
type Group struct {
	Name string `json:"name" minLength:"1" maxLength:"120" doc:"name in the mesh" example:"inlet"`
	// Dim is a pointer, since 0 is a dimension and no default would be safe.
	Dim      *int  `json:"dim" minimum:"0" maximum:"3" doc:"dimension of the entities: 0 points, 1 edges, 2 faces, 3 solids"`
	Entities []int `json:"entities" minItems:"1" doc:"tags of the entities, as the geometry lists them; one may be in several groups"`
}

func resolveGroups(asked []Group, bad *refusals) []Group {
	var out []Group
	first := map[string]int{}
	for i, g := range asked {
		path := index("groups", i)
		if problem := badName(g.Name); problem != "" {
			bad.add(path+".name", g.Name, "%s", problem)
		} else if k, twice := first[g.Name]; twice {
			bad.add(path+".name", g.Name, "is the name of groups[%d] too", k)
		} else {
			first[g.Name] = i
		}
		switch {
		case g.Dim == nil:
			bad.add(path+".dim", nil, "must be given: 0 points, 1 edges, 2 faces, 3 solids")
		case *g.Dim < 0 || *g.Dim > 3:
			bad.add(path+".dim", *g.Dim, "must be 0 to 3")
		}
		if len(g.Entities) == 0 {
			bad.add(path+".entities", nil, "must list at least one tag")
		}
		g.Entities = resolveTags(path+".entities", g.Entities, bad)
		out = append(out, g)
	}
	return out
}

// badName says what keeps a name out of mesh files, if anything does.
func badName(name string) string {
	switch {
	case name == "":
		return "must not be empty"
	case len(name) > maxGroupName:
		return "must be at most 120 bytes long"
	case !utf8.ValidString(name):
		return "must be valid UTF-8"
	}
	for _, r := range name {
		if r == '"' || unicode.IsControl(r) || r == unicode.ReplacementChar {
			return "must hold no quotes and no control characters"
		}
	}
	return ""
}
