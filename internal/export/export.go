// Package export writes a mesh in the formats of solvers and viewers. It is pure Go and knows no Gmsh, so that whoever has
// the arrays of a mesh can write it.
//
//	formats   what a format is: file name, media type, writer, what it can hold
//	cells     how a kind of element is called in a format, and in which order its nodes are written
//	names     what a format allows of a name, and which entities are put together under one
//	topology  which cells lie on either side of a face: for formats that are made of faces, and to find the surface
//
// Three rules hold for every writer. A mesh that a format cannot hold is refused before a byte is written (Refuse), never
// bent into it. What is lost though the file is right, such as the second name of a face where a format allows one, is
// told (Remarks). Names survive, within what the format allows of them; two never become one.
package export

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/mesh"
)

// Format is how a mesh is written in one format.
type Format struct {
	Name      string // as in package spec
	File      string // name of the file
	MediaType string

	write func(o *out, m *mesh.Mesh) error // nil where Gmsh writes it
	cells map[mesh.Kind]cell               // what of volumes and faces it can hold; nil for everything
	rule  rule                             // for names
	// divides says that an entity can have one name only.
	divides bool
}

const bytesOf = "application/octet-stream"

// what formats allow of names. Gmsh's files hold 127 bytes, those of MED 80, of CGNS 32.
var (
	anyName   = rule{longest: 120}
	unvNames  = rule{longest: 40, others: " _-.+()"}
	inpNames  = rule{longest: 70, others: "_-", letter: true, fold: true}
	su2Names  = rule{longest: 120, others: "_-."}
	foamNames = rule{longest: 120, others: "_-.", letter: true}
	zoneNames = rule{longest: 64, others: "_-.:", letter: true, fold: true}
	bdfNames  = rule{longest: 64, others: " _-.+()"}
	medNames  = rule{longest: 80, others: " _-.+()"}
	cgnsNames = rule{longest: 22, others: "_-."} // 32, with the entity that Gmsh puts before them
)

// formats lists the formats in the order in which they are written: the largest files first, whose upload takes longest.
var formats = []Format{
	{Name: "msh", File: "mesh.msh", MediaType: bytesOf, rule: anyName},
	{Name: "vtk", File: "mesh.vtk", MediaType: bytesOf, write: writeVTK, cells: vtkCells, rule: anyName},
	{Name: "msh2", File: "mesh.v2.msh", MediaType: bytesOf, write: writeMSH2, rule: anyName, divides: true},
	{Name: "unv", File: "mesh.unv", MediaType: "text/plain", write: writeUNV, cells: unvCells, rule: unvNames},
	{Name: "fluent", File: "mesh.fluent.msh", MediaType: bytesOf, write: writeFluent, cells: straightCells, rule: zoneNames, divides: true},
	{Name: "bdf", File: "mesh.bdf", MediaType: "text/plain", write: writeBDF, cells: nastranCells, rule: bdfNames, divides: true},
	{Name: "inp", File: "mesh.inp", MediaType: "text/plain", write: writeINP, cells: withFaces(abaqusCells), rule: inpNames},
	{Name: "su2", File: "mesh.su2", MediaType: "text/plain", write: writeSU2, cells: straightCells, rule: su2Names, divides: true},
	{Name: "cgns", File: "mesh.cgns", MediaType: bytesOf, cells: cgnsCells, rule: cgnsNames, divides: true},
	{Name: "med", File: "mesh.med", MediaType: bytesOf, cells: medCells, rule: medNames},
	{Name: "openfoam", File: "mesh.foam.zip", MediaType: "application/zip", write: writeFoam, cells: straightCells, rule: foamNames, divides: true},
	{Name: "vtu", File: "mesh.vtu", MediaType: bytesOf, write: writeVTU, cells: vtkCells, rule: anyName},
	{Name: "stl", File: "mesh.stl", MediaType: "model/stl", write: writeSTL},
	{Name: "glb", File: "mesh.glb", MediaType: "model/gltf-binary", write: writeGLB, rule: anyName},
}

// withFaces adds the faces of the volumes that a table holds, which the format describes by the volumes' own.
func withFaces(cells map[mesh.Kind]cell) map[mesh.Kind]cell {
	out := maps.Clone(cells)
	for _, k := range []mesh.Kind{mesh.Triangle3, mesh.Triangle6, mesh.Quad4, mesh.Quad9} {
		out[k] = cell{}
	}
	return out
}

// Formats lists all formats, in the order in which they are best written.
func Formats() []Format { return slices.Clone(formats) }

// Named returns the format of a name.
func Named(name string) (Format, bool) {
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return formats[i], true
}

// Own reports whether the format is written here. The others are Gmsh's.
func (f Format) Own() bool { return f.write != nil }

// Write writes the mesh. It returns a *diagnosis.Diagnosis where the format cannot hold it.
func (f Format) Write(w io.Writer, m *mesh.Mesh) error {
	if d := f.Refuse(m); d != nil {
		return d
	}
	o := newOut(w)
	if err := f.write(o, m); err != nil {
		return err
	}
	return o.end()
}

