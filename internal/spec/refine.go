package spec

import "strings"

// maxTag bounds the tags of entities: Gmsh counts them with 32 bits.
const maxTag = 1<<31 - 1

// Refinement asks for a size in a place. It has exactly one place: a group, entities, a box, a sphere, or what is near to
// something. Outside it sizes grow by size.growth from element to element, or by DefaultTransition where that is not given.
type Refinement struct {
	Group string `json:"group,omitempty" doc:"name of a group: one of groups, a name in the CAD file, or a colour such as color_ff0000"`
	Entities
	Box    [][]float64 `json:"box,omitempty" minItems:"2" maxItems:"2" doc:"two opposite corners, of three coordinates each"`
	Sphere *Sphere     `json:"sphere,omitempty" doc:"a ball"`
	Near   *Near       `json:"near,omitempty" doc:"a distance from something"`
	Size   float64     `json:"size" doc:"edge length there"`
}

// DefaultTransition is how fast sizes grow around a refinement where size.growth is not given.
const DefaultTransition = 1.4

// Entities are parts of the geometry by the tags that its import listed.
type Entities struct {
	Points []int `json:"points,omitempty" doc:"tags of points"`
	Edges  []int `json:"edges,omitempty" doc:"tags of edges (curves)"`
	Faces  []int `json:"faces,omitempty" doc:"tags of faces"`
	Solids []int `json:"solids,omitempty" doc:"tags of solids"`
}

// Sphere is a ball.
type Sphere struct {
	Center []float64 `json:"center" minItems:"3" maxItems:"3" doc:"three coordinates"`
	Radius float64   `json:"radius"`
}

// Near is what lies within a distance of a group or of entities: the size holds up to the distance from, and grows to what
// it would be without the refinement at the distance to.
type Near struct {
	Group string `json:"group,omitempty" doc:"name of a group"`
	Entities
	From float64 `json:"from,omitempty" doc:"distance within which the size holds"`
	To   float64 `json:"to,omitempty" exclusiveMinimum:"0" doc:"distance beyond which nothing is asked for; absent, sizes grow as around any refinement"`
}

// ByDimension returns the tags of points, edges, faces and solids.
func (e Entities) ByDimension() [4][]int { return [4][]int{e.Points, e.Edges, e.Faces, e.Solids} }

// fields are the names of the lists of Entities, by dimension.
var fields = [4]string{"points", "edges", "faces", "solids"}

func (e Entities) any() bool {
	return len(e.Points)+len(e.Edges)+len(e.Faces)+len(e.Solids) > 0
}

func (e *Entities) resolve(path string, bad *refusals) {
	for dim, list := range []*[]int{&e.Points, &e.Edges, &e.Faces, &e.Solids} {
		*list = resolveTags(path+"."+fields[dim], *list, bad)
	}
}

func resolveTags(path string, tags []int, bad *refusals) []int {
	for i, t := range tags {
		if t < 1 || t > maxTag {
			bad.add(index(path, i), t, "is not the tag of an entity: these are whole numbers from 1 on")
		}
	}
	return set(tags)
}

func resolveRefinements(asked []Refinement, size Size, bad *refusals) []Refinement {
	var out []Refinement
	for i, r := range asked {
		r.resolve(index("refine", i), size, bad)
		out = append(out, r)
	}
	return out
}

// places are the names of the fields of which a refinement has exactly one.
const places = "group; points, edges, faces or solids; box; sphere; near"

func (r *Refinement) resolve(path string, size Size, bad *refusals) {
	var given []string
	if r.Group != "" {
		given = append(given, "group")
	}
	if r.Entities.any() {
		given = append(given, "entities")
	}
	if r.Box != nil {
		given = append(given, "box")
	}
	if r.Sphere != nil {
		given = append(given, "sphere")
	}
	if r.Near != nil {
		given = append(given, "near")
	}
	switch len(given) {
	case 0:
		bad.add(path, nil, "must say where: one of %s", places)
	case 1:
	default:
		bad.add(path, nil, "must have one place, not %s", strings.Join(given, " and "))
	}
	if bad.length(path+".size", r.Size, true) {
		if size.Max > 0 && r.Size > size.Max {
			bad.add(path+".size", r.Size, "must not be greater than size.max (%g)", size.Max)
		}
		if size.Min > 0 && r.Size < size.Min {
			bad.add(path+".size", r.Size, "must not be less than size.min (%g)", size.Min)
		}
	}
	r.Entities.resolve(path, bad)
	if r.Box != nil {
		r.Box = resolveBox(path+".box", r.Box, bad)
	}
	if r.Sphere != nil {
		s := *r.Sphere
		bad.point(path+".sphere.center", s.Center)
		bad.length(path+".sphere.radius", s.Radius, true)
		r.Sphere = &s
	}
	if r.Near != nil {
		n := *r.Near
		n.resolve(path+".near", bad)
		r.Near = &n
	}
}

// resolveBox returns the box with its lower corner first.
func resolveBox(path string, box [][]float64, bad *refusals) [][]float64 {
	if len(box) != 2 {
		bad.add(path, nil, "must be two opposite corners")
		return box
	}
	sound := true
	for i, corner := range box {
		sound = bad.point(index(path, i), corner) && sound
	}
	if !sound {
		return box
	}
	low, high := make([]float64, 3), make([]float64, 3)
	for k := range 3 {
		low[k], high[k] = min(box[0][k], box[1][k]), max(box[0][k], box[1][k])
		if low[k] == high[k] {
			bad.add(index(path, 1), nil, "must differ from the first corner in every coordinate")
			break
		}
	}
	return [][]float64{low, high}
}

func (n *Near) resolve(path string, bad *refusals) {
	switch {
	case n.Group != "" && n.Entities.any():
		bad.add(path, nil, "must name a group or entities, not both")
	case n.Group == "" && !n.Entities.any():
		bad.add(path, nil, "must say what it is near to: a group, or points, edges, faces or solids")
	}
	n.Entities.resolve(path, bad)
	hasFrom, hasTo := bad.length(path+".from", n.From, false), bad.length(path+".to", n.To, false)
	if !hasFrom && !hasTo && n.From == 0 && n.To == 0 {
		bad.add(path+".from", nil, "must be given, or to: a distance")
	}
	if hasFrom && hasTo && n.From >= n.To {
		bad.add(path+".to", n.To, "must be greater than from (%g)", n.From)
	}
}
