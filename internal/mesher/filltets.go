package mesher

import (
	"runtime"
	"sync/atomic"

	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/tets"
	"meshgen/internal/threads"
)

// fillChunk is how many tetrahedra are added up together: sums do not depend on how many threads there are.
const fillChunk = 1 << 14

// tetChunk is what was found of some tetrahedra of a block.
type tetChunk struct {
	volume   float64
	bad      []badTet
	touches  []tetTouch
	unpaired uint64
}

// badTet is one that is inverted or flat, by its SICN.
type badTet struct {
	element int
	sicn    float64
}

// tetTouch is a face of a tetrahedron that is a triangle of the surface.
type tetTouch struct {
	element         int
	triangle        int32
	face            uint8
	same, isInverse bool
}

// tetrahedra measures those, most of what there is in most meshes, in one pass on all processors.
func (f *filler) tetrahedra(block *mesh.Block) {
	chunks := make([]tetChunk, (block.Len()+fillChunk-1)/fillChunk)
	var next atomic.Int64
	// Not the threads of the request, and engines are started without a bound of their own: this takes a moment, for which those that are
	// busy at once share the processors of the machine or its control group.
	threads.Run(min(runtime.GOMAXPROCS(0), len(chunks)), func(int) {
		for i := int(next.Add(1)) - 1; i < len(chunks); i = int(next.Add(1)) - 1 {
			f.measureTets(block, i*fillChunk, min((i+1)*fillChunk, block.Len()), &chunks[i])
		}
	})
	for i := range chunks {
		c := &chunks[i]
		f.out.volume += c.volume
		f.unpaired ^= c.unpaired
		for _, b := range c.bad {
			f.judge(b.sicn, block.Element(b.element)[:4])
		}
		for _, t := range c.touches {
			n := block.Element(t.element)[:4]
			f.add(t.triangle, t.same, [][3]float64{f.at(n[0]), f.at(n[1]), f.at(n[2]), f.at(n[3])}, outwardFaces[t.face][:], t.isInverse)
		}
	}
}

// measureTets looks at the tetrahedra from one to before another.
func (f *filler) measureTets(block *mesh.Block, from, to int, c *tetChunk) {
	step := block.Kind.Nodes()
	surface := f.surface
	var found tets.Filling
	for first := from; first < to; first += quality.Batch {
		n := min(quality.Batch, to-first)
		found.Fill(f.s.XYZ, block.Nodes[first*step:(first+n)*step], step, n, f.centre, surface.isNode, flatSICN)
		bad, sicn := found.Bad()
		for i, e := range bad {
			c.bad = append(c.bad, badTet{first + int(e), sicn[i]})
		}
		near, inverted := found.Near()
		for i, at := range near {
			e := first + int(at)
			nodes := block.Nodes[e*step : e*step+4]
			for k := range outwardFaces {
				face := outwardFaces[k][:]
				if index, same := surface.find(nodes, face); index >= 0 {
					c.unpaired ^= hashOf(nodes, face) // which is of the surface
					c.touches = append(c.touches, tetTouch{e, index, uint8(k), same, inverted[i] != 0})
				}
			}
		}
	}
	c.volume += found.Volume
	c.unpaired ^= found.Unpaired
}