// Refuse says why the format cannot hold the mesh; nil if it can.
func (f Format) Refuse(m *mesh.Mesh) *diagnosis.Diagnosis {
	var strange []string
	order := 0
	for i := range m.Blocks {
		b := &m.Blocks[i]
		_, can := f.cells[b.Kind]
		can = can || f.cells == nil
		if b.Dim < 2 && f.Name != "vtk" && f.Name != "vtu" || b.Len() == 0 || can {
			continue
		}
		if name := fmt.Sprintf("%ss of order %d", b.Kind.Shape(), b.Kind.Order()); !slices.Contains(strange, name) {
			strange = append(strange, name)
		}
		order = max(order, b.Kind.Order())
	}
	if len(m.Of(3)) == 0 && f.needsVolumes() {
		return diagnosis.New(diagnosis.UnsupportedFormat, "A file of format %s is made of volumes, and the mesh has none.", f.Name).
			WithHint("Take another format, such as vtu.")
	}
	if strange == nil {
		return nil
	}
	d := diagnosis.New(diagnosis.UnsupportedFormat, "Format %s cannot hold %s.", f.Name, strings.Join(strange, ", "))
	if order > 1 {
		return d.WithHint("Mesh with a lower order, or take a format that holds curved elements, such as vtu.")
	}
	return d.WithHint("Take another format, such as vtu, or mesh with tetrahedra.")
}

func (f Format) needsVolumes() bool {
	switch f.Name {
	case "su2", "fluent", "openfoam", "inp", "bdf", "unv", "med", "cgns":
		return true
	}
	return false
}

// Remarks tells what a right file of this format lacks of the mesh.
func (f Format) Remarks(m *mesh.Mesh) []diagnosis.Diagnosis {
	var out []diagnosis.Diagnosis
	if f.divides {
		for _, dim := range []int{3, 2} {
			entities := shared(m, dim)
			if len(entities) == 0 {
				continue
			}
			d := diagnosis.New(diagnosis.Repaired, "Format %s gives each %s one name; those that are in several groups keep the first (%d).",
				f.Name, titles[dim], len(entities)).WithHint("Take a format that allows several, such as inp or unv.")
			for _, tag := range entities {
				d.At(diagnosis.Entity{Dim: dim, Tag: tag, Name: groupName(m.GroupsOf(dim, tag)[0])})
			}
			out = append(out, *d)
		}
	}
	if f.Name == "vtk" || f.Name == "vtu" {
		for _, dim := range []int{3, 2} {
			if lost := hidden(m, dim); len(lost) > 0 {
				out = append(out, *diagnosis.New(diagnosis.Repaired, "Format %s has one group for each element; %ss that are in several bear the first. Groups that lack some by that: %s.",
					f.Name, titles[dim], strings.Join(lost, ", ")).
					WithHint("Find them by the tag of their " + titles[dim] + " in the array " + entityArray + ", or take a format that allows several groups, such as inp or unv."))
			}
		}
	}
	if f.Name == "su2" {
		if names := between(m); len(names) > 0 {
			out = append(out, *diagnosis.New(diagnosis.Repaired, "Faces between two solids are no boundary in su2 and are left out: of %s.",
				strings.Join(names, ", ")).WithHint("Take a format with interior zones, such as fluent."))
		}
	}
	if renamed := f.renamed(m); len(renamed) > 0 {
		out = append(out, *diagnosis.New(diagnosis.Repaired, "Format %s does not allow every name; written differently: %s.",
			f.Name, strings.Join(renamed, ", ")).WithHint("Choose names of ASCII letters, digits and _."))
	}
	return out
}

// between lists the groups that have faces between two solids.
func between(m *mesh.Mesh) (names []string) {
	volumes := m.Of(3)
	apart := slices.ContainsFunc(volumes, func(b *mesh.Block) bool { return b.Entity != volumes[0].Entity })
	if !apart || len(first(m, 2)) == 0 {
		return nil
	}
	_, inside := newTopology(m, volumes).surface(anyName, "")
	for _, p := range inside {
		names = append(names, groupName(p.group))
	}
	return names
}

// Names returns what the groups of a dimension that hold elements are called in this format, by their tag.
func (f Format) Names(m *mesh.Mesh, dim int) map[int]string {
	out := map[int]string{}
	parts := groups(m, dim, f.rule.names())
	if f.divides {
		parts = divide(m, dim, true, f.rule.names())
	}
	for _, p := range parts {
		if p.group != nil {
			out[p.group.Tag] = p.name
		}
	}
	return out
}

func (f Format) renamed(m *mesh.Mesh) []string {
	if f.Name == "stl" {
		return nil
	}
	var out []string
	for dim := range titles {
		called := f.Names(m, dim)
		for i := range m.Groups {
			g := &m.Groups[i]
			if name, written := called[g.Tag]; g.Dim == dim && written && name != g.Name {
				out = append(out, fmt.Sprintf("%q as %q", groupName(g), name))
			}
		}
	}
	return out
}

// kept returns the new number of each node, from 1 on in their order, 0 for those that no element of these blocks is
// written with, and how many there are. Elements of order 2 lose the nodes within faces in many formats.
func kept(m *mesh.Mesh, blocks []*mesh.Block, cells map[mesh.Kind]cell) (number []int32, count int) {
	number = make([]int32, m.Nodes()+1)
	for _, b := range blocks {
		n, nodes := b.Kind.Nodes(), cells[b.Kind].nodes
		if len(nodes) == n {
			for _, v := range b.Nodes {
				number[v] = 1
			}
			continue
		}
		for i := 0; i < len(b.Nodes); i += n {
			for _, k := range nodes {
				number[b.Nodes[i+k]] = 1
			}
		}
	}
	for i, used := range number {
		if used != 0 {
			count++
			number[i] = int32(count)
		}
	}
	return number, count
}

// nodesOf calls do with each node of some blocks once, in the order of their new numbers, if they have one.
func nodesOf(blocks []*mesh.Block, number []int32, do func(number int)) {
	marked := make([]bool, len(number)+1)
	for _, b := range blocks {
		for _, v := range b.Nodes {
			marked[number[v]] = true
		}
	}
	for n, is := range marked {
		if is && n > 0 {
			do(n)
		}
	}
}
