package spec

import (
	"slices"
	"strings"
)

// Format is a format that a mesh can be had in.
type Format struct {
	Name      string // what a request calls it
	Extension string // of a file name, with its dot; some have two
	Title     string // for a person
	Order     int    // the highest order of elements that it can hold
}

// FileFormats lists the formats. What each can hold is said in docs/formats.md.
var FileFormats = []Format{
	{"msh", ".msh", "Gmsh 4.1 binary", 3},
	{"msh2", ".v2.msh", "Gmsh 2.2 binary", 3},
	{"vtk", ".vtk", "VTK legacy binary", 3},
	{"vtu", ".vtu", "VTK XML, compressed", 3},
	{"stl", ".stl", "the outer surface, binary", 3},
	{"unv", ".unv", "I-deas universal", 2},
	{"inp", ".inp", "Abaqus, CalculiX", 2},
	{"bdf", ".bdf", "Nastran", 2},
	{"su2", ".su2", "SU2", 1},
	{"cgns", ".cgns", "CGNS (HDF5)", 3},
	{"med", ".med", "MED, Salome and Code_Aster", 2},
	{"fluent", ".fluent.msh", "Ansys Fluent", 1},
	{"openfoam", ".foam.zip", "OpenFOAM polyMesh, zipped", 1},
	{"glb", ".glb", "glTF 2 binary, the outer surface", 3},
}

// Formats lists what "formats" may hold, and what a download may ask for.
var Formats = func() (names []string) {
	for _, f := range FileFormats {
		names = append(names, f.Name)
	}
	return names
}()

// FormatNamed returns the format of a name.
func FormatNamed(name string) (Format, bool) {
	i := slices.IndexFunc(FileFormats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return FileFormats[i], true
}

// FormatList describes the formats in one line.
func FormatList() string {
	var out []string
	for _, f := range FileFormats {
		out = append(out, f.Name+" ("+f.Title+")")
	}
	return strings.Join(out, ", ")
}

// DefaultFormats are written where a spec names none. A draft has the first alone: it is to be there at once.
var DefaultFormats = []string{"msh", "vtk"}

func resolveFormats(asked []string, order int, draft bool, bad *refusals) []string {
	if len(asked) == 0 {
		if draft {
			return slices.Clone(DefaultFormats[:1])
		}
		return slices.Clone(DefaultFormats)
	}
	for i, name := range asked {
		f, known := FormatNamed(name)
		if !known {
			bad.add(index("formats", i), name, "must be one of %s", strings.Join(Formats, ", "))
		} else if order > f.Order && order <= MaxOrder {
			bad.add(index("formats", i), name, "holds elements of order %d at most, and order %d is asked for", f.Order, order)
		}
	}
	return set(asked)
}
