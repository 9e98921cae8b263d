package mesher

import (
	"cmp"
	"math"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/field"
	"meshgen/internal/lattice"
)

// latticeHull is what a lattice is cut by for one solid, or for several that share faces: the triangles around it, and then its mesh.
type latticeHull struct {
	number    int // of the solid, among all
	solid     *solid
	vertices  [][3]float64
	triangles [][3]int32
	face      []int32 // of each triangle, the tag
	enclosed  float64 // by the triangles; 0 where they are open
	open      bool
	field     *field.Surface
	features  *lattice.Features
	samples   [][3]float64 // of the triangles, for what a mesh is compared with
	area      float64

	joint     *lattice.Joint // of several solids, nil for one
	members   []*latticeHull // those of its solids, each for itself
	undivided bool           // the mesh could not be divided among the solids

	alone  bool    // the only solid: its mesh need not outlast that of another one
	edge   float64 // of the lattice
	mesh   *lattice.Mesh
	faces  []int32 // of each triangle of the mesh, the tag
	volume float64 // of the mesh
	kept   lattice.Kept
	before float64 // of the mesh of a coarser lattice
}

// take takes a mesh. Its memory serves the next, so that each of several solids has a copy.
func (h *latticeHull) take(m *lattice.Mesh) {
	h.mesh, h.undivided = m, false
	if !h.alone {
		h.mesh = m.Clone()
	}
	h.volume = h.mesh.Volume()
}

// keep keeps the edges of the solid in its mesh.
func (h *latticeHull) keep() {
	if h.mesh == nil {
		return
	}
	if h.joint != nil {
		h.divide()
		return
	}
	h.faces, h.kept = h.mesh.Keep(h.field, h.edge, h.features, h.face)
	if !h.features.None() { // else it is that of the mesh as it was taken
		h.volume = h.mesh.Volume()
	}
}

// off returns by what share the volume is off. Where the surface is open, that is what it changed by since the lattice before:
// about three quarters of what the next will change.
func (h *latticeHull) off() (most float64) {
	if h.joint != nil {
		if h.mesh == nil || h.undivided {
			return 1
		}
		for _, m := range h.members {
			most = max(most, math.Abs(m.volume/m.enclosed-1))
		}
		return most
	}
	reference := cmp.Or(h.enclosed, h.before)
	if h.mesh == nil || reference == 0 {
		return 1
	}
	return math.Abs(h.volume/reference - 1)
}

// tets returns how many tetrahedra the mesh has.
func (h *latticeHull) tets() float64 {
	if h.mesh == nil {
		return 0
	}
	return float64(len(h.mesh.Tets) / 4)
}

// finer returns about how many a finer one would cost: those that it has, and the search for them.
func (h *latticeHull) finer(z *latticeSizes) float64 {
	edge := finerLattice * h.edge
	low, high := h.field.Box()
	return z.tets(h, edge) + float64(lattice.Around(low, high, edge).Nodes())/nodesPerTet
}

// volumeAbout returns the volume of the mesh: as the triangles say, as the last mesh has it, or else that of the box.
func (h *latticeHull) volumeAbout() float64 {
	if v := cmp.Or(h.enclosed, h.volume); v > 0 {
		return v
	}
	low, high := h.field.Box()
	v := 1.
	for k := range 3 {
		v *= high[k] - low[k]
	}
	return v
}

// nodesPerTet is how many nodes of a lattice can be asked for their side at the price of a tetrahedron of a mesh that is written
// and measured.
const nodesPerTet = 8

// lost returns the faces that no triangle of the mesh lies on, each with a point.
func (h *latticeHull) lost() []diagnosis.Entity {
	kept := map[int32]bool{}
	for _, f := range h.faces {
		kept[f] = true
	}
	var out []diagnosis.Entity
	for i, f := range h.face {
		if kept[f] {
			continue
		}
		kept[f] = true
		var p [3]float64
		for _, v := range h.triangles[i] {
			for k := range 3 {
				p[k] += h.vertices[v][k] / 3
			}
		}
		out = append(out, diagnosis.Entity{Dim: 2, Tag: int(f), Point: &p})
	}
	return out
}

// readHulls reads the file and returns the triangles around each of its solids.
func (j *job) readHulls() ([]*latticeHull, error) {
	if j.req.Source.Format == engine.STL {
		return j.triangleHulls()
	}
	if err := j.bringPart(); err != nil {
		return nil, err
	}
	if j.part != nil {
		return j.keptHulls(), nil
	}
	hulls, err := j.shapeHulls()
	if err != nil {
		return nil, err
	}
	if err := j.notePart(j.heard()); err != nil {
		return nil, err
	}
	return j.prepare(hulls)
}

