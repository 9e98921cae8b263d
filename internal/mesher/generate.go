package mesher

import (
	"fmt"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// mesh reads the file, meshes what it holds, and proves and writes the result. Where Gmsh blames single faces, these are
// meshed another way before the rung is given up.
func (j *job) mesh() error {
	if j.req.Spec.Strategy == spec.Lattice {
		return j.meshLattice()
	}
	for {
		err := j.meshOnce()
		if err == nil {
			return j.deliver()
		}
		if !j.ease(err) {
			return err
		}
		if err := j.startOver(); err != nil {
			return err
		}
	}
}

func (j *job) meshOnce() error {
	if err := j.bringPart(); err != nil {
		return err
	}
	if err := j.convert(); err != nil {
		return err
	}
	if err := set(j.meshingOptions(j.source.diagonal())); err != nil {
		return err
	}
	demands, err := j.demands() // first: what the part lacks is refused whatever is kept of it
	if err != nil {
		return err
	}
	if again, err := j.volumeAgain(); err != nil {
		return err
	} else if again {
		return j.group()
	}
	before := len(j.warnings)
	toSize := func() error { return j.meshToSize(demands) }
	for _, step := range []func() error{toSize, j.optimize, j.insertLayers, j.subdivide} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := j.noteVolume(before); err != nil {
		return err
	}
	return j.group()
}

// faceTags returns the faces that bound the solids.
func (j *job) faceTags() map[int]bool {
	tags := map[int]bool{}
	for _, s := range j.source.solids {
		for _, f := range s.faces {
			tags[f] = true
		}
	}
	return tags
}

func (j *job) faceCount() int { return len(j.faceTags()) }

func (j *job) meshSolids() error {
	defer j.showFaces()()
	before := j.track.troubles() // of the faces: they often tell why the solids fail
	j.begin(engine.Stage3D)
	if err := j.shrinkWalls(); err != nil {
		return err
	}
	if j.req.Spec.Element == spec.HexDominant {
		return j.fillAroundCores()
	}
	err := j.fillSolids()
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

// fillSolids has Gmsh fill the solids: all together, but with MMG one after the other, since Gmsh's way to MMG takes the first of
// several and fails at the next. The triangles between solids stay in either case.
func (j *job) fillSolids() error {
	if j.req.Spec.Strategy != spec.MMG || len(j.source.solids) == 1 {
		return gmsh.Generate(3)
	}
	only, err := gmsh.Number("Mesh.MeshOnlyVisible")
	if err != nil {
		return err
	}
	if err := set([]option{{"Mesh.MeshOnlyVisible", 1}, {"Mesh.MeshOnlyEmpty", 1}}); err != nil {
		return err
	}
	all, err := gmsh.Entities(3)
	if err != nil {
		return err
	}
	for _, solid := range all {
		if err := gmsh.SetVisibility(false, all...); err != nil {
			return err
		}
		if err := gmsh.SetVisibility(true, solid); err != nil {
			return err
		}
		if err := gmsh.Generate(3); err != nil {
			return err
		}
	}
	if err := gmsh.SetVisibility(true, all...); err != nil {
		return err
	}
	return set([]option{{"Mesh.MeshOnlyVisible", only}, {"Mesh.MeshOnlyEmpty", 0}})
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
	defer func() { straight.free() }()
	if turned, err := j.turnOutwards(straight); err != nil {
		return err
	} else if turned {
		straight.free()
		if straight, err = j.snapshot(); err != nil {
			return err
		}
	}
	if j.req.Spec.Order == 1 {
		return j.finish(straight, nil)
	}
	outcome := straight.measure(j.source.centre())
	if err := j.verdict(straight, outcome); err != nil {
		return err
	}
	curved, err := j.curve(straight)
	if err != nil {
		return err
	}
	defer curved.free()
	return j.finish(curved, outcome)
}
