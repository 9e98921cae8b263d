package mesher

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
)

// The edges of a mesh are chords of the curved part, and how far a chord may lie from its arc decides both how true a mesh
// is and what it costs. A fixed number of chords around every circle spends most elements on fillets that nobody sees. So
// the default sizes ask three things of a curve or face of radius R:
//
//	          as many chords around the circle as the spec says, while the arc matters to the part:
//	chordal   where the chord would lie within sizing.ArcShare of the solid's thickness, fewer do, down to sizing.FewestChords
//	thin      no chord may cut through a wall: it stays within sizing.WallShare of the thickness
//	volume    where the surface mesh encloses too little all the same, the faces that lose it are divided again (volume.go)
//
// Sizes grow away from edges and faces by sizing.Growth, so that what is fine stays local.
const (
	// seamChords is how many edges have to fit around a closed face, such as a long thin hole: with fewer, triangles
	// that reach from its seam to its seam fall together.
	seamChords = 4
	// lineBudget is how many tetrahedra long thin holes may cost, if growth can help it.
	lineBudget = 150_000
	steepest   = 2
)

// chords says how long the edges on curves and faces may be.
type chords struct {
	longest   float64
	around    sizing.Chords // Most is what Gmsh's sizes stand for: Mesh.MeshSizeFromCurvature
	entities  map[gmsh.DimTag]*chord
	edges     *sizing.Field         // grows from the edges of the curves, once these are divided
	rings     map[int]*sizing.Field // around the poles of a face, for this face alone: a slim one's grow slowly, and would reach all others
	automatic bool
	lines     float64         // of narrow faces: the sum of their lengths, each in relation to the edges on it
	areas     map[int]float64 // of faces
	poles     []pole
	crowd     float64 // how many triangles there may be before edges become longer
	thinned   float64 // by how much edges are longer since they would be too many, 0 for nothing
}

// chord is what holds on one curve, point or face.
type chord struct {
	arc      float64 // distance from the arc that does not matter, 0 for none
	wall     float64 // distance from the arc that must not be exceeded, infinite for any
	shortest float64
	factor   float64 // by which lengths are multiplied
	narrow   bool    // no longer edges than the shortest fit here
}

// newChords notes what the sizes of a CAD model depend on.
func (j *job) newChords(diagonal float64) (*chords, error) {
	size := j.req.Spec.Size
	scale := cmp.Or(j.req.Tuning.Scale, 1)
	c := &chords{
		longest: j.longestEdge(diagonal), around: sizing.NewChords(j.chordsOfCircle()),
		entities: map[gmsh.DimTag]*chord{}, automatic: size.Curvature == 0 && j.req.Spec.Strategy != spec.Hex,
		crowd: crowd * finenessShare(size),
	}
	shortest := j.coarser() * size.MinEdge(diagonal)
	areas := map[int]float64{}
	c.areas = areas
	for _, s := range j.source.solids {
		if err := j.goesOn(); err != nil {
			return nil, err
		}
		area := 0.
		for _, tag := range s.faces {
			if _, known := areas[tag]; !known {
				a, err := gmsh.Mass(gmsh.DimTag{Dim: 2, Tag: tag})
				if err != nil {
					return nil, err
				}
				areas[tag] = a
			}
			area += areas[tag]
		}
		thickness := math.Inf(1)
		if area > 0 && s.volume > 0 {
			thickness = 2 * s.volume / area
		}
		for _, tag := range s.faces {
			if err := c.add(gmsh.DimTag{Dim: 2, Tag: tag}, thickness, shortest, areas[tag], size.Min == 0); err != nil {
				return nil, err
			}
		}
	}
	c.scale(scale)
	return c, nil
}

