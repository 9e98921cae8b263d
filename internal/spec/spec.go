// Package spec is what a user may ask of a mesh: the types, their defaults and their validation. It imports nothing of
// ours.
//
// A spec is read in three steps. Resolve fills in defaults and lists every field that is wrong by itself or contradicts
// another; it needs no geometry. Fit, once the geometry is known, lists every name and tag that is not in it. Convert brings
// the lengths to the geometry's unit.
package spec

import (
	"slices"
	"strings"
	"time"
)

// Strategies that can be asked for. Auto picks.
const (
	Auto     = "auto"
	Delaunay = "delaunay" // Gmsh's tetrahedral Delaunay: robust, one thread
	Frontal  = "frontal"  // Gmsh's frontal: more regular elements, slower
	HXT      = "hxt"      // parallel Delaunay: fastest on large meshes
	MMG      = "mmg"      // Delaunay, then MMG's remesher
	Hex      = "hex"      // hexahedra by subdivision of tetrahedra
	Lattice  = "lattice"  // tetrahedra of a regular lattice, cut by the surface: any surface that encloses something, at once
)

// Shapes of elements that can be asked for.
const (
	Tet         = "tet"
	HexDominant = "hex-dominant" // hexahedra inside, tetrahedra along the surface, pyramids between
)

// Ways to treat a geometry before it is meshed.
const (
	HealAuto = "auto" // sew, join and mend where it helps
	HealOff  = "off"  // take the geometry as it is
)

// Devices that can do the work.
const (
	DeviceAuto = "auto"
	DeviceCPU  = "cpu"
	DeviceCUDA = "cuda"
)

// Limits of what may be asked for.
const (
	MaxOrder = 3
	// MaxMixedOrder is the highest order of hexahedra, and of prisms and pyramids.
	MaxMixedOrder = 2
	MaxTimeLimit  = 30 * time.Minute
	MinTimeLimit  = time.Second

	DefaultTimeLimit = "120s"
)

var (
	// Strategies lists what "strategy" may be.
	Strategies = []string{Auto, Delaunay, Frontal, HXT, MMG, Hex, Lattice}
	// Elements lists what "element" may be.
	Elements = []string{Tet, HexDominant}
	// Heals lists what "heal" may be.
	Heals = []string{HealAuto, HealOff}
	// Devices lists what "device" may be.
	Devices = []string{DeviceAuto, DeviceCPU, DeviceCUDA}
)

// Spec is a mesh specification. The zero value of a field means that its default is to be used; Resolve fills it in.
type Spec struct {
	Strategy  string       `json:"strategy,omitempty" enum:"auto,delaunay,frontal,hxt,mmg,hex,lattice" doc:"how to mesh; auto picks"`
	Element   string       `json:"element,omitempty" enum:"tet,hex-dominant" doc:"shape of the elements in the volume"`
	Order     int          `json:"order,omitempty" minimum:"1" maximum:"3" doc:"order of the elements: 1 straight, 2 and 3 curved"`
	Size      Size         `json:"size,omitzero" doc:"element sizes everywhere"`
	Refine    []Refinement `json:"refine,omitempty" maxItems:"200" doc:"finer sizes in places"`
	Layers    []Layer      `json:"layers,omitempty" maxItems:"50" doc:"boundary layers: prisms that grow from walls"`
	Groups    []Group      `json:"groups,omitempty" maxItems:"1000" doc:"named groups of entities: what a solver addresses a mesh by"`
	Units     string       `json:"units,omitempty" enum:"um,mm,cm,m,in,ft" doc:"unit of every length in this spec; that of the geometry where it is absent"`
	Heal      string       `json:"heal,omitempty" enum:"auto,off" doc:"auto mends the geometry where that helps; off takes it as it is"`
	Device    string       `json:"device,omitempty" enum:"auto,cpu,cuda" doc:"what does the work: strategy lattice can use a GPU, and makes the same mesh with and without one; auto uses it where there is one and it pays"`
	Draft     bool         `json:"draft,omitempty" doc:"a mesh to look at while the real one is made: by strategy lattice, in a fraction of a second (by delaunay where walls are too thin for it); never given in answer to a spec without it"`
	TimeLimit string       `json:"time_limit,omitempty" doc:"wall time that all stages may take together, such as \"120s\" or \"5m\""`
	Formats   []string     `json:"formats,omitempty" enum:"msh,msh2,vtk,vtu,stl,unv,inp,bdf,su2,cgns,med,fluent,openfoam,glb" doc:"files to write; docs/formats.md says what each holds"`
}

