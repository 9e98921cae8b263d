package quality

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"meshgen/internal/mesh"
	"meshgen/internal/threads"
)

// Options say what a survey cannot see in the mesh itself.
type Options struct {
	// Asked returns the size asked for in an entity; nil where it is not known.
	Asked func(dim, entity int) Size
	// SICN and JacobianRatio hold bounds of these measures for each element of a block of higher order, from whoever knows its
	// curves. All other measures are those of the straight element on the same corners.
	SICN, JacobianRatio map[*mesh.Block][]float64
	// Congruent has a bit for each tetrahedron of a block that is known to be congruent to the others that have one: one of them is
	// measured. What is found is the same but for rounding.
	Congruent map[*mesh.Block][]uint64
	// WithoutFaces leaves out the faces between elements, which take half of the time.
	WithoutFaces bool
	// Kernel measures tetrahedra; nil for the one in Go.
	Kernel Kernel
}

// Size is how long edges are asked to be.
type Size struct {
	Same float64                   // everywhere; 0 where nobody asked
	At   func(place Point) float64 // where it varies, or nil; it is called from several threads
}

// Of returns the size at a place, 0 where nobody asked.
func (s *Size) Of(place Point) float64 {
	if s.At == nil {
		return s.Same
	}
	return s.At(place)
}

// Survey is what there is to say of the elements of a mesh.
type Survey struct {
	Volume  Part   // all elements of volume
	Surface Part   // all triangles and quadrangles
	Solids  []Part // by entity
	Groups  []Part // by group of dimension 2 and 3, in the order of the mesh
	Worst   []Element
	CFD     *CFD // nil where faces are left out
	FEA     FEA
}

// Part is the statistics of a part of a mesh.
type Part struct {
	Dim      int        `json:"dim" doc:"3 of volume elements, 2 of triangles and quadrangles"`
	Tag      int        `json:"tag,omitempty" doc:"number of the solid or group"`
	Name     string     `json:"name,omitempty" doc:"name of the group"`
	Elements int        `json:"elements"`
	Content  float64    `json:"content" doc:"volume, or area of a surface, of the straight elements"`
	Measures Statistics `json:"measures" doc:"by name of the measure"`
}

// chunk is a piece of a block: what a thread measures at a time.
type chunk struct {
	block    int // of the blocks measured
	from, to int
	sums     Tally
}

const chunkLen = 8192

// worker is what one thread gathers.
type worker struct {
	at      [][]uint32 // fine counts by class, nil where none was met
	worst   []ranked
	bar     float64 // scores above it are not among the worst
	columns Columns
	numbers [Batch]int32      // of the elements in the columns
	nodes   [4 * Batch]uint64 // of elements that do not lie side by side
	fea     feaCounts
}

// class is what is counted together: a solid, or all faces that are in the same groups. A part with a thousand faces does not
// need a thousand histograms.
type class struct {
	dim, solid int
	groups     []int // of the mesh
}

// surveyor goes through the elements of volume and surface.
type surveyor struct {
	m       *mesh.Mesh
	o       Options
	blocks  []*mesh.Block
	asked   []Size       // of each block
	classOf []int        // of each block
	alike   []*congruent // of each block, nil for none
	classes []class
	chunks  []chunk
}

