package mesh

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"unsafe"
)

// WriteMSH writes a mesh in binary format 4.1, as ReadMSH and Gmsh read it. Each node belongs to the first of the mesh's blocks
// that has it; a node that none has is an error. Elements have the numbers of their blocks' Tags.
func (m *Mesh) WriteMSH(w io.Writer) error {
	return m.writeMSH(w, int(min(piece, m.mostMSH())), batch)
}

// LeastMSH is how many bytes WriteMSH writes at least: those of nodes and elements, which are most of them.
func (m *Mesh) LeastMSH() int64 {
	n := int64(m.Nodes()) * 32
	for i := range m.Blocks {
		b := &m.Blocks[i]
		n += int64(b.Len()) * int64(8*(1+b.Kind.Nodes()))
	}
	return n
}

// mostMSH is a number of bytes that WriteMSH writes no more than. A mesh of fewer than a piece is gathered in so many and handed on at once: to make a
// whole piece costs more than to write a small mesh.
func (m *Mesh) mostMSH() int64 {
	const (
		headings = 512 // of sections, and how much they have
		block    = 128 // what is told of a block's entity, whose box is the most of it, of its nodes and of its elements: 108
		group    = 48  // a dimension, a tag and what is around a name
	)
	n := m.LeastMSH() + headings + block*int64(len(m.Blocks))
	for i := range m.Groups {
		g := &m.Groups[i]
		n += int64(group + len(g.Name) + 4*len(g.Entities))
	}
	return n
}

// writeMSH hands on pieces of so many bytes, and gathers so many numbers at a time: no fewer than an element and its nodes, and no more than a piece,
// where there is more than one.
func (m *Mesh) writeMSH(w io.Writer, piece, batch int) error {
	out := mshWriter{Writer: bufio.NewWriterSize(w, piece), mesh: m, batch: batch}
	out.text("$MeshFormat\n4.1 1 8\n\x01\x00\x00\x00\n$EndMeshFormat\n")
	out.names()
	if err := out.own(); err != nil {
		return err
	}
	out.entities()
	out.nodes()
	out.elements()
	return out.Flush() // has the first error of all that came before
}

type mshWriter struct {
	*bufio.Writer
	mesh  *Mesh
	order []mshEntity
	batch int
}

// mshEntity is an entity with the nodes that belong to it, and the box around all of its elements.
type mshEntity struct {
	dim, tag  int
	nodes     []uint64
	low, high [3]float64
}

func (w *mshWriter) text(s string)   { w.WriteString(s) }
func (w *mshWriter) size(n int)      { w.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) }
func (w *mshWriter) int(n int)       { w.Write(binary.LittleEndian.AppendUint32(nil, uint32(int32(n)))) }
func (w *mshWriter) float(x float64) { w.size(int(math.Float64bits(x))) }

func (w *mshWriter) names() {
	if len(w.mesh.Groups) == 0 {
		return
	}
	w.text(fmt.Sprintf("$PhysicalNames\n%d\n", len(w.mesh.Groups)))
	for _, g := range w.mesh.Groups {
		w.text(fmt.Sprintf("%d %d \"%s\"\n", g.Dim, g.Tag, g.Name))
	}
	w.text("$EndPhysicalNames\n")
}

// own finds which entity each node belongs to.
func (w *mshWriter) own() error {
	m := w.mesh
	met := make([]int32, m.Nodes()+1) // in which entity each node was met last, from 1 on
	at := map[[2]int]int{}
	left := m.Nodes()
	for i := range m.Blocks {
		b := &m.Blocks[i]
		key := [2]int{b.Dim, b.Entity}
		k, known := at[key]
		if !known {
			k = len(w.order)
			at[key] = k
			inf := math.Inf(1)
			w.order = append(w.order, mshEntity{dim: b.Dim, tag: b.Entity, low: [3]float64{inf, inf, inf}, high: [3]float64{-inf, -inf, -inf}})
		}
		e, here := &w.order[k], int32(k+1)
		if e.nodes == nil {
			e.nodes = make([]uint64, 0, min(left, b.Len())) // more than most have: a node is in several elements
		}
		for _, n := range b.Nodes {
			if met[n] == here {
				continue
			}
			if met[n] == 0 {
				left--
				e.nodes = append(e.nodes, n)
			}
			met[n] = here
			p := m.XYZ[3*n : 3*n+3]
			for x := range 3 {
				e.low[x], e.high[x] = min(e.low[x], p[x]), max(e.high[x], p[x])
			}
		}
	}
	if left > 0 {
		return fmt.Errorf("%d nodes belong to no element", left)
	}
	slices.SortStableFunc(w.order, func(a, b mshEntity) int {
		return slices.Compare([]int{a.dim, a.tag}, []int{b.dim, b.tag})
	})
	return nil
}

