package mesher

import (
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// With a part its last mesh is kept, as it was after two stages, so that a change costs no more than what depends on it:
//
//	surface   curves and faces: a change of the strategy, the element or the layers fills the same surface again
//	volume    straight tetrahedra, optimised: a change of the order or of groups makes no mesh at all
//
// Of an STL the surface is the triangles that took the place of its own; the library has them from here in any case.
//
// What a stage depends on is its key. The mesh is given back with the numbers that it had, on the entities that it was on, so
// that what follows cannot tell it from one that was made just now.

// stageMesh is a mesh as it was after a stage, with what the stages after it have to know.
type stageMesh struct {
	key       string
	entities  []entityMesh
	sizes     *sizes
	chords    *chords
	optimized *engine.Optimized
	warnings  []diagnosis.Diagnosis // that the stage came with
	ahead     bool                  // made before anybody asked, and not used yet
	sought    bool                  // of a surface: strips were looked for …
	strips    int                   // … and so many were found
	stl       *remeshed             // of triangles; of CAD nil
	heard     heard                 // by then
}

// entityMesh is the mesh on an entity: nodes, without those of what bounds it, and elements by kind.
type entityMesh struct {
	gmsh.DimTag
	tags               []uint64
	places, parameters []float64
	kinds              []int
	corners            [][]uint64
}

// bytes returns what the mesh takes.
func (m *stageMesh) bytes() (n int64) {
	if m == nil {
		return 0
	}
	if m.stl != nil {
		n += bytesPerTriangle * int64(len(m.stl.mesh.Triangles))
	}
	for i := range m.entities {
		e := &m.entities[i]
		n += 8 * int64(len(e.tags)+len(e.places)+len(e.parameters))
		for _, c := range e.corners {
			n += 8 * int64(len(c))
		}
	}
	return n
}

// surfaceKey names what the mesh of curves and faces depends on, or is empty where it is not kept: also where faces were meshed another
// way.
func (j *job) surfaceKey() string {
	if !j.keepsStages() {
		return ""
	}
	return j.req.SurfaceKey()
}

// volumeKey names what the straight mesh depends on. It is empty where elements are not tetrahedra alone: layers know nodes by
// number, nodes of subdivided meshes lie where no parameters are known, and those around hexahedra would be numbered otherwise.
func (j *job) volumeKey() string {
	s := j.req.Spec
	if !j.keepsStages() || s.Mixed() {
		return ""
	}
	return j.req.StageKey([]any{strategy(s), s.Element})
}

func (j *job) keepsStages() bool { return j.part != nil && j.eased == nil && !j.timeCut }

// bears reports whether the surface is that of a spec which is the same but for what is on or in the surface.
func (m *stageMesh) bears(s spec.Spec) bool {
	if engine.BearsStrips(s) {
		return m.sought
	}
	return m.strips == 0
}

// surfaceAgain gives the library the surface mesh that was kept, if it is the one that the spec asks for.
func (j *job) surfaceAgain() (bool, error) {
	if j.part == nil || j.part.surface == nil || j.part.surface.key != j.surfaceKey() || !j.part.surface.bears(j.req.Spec) {
		return false, nil
	}
	m := j.part.surface
	j.speculated, m.ahead = m.ahead, false
	j.hear(m.heard)
	if m.stl != nil {
		j.sizes = m.sizes
		j.warn(m.warnings...)
		j.reused = append(j.reused, engine.Stage2D)
		return true, j.putTriangles(m.stl)
	}
	if err := j.giveStage(m); err != nil {
		return false, err
	}
	j.reused = append(j.reused, engine.Stage1D, engine.Stage2D)
	if err := j.sizes.install(); err != nil {
		return false, err
	}
	return true, j.growInside()
}

// volumeAgain gives the library the whole mesh that was kept, if it is the one that the spec asks for.
func (j *job) volumeAgain() (bool, error) {
	if j.part == nil || j.part.volume == nil || j.part.volume.key != j.volumeKey() {
		return false, nil
	}
	m := j.part.volume
	j.hear(m.heard)
	if m.stl != nil {
		if err := j.clearTriangles(m.stl); err != nil {
			return false, err
		}
	} else {
		j.reused = append(j.reused, engine.Stage1D)
	}
	if err := j.giveStage(m); err != nil {
		return false, err
	}
	j.optimized = m.optimized
	j.reused = append(j.reused, engine.Stage2D, engine.Stage3D, engine.StageOptimize)
	return true, nil
}

func (j *job) giveStage(m *stageMesh) error {
	for i := range m.entities {
		if err := m.entities[i].give(); err != nil {
			return err
		}
	}
	j.sizes, j.chords = m.sizes, m.chords
	j.warn(m.warnings...)
	return renumber()
}

// noteSurface keeps the surface mesh that was made just now; before is how many warnings there were.
func (j *job) noteSurface(before int) error {
	key := j.surfaceKey()
	if key == "" {
		return nil
	}
	m, err := j.takeStage(2, key, before)
	if m != nil {
		m.sought, m.strips = engine.BearsStrips(j.req.Spec), len(j.strips)
		j.part.surface = m
	}
	return err
}

// noteVolume keeps the whole mesh that was made just now; before is how many warnings there were.
func (j *job) noteVolume(before int) error {
	key := j.volumeKey()
	if key == "" {
		return nil
	}
	m, err := j.takeStage(3, key, before)
	if m != nil {
		m.optimized = j.optimized
		j.part.volume = m
	}
	return err
}

// takeStage copies the mesh up to a dimension, nil where it is too large to be kept.
func (j *job) takeStage(dim int, key string, before int) (*stageMesh, error) {
	elements, err := elementsOf(dim)
	if err != nil || !engine.Keeps(float64(elements), j.req.Keep) {
		return nil, err
	}
	m := &stageMesh{
		key: key, sizes: j.sizes, chords: j.chords, warnings: slices.Clone(j.warnings[before:]), stl: j.remeshed, ahead: j.req.Kind == engine.Speculate,
		heard: j.heard(),
	}
	if m.stl != nil && dim == 2 {
		return m, nil // the triangles are there already
	}
	entities, err := gmsh.Entities(-1)
	if err != nil {
		return nil, err
	}
	for _, e := range entities {
		if e.Dim > dim {
			continue
		}
		copied, err := takeEntity(e, m.stl == nil)
		if err != nil {
			return nil, err
		}
		m.entities = append(m.entities, copied)
	}
	return m, nil
}

// takeEntity copies the mesh on an entity, with the parameters of its nodes if the entity has a shape.
func takeEntity(e gmsh.DimTag, shaped bool) (m entityMesh, err error) {
	m.DimTag = e
	if shaped && (e.Dim == 1 || e.Dim == 2) {
		m.tags, m.places, m.parameters, err = gmsh.NodesWithParameters(e.Dim, e.Tag)
	} else {
		tags, places, nodesErr := gmsh.Nodes(e.Dim, e.Tag)
		m.tags, m.places, err = slices.Clone(tags.View()), slices.Clone(places.View()), nodesErr
		tags.Free()
		places.Free()
	}
	if err != nil {
		return m, err
	}
	if m.kinds, err = gmsh.ElementTypes(e.Dim, e.Tag); err != nil {
		return m, err
	}
	for _, kind := range m.kinds {
		var corners []uint64
		if err := eachElement(mesh.Kind(kind), e.Tag, func(n []uint64) { corners = append(corners, n...) }); err != nil {
			return m, err
		}
		m.corners = append(m.corners, corners)
	}
	return m, nil
}

func (m *entityMesh) give() error {
	if err := gmsh.AddNodesWithParameters(m.Dim, m.Tag, m.tags, m.places, m.parameters); err != nil {
		return err
	}
	for i, kind := range m.kinds {
		if err := gmsh.AddElements(m.Tag, kind, m.corners[i]); err != nil {
			return err
		}
	}
	return nil
}
