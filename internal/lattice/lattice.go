// Package lattice fills the inside of a surface with tetrahedra by isosurface stuffing (F. Labelle and J. R. Shewchuk,
// "Isosurface Stuffing: Fast Tetrahedral Meshes with Good Dihedral Angles", SIGGRAPH 2007).
//
//	field ─ which nodes of a body-centred cubic lattice are inside, and where its edges pass through the surface (the cuts)
//	warp ─ a node that a cut is too close to is moved onto it
//	stencils ─ each tetrahedron of the lattice keeps what is inside, by a table of the signs of its nodes
//	mesh ─ nodes, tetrahedra, and triangles of the surface
//
// It always returns a mesh, in a time that depends on its size alone; whatever is smaller than the lattice is lost. The work
// is done by kernels in C, one row of the lattice at a time: each row is counted, counts are summed up, and each row
// is written where it belongs, so that the mesh is the same whatever the number of threads.
package lattice

// #include "cpu.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"unsafe"

	"meshgen/internal/field"
	"meshgen/internal/gpu"
)

// Cuts nearer to a node than these shares of an edge move the node. With them no dihedral angle is smaller than 10.7 or
// greater than 164.8 degrees (Labelle and Shewchuk, table 1).
const (
	alphaLong  = 0.24999
	alphaShort = 0.41189
)

// Grid is a body-centred cubic lattice: slab m = 0 … 2·N[2]-1 holds N[1] rows of N[0] nodes. With s = m&1, node (i, j, m) has the
// number (m·N[1] + j)·N[0] + i and lies at Origin + H·(i + s/2, j + s/2, m/2).
type Grid struct {
	Origin [3]float64
	H      float64 // the long edge; the short ones are √3/2 of it
	N      [3]int
}

// Margin is how many nodes along each axis, at each end, have to be outside.
const Margin = 2

// Nodes returns the number of nodes.
func (g Grid) Nodes() int { return 2 * g.N[0] * g.N[1] * g.N[2] }

// At returns the place of a node.
func (g Grid) At(node int) [3]float64 {
	i, j, m := node%g.N[0], node/g.N[0]%g.N[1], node/(g.N[0]*g.N[1])
	half := 0.5 * float64(m&1)
	return [3]float64{
		g.Origin[0] + g.H*(float64(i)+half), g.Origin[1] + g.H*(float64(j)+half), g.Origin[2] + g.H*(0.5*float64(m)),
	}
}

// Far returns the node at the far end of one of the seven edges that a node owns: 0 to 2 along the axes, 3 to 6 to the four
// nearest of the next slab.
func (g Grid) Far(node, edge int) int {
	m := node / (g.N[0] * g.N[1])
	o := owned[edge]
	if edge < 3 {
		return node + o[0]/2 + g.N[0]*(o[1]/2+g.N[1]*o[2])
	}
	s := m & 1
	return node + (o[0]-1)/2 + s + g.N[0]*((o[1]-1)/2+s+g.N[1])
}

// Around returns the grid of edge h that holds a box with the margin that it needs.
func Around(low, high [3]float64, h float64) Grid {
	g := Grid{H: h}
	for k := range 3 {
		cells := math.Ceil((high[k] - low[k]) / h)
		g.N[k] = int(cells) + 2*Margin + 3
		// an odd part of an edge beside the box: faces along the axes do not run through nodes
		g.Origin[k] = (low[k]+high[k])/2 - h*(float64(g.N[k]-1)/2-0.217)
	}
	return g
}

// Field is what is known of a surface on a grid.
type Field struct {
	Grid
	Inside []uint8 // of each node: 1 inside, 0 outside
	// T holds seven values for each node that owns an edge between inside and outside, in the order of their numbers: the
	// share of the way from the node at which that edge passes through the surface. Those of other edges are not used.
	T        []float32
	Triangle []int32 // which triangle each does pass through, -1 for none; nil if that is not known
	Grading  Grading
}