// add notes a face of a solid of some thickness, with the curves and points around it.
func (c *chords) add(face gmsh.DimTag, thickness, shortest, area float64, mayShorten bool) error {
	rule := chord{arc: sizing.ArcShare * thickness, wall: sizing.WallShare * thickness, shortest: shortest, factor: 1}
	if !c.automatic {
		rule.arc = 0
	}
	curves, err := gmsh.Boundary([]gmsh.DimTag{face}, false)
	if err != nil {
		return err
	}
	if mayShorten {
		seam, err := seamLength(curves)
		if err != nil {
			return err
		}
		if seam > 0 && c.entities[face] == nil {
			poles, err := polesOf(face.Tag, curves)
			if err != nil {
				return err
			}
			c.poles = append(c.poles, poles...)
		}
		if narrow := area / seam / seamChords; seam > 0 && narrow < shortest {
			rule.shortest, rule.narrow = narrow, true
			if c.entities[face] == nil {
				c.lines += seam / narrow
			}
		}
	}
	c.merge(face, rule)
	for _, curve := range curves {
		c.merge(gmsh.DimTag{Dim: 1, Tag: abs(curve.Tag)}, rule)
		ends, err := gmsh.Boundary([]gmsh.DimTag{{Dim: 1, Tag: abs(curve.Tag)}}, false)
		if err != nil {
			return err
		}
		for _, end := range ends {
			c.merge(gmsh.DimTag{Dim: 0, Tag: abs(end.Tag)}, rule)
		}
	}
	return nil
}

func (c *chords) merge(e gmsh.DimTag, rule chord) {
	have := c.entities[e]
	if have == nil {
		c.entities[e] = &rule
		return
	}
	have.arc, have.wall = min(have.arc, rule.arc), min(have.wall, rule.wall)
	have.narrow = have.narrow || rule.narrow
	have.shortest, have.factor = min(have.shortest, rule.shortest), min(have.factor, rule.factor)
}

// seamLength returns the length of the curves along which a face meets itself.
func seamLength(curves []gmsh.DimTag) (float64, error) {
	uses := map[int]int{}
	for _, c := range curves {
		uses[abs(c.Tag)]++
	}
	seam := 0.
	for _, tag := range slices.Sorted(maps.Keys(uses)) { // in order, so that the sum is always the same
		if uses[tag] < 2 {
			continue
		}
		length, err := gmsh.Mass(gmsh.DimTag{Dim: 1, Tag: tag})
		if err != nil {
			return 0, err
		}
		seam += length
	}
	return seam, nil
}

// growth is by how much an edge may be longer than its neighbour, where the spec does not say. Around a line of length L
// with edges of length h, tetrahedra of edges h + slope·r fill space with about π/(0.12·slope²) · L/h of them: where there
// are long thin holes, sizes have to grow faster.
func (c *chords) growth() float64 {
	const around = math.Pi / 0.12
	return min(max(sizing.Growth, 1+math.Sqrt(around*c.lines/lineBudget)), steepest)
}

// size is a gmsh.SizeFunc: asked is 2πR/circle where the place is curved, and huge where it is not.
func (c *chords) size(dim, tag int, place [3]float64, asked float64) float64 {
	rule := c.entities[gmsh.DimTag{Dim: dim, Tag: tag}]
	if dim == 3 || rule == nil {
		return asked
	}
	length := min(c.around.Length(asked*c.around.Most/(2*math.Pi), rule.arc, rule.wall), c.longest)
	length = max(length, rule.shortest) * rule.factor
	if dim == 2 && c.edges != nil {
		length = c.edges.At(place, length)
	}
	if ring := c.rings[tag]; dim == 2 && ring != nil {
		length = ring.At(place, length)
	}
	return length
}

// scale multiplies all lengths that may be longer by a factor.
func (c *chords) scale(factor float64) {
	for _, rule := range c.entities {
		if !rule.narrow {
			rule.factor *= factor
		}
	}
}

