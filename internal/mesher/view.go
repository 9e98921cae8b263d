package mesher

import (
	"math"
	"os"
	"path/filepath"

	"meshgen/internal/engine"
	"meshgen/internal/export/view"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/surface"
)

// formatSurface is the format of the files that a viewer shows (package view).
const formatSurface = "surface"

const glbMedia = "model/gltf-binary"

// The tessellation of CAD for the eye: how far triangles may lie from the faces, as a share of the size of each, and how
// much neighbours may bend, in radians.
var tessellation = []option{
	{"Mesh.StlLinearDeflection", 0.002},
	{"Mesh.StlLinearDeflectionRelative", 1},
	{"Mesh.StlAngularDeflection", 0.35},
}

// showPart writes the part as it was read, for a viewer: the first thing that a person sees. What cannot be tessellated is
// not shown, and that is all: the import has succeeded.
func (j *job) showPart() {
	m, err := j.tessellate()
	if err == nil {
		err = j.writeSurface("part.glb", view.SurfaceOf(m, j.describeFace), true)
	}
	if err != nil {
		j.track.say(gmsh.Warning, "No picture of the part: "+err.Error())
	}
}

func (j *job) tessellate() (*mesh.Mesh, error) {
	if j.source.triangle != nil {
		return meshOf(j.source.triangle), nil
	}
	if err := set(tessellation); err != nil {
		return nil, err
	}
	if err := gmsh.ImportSTL(); err != nil {
		return nil, err
	}
	if err := renumber(); err != nil {
		return nil, err
	}
	s := &snapshot{}
	defer s.free()
	if err := s.takeNodes(); err != nil {
		return nil, err
	}
	if err := s.takeElements(); err != nil {
		return nil, err
	}
	return s.detached(2), nil
}

// detached returns the elements of one dimension in memory of their own. Numbers of elements stand for nothing and are left
// out.
func (s *snapshot) detached(dim int) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: s.XYZ}
	for _, b := range s.Of(dim) {
		m.Blocks = append(m.Blocks, mesh.Block{
			Dim: b.Dim, Entity: b.Entity, Kind: b.Kind, Nodes: append([]uint64(nil), b.Nodes...),
		})
	}
	return m
}

// meshOf returns triangles as a mesh, each shell as a face with the tag that the import gave it.
func meshOf(t *surface.Mesh) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: make([]float64, 3, 3*len(t.Vertices)+3)}
	for _, v := range t.Vertices {
		m.XYZ = append(m.XYZ, v[:]...)
	}
	for i, shell := range t.Shells {
		b := mesh.Block{Dim: 2, Entity: i + 1, Kind: mesh.Triangle3}
		for _, triangle := range t.Triangles[shell.First : shell.First+shell.Count] {
			for _, v := range triangle {
				b.Nodes = append(b.Nodes, uint64(v)+1)
			}
		}
		m.Blocks = append(m.Blocks, b)
	}
	return m
}

// describeFace returns the name and colour of a face in the file.
func (j *job) describeFace(tag int) (name, color string) {
	if j.model == nil {
		return "", ""
	}
	for _, f := range j.model.Faces {
		if f.Tag == tag {
			return f.Name, f.Color
		}
	}
	return "", ""
}

// worthAPreview is the number of triangles from which the surface is shown before the solids are filled: with fewer the mesh
// is there as soon as its preview would be.
const worthAPreview = 5_000

// showFaces writes the surface once it is meshed, while the solids are being filled: what takes time is beside the library.
// The returned function waits for it. As with showPart, a picture that fails is said to be missing, and no more; and where
// the solids are filled again with other sizes, the first picture does.
func (j *job) showFaces() (wait func()) {
	if j.facesShown {
		return func() {}
	}
	s := &snapshot{}
	defer s.free()
	err := s.takeNodes()
	if err == nil {
		err = s.takeElements()
	}
	done := make(chan struct{})
	wait = func() { <-done }
	if err != nil || s.Shapes()["triangle"] < worthAPreview {
		close(done)
		return wait
	}
	j.facesShown = true
	m := s.detached(2)
	go func() {
		defer close(done)
		if err := j.writeSurface("faces.glb", view.SurfaceOf(m, j.describeFace), true); err != nil {
			j.track.say(gmsh.Warning, "No picture of the faces: "+err.Error())
		}
	}()
	return wait
}

// showMesh writes the surface of the finished mesh for a viewer, with the quality of the elements behind it, while other files
// are written. The returned function waits for it.
func (j *job) showMesh(s *snapshot) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		done <- j.writeSurface("surface.glb", view.SurfaceOf(&s.Mesh, j.describeFace, behind(&s.Mesh)...), false)
	}()
	return func() error { return <-done }
}

// shownMeasures are what a surface can be coloured by, with the range of the colours.
var shownMeasures = []struct {
	measure quality.Measure
	high    float64
}{
	{quality.Gamma, 1}, {quality.SICN, 1}, {quality.Jacobian, 1}, {quality.Skewness, 1}, {quality.MinDihedral, 90},
}

// behind returns the measures of the elements of volume behind each element of the surface, by their corners; those that are
// defined for no element are left out.
func behind(m *mesh.Mesh) []view.Measure {
	values := map[*mesh.Block][][]float64{}
	defined := make([]bool, len(shownMeasures))
	surfaces := m.Of(2)
	for i, elements := range m.Behind() {
		rows := make([][]float64, len(elements))
		for e, element := range elements {
			rows[e] = make([]float64, len(shownMeasures))
			all := quality.Values{}
			if element.Block != nil {
				shape := element.Block.Kind.Shape()
				var corners [8]quality.Point
				for k, node := range element.Block.Element(element.Index)[:shape.Corners()] {
					corners[k] = m.At(node)
				}
				all, _ = quality.Of(shape, corners[:shape.Corners()])
			}
			for k, shown := range shownMeasures {
				v := all[shown.measure]
				if element.Block == nil {
					v = math.NaN()
				}
				rows[e][k] = v
				defined[k] = defined[k] || !math.IsNaN(v)
			}
		}
		values[surfaces[i]] = rows
	}
	var out []view.Measure
	for k, shown := range shownMeasures {
		if defined[k] {
			out = append(out, view.Measure{Name: shown.measure.Name(), High: shown.high,
				Of: func(b *mesh.Block, e int) float64 { return values[b][e][k] }})
		}
	}
	return out
}

// writeSurface writes a surface and tells of it.
func (j *job) writeSurface(name string, s *view.Surface, preview bool) (err error) {
	s.Units = j.units()
	path := filepath.Join(j.req.Dir, name)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = s.WriteGLB(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	j.events.Artifact(engine.Artifact{Name: name, Format: formatSurface, Path: path, MediaType: glbMedia, Preview: preview})
	return nil
}
