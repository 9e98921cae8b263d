package mesher

import (
	"math"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
)

// sizes says how long the edges of a mesh are to be, where the spec asks for more than Gmsh's own rules can do. What Gmsh
// computes by itself (the curvature) is one of several sizes, of which the least holds at each place. All lengths are those of
// the elements that come out in the end.
type sizes struct {
	coarser           float64 // by how much longer edges are until each is cut in two
	longest, shortest float64 // of edges that nothing refines
	scale             float64 // of the sizes that the part itself asks for
	chords            *chords // what those are on the curves and faces of CAD; nil for what Gmsh computes by itself
	on                map[gmsh.DimTag]float64
	refined           *sizing.Field // what refinements ask for
	grown             *sizing.Field // from the surface, by size.growth
}

// inward is by how much shorter edges have to be asked for within a volume than they are wanted: away from the surface
// Gmsh's edges are a third longer than what it is asked for, and half as long again with HXT (measured in a ball of one
// size).
const inward = 0.75

// at is asked by Gmsh, from several threads.
func (z *sizes) at(dim, tag int, place [3]float64, own float64) float64 {
	if z.chords != nil {
		own = z.chords.size(dim, tag, place, own)
	}
	own /= z.coarser
	share := 1.
	if dim == 3 { // there sizes come from the surface, which is scaled already
		share = inward
	} else {
		own *= z.scale
	}
	size := z.grown.At(place, min(max(own, z.shortest), z.longest))
	if asked, ok := z.on[gmsh.DimTag{Dim: dim, Tag: tag}]; ok {
		size = min(size, share*asked)
	}
	return z.coarser * share * z.refined.At(place, size/share)
}

// install has Gmsh ask for the sizes. Its own bounds are opened as far as anything is asked for.
func (z *sizes) install() error {
	least := min(z.shortest, z.grown.Least(), inward*z.refined.Least())
	for _, size := range z.on {
		least = min(least, inward*size)
	}
	if err := set([]option{{"Mesh.MeshSizeMin", z.coarser * least}, {"Mesh.MeshSizeMax", z.coarser * z.longest}}); err != nil {
		return err
	}
	return gmsh.SetSizes(z.at)
}

// plainSizes returns the sizes that the options say, with nothing added.
func (j *job) plainSizes() (*sizes, error) {
	z := &sizes{coarser: j.coarser(), scale: 1, on: map[gmsh.DimTag]float64{}, refined: sizing.New(nil), grown: sizing.New(nil)}
	for name, target := range map[string]*float64{"Mesh.MeshSizeMin": &z.shortest, "Mesh.MeshSizeMax": &z.longest} {
		value, err := gmsh.Number(name)
		if err != nil {
			return nil, err
		}
		*target = value / z.coarser
	}
	z.shortest = min(z.shortest, z.longest)
	return z, nil
}

// convert brings the lengths of the spec to the unit of the model.
func (j *job) convert() error {
	converted, err := j.req.Spec.Convert(j.units())
	if err != nil {
		return diagnosis.New(diagnosis.UnfitSpec, "%s", err).WithHint("Say the unit when the file is uploaded, or leave units out.")
	}
	j.req.Spec = converted
	return nil
}

// meshToSize makes the mesh with the sizes that the spec asks for. The options of meshing have been set.
func (j *job) meshToSize(demands *demands) error {
	if again, err := j.surfaceAgain(); err != nil {
		return err
	} else if again {
		return j.fillDemanded(demands)
	}
	if err := j.startChords(); err != nil {
		return err
	}
	targeted := j.req.Spec.Size.TargetElements > 0
	if !demands.any() && !targeted && j.source.triangle != nil {
		return j.meshPlainTriangles()
	}
	z, err := j.plainSizes()
	if err != nil {
		return err
	}
	z.chords = j.chords
	if targeted {
		return j.meshToTarget(demands, z)
	}
	return j.meshDemanded(demands, z)
}

// meshPlainTriangles makes the mesh of an STL that no more is asked of than its sizes.
func (j *job) meshPlainTriangles() error {
	before := len(j.warnings)
	if err := j.meshSurface(); err != nil {
		return err
	}
	if err := j.noteSurface(before); err != nil {
		return err
	}
	return j.fillAll()
}

// fillAll fills the surface mesh. Where that was all that is wanted for now, it does nothing.
func (j *job) fillAll() error {
	if j.req.Kind == engine.Speculate {
		return nil
	}
	if err := j.meshSolids(); err != nil {
		return err
	}
	return meshEverything()
}

// meshDemanded makes the mesh once for some sizes. Where distances from faces and curves matter, or how sizes change along
// them, a first mesh of the surface says where they are and how fine; then the surface is meshed again.
func (j *job) meshDemanded(d *demands, z *sizes) error {
	j.sizes = z
	before := len(j.warnings)
	z.on = d.on
	z.refined, z.grown = sizing.New(d.fixed()), sizing.New(nil)
	if err := z.install(); err != nil {
		return err
	}
	if d.needSurface() {
		if err := j.meshCurves(nil); err != nil {
			return err
		}
		if err := j.meshFaces(); err != nil {
			return err
		}
		k, err := takeSkin()
		if err != nil {
			return err
		}
		sources, err := k.around(d)
		if err != nil {
			return err
		}
		if d.walls > 0 {
			thin, err := j.acrossWalls(k, d, z)
			if err != nil {
				return err
			}
			sources = append(sources, thin...)
		}
		if j.source.triangle == nil { // those of an STL are replaced
			if err := gmsh.ClearMesh(); err != nil {
				return err
			}
		}
		z.refined = sizing.New(append(d.fixed(), sources...))
		if d.growth > 0 {
			z.grown = sizing.New(k.grown(d.slope(), z))
		}
		if err := z.install(); err != nil {
			return err
		}
	}
	if err := j.meshSurface(); err != nil {
		return err
	}
	if err := j.noteSurface(before); err != nil {
		return err
	}
	return j.fillDemanded(d)
}

// fillDemanded fills the surface mesh by the sizes that were installed.
func (j *job) fillDemanded(d *demands) error {
	if d.growth > 0 {
		// The field says how far sizes may grow inwards; interpolated from the surface, they would not grow at all.
		if err := set([]option{{"Mesh.MeshSizeExtendFromBoundary", 0}}); err != nil {
			return err
		}
	}
	if j.req.Spec.Strategy == spec.Frontal && (len(d.places)+len(d.around) > 0 || d.growth > 0) {
		j.warn(*diagnosis.New(diagnosis.UnfitSpec, "Strategy frontal follows refinements and growth on the surface only.").
			WithHint("Take delaunay or hxt where sizes matter inside."))
	}
	return j.fillAll()
}

// slopeOf returns how much sizes grow for each length, where each element is longer than its neighbour by a ratio.
func slopeOf(ratio float64) float64 { return ratio - 1 }

// ramp returns the slope from one size to another over a distance.
func ramp(from, to, distance float64) float64 {
	if to <= from {
		return math.Inf(1)
	}
	return (to - from) / distance
}