// refine multiplies the lengths on a face, and on what bounds it, by a factor.
func (c *chords) refine(face int, factor float64) error {
	f := gmsh.DimTag{Dim: 2, Tag: face}
	c.entities[f].factor *= factor
	least := c.entities[f].factor
	curves, err := gmsh.Boundary([]gmsh.DimTag{f}, false)
	if err != nil {
		return err
	}
	for _, curve := range curves {
		around := []gmsh.DimTag{{Dim: 1, Tag: abs(curve.Tag)}}
		ends, err := gmsh.Boundary(around, false)
		if err != nil {
			return err
		}
		for _, e := range append(around, ends...) {
			rule := c.entities[gmsh.DimTag{Dim: e.Dim, Tag: abs(e.Tag)}]
			rule.factor = min(rule.factor, least)
		}
	}
	return nil
}

// grow has sizes on faces grow from the edges that the curves are divided into. All sizes here are multiplied by scale later.
func (c *chords) grow(growth, scale float64) error {
	c.edges, c.rings = nil, map[int]*sizing.Field{}
	var sources []sizing.Source
	for _, e := range inOrder(c.entities) {
		if e.Dim != 1 {
			continue
		}
		segments, err := curveSegments(e.Tag)
		if err != nil {
			return err
		}
		for _, s := range segments {
			length := distance(s[0], s[1]) / scale
			if length > 0 && length < c.longest {
				sources = append(sources, sizing.Source{Shape: sizing.Segment(s[0], s[1]), Size: length, Slope: (growth - 1) / scale})
			}
		}
	}
	rings := map[int][]sizing.Source{}
	for _, p := range c.poles {
		source, narrow, err := p.ring()
		if err != nil {
			return err
		}
		if narrow {
			source.Size, source.Slope = source.Size/scale, source.Slope/scale
			rings[p.face] = append(rings[p.face], source)
		}
	}
	for face, sources := range rings {
		c.rings[face] = sizing.New(sources)
	}
	c.edges = sizing.New(sources)
	return nil
}

// curveSegments returns the ends of the edges on a curve.
func curveSegments(tag int) ([][2][3]float64, error) {
	at := map[uint64][3]float64{}
	read := func(dim, tag int) error {
		tags, coordinates, err := gmsh.Nodes(dim, tag)
		defer tags.Free()
		defer coordinates.Free()
		for i, node := range tags.View() {
			at[node] = [3]float64(coordinates.View()[3*i : 3*i+3])
		}
		return err
	}
	if err := read(1, tag); err != nil {
		return nil, err
	}
	ends, err := gmsh.Boundary([]gmsh.DimTag{{Dim: 1, Tag: tag}}, false)
	if err != nil {
		return nil, err
	}
	for _, end := range ends {
		if err := read(0, abs(end.Tag)); err != nil {
			return nil, err
		}
	}
	tags, nodes, err := gmsh.Elements(gmsh.Line2, tag)
	defer tags.Free()
	defer nodes.Free()
	if err != nil {
		return nil, err
	}
	var out [][2][3]float64
	for i := 0; i+1 < nodes.Len(); i += 2 {
		a, okA := at[nodes.View()[i]]
		b, okB := at[nodes.View()[i+1]]
		if okA && okB {
			out = append(out, [2][3]float64{a, b})
		}
	}
	return out, nil
}

// growInside has sizes in the solids grow from the triangles of their faces.
func (j *job) growInside() error {
	return growFrom(slices.Sorted(maps.Keys(j.faceTags())), j.sizes.coarser*j.sizes.longest, j.growth())
}

// growFrom has sizes in volumes grow from the triangles of some faces.
func growFrom(faces []int, longest, growth float64) error {
	field, err := gmsh.AddField("Extend")
	if err != nil {
		return err
	}
	if err := gmsh.SetFieldList(field, "SurfacesList", faces); err != nil {
		return err
	}
	for name, value := range map[string]float64{"DistMax": longest / (growth - 1), "SizeMax": longest, "Power": 1} {
		if err := gmsh.SetField(field, name, value); err != nil {
			return err
		}
	}
	return gmsh.SetBackgroundField(field)
}

func abs(tag int) int { return max(tag, -tag) }