// Resolve returns the spec with every default filled in, in canonical form: what is a set is sorted and unique. Or it returns
// Errors that list every bad field. Resolve of a resolved spec returns it unchanged. Sizes that depend on the part stay
// zero: the engine derives them from the fineness and the diagonal.
func (s Spec) Resolve() (Spec, error) {
	var bad refusals
	choose := func(path string, value *string, otherwise string, choices []string) {
		if *value == "" {
			*value = otherwise
		}
		if !slices.Contains(choices, *value) {
			bad.add(path, *value, "must be one of %s", strings.Join(choices, ", "))
		}
	}
	choose("strategy", &s.Strategy, Auto, Strategies)
	if s.Draft && s.Strategy == Auto {
		s.Strategy = Lattice
	}
	choose("element", &s.Element, Tet, Elements)
	choose("heal", &s.Heal, HealAuto, Heals)
	choose("device", &s.Device, DeviceAuto, Devices)
	if s.Units != "" {
		choose("units", &s.Units, "", Units)
	}

	if s.Order == 0 {
		s.Order = 1
	}
	if s.Order < 1 || s.Order > MaxOrder {
		bad.add("order", s.Order, "must be 1 to %d", MaxOrder)
	}

	s.Size.resolve(&bad)
	s.Groups = resolveGroups(s.Groups, &bad)
	s.Refine = resolveRefinements(s.Refine, s.Size, &bad)
	s.Layers = resolveLayers(s.Layers, s.Groups, &bad)
	if s.Strategy == Hex && s.Order > MaxMixedOrder {
		bad.add("order", s.Order, "must be 1 or 2 where strategy is hex")
	}
	if s.Strategy == Hex && len(s.Layers) > 0 {
		bad.add("layers", nil, "must be empty where strategy is hex: layers are of prisms")
	}
	if s.Element == HexDominant {
		s.fitHexDominant(&bad)
	}
	s.fitLattice(&bad)
	if len(s.Layers) > 0 && s.Order > MaxMixedOrder {
		bad.add("order", s.Order, "must be 1 or 2 where layers are asked for")
	}

	s.TimeLimit = resolveTimeLimit(s.TimeLimit, &bad)
	s.Formats = resolveFormats(s.Formats, s.Order, s.Draft, &bad)

	if bad != nil {
		return s, Errors(bad)
	}
	return s, nil
}

// fitHexDominant refuses what hexahedra of a grid and the elements around them cannot be.
func (s *Spec) fitHexDominant(bad *refusals) {
	if s.Order > MaxMixedOrder {
		bad.add("order", s.Order, "must be 1 or 2 where element is hex-dominant")
	}
	if len(s.Layers) > 0 {
		bad.add("layers", nil, "must be empty where element is hex-dominant")
	}
	if s.Strategy == Hex || s.Strategy == MMG {
		bad.add("strategy", s.Strategy, "must be auto, delaunay, frontal or hxt where element is hex-dominant")
	}
}

// fitLattice refuses what a lattice cut by the surface cannot be, and drafts that are anything else.
func (s *Spec) fitLattice(bad *refusals) {
	if s.Draft && s.Strategy != Lattice {
		bad.add("strategy", s.Strategy, "must be auto or lattice where draft is set")
	}
	if s.Strategy != Lattice {
		return
	}
	if s.Order > 1 {
		bad.add("order", s.Order, "must be 1 where strategy is lattice")
	}
	if s.Element == HexDominant {
		bad.add("element", s.Element, "must be tet where strategy is lattice")
	}
	if len(s.Layers) > 0 {
		bad.add("layers", nil, "must be empty where strategy is lattice")
	}
	if s.Size.WallElements > 0 {
		bad.add("size.wall_elements", s.Size.WallElements, "must be absent where strategy is lattice")
	}
}

// Unfilled tells what keeps a mesh by a resolved spec from being made of triangles that do not close, the path of a field and
// why: nothing but a lattice fills those, and it has to give all that is asked for but edges. Both are empty where it can be made.
func (s *Spec) Unfilled() (path, why string) {
	const only = "only a lattice fills triangles that do not close"
	switch {
	case s.Heal == HealOff:
		return "heal", "must be auto: " + only
	case s.Strategy == Lattice:
		return "", ""
	case s.Strategy != Auto:
		return "strategy", "must be auto or lattice: " + only
	}
	for _, more := range []struct {
		asked bool
		path  string
	}{
		{s.Order > 1, "order"}, {s.Element == HexDominant, "element"}, {len(s.Layers) > 0, "layers"},
		{s.Size.WallElements > 0, "size.wall_elements"},
		{slices.ContainsFunc(s.Groups, func(g Group) bool { return *g.Dim < 2 }), "groups"},
	} {
		if more.asked {
			return more.path, "is more than a lattice can do, and " + only
		}
	}
	for i, r := range s.Refine {
		at, e := index("refine", i), r.Entities
		if r.Near != nil {
			at, e = at+".near", r.Near.Entities
		}
		if len(e.Points)+len(e.Edges) > 0 {
			return at, "must be of faces, solids, a box or a ball: a lattice is not refined at points and edges, and " + only
		}
	}
	return "", ""
}

func resolveTimeLimit(asked string, bad *refusals) string {
	if asked == "" {
		asked = DefaultTimeLimit
	}
	limit, err := time.ParseDuration(asked)
	switch {
	case err != nil:
		bad.add("time_limit", asked, "must be a duration such as \"120s\" or \"5m\"")
	case limit < MinTimeLimit || limit > MaxTimeLimit:
		bad.add("time_limit", asked, "must be %s to %s", MinTimeLimit, MaxTimeLimit)
	default:
		return limit.String()
	}
	return asked
}

// Limit returns the time limit of a resolved spec.
func (s Spec) Limit() time.Duration {
	d, err := time.ParseDuration(s.TimeLimit)
	if err != nil {
		panic("spec: Limit of a spec that is not resolved: " + err.Error())
	}
	return d
}
