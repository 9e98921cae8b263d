package mesher

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/estimate"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
)

const (
	// maxPasses bounds how often a part is meshed for target_elements.
	maxPasses = 6
	// near and missed are how far from the target the number of elements may be, as shares of it: to stop, and without a
	// warning.
	near, missed = 0.1, 0.2
	// maxProbes bounds how often the surface alone is meshed to find where to begin, and probed is how far what it promises may
	// be from the target.
	maxProbes = 4
	probed    = 0.25
	// probing is the share of the time limit after which no further probe begins: surfaces may be slow to mesh, too.
	probing = 0.25
	// hexahedraPerTetrahedron is what subdivision makes of each.
	hexahedraPerTetrahedron = 4
	// spent is the share of the time limit after which no further pass begins that would not end before it.
	spent = 0.8
)

// pass is a mesh that was made for a target: by which factor sizes were scaled, and how many elements that gave.
type pass struct{ scale, elements float64 }

// meshToTarget meshes the part until the number of elements is near to the target: the sizes that the spec stands for are
// scaled together, within its bounds; refinements stay. How the number follows the scale is learnt from pass to pass.
func (j *job) meshToTarget(d *demands, plain *sizes) error {
	target := float64(j.req.Spec.Size.TargetElements)
	if limit := j.maxElements(); target > float64(limit) {
		return diagnosis.New(diagnosis.TooLarge, "size.target_elements asks for %.0f elements; %d are allowed.", target, limit)
	}
	// of the elements that come out, for each tetrahedron that is counted here
	each := 1.
	if j.req.Spec.Strategy == spec.Hex {
		each = hexahedraPerTetrahedron
	}
	scale, err := j.probe(d, plain, target/each)
	if err != nil {
		return err
	}
	var passes []pass
	for {
		began := time.Now()
		if err := j.meshDemanded(d, j.scaled(plain, scale)); err != nil {
			return err
		}
		made, err := elementsOf(3)
		if err != nil {
			return err
		}
		n := each*float64(made) + float64(j.layers.elements(j.req.Spec.Layers))
		passes = append(passes, pass{scale, n})
		j.track.say(gmsh.Info, fmt.Sprintf("Pass %d for %.0f elements: sizes scaled by %.4g gave %.0f", len(passes), target, scale, n))
		off := n/target - 1
		if math.Abs(off) <= near {
			return nil
		}
		next := nextScale(passes, target)
		expected := time.Duration(float64(time.Since(began)) * max(1, target/n))
		late := time.Since(j.began)+expected > time.Duration(spent*float64(j.req.Spec.Limit()))
		j.timeCut = j.timeCut || late
		if len(passes) == maxPasses || late || next == scale || stuck(passes) {
			if math.Abs(off) > missed {
				j.warn(*diagnosis.New(diagnosis.UnfitSpec, "The mesh has %.0f elements, not about %.0f.", n, target).
					WithHint(j.whyOff(plain, scale, off, late)))
			}
			return nil
		}
		scale = next
		if err := gmsh.ClearMesh(); err != nil {
			return err
		}
	}
}

// scaled returns the sizes of a pass. What the spec says of the longest and the shortest edge bounds them.
func (j *job) scaled(plain *sizes, scale float64) *sizes {
	z := *plain
	asked := j.req.Spec.Size
	z.scale = scale
	z.longest, z.shortest = plain.longest*scale, plain.shortest*scale
	if asked.Max > 0 {
		z.longest = min(z.longest, asked.Max)
	}
	if asked.Min > 0 {
		z.shortest = asked.Min
		z.longest = max(z.longest, asked.Min)
	}
	z.shortest = min(z.shortest, z.longest)
	return &z
}

// probe returns the scale to begin with: that at which the mesh of the surface promises about the number of elements wanted. It
// costs a fraction of a mesh of the volume, and shows what curvature and small features make of the sizes. It goes from
// the sizes that the spec stands for by itself, since very coarse meshes of a part tend to fail.
func (j *job) probe(d *demands, plain *sizes, target float64) (float64, error) {
	part, err := j.facts()
	if err != nil {
		return 0, err
	}
	scale := part.scale(plain.coarser*plain.longest, target)
	var probes []pass
	for {
		z := j.scaled(plain, scale)
		z.on, z.refined, z.grown = d.on, sizing.New(d.fixed()), sizing.New(nil)
		j.sizes = z
		if err := z.install(); err != nil {
			return 0, err
		}
		if err := j.meshSurface(); err != nil {
			return 0, err
		}
		triangles, err := elementsOf(2)
		if err != nil {
			return 0, err
		}
		stacked, err := part.stacked()
		if err != nil {
			return 0, err
		}
		promised := part.Tetrahedra(float64(triangles), z.coarser*z.longest) + stacked
		probes = append(probes, pass{scale, promised})
		if err := gmsh.ClearMesh(); err != nil {
			return 0, err
		}
		next := nextScale(probes, target)
		late := time.Since(j.began) > time.Duration(probing*float64(j.req.Spec.Limit()))
		j.timeCut = j.timeCut || late
		if len(probes) == maxProbes || late || math.Abs(promised/target-1) <= probed {
			return next, nil
		}
		scale = next
	}
}