func (w *mshWriter) entities() {
	var counts [4]int
	for _, e := range w.order {
		counts[e.dim]++
	}
	w.text("$Entities\n")
	for _, n := range counts {
		w.size(n)
	}
	for _, e := range w.order {
		w.int(e.tag)
		for _, x := range e.low {
			w.float(x)
		}
		if e.dim > 0 {
			for _, x := range e.high {
				w.float(x)
			}
		}
		groups := w.mesh.GroupsOf(e.dim, e.tag)
		w.size(len(groups))
		for _, g := range groups {
			w.int(g.Tag)
		}
		if e.dim > 0 {
			w.size(0) // entities that bound it: elements say as much
		}
	}
	w.text("\n$EndEntities\n")
}

func (w *mshWriter) nodes() {
	m := w.mesh
	w.text("$Nodes\n")
	w.size(len(w.order))
	w.size(m.Nodes())
	w.size(min(1, m.Nodes()))
	w.size(m.Nodes())
	places := make([]float64, 0, min(w.batch, 3*m.Nodes())+3)
	for _, e := range w.order {
		w.int(e.dim)
		w.int(e.tag)
		w.int(0)
		w.size(len(e.nodes))
		for nodes := range slices.Chunk(e.nodes, w.batch) {
			w.Write(bytesOf(nodes))
		}
		for _, n := range e.nodes {
			if places = append(places, m.XYZ[3*n:3*n+3]...); len(places) >= w.batch {
				w.Write(bytesOf(places))
				places = places[:0]
			}
		}
		w.Write(bytesOf(places))
		places = places[:0]
	}
	w.text("\n$EndNodes\n")
}

func (w *mshWriter) elements() {
	total, largest := 0, 0
	for i := range w.mesh.Blocks {
		n := w.mesh.Blocks[i].Len()
		total, largest = total+n, max(largest, n*(1+w.mesh.Blocks[i].Kind.Nodes()))
	}
	w.text("$Elements\n")
	w.size(len(w.mesh.Blocks))
	w.size(total)
	least, most := w.numbers()
	w.size(least)
	w.size(most)
	rows := make([]uint64, min(w.batch, largest))
	for i := range w.mesh.Blocks {
		b := &w.mesh.Blocks[i]
		w.int(b.Dim)
		w.int(b.Entity)
		w.int(int(b.Kind))
		w.size(b.Len())
		step := b.Kind.Nodes()
		for tags, nodes := b.Tags, b.Nodes; len(nodes) >= step; {
			n := min(len(nodes)/step, w.batch/(1+step))
			var err error
			if step == 4 {
				n, err = w.rows4(tags, nodes)
			} else {
				for i, row := 0, rows[:n*(1+step)]; i < n; i, row = i+1, row[1+step:] {
					row[0] = tags[i]
					copy(row[1:1+step], nodes[i*step:])
				}
				_, err = w.Write(bytesOf(rows[:n*(1+step)]))
			}
			if err != nil {
				return // Flush has it, too: what is left need not be gathered
			}
			tags, nodes = tags[n:], nodes[n*step:]
		}
	}
	w.text("\n$EndElements\n")
}

// rows4 writes the number and the nodes of elements of four, most of what there is in most meshes: of as many as the piece has room for, where they will
// lie, or of one that is in two pieces. It returns how many.
func (w *mshWriter) rows4(tags, nodes []uint64) (n int, err error) {
	room := w.AvailableBuffer()
	n = min(max(1, cap(room)/40), len(nodes)/4)
	if cap(room) < 40*n {
		room = make([]byte, 0, 40*n)
	}
	room = room[:40*n]
	for row, tags := room, tags[:n]; len(row) >= 40 && len(nodes) >= 4 && len(tags) > 0; row, tags, nodes = row[40:], tags[1:], nodes[4:] {
		binary.LittleEndian.PutUint64(row, tags[0])
		binary.LittleEndian.PutUint64(row[8:], nodes[0])
		binary.LittleEndian.PutUint64(row[16:], nodes[1])
		binary.LittleEndian.PutUint64(row[24:], nodes[2])
		binary.LittleEndian.PutUint64(row[32:], nodes[3])
	}
	_, err = w.Write(room)
	return n, err
}

// numbers returns the least and the greatest number of an element.
func (w *mshWriter) numbers() (least, most int) {
	for i := range w.mesh.Blocks {
		tags := w.mesh.Blocks[i].Tags
		if len(tags) == 0 {
			continue
		}
		low, high := tags[0], tags[0]
		for _, tag := range tags {
			low, high = min(low, tag), max(high, tag)
		}
		if least == 0 || int(low) < least {
			least = int(low)
		}
		most = max(most, int(high))
	}
	return least, most
}

const (
	// piece is how many bytes go to the file at a time, all but the last. Linux keeps a file in pieces as large as it is written in, if they begin where
	// a piece of that size may: writing, reading and deleting 16 MB then costs two thirds of what it does in pieces that begin anywhere.
	piece = 1 << 20
	// batch is how many numbers are gathered on their way into a piece: they stay in a processor's nearest cache.
	batch = 1 << 11
)

// bytesOf returns values as they lie in the memory of a little-endian machine: the only kind that the format's reader knows.
func bytesOf[T float64 | uint64](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 8*len(values))
}
