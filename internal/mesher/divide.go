package mesher

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// meshSurface divides curves and faces, again and finer where the solids would lose too much of their volume.
func (j *job) meshSurface() error {
	if j.source.triangle != nil {
		if err := j.meshCurves(nil); err != nil {
			return err
		}
		return j.meshFaces()
	}
	size := j.req.Spec.Size
	automatic := j.chords.automatic && size.Min == 0 && size.TargetElements == 0
	j.chords.edges, j.chords.rings = nil, nil
	var kept []faceNodes // of the division before
	losses := lossesOf{}
	meshed := 0
	for division := 1; ; division++ { // those that were too many triangles do not count
		if err := j.goesOn(); err != nil {
			return err
		}
		if err := j.meshCurves(kept); err != nil {
			return err
		}
		if err := j.meshStrips(); err != nil {
			return err
		}
		if err := j.chords.grow(j.growth(), j.sizes.scale); err != nil {
			return err
		}
		may := automatic && meshed < mostCrowded && len(losses) == 0 // before anything was divided again for its volume
		if again, err := j.thinOut(may && meshed == 0, j.expectedTriangles); err != nil {
			return err
		} else if again { // which cost hardly anything
			division--
			continue
		}
		if err := j.meshFaces(); err != nil {
			return err
		}
		meshed++
		if division == maxDivisions || !automatic {
			break
		}
		if again, err := j.thinOut(may, j.countTriangles); err != nil {
			return err
		} else if again {
			division--
			continue
		}
		shrunk, err := j.holdVolume(losses)
		if err != nil {
			return err
		}
		if len(shrunk) == 0 {
			break
		}
		if kept, err = clearAround(shrunk); err != nil {
			return err
		}
	}
	return j.growInside()
}

// crowd is how many triangles a surface mesh of default sizes may have before they are made fewer: a few hundred small holes
// or a thread can cost more than all the rest of a part. Each step of fineness above the default doubles it.
const crowd = 60_000

// finenessShare is how many times as many triangles there may be as at the default fineness.
func finenessShare(size spec.Size) float64 {
	return math.Exp2(max(0, size.Fineness-spec.DefaultFineness))
}

// worthThinning is by how many times the triangles have to be too many before all faces are divided again: that costs some 30 µs
// for each triangle, and saves some 80 µs, mostly of tetrahedra, for each that there is less.
const worthThinning = 1.4

// mostCrowded is how many meshes of faces may be thrown away for their number of triangles.
const mostCrowded = 2

// mostThinned is how many times as long edges may become: beyond, shapes are lost.
const mostThinned = 2.5

// thinOut makes sizes longer where the triangles are too many, takes back the mesh, and reports whether it did. What that costs in
// volume is given back where it matters.
func (j *job) thinOut(may bool, count func() (int, error)) (bool, error) {
	if !may || j.chords.thinned >= mostThinned {
		return false, nil
	}
	n, err := count()
	excess := float64(n) / j.chords.crowd
	if err != nil || excess <= worthThinning {
		return false, err
	}
	j.track.say(gmsh.Info, fmt.Sprintf("%d triangles are many; longer edges will do", n))
	before := max(j.chords.thinned, 1)
	j.chords.thinned = min(before*math.Sqrt(excess), mostThinned)
	j.chords.scale(j.chords.thinned / before)
	j.chords.edges, j.chords.rings = nil, nil
	return true, gmsh.ClearMesh()
}

// countTriangles returns how many triangles there are, without those of strips, whose number is bounded already.
func (j *job) countTriangles() (int, error) {
	tags, nodes, err := gmsh.Elements(int(mesh.Triangle3), -1)
	defer tags.Free()
	defer nodes.Free()
	return tags.Len() - j.stripTriangles(), err
}

// growth is by how much an edge may be longer than its neighbour.
func (j *job) growth() float64 {
	if g := j.req.Spec.Size.Growth; g > 0 {
		return g
	}
	return j.chords.growth()
}

// startChords decides on the sizes of curves and faces, and on the algorithms of faces.
func (j *job) startChords() (err error) {
	if j.source.triangle != nil {
		return nil
	}
	if j.chords, err = j.newChords(j.source.diagonal()); err != nil {
		return err
	}
	if j.req.Tuning.Anchor {
		if err := anchor(slices.Sorted(maps.Keys(j.eased))); err != nil {
			return err
		}
	}
	for face, times := range j.eased {
		if err := j.chords.refine(face, math.Pow(easeFactor, float64(times))); err != nil {
			return err
		}
		if err := gmsh.SetAlgorithm2D(face, easeAlgorithms[times-1]); err != nil {
			return err
		}
	}
	return j.startStrips()
}

// meshCurves divides the curves that have no edges, all but those around what is kept; Gmsh forgets the faces on that occasion.
func (j *job) meshCurves(kept []faceNodes) error {
	if j.source.triangle != nil {
		return nil // with the faces
	}
	j.begin(engine.Stage1D)
	if err := gmsh.Generate(1); errors.Is(err, gmsh.ErrInterrupted) {
		return errDropped
	} else if err != nil {
		return j.failed(diagnosis.SurfaceMeshingFailed, "The edges could not be divided.", nil, err)
	}
	if kept != nil {
		if err := putFacesBack(kept); err != nil {
			return err
		}
	}
	return renumber()
}

// renumber makes the numbers of nodes and elements those that one thread would have given: with several, curves and faces
// are finished in another order each time, and what follows depends on the numbers.
func renumber() error {
	if err := gmsh.RenumberNodes(); err != nil {
		return err
	}
	return gmsh.RenumberElements()
}

func (j *job) meshFaces() error {
	j.begin(engine.Stage2D)
	if j.source.triangle != nil {
		return j.meshTriangles()
	}
	err := gmsh.Generate(2)
	if errors.Is(err, gmsh.ErrInterrupted) {
		return errDropped
	}
	j.m.console.Sync()
	empty, emptyErr := j.emptyFaces()
	if emptyErr != nil {
		return emptyErr
	}
	if len(empty) > 0 {
		return j.failed(diagnosis.SurfaceMeshingFailed,
			fmt.Sprintf("%d of %s could not be triangulated.", len(empty), count(j.faceCount(), "face")), empty, err)
	}
	if err != nil {
		return j.failed(diagnosis.SurfaceMeshingFailed, "The faces could not be triangulated.", mentioned(j.track.troubles()), err)
	}
	if err := j.unpinch(); err != nil {
		return err
	}
	return renumber()
}

// emptyFaces returns the faces of solids that have no triangle, but for those without area: the closed surface that is
// checked in the end decides whether they matter.
func (j *job) emptyFaces() ([]gmsh.DimTag, error) {
	smallest := tolerance * j.source.diagonal()
	var empty []gmsh.DimTag
	seen := map[int]bool{}
	for _, s := range j.source.solids {
		for _, tag := range s.faces {
			if seen[tag] {
				continue
			}
			seen[tag] = true
			face := gmsh.DimTag{Dim: 2, Tag: tag}
			if types, err := gmsh.ElementTypes(2, tag); err != nil {
				return nil, err
			} else if len(types) > 0 {
				continue
			}
			if j.source.triangle == nil {
				if area, err := gmsh.Mass(face); err == nil && area < smallest*smallest {
					continue
				}
			}
			empty = append(empty, face)
		}
	}
	return empty, nil
}
