package mesher

import (
	"fmt"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// mesh reads the file, meshes what it holds, and proves and writes the result.
func (j *job) mesh() error {
	if err := j.read(); err != nil {
		return err
	}
	if err := j.convert(); err != nil {
		return err
	}
	if err := j.catalog(); err != nil {
		return err
	}
	if j.source.triangle == nil {
		if err := j.conform(); err != nil {
			return err
		}
	}
	if err := set(j.meshingOptions(j.source.diagonal())); err != nil {
		return err
	}
	for _, step := range []func() error{j.meshToSize, j.optimize} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := j.group(); err != nil {
		return err
	}
	return j.deliver()
}

func (j *job) meshCurves() error {
	if j.source.triangle != nil {
		return nil // with the faces
	}
	j.begin(engine.Stage1D)
	if err := gmsh.Generate(1); err != nil {
		return j.failed(diagnosis.SurfaceMeshingFailed, "The edges could not be divided.", nil, err)
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

func (j *job) faceCount() int {
	seen := map[int]bool{}
	for _, s := range j.source.solids {
		for _, f := range s.faces {
			seen[f] = true
		}
	}
	return len(seen)
}

func (j *job) meshSolids() error {
	defer j.showFaces()()
	before := j.track.troubles() // of the faces: they often tell why the solids fail
	j.begin(engine.Stage3D)
	err := gmsh.Generate(3)
	j.m.console.Sync()
	var empty []gmsh.DimTag
	for _, s := range j.source.solids {
		types, typesErr := gmsh.ElementTypes(3, s.tag)
		if typesErr != nil {
			return typesErr
		}
		if len(types) == 0 {
			empty = append(empty, gmsh.DimTag{Dim: 3, Tag: s.tag})
		}
	}
	if len(empty) == 0 && err == nil {
		return nil
	}
	places := append(gmsh.LastEntityErrors(), mentioned(append(j.track.troubles(), before...))...)
	message := "No tetrahedra could be fitted to the surface mesh."
	if n := len(j.source.solids); n > 1 {
		message = fmt.Sprintf("No tetrahedra could be fitted to the surface mesh of %d of %d solids.", len(empty), n)
	}
	if len(empty) == 0 {
		message = "The tetrahedra could not be finished."
	}
	return j.failed(diagnosis.BoundaryRecoveryFailed, message, append(places, empty...), err)
}

// failed is a diagnosis of the present stage: the entities that Gmsh complained of, or else those given, and its words.
func (j *job) failed(code diagnosis.Code, message string, entities []gmsh.DimTag, err error) error {
	seen := map[gmsh.DimTag]bool{}
	var places []gmsh.DimTag
	for _, e := range entities {
		if !seen[e] {
			seen[e] = true
			places = append(places, e)
		}
	}
	var words []string
	if err != nil {
		words = append(words, err.Error())
	}
	if last := j.lastWords(); last != "" {
		words = append(words, last)
	}
	return diagnosis.New(code, "%s", message).At(j.places(places)...).WithDetail(strings.Join(words, "\n"))
}

// deliver checks the mesh and writes it: straight elements are measured in full, since what they fill is exact; then
// they are curved, if a higher order is wanted, and measured again.
func (j *job) deliver() error {
	straight, err := j.snapshot()
	if err != nil {
		return err
	}
	defer straight.free()
	if j.req.Spec.Order == 1 {
		return j.finish(straight, nil)
	}
	outcome := straight.measure(j.source.centre())
	if err := j.verdict(straight, outcome); err != nil {
		return err
	}
	if err := j.curve(); err != nil {
		return err
	}
	curved, err := j.snapshot()
	if err != nil {
		return err
	}
	defer curved.free()
	return j.finish(curved, outcome)
}

// curve raises the order. Curved elements may turn inside out where a coarse mesh meets a sharp bend: these are relaxed.
func (j *job) curve() error {
	if err := gmsh.SetOrder(j.req.Spec.Order); err != nil {
		return j.failed(diagnosis.QualityBelowThreshold, "The elements could not be curved.", nil, err)
	}
	for _, method := range []string{"HighOrder", "HighOrderElastic"} {
		worst, err := worstCurved()
		if err != nil || worst > 0 {
			return err
		}
		if err := gmsh.Optimize(method); err != nil {
			return j.failed(diagnosis.QualityBelowThreshold, "The curved elements could not be optimised.", nil, err)
		}
	}
	return nil
}

// worstCurved returns the smallest minSICN of all elements of volume.
func worstCurved() (float64, error) {
	worst := 1.
	types, err := gmsh.ElementTypes(3, -1)
	if err != nil {
		return 0, err
	}
	for _, kind := range types {
		tags, nodes, err := gmsh.Elements(kind, -1)
		if err != nil {
			return 0, err
		}
		values, err := gmsh.Qualities(tags.View(), "minSICN")
		for _, v := range values.View() {
			worst = min(worst, v)
		}
		values.Free()
		tags.Free()
		nodes.Free()
		if err != nil {
			return 0, err
		}
	}
	return worst, nil
}
