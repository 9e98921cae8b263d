package export

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"slices"

	"meshgen/internal/mesh"
)

// foamDefault is the patch of faces in no group, as OpenFOAM itself calls it.
const foamDefault = "defaultFaces"

// writeFoam writes a ZIP that holds constant/polyMesh of OpenFOAM, as text, which every build of it reads: a patch for each
// group of faces outside, a face zone for each between two solids, a cell zone for each group of solids. Faces between cells come
// first, by owner and then by neighbour, and point from the lower cell to the higher; faces of the surface follow by patch, and point
// outwards. Source: OpenFOAM User Guide, "Mesh description".
func writeFoam(o *out, m *mesh.Mesh) error {
	solids := divide(m, 3, true, foamNames.names())
	volumes := m.Of(3)
	t := newTopology(m, volumes)
	number, nodes := kept(m, volumes, straightCells)
	outside, inside := t.surface(foamNames, foamDefault)
	faces := t.upperTriangular()
	between := len(faces)
	for _, p := range outside {
		faces = append(faces, p.halves...)
	}

	archive := zip.NewWriter(o)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	file := func(name, class, note string, fill func(*out)) error {
		w, err := archive.Create("constant/polyMesh/" + name)
		if err != nil {
			return err
		}
		f := newOut(w)
		if note != "" {
			note = fmt.Sprintf("    note        \"%s\";\n", note)
		}
		f.text("FoamFile\n{\n    version     2.0;\n    format      ascii;\n    class       ", class, ";\n", note,
			"    location    \"constant/polyMesh\";\n    object      ", name, ";\n}\n\n")
		fill(f)
		return f.end()
	}
	note := fmt.Sprintf("nPoints:%d nCells:%d nFaces:%d nInternalFaces:%d", nodes, t.cellCount(), len(faces), between)
	for _, err := range []error{
		file("points", "vectorField", "", func(f *out) {
			f.text(fmt.Sprintf("%d\n(\n", nodes))
			for node, n := range number {
				if n == 0 {
					continue
				}
				f.byte('(')
				f.float(m.XYZ[3*node])
				f.byte(' ')
				f.float(m.XYZ[3*node+1])
				f.byte(' ')
				f.float(m.XYZ[3*node+2])
				f.text(")\n")
			}
			f.text(")\n")
		}),
		file("faces", "faceList", "", func(f *out) {
			f.text(fmt.Sprintf("%d\n(\n", len(faces)))
			var buffer [4]uint64
			for _, half := range faces {
				corners := t.corners(buffer[:0], half)
				f.int(len(corners))
				for i, n := range corners {
					f.byte("( "[min(i, 1)])
					f.int(int(number[n] - 1))
				}
				f.text(")\n")
			}
			f.text(")\n")
		}),
		file("owner", "labelList", note, func(f *out) {
			f.labels(len(faces), func(i int) int { cell, _ := t.owner(faces[i]); return cell })
		}),
		file("neighbour", "labelList", note, func(f *out) {
			f.labels(between, func(i int) int { cell, _ := t.owner(t.mate[faces[i]]); return cell })
		}),
		file("boundary", "polyBoundaryMesh", "", func(f *out) {
			f.text(fmt.Sprintf("%d\n(\n", len(outside)))
			start := between
			for _, p := range outside {
				f.text(fmt.Sprintf("    %s\n    {\n        type            patch;\n        nFaces          %d;\n        startFace       %d;\n    }\n",
					p.name, len(p.halves), start))
				start += len(p.halves)
			}
			f.text(")\n")
		}),
		file("cellZones", "regIOobject", "", func(f *out) {
			f.text(fmt.Sprintf("%d\n(\n", len(solids)))
			for _, p := range solids {
				f.text(p.name, "\n{\n    type cellZone;\n    cellLabels List<label>\n")
				var cells []int
				for i, b := range t.blocks {
					if slices.Contains(p.blocks, b) {
						for c := t.cells[i]; c < t.cells[i+1]; c++ {
							cells = append(cells, c)
						}
					}
				}
				f.labels(len(cells), func(i int) int { return cells[i] })
				f.text("    ;\n}\n")
			}
			f.text(")\n")
		}),
		file("faceZones", "regIOobject", "", func(f *out) {
			place := make(map[int32]int)
			for _, p := range inside {
				for _, half := range p.halves {
					place[half] = 0
				}
			}
			for i, half := range faces[:between] {
				if _, wanted := place[half]; wanted {
					place[half] = i
				}
			}
			f.text(fmt.Sprintf("%d\n(\n", len(inside)))
			for _, p := range inside {
				f.text(p.name, "\n{\n    type faceZone;\n    faceLabels List<label>\n")
				f.labels(len(p.halves), func(i int) int { return place[p.halves[i]] })
				f.text("    ;\n    flipMap List<bool>\n")
				f.labels(len(p.halves), func(int) int { return 0 })
				f.text("    ;\n}\n")
			}
			f.text(")\n")
		}),
		archive.Close(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// labels writes a list of numbers.
func (o *out) labels(n int, value func(i int) int) {
	o.int(n)
	o.text("\n(\n")
	for i := range n {
		o.int(value(i))
		o.byte('\n')
	}
	o.text(")\n")
}

// upperTriangular returns the halves of lower cells that have a mate, by cell and then by the cell on the other side: the
// order in which solvers store the upper triangle of their matrix.
func (t *topology) upperTriangular() []int32 {
	var out []int32
	type neighbour struct {
		cell int
		half int32
	}
	var above []neighbour
	for i, b := range t.blocks {
		per := len(b.Kind.Shape().Faces())
		for at := t.halves[i]; at < t.halves[i+1]; at += per {
			above = above[:0]
			for half := int32(at); half < int32(at+per); half++ {
				if mate := t.mate[half]; mate > half {
					cell, _ := t.owner(mate)
					above = append(above, neighbour{cell, half})
				}
			}
			slices.SortFunc(above, func(a, b neighbour) int { return cmp.Compare(a.cell, b.cell) })
			for _, n := range above {
				out = append(out, n.half)
			}
		}
	}
	return out
}
