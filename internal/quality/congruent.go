package quality

import (
	"math/bits"

	"meshgen/internal/mesh"
)

// congruent is the elements of a block that are congruent: one of them is measured, and stands for all.
type congruent struct {
	bits   []uint64 // a bit for each element of the block
	values Values
	volume float64
	first  []int // the first of them, no more than are named as the worst
}

// congruentOf measures the one that stands for the others; nil where each has to be looked at for itself, since nothing is known, sizes vary, or
// there is something to say of them.
func (s *surveyor) congruentOf(block int) *congruent {
	b := s.blocks[block]
	known := s.o.Congruent[b]
	if known == nil || b.Kind.Shape() != mesh.ATetrahedron || s.asked[block].At != nil || s.o.SICN[b] != nil || s.o.JacobianRatio[b] != nil {
		return nil
	}
	c := &congruent{bits: known}
	for e := range EachBit(known) {
		if c.first = append(c.first, e); len(c.first) == maxWorst {
			break
		}
	}
	if len(c.first) == 0 {
		return nil
	}
	var columns Columns
	s.measureBatch(&columns, block, b.Element(c.first[0]), b.Kind.Nodes(), 1)
	for m := range c.values {
		c.values[m] = columns.Values[m][0]
	}
	c.volume = columns.Volume[0]
	if !limitsOf(mesh.ATetrahedron).hold(&columns, 0) {
		return nil
	}
	return c
}

// EachBit yields the numbers of the bits that are set.
func EachBit(words []uint64) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for w, left := range words {
			for ; left != 0; left &= left - 1 {
				if !yield(64*w + bits.TrailingZeros64(left)) {
					return
				}
			}
		}
	}
}

// measureOthers goes through a chunk: those that are congruent are counted, and the others measured.
func (s *surveyor) measureOthers(w *worker, c *chunk, like *congruent) {
	b := s.blocks[c.block]
	step, n, count := b.Kind.Nodes(), 0, 0
	flush := func() {
		s.measureBatch(&w.columns, c.block, w.nodes[:], 4, n)
		s.count(w, c, n)
		n = 0
	}
	for from := c.from; from < c.to; from += 64 { // chunks begin at words
		known, to := like.bits[from/64], min(from+64, c.to)
		count += bits.OnesCount64(known)
		for left := ^known << (64 - (to - from)) >> (64 - (to - from)); left != 0; left &= left - 1 {
			e := from + bits.TrailingZeros64(left)
			copy(w.nodes[4*n:4*n+4], b.Nodes[e*step:])
			w.numbers[n] = int32(e)
			if n++; n == Batch {
				flush()
			}
		}
	}
	if n > 0 {
		flush()
	}
	if count > 0 {
		like.add(count, w.at[s.classOf[c.block]], &c.sums)
		w.fea.elements += count
	}
}

// add counts some of them.
func (c *congruent) add(count int, counts []uint32, sums *Tally) {
	sums.Content += float64(count) * c.volume
	for m, x := range c.values {
		if x != x {
			continue
		}
		counts[scales[m].from+scales[m].place(x)] += uint32(count)
		sums.Measures[m].merge(&Sums{Min: x, Max: x, Sum: float64(count) * x, N: count})
	}
}