// Look measures every element of volume and surface, and every face between them if these are wanted. It runs on all processors, and its result does
// not depend on how many there are.
func Look(m *mesh.Mesh, o Options) *Survey {
	s := &surveyor{m: m, o: o}
	if o.Kernel == nil {
		s.o.Kernel = Plain{}
	}
	groups := map[[2]int][]int{} // of each entity
	for i := range m.Groups {
		for _, entity := range m.Groups[i].Entities {
			key := [2]int{m.Groups[i].Dim, entity}
			groups[key] = append(groups[key], i)
		}
	}
	at := map[string]int{}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		if b.Dim < 2 || b.Kind.Dim() != b.Dim || b.Len() == 0 {
			continue
		}
		c := class{dim: b.Dim, groups: groups[[2]int{b.Dim, b.Entity}]}
		if b.Dim == 3 {
			c.solid = b.Entity
		}
		key := fmt.Sprint(c)
		number, known := at[key]
		if !known {
			number = len(s.classes)
			at[key] = number
			s.classes = append(s.classes, c)
		}
		for from := 0; from < b.Len(); from += chunkLen {
			s.chunks = append(s.chunks, chunk{block: len(s.blocks), from: from, to: min(from+chunkLen, b.Len())})
		}
		s.blocks = append(s.blocks, b)
		var asked Size
		if o.Asked != nil {
			asked = o.Asked(b.Dim, b.Entity)
		}
		s.asked = append(s.asked, asked)
		s.classOf = append(s.classOf, number)
		s.alike = append(s.alike, s.congruentOf(len(s.blocks)-1))
	}
	workers := s.run()
	out := s.gather(workers)
	if !o.WithoutFaces {
		cfd := lookAtFaces(m).verdict()
		out.CFD = &cfd
	}
	return out
}

func (s *surveyor) run() []*worker {
	var next atomic.Int64
	// on all processors, whatever a request says of threads: engines have no bound of their own
	workers := make([]*worker, min(runtime.GOMAXPROCS(0), max(1, len(s.chunks))))
	threads.Run(len(workers), func(i int) {
		w := &worker{at: make([][]uint32, len(s.classes)), bar: limit}
		workers[i] = w
		for i := int(next.Add(1)) - 1; i < len(s.chunks); i = int(next.Add(1)) - 1 {
			s.measure(w, &s.chunks[i])
		}
	})
	return workers
}

// measure goes through one chunk.
func (s *surveyor) measure(w *worker, c *chunk) {
	class := s.classOf[c.block]
	if w.at[class] == nil {
		w.at[class] = make([]uint32, fineBins)
	}
	if like := s.alike[c.block]; like != nil {
		s.measureOthers(w, c, like)
		return
	}
	b := s.blocks[c.block]
	step := b.Kind.Nodes()
	for from := c.from; from < c.to; from += Batch {
		n := min(Batch, c.to-from)
		s.measureBatch(&w.columns, c.block, b.Nodes[from*step:(from+n)*step], step, n)
		if b.Dim == 3 {
			if sicn := s.o.SICN[b]; sicn != nil {
				copy(w.columns.Values[SICN][:n], sicn[from:])
			}
			if ratio := s.o.JacobianRatio[b]; ratio != nil {
				copy(w.columns.Values[JacobianRatio][:n], ratio[from:])
			}
		}
		for i := range n {
			w.numbers[i] = int32(from + i)
		}
		s.count(w, c, n)
	}
}

// count adds up what is in the columns of a worker.
func (s *surveyor) count(w *worker, c *chunk, n int) {
	s.o.Kernel.Gather(&w.columns, n, binning, w.at[s.classOf[c.block]], &c.sums)
	if s.blocks[c.block].Dim == 3 {
		s.judge(w, c.block, n)
	}
}

// measureBatch sets the columns for n straight elements of a block, by the corners among step nodes each.
func (s *surveyor) measureBatch(columns *Columns, block int, nodes []uint64, step, n int) {
	b := s.blocks[block]
	shape := b.Kind.Shape()
	if shape == mesh.ATetrahedron {
		s.o.Kernel.Measure(s.m.XYZ, nodes, step, n, columns)
	} else {
		var v Values
		for i := range n {
			v[JacobianRatio] = undefined
			corners := s.corners(shape, nodes[i*step:])
			if b.Dim == 2 {
				columns.put(i, &v, face(corners[:shape.Corners()], &v))
			} else {
				columns.put(i, &v, solid(shape, corners[:shape.Corners()], &v))
			}
		}
	}
	asked := &s.asked[block]
	for i := range n {
		size := asked.Same
		if asked.At != nil {
			corners := s.corners(shape, nodes[i*step:])
			size = asked.At(middle(corners[:shape.Corners()]))
		}
		if size > 0 {
			columns.Values[SizeRatio][i] = columns.Values[EdgeLength][i] / size
		}
	}
}