// keptHulls returns the hulls of the part that is kept, for this request to fill.
func (j *job) keptHulls() (hulls []*latticeHull) {
	for _, k := range j.part.hulls {
		hulls = append(hulls, j.keptHull(k))
	}
	return hulls
}

func (j *job) keptHull(k *latticeHull) *latticeHull {
	h := *k
	h.solid = &j.source.solids[h.number]
	h.field.SetThreads(j.req.Threads)
	h.members = nil
	for _, m := range k.members {
		h.members = append(h.members, j.keptHull(m))
	}
	if h.joint != nil {
		h.joint.SetThreads(j.req.Threads)
	}
	return &h
}

// prepare makes the field of each hull, finds its edges, and has the part keep them, if it is kept.
func (j *job) prepare(hulls []*latticeHull) (_ []*latticeHull, err error) {
	for i, h := range hulls {
		h.number = i
		if h.field, err = field.Prepare(h.vertices, h.triangles, field.Options{Threads: j.req.Threads}); err != nil {
			return nil, diagnosis.New(diagnosis.DegenerateGeometry, "The triangles of %s enclose nothing.", describeSolid(*h.solid)).WithDetail(err.Error())
		}
		h.area = lattice.Area(h.vertices, h.triangles)
		h.features = lattice.FindFeatures(h.vertices, h.triangles, h.face)
		h.samples = lattice.Samples(h.vertices, h.triangles)
	}
	if hulls, err = j.joined(hulls); err != nil || j.part == nil {
		return hulls, err
	}
	j.part.hulls = hulls
	return j.keptHulls(), nil
}

// many is more solids than can be joined at a face.
const many = 1 << 20

// shapeHulls tessellates the solids of CAD.
func (j *job) shapeHulls() (hulls []*latticeHull, err error) {
	j.begin(engine.Stage2D)
	if err := j.tessellateTo(fineBend); err != nil {
		return nil, err
	}
	closed := map[int]int{} // how many solids have a face, all of them closed
	var all []*solid
	for i := range j.source.solids {
		s := &j.source.solids[i]
		h, err := takeHull(*s)
		if err != nil {
			return nil, err
		}
		if len(h.triangles) == 0 {
			return nil, diagnosis.New(diagnosis.SurfaceMeshingFailed, "%s could not be tessellated.", capital(describeSolid(*s))).
				At(diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name})
		}
		h.weld()
		if len(j.source.solids) > 1 {
			h.dropNeedles()
		}
		hull := &latticeHull{solid: s, face: make([]int32, len(h.face)), enclosed: s.volume}
		volume, closes := h.orient()
		if closes {
			hull.enclosed = volume
		} else {
			hull.open = true // the field turns what it can
		}
		for _, face := range s.faces {
			if closed[face]++; !closes {
				closed[face] = many
			}
		}
		for t, face := range h.face {
			hull.face[t] = int32(face)
		}
		hull.vertices, hull.triangles = h.indexed()
		hulls, all = append(hulls, hull), append(all, s)
	}
	j.partFaces(all, func(face int) bool { return closed[face] == 2 })
	for _, h := range hulls {
		for t, face := range h.face {
			h.face[t] = int32(h.solid.alias(int(face)))
		}
		h.solid.renameFaces()
	}
	return hulls, nil
}

// triangleHulls reads an STL. Triangles that can be made closed have their faces and solids; others are taken as they are, as
// one face around one solid.
func (j *job) triangleHulls() ([]*latticeHull, error) {
	if err := j.bringAsIs(); err != nil {
		return nil, err
	}
	j.warnUnclosed()
	if j.part != nil && j.part.hulls != nil {
		return j.keptHulls(), nil
	}
	hulls := j.shellHulls
	if j.source.raw != nil {
		hulls = j.rawHulls
	}
	return j.prepare(hulls())
}

// shellHulls returns the shells of each solid of a mended surface.
func (j *job) shellHulls() (hulls []*latticeHull) {
	m := j.source.triangle
	for i := range j.source.solids {
		h := &latticeHull{solid: &j.source.solids[i], vertices: m.Vertices, enclosed: j.source.solids[i].volume}
		for _, tag := range h.solid.faces {
			f := m.Faces[tag-1]
			for _, t := range m.Triangles[f.First : f.First+f.Count] {
				h.triangles, h.face = append(h.triangles, t), append(h.face, int32(tag))
			}
		}
		h.compact()
		hulls = append(hulls, h)
	}
	return hulls
}

// compact drops the vertices that are of other solids.
func (h *latticeHull) compact() {
	number := map[int32]int32{}
	var vertices [][3]float64
	for i, t := range h.triangles {
		for k, v := range t {
			n, known := number[v]
			if !known {
				n = int32(len(vertices))
				number[v] = n
				vertices = append(vertices, h.vertices[v])
			}
			h.triangles[i][k] = n
		}
	}
	h.vertices = vertices
}
