package mesher

import (
	"math"
	"runtime"

	"meshgen/internal/engine"
	"meshgen/internal/export/view"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/tets"
	"meshgen/internal/threads"
)

// worthCutting is the number of elements up to which a volume file is written: with more, it is more than a browser can hold. A draft
// has one up to draftTets, what it has where nobody asks for more: beyond that the file would take longer than the mesh.
const worthCutting = 5_000_000

// showMesh writes the finished mesh for a viewer while other files are written: its surface, with the quality of the elements
// behind it, and the elements of volume themselves. The returned function waits for it.
func (j *job) showMesh(s *snapshot) (wait func() error) {
	return beside(&j.running, func() error { return j.writeViews(s) })
}

func (j *job) writeViews(s *snapshot) error {
	m, count := &s.Mesh, 0
	for _, b := range m.Of(3) {
		count += b.Len()
	}
	limit := worthCutting
	if j.req.Spec.Draft {
		limit = draftTets
	}
	var values *shownValues // of all elements, where there is a file for them
	if count > 0 && count <= limit {
		values = valuesOf(m, s.congruent)
	}
	surface := j.shownSurface(m, values.behind(m, s.congruent)...)
	if err := j.writeSurface("surface.glb", surface, false); err != nil {
		return err
	}
	if values == nil {
		return nil
	}
	volume := view.VolumeOf(m, j.nameOfSolid, values.measures(func(b *mesh.Block) [][shown]float32 { return values.blocks[b] })...)
	volume.Surface, volume.Units = surface.Vertices(), j.units()
	return j.writeView(engine.Artifact{Name: "volume.glb", Format: formatVolume}, volume.WriteGLB)
}

// nameOfSolid returns the name of a solid in the file.
func (j *job) nameOfSolid(tag int) string {
	for _, s := range j.source.solids {
		if s.tag == tag {
			return s.name
		}
	}
	return ""
}

// shownMeasures are what elements can be coloured by, with the range of the colours.
var shownMeasures = []struct {
	measure quality.Measure
	high    float64
}{
	{quality.Gamma, 1}, {quality.SICN, 1}, {quality.Jacobian, 1}, {quality.Skewness, 1}, {quality.MinDihedral, 90},
}

const shown = 5

// shownValues are the measures of the elements of volume, by their corners.
type shownValues struct {
	blocks  map[*mesh.Block][][shown]float32
	defined [shown]bool // for any element
}

// valuesOf measures all elements of volume; of those of a block that are congruent, one.
func valuesOf(m *mesh.Mesh, congruent map[*mesh.Block][]uint64) *shownValues {
	const chunk = 32 * quality.Batch
	v := &shownValues{blocks: map[*mesh.Block][][shown]float32{}}
	type piece struct {
		block    *mesh.Block
		rows     [][shown]float32
		from, to int
	}
	var pieces []piece
	for _, b := range m.Of(3) {
		rows := make([][shown]float32, b.Len())
		v.blocks[b] = rows
		v.define(b)
		fillCongruent(m, b, congruent[b], rows)
		for from := 0; from < len(rows); from += chunk {
			pieces = append(pieces, piece{b, rows, from, min(from+chunk, len(rows))})
		}
	}
	workers := min(runtime.GOMAXPROCS(0), len(pieces))
	threads.Run(workers, func(w int) {
		for i := w; i < len(pieces); i += workers {
			p := pieces[i]
			measure(m, p.block.Kind, p.block.Element, congruent[p.block], p.rows, p.from, p.to)
		}
	})
	return v
}

// define notes which measures the elements of a block have.
func (v *shownValues) define(b *mesh.Block) {
	for k, s := range shownMeasures {
		v.defined[k] = v.defined[k] || b.Len() > 0 && (s.measure != quality.Gamma || b.Kind.Shape() == mesh.ATetrahedron)
	}
}