// corners returns those of an element by its nodes.
func (s *surveyor) corners(shape mesh.Shape, nodes []uint64) (p [8]Point) {
	for i, node := range nodes[:shape.Corners()] {
		p[i] = s.m.At(node)
	}
	return p
}

// judge counts the elements of volume of a batch that are beyond limits, and keeps the worst.
func (s *surveyor) judge(w *worker, block, n int) {
	shape, columns := s.blocks[block].Kind.Shape(), &w.columns
	w.fea.elements += n
	ranks := &columns.Values[Jacobian]
	if shape == mesh.ATetrahedron {
		ranks = &columns.Values[Gamma]
	}
	limits := limitsOf(shape)
	for i := range n {
		within := limits.hold(columns, i)
		if within && !(ranks[i] < w.bar || columns.Values[JacobianRatio][i] < w.bar) {
			continue
		}
		var v Values
		for m := range v {
			v[m] = columns.Values[m][i]
		}
		if !within {
			w.fea.add(shape, &v, block, int(w.numbers[i]))
		}
		if score := score(shape, &v); score < w.bar {
			w.rank(ranked{score, block, int(w.numbers[i])})
		}
	}
}

func middle(corners []Point) (p Point) {
	for i := range corners {
		for k := range 3 {
			p[k] += corners[i][k]
		}
	}
	for k := range 3 {
		p[k] /= float64(len(corners))
	}
	return p
}

// gather adds up what the threads have found.
func (s *surveyor) gather(workers []*worker) *Survey {
	classes := make([]*accumulator, len(s.classes))
	for i := range classes {
		classes[i] = newAccumulator()
		for _, w := range workers {
			for k, n := range w.at[i] {
				classes[i].counts[k] += n
			}
		}
	}
	for i := range s.chunks {
		c := &s.chunks[i]
		a := classes[s.classOf[c.block]]
		a.sums.merge(&c.sums)
		a.elements += c.to - c.from
	}

	out := &Survey{}
	whole := [4]*accumulator{2: newAccumulator(), 3: newAccumulator()}
	for i, c := range s.classes {
		whole[c.dim].merge(classes[i])
		if c.dim == 3 {
			out.Solids = append(out.Solids, classes[i].part(3, c.solid, ""))
		}
	}
	out.Volume, out.Surface = whole[3].part(3, 0, ""), whole[2].part(2, 0, "")
	for i := range s.m.Groups {
		g := &s.m.Groups[i]
		if g.Dim < 2 {
			continue
		}
		sum := newAccumulator()
		for k, c := range s.classes {
			if slices.Contains(c.groups, i) {
				sum.merge(classes[k])
			}
		}
		out.Groups = append(out.Groups, sum.part(g.Dim, g.Tag, g.Name))
	}

	var worst []ranked
	var fea feaCounts
	for _, w := range workers {
		worst = append(worst, w.worst...)
		fea.merge(&w.fea)
	}
	for block, like := range s.alike {
		if like != nil {
			for _, e := range like.first {
				worst = append(worst, ranked{score(mesh.ATetrahedron, &like.values), block, e})
			}
		}
	}
	slices.SortFunc(worst, compareRanked)
	for _, r := range worst[:min(len(worst), maxWorst)] {
		out.Worst = append(out.Worst, s.describe(r))
	}
	out.FEA = fea.verdict(s.m, &out.Volume, s.middle)
	return out
}

func (a *accumulator) part(dim, tag int, name string) Part {
	return Part{Dim: dim, Tag: tag, Name: name, Elements: a.elements, Content: a.sums.Content, Measures: a.statistics()}
}

// middle returns the middle of an element of a block.
func (s *surveyor) middle(block, index int) Point {
	var corners []Point
	for _, node := range s.blocks[block].Element(index)[:s.blocks[block].Kind.Corners()] {
		corners = append(corners, s.m.At(node))
	}
	return middle(corners)
}