// Mesh is the tetrahedra inside of a surface. Its arrays belong to its mesher, and are good until that is used again.
type Mesh struct {
	XYZ    []float64 // three of each node: those inside first, then those on the surface
	Inside int       // how many nodes are inside
	On     []int32   // of each node on the surface: the triangle that it lies on, -1 where that is not known
	Tets   []int32   // four nodes of each, of positive volume
	Tris   []int32   // three nodes of each triangle of the surface, counter-clockwise seen from outside
	Levels int       // how often the edge doubles inside
	Device string    // the GPU that made it; "" where the processors did
	Tiling Tiling    // how it did

	// What Divide finds, nil before it: which solid each tetrahedron belongs to, and which triangles lie between two solids, not on the
	// surface of all: these are seen counter-clockwise from the second, and come last.
	Cells   []int32
	Between []bool

	cubic int     // how many tetrahedra are not of greater cubes; they come first
	moved []int32 // nodes inside that are not where the lattice had them
}

// ErrMargin is returned for a field with nodes inside so near to the border of the grid that the mesh would leave it.
var ErrMargin = errors.New("lattice: a node within the margin of the grid is inside")

// ErrEmpty is returned where no node is inside: what the surface encloses is smaller than the lattice everywhere.
var ErrEmpty = errors.New("lattice: no node of the lattice is inside")

// maxNodes is how many nodes and tetrahedra 32-bit numbers reach.
const maxNodes = math.MaxInt32

// Mesher makes meshes one after the other and keeps the memory for the next. Free gives it back.
type Mesher struct {
	Threads int // 0 for all
	// Device makes the meshes, if there is one. Where it cannot, the processors do.
	Device *Device
	// FellBack is told why they did; a device that is lost is not asked again.
	FellBack func(error)
	memory   memory
	samples  *field.Samples // of the surface that was filled last
}

// Mesh fills a field.
func (m *Mesher) Mesh(f *Field) (*Mesh, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if m.Device != nil {
		if mesh, err := m.fillOn(m.Device, f.Grid, f.Grading, given{f}); !failed(err) {
			return mesh, err
		} else {
			m.fallBack(err)
		}
	}
	return m.make(f.Grid, f.Grading, given{f}, host{&m.memory, m.Threads, cached})
}

// fillOn fills a grid on a device.
func (m *Mesher) fillOn(d *Device, g Grid, grading Grading, from source) (*Mesh, error) {
	p, err := d.processor(&m.memory)
	if err != nil {
		return nil, err
	}
	return m.make(g, grading, from, p)
}

func (m *Mesher) fallBack(why error) {
	m.Device.Free()
	if !errors.Is(why, gpu.ErrMemory) {
		m.Device = nil
	}
	if m.FellBack != nil {
		m.FellBack(why)
	}
}

// make makes the mesh of a grid on a processor.
func (m *Mesher) make(g Grid, grading Grading, from source, p processor) (mesh *Mesh, err error) {
	defer m.memory.recover(&err)
	var pins runtime.Pinner
	defer pins.Unpin()
	w := &work{processor: p, threads: m.Threads, grading: grading, pins: &pins, n: 2 * g.N[1] * g.N[2], lat: &C.lat{
		words: C.i32(g.N[0]/64 + 2), h: C.double(g.H), alpha_long: alphaLong, alpha_short: alphaShort,
	}}
	for k := range 3 {
		w.lat.n[k], w.lat.origin[k] = C.i32(g.N[k]), C.double(g.Origin[k])
	}
	if err := from.begin(w); err != nil {
		return nil, err
	}
	if w.find(from) {
		return nil, ErrMargin
	}
	if err := from.cuts(w); err != nil {
		return nil, err
	}
	if err := w.fill(); err != nil {
		return nil, err
	}
	return w.write(w), nil
}

func (f *Field) check() error {
	if err := f.Grid.check(); err != nil {
		return err
	}
	if len(f.Inside) != f.Nodes() {
		return fmt.Errorf("lattice: a field of %d nodes on a grid of %d", len(f.Inside), f.Nodes())
	}
	return nil
}

// Free gives the memory back. The mesher's meshes are gone then; it may be used again.
func (m *Mesher) Free() {
	if m.Device != nil {
		m.Device.Free()
	}
	m.memory.free()
	m.samples = nil
}

// Held returns how many bytes are kept for the next mesh.
func (m *Mesher) Held() int { return m.memory.bytes() }