// fillCongruent sets the rows of the elements of a block that have a bit, all by the first of them.
func fillCongruent(m *mesh.Mesh, b *mesh.Block, known []uint64, rows [][shown]float32) {
	first := -1
	for e := range quality.EachBit(known) {
		if first < 0 {
			first = e
			measure(m, b.Kind, b.Element, nil, rows, e, e+1)
		}
		rows[e] = rows[first]
	}
}

// measure sets the rows of elements of one kind, from one to before another, but for those that have a bit.
func measure(m *mesh.Mesh, kind mesh.Kind, nodesOf func(element int) []uint64, known []uint64, rows [][shown]float32, from, to int) {
	shape := kind.Shape()
	if shape == mesh.ATetrahedron {
		var columns quality.Columns
		var nodes [4 * quality.Batch]uint64
		var at [quality.Batch]int
		for from < to {
			n := 0
			for ; from < to && n < quality.Batch; from++ {
				if known != nil && known[from/64]>>(from%64)&1 != 0 {
					continue
				}
				copy(nodes[4*n:], nodesOf(from)[:4])
				at[n] = from
				n++
			}
			tets.Kernel{}.Measure(m.XYZ, nodes[:], 4, n, &columns)
			for i, e := range at[:n] {
				for k, s := range shownMeasures {
					rows[e][k] = float32(columns.Values[s.measure][i])
				}
			}
		}
		return
	}
	var corners [8]quality.Point
	for e := from; e < to; e++ {
		for k, node := range nodesOf(e)[:shape.Corners()] {
			corners[k] = m.At(node)
		}
		all, _ := quality.Of(shape, corners[:shape.Corners()])
		for k, s := range shownMeasures {
			rows[e][k] = float32(all[s.measure])
		}
	}
}

// measures returns those that are defined for any element, of blocks whose elements have rows of them.
func (v *shownValues) measures(rows func(b *mesh.Block) [][shown]float32) []view.Measure {
	var out []view.Measure
	for k, s := range shownMeasures {
		if v.defined[k] {
			out = append(out, view.Measure{Name: s.measure.Name(), High: s.high, Of: func(b *mesh.Block) func(int) float64 {
				own := rows(b)
				return func(e int) float64 { return float64(own[e][k]) }
			}})
		}
	}
	return out
}

// behind returns the measures of the elements of volume behind each element of the surface; of those alone where the values of all are not
// there. Tetrahedra that are congruent have no corner on the surface.
func (v *shownValues) behind(m *mesh.Mesh, congruent map[*mesh.Block][]uint64) []view.Measure {
	var nothing [shown]float32
	for k := range nothing {
		nothing[k] = float32(math.NaN())
	}
	rows := map[*mesh.Block][][shown]float32{}
	surfaces, elements := m.Of(2), m.Behind(congruent)
	if v == nil {
		v = &shownValues{}
		for _, b := range m.Of(3) {
			v.define(b)
		}
		for i, behind := range elements {
			rows[surfaces[i]] = measuredBehind(m, behind)
		}
	} else {
		for i, behind := range elements {
			own := make([][shown]float32, len(behind))
			for e, element := range behind {
				if element.Block != nil {
					own[e] = v.blocks[element.Block][element.Index]
				}
			}
			rows[surfaces[i]] = own
		}
	}
	for i, behind := range elements {
		for e, element := range behind {
			if element.Block == nil {
				rows[surfaces[i]][e] = nothing
			}
		}
	}
	return v.measures(func(b *mesh.Block) [][shown]float32 { return rows[b] })
}

// measuredBehind measures elements, runs of one kind together.
func measuredBehind(m *mesh.Mesh, elements []mesh.Element) [][shown]float32 {
	rows := make([][shown]float32, len(elements))
	nodes := func(e int) []uint64 { return elements[e].Block.Element(elements[e].Index) }
	for from := 0; from < len(elements); {
		to := from + 1
		if elements[from].Block != nil {
			kind := elements[from].Block.Kind
			for to < len(elements) && elements[to].Block != nil && elements[to].Block.Kind == kind {
				to++
			}
			measure(m, kind, nodes, nil, rows, from, to)
		}
		from = to
	}
	return rows
}
