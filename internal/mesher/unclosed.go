package mesher

import (
	"errors"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/field"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
	"meshgen/internal/mesh"
	"meshgen/internal/surface"
)

// Triangles that no repair closes are described and shown all the same, with what is wrong with them, and a lattice fills them: as they
// are in the file, one face around one solid.

// bringAsIs makes the part current as bringPart does. Triangles that cannot be mended are taken as they are: source.defect says
// why.
func (j *job) bringAsIs() error {
	found, err := j.findPart()
	if err != nil || found {
		return err
	}
	err = j.readPart()
	defect, ok := errors.AsType[*diagnosis.Diagnosis](err)
	if !ok || !j.mayHeal() || j.req.Source.Format != engine.STL || !slices.Contains(diagnosis.Unclosed, defect.Code) {
		return err
	}
	raw, d := surface.Read(j.req.Source.Path)
	if d != nil {
		return d
	}
	j.warnUnits()
	j.takeRaw(raw, defect)
	return j.notePart(j.heard())
}

// takeRaw makes triangles as they are the part.
func (j *job) takeRaw(raw *surface.Mesh, defect *diagnosis.Diagnosis) {
	s := &j.source
	s.raw, s.defect = raw, defect
	box := raw.Box()
	s.low, s.high = box.Min, box.Max
	s.solids = []solid{{tag: 1, faces: []int{1}}}
	j.catalogue.file = map[gmsh.DimTag]bool{{Dim: 3, Tag: 1}: true, {Dim: 2, Tag: 1}: true}
}

// rawHulls are the triangles as they are.
func (j *job) rawHulls() []*latticeHull {
	m := j.source.raw
	h := &latticeHull{solid: &j.source.solids[0], vertices: m.Vertices, triangles: m.Triangles, face: make([]int32, len(m.Triangles))}
	for i := range h.face {
		h.face[i] = 1
	}
	return []*latticeHull{h}
}

// warnUnclosed tells what was wrong with triangles that are filled as they are.
func (j *job) warnUnclosed() {
	if d := j.source.defect; d != nil {
		j.warn(*diagnosis.New(d.Code, "%s The lattice fills what the triangles surround for the most part.", d.Message).
			At(d.Entities...).WithHint("Look at the mesh where the holes are: it is closed there by a guess."))
	}
}

// surrounds reports whether a lattice finds a place inside of triangles as they are. It looks at finer and finer ones, as far as that
// takes no longer than reading a large file. An error says that it could not look.
func (j *job) surrounds(m *surface.Mesh) (bool, error) {
	const coarsest, mostNodes = 32, 2_000_000
	s, err := field.Prepare(m.Vertices, m.Triangles, field.Options{Threads: j.req.Threads})
	switch {
	case errors.Is(err, field.ErrNoTriangle):
		return false, nil
	case err != nil:
		return false, err
	}
	low, high := s.Box()
	edge := max(high[0]-low[0], high[1]-low[1], high[2]-low[2]) / coarsest
	var samples *field.Samples
	for g := lattice.Around(low, high, edge); g.Nodes() <= mostNodes; g = lattice.Around(low, high, edge) {
		l := field.Lattice{Origin: g.Origin, H: g.H, N: [3]int32{int32(g.N[0]), int32(g.N[1]), int32(g.N[2])}}
		if samples, err = s.Sample(l, 0, l.Slabs(), field.Want{}, samples); err != nil {
			return false, err
		}
		if slices.Contains(samples.Inside, 1) {
			return true, nil
		}
		edge *= finerLattice
	}
	return false, nil
}

// describeRaw describes triangles as they are. The volume of what they surround is not known.
func (j *job) describeRaw() {
	m := j.source.raw
	largest := 0.
	var place [3]float64
	for i, t := range m.Triangles {
		if own := lattice.Area(m.Vertices, m.Triangles[i:i+1]); own > largest {
			largest = own
			for k := range 3 {
				place[k] = (m.Vertices[t[0]][k] + m.Vertices[t[1]][k] + m.Vertices[t[2]][k]) / 3
			}
		}
	}
	j.model.Defect, j.model.Triangles = j.source.defect, len(m.Triangles)
	if found, err := j.surrounds(m); err == nil && !found {
		j.model.Defect = j.source.defect.Hollow()
	}
	j.model.Solids = []engine.Body{{Tag: 1, Faces: []int{1}}}
	j.model.Faces = []engine.Body{{Tag: 1, Measure: lattice.Area(m.Vertices, m.Triangles), Place: &place}}
}

// rawMesh returns triangles as they are as a mesh of one face.
func rawMesh(t *surface.Mesh) *mesh.Mesh {
	m := pointsOf(t)
	m.Blocks = []mesh.Block{faceOf(1, t.Triangles)}
	return m
}