// part is what a first guess needs.
type part struct {
	estimate.Facts
	layers map[int]int     // how many layers each face gets
	area   map[int]float64 // of each of these
}

// stacked returns how many elements of layers stand on the triangles that the walls have now.
func (p *part) stacked() (sum float64, err error) {
	for face, count := range p.layers {
		tags, nodes, err := gmsh.Elements(int(mesh.Triangle3), face)
		sum += float64(count * tags.Len())
		tags.Free()
		nodes.Free()
		if err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// facts measures the part.
func (j *job) facts() (*part, error) {
	p := &part{layers: map[int]int{}, area: map[int]float64{}}
	wallOf, err := j.walls()
	if err != nil {
		return nil, err
	}
	for face, i := range wallOf {
		p.layers[face] = j.req.Spec.Layers[i].Count
	}
	for _, s := range j.source.solids {
		p.Volume += s.volume
	}
	if stl := j.source.triangle; stl != nil {
		for _, shell := range stl.Shells {
			p.Area += shell.Area
		}
		for face := range p.layers {
			p.area[face] = stl.Faces[face-1].Area
		}
		return p, nil
	}
	for _, f := range j.facesInOrder() {
		a, err := gmsh.Mass(gmsh.DimTag{Dim: 2, Tag: f})
		if err != nil {
			return nil, err
		}
		p.Area += math.Abs(a)
		if p.layers[f] > 0 {
			p.area[f] = math.Abs(a)
		}
	}
	return p, nil
}

// scale returns by how much longer edges may be than some length for a number of elements, if all are of one length; at
// most 1.
func (p *part) scale(longest, elements float64) float64 {
	surface := perSquare * p.Area
	for _, face := range slices.Sorted(maps.Keys(p.layers)) { // in order, so that the sum is always the same
		surface += perWall * float64(p.layers[face]) * p.area[face]
	}
	low, high := 1e-6, 1.
	for range 60 {
		middle := math.Sqrt(low * high)
		if edge := middle * longest; perCube*p.Volume/(edge*edge*edge)+surface/(edge*edge) > elements {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// For the square of the edge, perSquare is the number of tetrahedra that the surface needs, and perWall that of the triangles
// of a wall, on each of which layers stand.
const (
	perSquare = 1.8
	perWall   = 2.5
)

// nextScale returns the scale that should give the target, by the power law through the last two passes; a third of the
// way between surface and volume, where there is one only.
func nextScale(passes []pass, target float64) float64 {
	last := passes[len(passes)-1]
	power := 2.5
	if len(passes) > 1 {
		before := passes[len(passes)-2]
		if power = math.Log(last.elements/before.elements) / math.Log(before.scale/last.scale); math.IsNaN(power) {
			power = 2.5
		}
		power = min(max(power, 0.7), 3.5)
	}
	return last.scale * math.Pow(last.elements/target, 1/power)
}

// stuck reports whether other sizes hardly changed the number of elements: the shape needs as many.
func stuck(passes []pass) bool {
	if len(passes) < 2 {
		return false
	}
	a, b := passes[len(passes)-2], passes[len(passes)-1]
	change := math.Abs(math.Log(a.scale / b.scale))
	return change > 0.05 && math.Abs(math.Log(a.elements/b.elements)) < 0.1*change
}

// whyOff says what kept the number of elements from its target.
func (j *job) whyOff(plain *sizes, scale, off float64, late bool) string {
	asked := j.req.Spec.Size
	switch {
	case late:
		return "Raise time_limit: another pass would not have ended in time."
	case off > 0 && asked.Max > 0 && plain.longest*scale > asked.Max:
		return "size.max asks for more elements than that: raise it."
	case off > 0 && len(j.req.Spec.Refine) > 0:
		return "The refinements alone may need more elements than that."
	case off < 0 && asked.Min > 0 && plain.longest*scale <= asked.Min:
		return "size.min keeps the elements larger: lower it."
	case off > 0 && len(j.req.Spec.Layers) > 0:
		return "Each triangle of a wall carries all layers: ask for fewer of them (layers.count), or for more elements."
	case off > 0:
		return "The small features of the part need more elements than that."
	}
	return "Ask for sizes instead of a number of elements."
}

// elementsOf returns the number of elements of a dimension.
func elementsOf(dim int) (n int, err error) {
	types, err := gmsh.ElementTypes(dim, -1)
	if err != nil {
		return 0, err
	}
	for _, kind := range types {
		tags, nodes, err := gmsh.Elements(kind, -1)
		n += tags.Len()
		tags.Free()
		nodes.Free()
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}
