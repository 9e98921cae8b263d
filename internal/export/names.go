package export

import (
	"fmt"
	"slices"
	"strings"

	"meshgen/internal/mesh"
)

// rule is what a format allows of a name.
type rule struct {
	longest int    // in bytes
	others  string // what is allowed beside ASCII letters and digits; "" allows whatever is printable, in UTF-8
	letter  bool   // it has to begin with a letter
	fold    bool   // upper and lower case are the same
}

// numberRoom is kept free for what makes a name unique.
const numberRoom = 5

// fit returns the name as the rule allows it: what is not allowed becomes "_", what is too long is cut.
func (r rule) fit(name string) string {
	if r.others != "" {
		name = strings.Map(func(c rune) rune {
			if c < 0x80 && (letter(byte(c)) || '0' <= c && c <= '9' || strings.ContainsRune(r.others, c)) {
				return c
			}
			return '_'
		}, name)
	}
	name = strings.TrimSpace(name)
	if r.letter && (name == "" || !letter(name[0])) {
		name = "g_" + name
	}
	for len(name) > r.longest {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	return name
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// names gives out names that the rule allows, each once.
type names struct {
	rule
	taken map[string]bool
}

func (r rule) names(reserved ...string) *names {
	n := &names{rule: r, taken: map[string]bool{}}
	for _, name := range reserved {
		n.taken[n.key(name)] = true
	}
	return n
}

func (n *names) key(name string) string {
	if n.fold {
		return strings.ToLower(name)
	}
	return name
}

// take returns the name as the rule allows it, with a number appended where it was taken.
func (n *names) take(name string) string {
	fitted := n.fit(name)
	for i := 2; n.taken[n.key(fitted)] || fitted == ""; i++ {
		short := n.rule
		short.longest -= numberRoom
		fitted = fmt.Sprintf("%s_%d", short.fit(name), i)
	}
	n.taken[n.key(fitted)] = true
	return fitted
}

// titles are what an entity is called where no group names it.
var titles = [...]string{"point", "edge", "face", "solid"}

func title(dim, entity int) string { return fmt.Sprintf("%s_%d", titles[dim], entity) }

// part is the entities of one dimension that a format puts together under a name.
type part struct {
	name     string
	group    *mesh.Group // nil for an entity in no group
	entities []int
	blocks   []*mesh.Block
}

// groups returns the groups of a dimension that hold elements, whole: an entity may be in several.
func groups(m *mesh.Mesh, dim int, n *names) []part {
	var out []part
	for i := range m.Groups {
		g := &m.Groups[i]
		if g.Dim != dim {
			continue
		}
		p := part{group: g, entities: g.Entities}
		for _, entity := range g.Entities {
			p.blocks = append(p.blocks, m.In(dim, entity)...)
		}
		if len(p.blocks) > 0 {
			p.name = n.take(groupName(g))
			out = append(out, p)
		}
	}
	return out
}

func groupName(g *mesh.Group) string {
	if g.Name == "" {
		return fmt.Sprintf("group_%d", g.Tag)
	}
	return g.Name
}

// divide returns the entities of a dimension that hold elements, each once: under its first group, or, if singles is set,
// by itself.
func divide(m *mesh.Mesh, dim int, singles bool, n *names) []part {
	var out []part
	at := map[*mesh.Group]int{}
	seen := map[int]bool{}
	for _, b := range m.Of(dim) {
		if b.Len() == 0 || seen[b.Entity] {
			continue
		}
		seen[b.Entity] = true
		var first *mesh.Group
		if of := m.GroupsOf(dim, b.Entity); len(of) > 0 {
			first = of[0]
		}
		i, known := at[first]
		switch {
		case first == nil && !singles:
			continue
		case first == nil:
			i = len(out)
			out = append(out, part{name: title(dim, b.Entity)})
		case !known:
			i = len(out)
			at[first] = i
			out = append(out, part{name: groupName(first), group: first})
		}
		out[i].entities = append(out[i].entities, b.Entity)
		out[i].blocks = append(out[i].blocks, m.In(dim, b.Entity)...)
	}
	for i := range out {
		out[i].name = n.take(out[i].name)
	}
	return out
}

// shared lists the entities that are in several groups: a format that divides a mesh keeps the first only.
func shared(m *mesh.Mesh, dim int) []int {
	var out []int
	count := map[int]int{}
	for i := range m.Groups {
		if m.Groups[i].Dim != dim {
			continue
		}
		for _, entity := range m.Groups[i].Entities {
			if count[entity]++; count[entity] == 2 {
				out = append(out, entity)
			}
		}
	}
	return out
}

// hidden lists the groups of a dimension that lack elements where each element has its first group only.
func hidden(m *mesh.Mesh, dim int) (names []string) {
	of := first(m, dim)
	for i := range m.Groups {
		g := &m.Groups[i]
		if g.Dim == dim && slices.ContainsFunc(g.Entities, func(entity int) bool { return of[entity] != g.Tag && len(m.In(dim, entity)) > 0 }) {
			names = append(names, groupName(g))
		}
	}
	return names
}

// first returns the tag of the first group of each entity of a dimension.
func first(m *mesh.Mesh, dim int) map[int]int {
	out := map[int]int{}
	for i := range m.Groups {
		if m.Groups[i].Dim != dim {
			continue
		}
		for _, entity := range m.Groups[i].Entities {
			if _, known := out[entity]; !known {
				out[entity] = m.Groups[i].Tag
			}
		}
	}
	return out
}
