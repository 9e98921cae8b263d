package export

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"

	"meshgen/internal/mesh"
)

// writeVTU writes VTK's XML format, with the arrays appended as they are, zlib-compressed. Contents as in writeVTK.
//
// The XML comes first and says where each array begins: so they are compressed first, in memory, to less than half of
// their size.
func writeVTU(o *out, m *mesh.Mesh) error {
	cells := 0
	for i := range m.Blocks {
		cells += m.Blocks[i].Len()
	}
	number, nodes := kept(m, all(m), vtkCells)
	w := &vtuWriter{}
	each := func(value func(b *mesh.Block) int) func(*vtuArray) {
		return func(a *vtuArray) {
			for i := range m.Blocks {
				v := uint32(value(&m.Blocks[i]))
				for range m.Blocks[i].Len() {
					a.int(v)
				}
			}
		}
	}

	w.text("<?xml version=\"1.0\"?>\n<VTKFile type=\"UnstructuredGrid\" version=\"1.0\" byte_order=\"LittleEndian\" " +
		"header_type=\"UInt32\" compressor=\"vtkZLibDataCompressor\">\n<UnstructuredGrid>\n")
	if len(m.Groups) > 0 {
		w.text("<FieldData>\n")
		taken := anyName.names()
		for i := range m.Groups {
			g := &m.Groups[i]
			var name bytes.Buffer
			if err := xml.EscapeText(&name, []byte(taken.take(groupName(g)))); err != nil {
				return err
			}
			w.array("Int32", name.String(), 2, 1, func(a *vtuArray) {
				a.int(uint32(g.Tag))
				a.int(uint32(g.Dim))
			})
		}
		w.text("</FieldData>\n")
	}
	w.text(fmt.Sprintf("<Piece NumberOfPoints=\"%d\" NumberOfCells=\"%d\">\n<CellData>\n", nodes, cells))
	w.array("Int32", entityArray, 1, 0, each(func(b *mesh.Block) int { return b.Entity }))
	of := firstGroups(m)
	w.array("Int32", groupArray, 1, 0, each(func(b *mesh.Block) int { return of[b.Dim][b.Entity] }))
	w.text("</CellData>\n<Points>\n")
	w.array("Float64", "Points", 3, 0, func(a *vtuArray) {
		for node, n := range number {
			if n != 0 {
				for k := range 3 {
					a.float(m.XYZ[3*node+k])
				}
			}
		}
	})
	w.text("</Points>\n<Cells>\n")
	w.array("Int32", "connectivity", 1, 0, func(a *vtuArray) {
		for i := range m.Blocks {
			n, order := m.Blocks[i].Kind.Nodes(), vtkCells[m.Blocks[i].Kind].nodes
			for e := m.Blocks[i].Nodes; len(e) > 0; e = e[n:] {
				for _, k := range order {
					a.int(uint32(number[e[k]] - 1))
				}
			}
		}
	})
	end := 0
	w.array("Int64", "offsets", 1, 0, func(a *vtuArray) {
		for i := range m.Blocks {
			n := len(vtkCells[m.Blocks[i].Kind].nodes)
			for range m.Blocks[i].Len() {
				end += n
				a.long(uint64(end))
			}
		}
	})
	w.array("UInt8", "types", 1, 0, func(a *vtuArray) {
		for i := range m.Blocks {
			for range m.Blocks[i].Len() {
				a.byte(byte(vtkCells[m.Blocks[i].Kind].id))
			}
		}
	})
	w.text("</Cells>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">\n_")
	if w.err != nil {
		return w.err
	}
	o.text(w.head.String())
	for _, data := range w.data {
		if _, err := o.Write(data); err != nil {
			return err
		}
	}
	o.text("\n</AppendedData>\n</VTKFile>\n")
	return nil
}

// vtuWriter collects the XML, and the compressed arrays that it points to.
type vtuWriter struct {
	head   bytes.Buffer
	data   [][]byte
	offset int
	err    error
	zip    *zlib.Writer
}

func (w *vtuWriter) text(s string) { w.head.WriteString(s) }

// array adds an array; tuples is written for field data only, whose length nothing else tells.
func (w *vtuWriter) array(kind, name string, components, tuples int, fill func(*vtuArray)) {
	w.text(fmt.Sprintf("<DataArray type=\"%s\" Name=\"%s\" NumberOfComponents=\"%d\"", kind, name, components))
	if tuples > 0 {
		w.text(fmt.Sprintf(" NumberOfTuples=\"%d\"", tuples))
	}
	w.text(fmt.Sprintf(" format=\"appended\" offset=\"%d\"/>\n", w.offset))
	a := &vtuArray{w: w, block: make([]byte, 0, vtuBlock)}
	fill(a)
	blocks, rest := len(a.sizes), uint32(len(a.block))
	if rest > 0 {
		a.squeeze()
		blocks++
	}
	header := make([]byte, 0, 12+4*blocks)
	for _, v := range append([]uint32{uint32(blocks), vtuBlock, rest}, a.sizes...) {
		header = binary.LittleEndian.AppendUint32(header, v)
	}
	w.data = append(w.data, header, a.zipped.Bytes())
	w.offset += len(header) + a.zipped.Len()
}

// vtuBlock is the size of what is compressed at a time.
const vtuBlock = 256 << 10

// vtuArray is an array that grows block by block; an element never crosses the end of one, since sizes are powers of two.
type vtuArray struct {
	w      *vtuWriter
	block  []byte
	zipped bytes.Buffer
	sizes  []uint32
}

func (a *vtuArray) squeeze() {
	before := a.zipped.Len()
	w := a.w
	if w.zip == nil {
		w.zip, w.err = zlib.NewWriterLevel(&a.zipped, zlib.BestSpeed)
	} else {
		w.zip.Reset(&a.zipped)
	}
	if w.err == nil {
		_, w.err = w.zip.Write(a.block)
	}
	if w.err == nil {
		w.err = w.zip.Close()
	}
	a.sizes = append(a.sizes, uint32(a.zipped.Len()-before))
	a.block = a.block[:0]
}

func (a *vtuArray) grown() {
	if len(a.block) == vtuBlock {
		a.squeeze()
	}
}

func (a *vtuArray) byte(v byte) {
	a.block = append(a.block, v)
	a.grown()
}

func (a *vtuArray) int(v uint32) {
	a.block = binary.LittleEndian.AppendUint32(a.block, v)
	a.grown()
}

func (a *vtuArray) long(v uint64) {
	a.block = binary.LittleEndian.AppendUint64(a.block, v)
	a.grown()
}

func (a *vtuArray) float(v float64) { a.long(math.Float64bits(v)) }
