// Package cadfile says what a file is, and whether a native reader may touch it.
//
// A stranger's file reaches code that was written for friends: Gmsh runs scripts; OpenCASCADE loops on a NaN, crashes on
// some references that lead nowhere and drops whole solids over others without a word. Two gates stand before it, both
// in Go and both cheap:
//
//	Sniff  looks at the first bytes and at the size: which format is this, whatever its name says?
//	Check  reads the whole file once, lexically: is it complete, are its numbers numbers, do its references lead somewhere?
//
// Neither builds a model. Check keeps a window of the file and a bit or two for each entity number, never the file.
// Triangles (STL) have a reader of their own in package surface.
package cadfile

import (
	"io"
	"os"
	"path/filepath"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Facts is what Check learns about a file on its way.
type Facts struct {
	Size int64 // of the file, in bytes
	// DeclaredUnits is the unit of length that a STEP or IGES file declares, as in spec.Units where it is one of those,
	// otherwise its usual short name (nm, km, mil, ...); "mixed" where parts differ, "" where the file says nothing.
	DeclaredUnits string
	Entities      int // instances of a STEP file, directory entries of an IGES file, shapes of a BREP file
	Solids        int // entities that define a solid; zero does not prove that sewing would find none
	Faces         int // entities that define a face
	// Warnings are defects that the native reader survives.
	Warnings []diagnosis.Diagnosis
}

const (
	// maxCoordinate bounds the coordinates of points: at 1e15 neighbouring numbers of double precision lie 0.125 units
	// apart, so that nothing beyond is a measured length in any unit.
	maxCoordinate = 1e15
	// maxNumber bounds every number: it is what OpenCASCADE writes for infinity, and compares others with.
	maxNumber = 2e100
)

// Check makes sure that the file holds what the format says, reads it once and refuses what would harm or mislead the
// native reader: a file that is cut off, numbers that are none, references that lead nowhere, shapes that are in other
// files. For STL it only looks at the beginning: surface.Read is the check of its triangles.
func Check(path string, format engine.Format) (Facts, *diagnosis.Diagnosis) {
	f, err := os.Open(path)
	if err != nil {
		return Facts{}, unread(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Facts{}, unread(err)
	}
	return check(f, info.Size(), filepath.Base(path), format)
}

func check(src io.ReaderAt, size int64, name string, format engine.Format) (Facts, *diagnosis.Diagnosis) {
	facts := Facts{Size: size}
	head := make([]byte, min(size, SniffLen))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return facts, unread(err)
	}
	held, d := Sniff(head, size, name)
	if d != nil {
		return facts, d
	}
	if held != format {
		return facts, diagnosis.New(diagnosis.FormatMismatch, "The file was taken for %s, and holds %s.", title(format), title(held))
	}
	switch format {
	case engine.STEP:
		d = checkSTEP(src, size, &facts)
	case engine.IGES:
		d = checkIGES(io.NewSectionReader(src, 0, size), &facts)
	case engine.BREP:
		d = checkBREP(io.NewSectionReader(src, 0, size), size, &facts)
	}
	return facts, d
}

// unread is the diagnosis of a file that the system could not read.
func unread(err error) *diagnosis.Diagnosis {
	d := diagnosis.New(diagnosis.Internal, "The file cannot be read.")
	if err != nil {
		d.WithDetail(err.Error())
	}
	return d
}

// title is a format's name for people.
func title(f engine.Format) string {
	switch f {
	case engine.STEP:
		return "STEP"
	case engine.IGES:
		return "IGES"
	case engine.BREP:
		return "BREP"
	case engine.STL:
		return "STL"
	}
	return string(f)
}
