package mesher

import (
	"io"
	"os"
	"path/filepath"

	"meshgen/internal/engine"
	"meshgen/internal/export/view"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/surface"
	"meshgen/internal/threads"
)

// The formats of the files that a viewer shows (package view).
const (
	formatSurface = "surface"
	formatVolume  = "volume"
)

const glbMedia = "model/gltf-binary"

// The tessellation of CAD for the eye: how far triangles may lie from the faces, as a share of the size of each, and how
// much neighbours may bend, in radians.
var tessellation = []option{
	{"Mesh.StlLinearDeflection", 0.002},
	{"Mesh.StlLinearDeflectionRelative", 1},
	{"Mesh.StlAngularDeflection", 0.35},
	{"Mesh.SaveAll", 1}, // else nodes of groups, which a kept part has from a mesh of it, are numbered first
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
	switch s := &j.source; {
	case s.triangle != nil:
		return meshOf(s.triangle), nil
	case s.raw != nil:
		return rawMesh(s.raw), nil
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
	m := pointsOf(t)
	for i, shell := range t.Shells {
		m.Blocks = append(m.Blocks, faceOf(i+1, t.Triangles[shell.First:shell.First+shell.Count]))
	}
	return m
}

func pointsOf(t *surface.Mesh) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: make([]float64, 3, 3*len(t.Vertices)+3)}
	for _, v := range t.Vertices {
		m.XYZ = append(m.XYZ, v[:]...)
	}
	return m
}

func faceOf(tag int, triangles [][3]int32) mesh.Block {
	b := mesh.Block{Dim: 2, Entity: tag, Kind: mesh.Triangle3}
	for _, triangle := range triangles {
		for _, v := range triangle {
			b.Nodes = append(b.Nodes, uint64(v)+1)
		}
	}
	return b
}

// describeFace returns the name and colour of a face in the file.
func (j *job) describeFace(tag int) (name, color string) {
	if f := j.catalogue.face(tag); f != nil {
		return f.Name, f.Color
	}
	return "", ""
}

// shownSurface returns the surface of a mesh, whose faces are named as the file names what they lie on.
func (j *job) shownSurface(m *mesh.Mesh, measures ...view.Measure) *view.Surface {
	s := view.SurfaceOf(m, j.describeFace, measures...)
	of := j.catalogue.facesNow()
	if j.req.Tuning.Tessellate { // the faces are those of its triangles
		of = func(int) []int { return []int{} }
	}
	if of == nil {
		return s
	}
	for i := range s.Faces {
		f := &s.Faces[i]
		f.Name, f.Color = "", ""
		if f.Of = of(f.Tag); len(f.Of) > 0 {
			f.Name, f.Color = j.describeFace(f.Of[0])
		}
		if len(f.Of) == 1 && f.Of[0] == f.Tag {
			f.Of = nil
		}
	}
	return s
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
	if err != nil || s.Shapes()["triangle"] < worthAPreview {
		return func() {}
	}
	j.facesShown = true
	m := s.detached(2)
	var group threads.Group
	group.Go(func() {
		if err := j.writeSurface("faces.glb", j.shownSurface(m), true); err != nil {
			j.track.say(gmsh.Warning, "No picture of the faces: "+err.Error())
		}
	})
	return group.Wait
}

// writeSurface writes a surface and tells of it.
func (j *job) writeSurface(name string, s *view.Surface, preview bool) error {
	s.Units = j.units()
	return j.writeView(engine.Artifact{Name: name, Format: formatSurface, Preview: preview}, s.WriteGLB)
}

// writeView writes a file for viewing and tells of it.
func (j *job) writeView(a engine.Artifact, write func(io.Writer) error) error {
	a.Path, a.MediaType = filepath.Join(j.req.Dir, a.Name), glbMedia
	f, err := os.Create(a.Path)
	if err != nil {
		return err
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	j.events.Artifact(a)
	return nil
}