// work is one mesh in the making.
type work struct {
	processor
	lat            *C.lat
	threads        int
	grading        Grading
	n              int // rows
	owners, moving C.u64

	pins   *runtime.Pinner
	whole  extent // of the mesh: how many there are of each
	cubic  int    // how many of its tetrahedra are not of greater cubes
	tiling Tiling
}

// find packs the signs and finds the edges that pass through the surface. It reports whether the margin is violated.
func (w *work) find(from source) bool {
	words := w.n * int(w.lat.words)
	w.lat.p, w.lat.q, w.lat.z = w.bits("p"), w.bits("q"), w.bits("z")
	w.lat.owner, w.lat.touched, w.lat.skin = w.bits("owner"), w.bits("touched"), w.bits("skin")
	ranks := func(name string) *C.u32 { return arrayOf[C.u32](w, name, words+1) }
	w.lat.owner_rank, w.lat.touched_rank = ranks("owner rank"), ranks("touched rank")
	w.lat.kept_rank, w.lat.skin_rank = ranks("kept rank"), ranks("skin rank")
	counts := func(name string) *C.u32 { return arrayOf[C.u32](w, name, w.n) }
	w.lat.row_owner, w.lat.row_touched = counts("owners"), counts("touches")
	w.lat.row_kept, w.lat.row_skin, w.lat.row_cut = counts("inside"), counts("skins"), counts("cuts")
	w.lat.row_surface = counts("surface")
	w.lat.row_tet = arrayOf[C.u64](w, "row tets", w.n)
	w.lat.row_tri = arrayOf[C.u64](w, "row tris", w.n)

	slab := int(w.lat.n[1])
	for _, t := range w.tiles("signs", &w.tiling.Signs, 2*int(w.lat.n[2]), from.signsNeed) {
		w.lat.first_row, w.lat.inside = C.i64(t.first*slab), (*C.u8)(from.signs(w, t))
		if w.rows(w.lat, C.LAT_pack, t.first*slab, t.last*slab) != 0 {
			return true
		}
	}
	w.each(C.LAT_find)
	w.owners = w.scan(w.lat.row_owner, w.n, 0)
	w.moving = w.scan(w.lat.row_touched, w.n, 0)
	w.each(C.LAT_rank)
	end := unsafe.Add(unsafe.Pointer(w.lat.owner_rank), words*4)
	w.edit(end, 4, func(at unsafe.Pointer) { *(*C.u32)(at) = C.u32(w.owners) })
	return false
}

// bits is an array of one bit for each node.
func (w *work) bits(name string) *C.u64 {
	b := unsafe.Pointer(arrayOf[C.u64](w, name, w.n*int(w.lat.words)+1))
	w.clear(b, 8) // the word before the first row
	return (*C.u64)(unsafe.Add(b, 8))
}

// fill moves nodes onto the surface, and counts and numbers what the mesh has.
func (w *work) fill() error {
	w.lat.choice = arrayOf[C.u8](w, "choice", int(w.moving))
	w.lat.cut_mask = arrayOf[C.u8](w, "cut mask", int(w.owners))
	w.lat.cut_first = arrayOf[C.u32](w, "cut first", int(w.owners))
	w.each(C.LAT_warp)
	w.each(C.LAT_part)
	w.grade()
	w.each(C.LAT_count)

	inside := w.scan(w.lat.row_kept, w.n, 0)
	total := w.scan(w.lat.row_surface, w.n, inside)
	cubic := w.scan64(w.lat.row_tet, w.n, 0)
	tets, tris := int(w.beginLeaves(cubic)), int(w.scan64(w.lat.row_tri, w.n, 0))
	if tets == 0 {
		return ErrEmpty
	}
	if total > maxNodes {
		return fmt.Errorf("lattice: a mesh of %d nodes: there may be %d", total, maxNodes)
	}
	w.whole, w.cubic = extent{int(inside), int(total - inside), tets, tris}, int(cubic)
	w.each(C.LAT_begin)
	w.each(C.LAT_number)
	return nil
}

// each does a stage for all rows.
func (w *work) each(stage C.int) C.int { return w.rows(w.lat, stage, 0, w.n) }
