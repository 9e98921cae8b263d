package cadfile

import (
	"bytes"
	"regexp"
)

// What bytes are when nothing better is known of them.
const (
	unknownBinary = "binary data of no format that is read here"
	unknownText   = "text of no format that is read here"
)

// magics are the first bytes of formats that people send by mistake, and what to call them.
var magics = []struct{ magic, what string }{
	{"\x1f\x8b", "a gzip archive"},
	{"PK\x03\x04", "a ZIP archive"},
	{"PK\x05\x06", "an empty ZIP archive"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"},
	{"Rar!\x1a\x07", "a RAR archive"},
	{"BZh", "a bzip2 archive"},
	{"\xfd7zXZ\x00", "an xz archive"},
	{"\x28\xb5\x2f\xfd", "a Zstandard archive"},
	{"\x1f\x9d", "a compressed file (.Z)"},
	{"%PDF-", "a PDF document"},
	{"%!PS", "a PostScript document"},
	{"\x89PNG", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"GIF8", "a GIF image"},
	{"RIFF", "a media file (RIFF)"},
	{"II*\x00", "a TIFF image"},
	{"MM\x00*", "a TIFF image"},
	{"\x7fELF", "a program"},
	{"MZ", "a Windows program"},
	{"#!", "a script"},
	{"\xd0\xcf\x11\xe0", "a document of an office or CAD program (OLE), such as SolidWorks or Inventor"},
	{"AC10", "an AutoCAD drawing (DWG)"},
	{"V5_CFV2", "a CATIA V5 document"},
	{"3D Geometry File Format", "a Rhino model (3DM)"},
	{"**ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a Parasolid model"},
	{"PS\x00\x00", "a Parasolid model"},
	{"ACIS BinaryFile", "an ACIS model (SAB)"},
	{"ASM BinaryFile", "an ACIS model (SAB)"},
	{"Open CASCADE Topology", "a binary BREP; the text form is read"},
	{"Kaydara FBX", "an FBX scene"},
	{"glTF", "a binary glTF scene"},
	{"BLENDER", "a Blender scene"},
	{"ply\n", "a PLY mesh"},
	{"ply\r", "a PLY mesh"},
	{"OFF\n", "an OFF mesh"},
	{"$MeshFormat", "a Gmsh mesh"},
	{"# vtk DataFile", "a VTK mesh"},
	{"\x89HDF", "an HDF5 file"},
	{"CDF", "a NetCDF file"},
	{"SQLite format 3", "a database"},
	{"version https://git-lfs", "a pointer to a file in Git LFS, not the file"},
}

// patterns tell text formats apart, in this order.
var patterns = []struct {
	pattern *regexp.Regexp
	what    string
}{
	{regexp.MustCompile(`(?i)^\s*(<!--.*?-->\s*)?(<!doctype html|<html|<head|<body)`), "an HTML page"},
	{regexp.MustCompile(`(?s)^\s*<.*<(COLLADA|amf|VTKFile|X3D|svg)\b`), "an XML document"},
	{regexp.MustCompile(`^\s*<\?xml`), "an XML document"},
	{regexp.MustCompile(`(?m)^\s*(SetFactory|SystemCall|Merge|Include|Macro|Physical|Mesh\.\w+|Geometry\.\w+)\b.*;`), "a Gmsh script"},
	{regexp.MustCompile(`(?m)^\s*(Point|Line|Box|Sphere|Cylinder|Circle|Extrude|Transfinite)\b.*[({].*;`), "a Gmsh script"},
	{regexp.MustCompile(`(?i)^\s*\*(HEADING|NODE|PART|ELEMENT)`), "an Abaqus input file"},
	{regexp.MustCompile(`(?m)^(v|vn|f|o|g) .*\n(v|vn|vt|f|o|g) `), "an OBJ mesh"},
	{regexp.MustCompile(`^\s*0\s*\r?\n\s*SECTION`), "a DXF drawing"},
	{regexp.MustCompile(`^\s*[\[{]\s*["\]}{]`), "JSON"},
	{regexp.MustCompile(`(?i)^\s*solid\b`), "text that begins like an STL, but has no facet"},
	{regexp.MustCompile(`(?i)^\s*(import|from|def|print)\b`), "a Python script"},
}

// guess says what the bytes of an unsupported file seem to be.
func guess(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.what
		}
	}
	if len(head) >= 73 && section(head) == 'C' {
		return "a compressed IGES file; the plain form is read"
	}
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != 0x1a {
			return unknownBinary
		}
	}
	for _, p := range patterns {
		if p.pattern.Match(head) {
			return p.what
		}
	}
	return unknownText
}
