package cadfile

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

func sniffText(content, name string) (engine.Format, *diagnosis.Diagnosis) {
	return Sniff([]byte(content)[:min(len(content), SniffLen)], int64(len(content)), name)
}

// binarySTL returns a binary STL of one triangle that claims to have count of them.
func binarySTL(header string, count uint32) string {
	out := make([]byte, 80)
	copy(out, header)
	out = binary.LittleEndian.AppendUint32(out, count)
	for _, x := range []float32{0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0} {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return string(append(out, 0, 0))
}

func TestSniff_ContentDecides(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          engine.Format
	}{
		{"STEP", stepFile(point), engine.STEP},
		{"STEP after a comment", "\n/* by us */ " + stepFile(point), engine.STEP},
		{"STEP after a byte order mark", "\xef\xbb\xbf" + stepFile(point), engine.STEP},
		{"STEP of which only the first word is here", "ISO-10303-21;", engine.STEP},
		{"IGES", lines(igesFile(igesGlobal, igesLine)), engine.IGES},
		{"BREP", brepFile, engine.BREP},
		{"BREP without its first line", "\n" + brepFile[strings.Index(brepFile, "CASCADE"):], engine.BREP},
		{"ASCII STL", "solid x\nfacet normal 0 0 1\n", engine.STL},
		{"ASCII STL in capitals", "\r\n SOLID\r\n\tFACET NORMAL 0 0 1\r\n", engine.STL},
		{"ASCII STL without a facet", "solid x\nendsolid x\n", engine.STL},
		{"binary STL", binarySTL("exported", 1), engine.STL},
		{"binary STL that begins with solid", binarySTL("solid exported", 1), engine.STL},
		{"binary STL that begins like STEP in zip", binarySTL("PK\x03\x04", 1), engine.STL},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"", "part", "part.dat", "$(touch pwned)", "../../x", strings.Repeat("n", 300)} {
				got, d := sniffText(c.content, name)
				require.Nil(t, d)
				require.Equal(t, c.want, got)
			}
		})
	}
}

func TestSniff_ReadableFormatUnderAnothersExtension_IsAMismatch(t *testing.T) {
	for name, content := range map[string]string{"a.stl": stepFile(point), "a.STEP": binarySTL("x", 1), "a.igs": brepFile, "a.brep": stepFile(point)} {
		_, d := sniffText(content, name)
		require.NotNil(t, d, name)
		require.Equal(t, diagnosis.FormatMismatch, d.Code)
	}
}

func TestSniff_DamagedBinarySTL_CountsAsOneByItsNameOnly(t *testing.T) {
	rounded := []byte(binarySTL("", 7))
	binary.LittleEndian.PutUint32(rounded[84+12:], math.Float32bits(1.2e-16)) // sin π
	for _, content := range []string{binarySTL("exported", 7), binarySTL("", 7), binarySTL("\x01\x02", 7), string(rounded)} {
		got, d := sniffText(content, "part.stl")
		require.Nil(t, d)
		require.Equal(t, engine.STL, got)
		_, d = sniffText(content, "part")
		require.Equal(t, diagnosis.UnsupportedFormat, d.Code)
	}
	_, d := sniffText(strings.Repeat("\x01\xff", 200), "part.stl")
	require.Equal(t, diagnosis.UnsupportedFormat, d.Code)
}

func TestSniff_OtherFiles_AreCalledByTheirNames(t *testing.T) {
	for content, want := range map[string]string{
		"":                                                "no bytes",
		"\x1f\x8b\x08abc":                                 "a gzip archive",
		"PK\x03\x04abc":                                   "a ZIP archive",
		"%PDF-1.7\n":                                      "a PDF document",
		"\x89PNG\r\n\x1a\n":                               "a PNG image",
		"\x7fELF\x02":                                     "a program",
		"#!/bin/sh\nrm -rf /\n":                           "a script",
		"\xd0\xcf\x11\xe0\xa1":                            "such as SolidWorks",
		"**ABCDEFGHIJKLMNOPQRSTUVWXYZ**":                  "a Parasolid model",
		"ply\nformat ascii 1.0":                           "a PLY mesh",
		"$MeshFormat\n4.1 0 8\n":                          "a Gmsh mesh",
		"  <!DOCTYPE html><p>":                            "an HTML page",
		"<html lang=en>":                                  "an HTML page",
		"<?xml version=\"1.0\"?><AccessDenied/>":          "an XML document",
		"lc = 0.1;\nPoint(1) = {0, 0, 0, lc};\n":          "a Gmsh script",
		"SystemCall \"true\";":                            "a Gmsh script",
		"# cube\nv 0 0 0\nv 1 0 0\nf 1 2 3\n":             "an OBJ mesh",
		"*HEADING\npart\n*NODE\n":                         "an Abaqus input file",
		"  0\nSECTION\n  2\nHEADER\n":                     "a DXF drawing",
		"{\"asset\":{\"version\":\"2.0\"}}":               "JSON",
		"solid evidence that text is not geometry":        "has no facet",
		"hello world":                                     "text of no format",
		"\x00\x01\x02":                                    "binary data",
		stepFile(point)[:13] + "FILE_SCHEMA(('IFC2X3'));": "a building model (IFC2X3)",
		strings.Repeat(" ", 72) + "C      1\n":            "a compressed IGES file",
	} {
		_, d := sniffText(content, "")
		require.NotNil(t, d, "%q", content)
		require.Contains(t, d.Message, want, "%q", content)
	}
}

func TestCheck_FileThatIsNotWhatItWasTakenFor_IsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.dat")
	require.NoError(t, os.WriteFile(path, []byte(brepFile), 0o600))
	_, d := Check(path, engine.BREP)
	require.Nil(t, d)
	_, d = Check(path, engine.STEP)
	require.Equal(t, diagnosis.FormatMismatch, d.Code)
	_, d = Check(path+".gone", engine.STEP)
	require.Equal(t, diagnosis.Internal, d.Code)
}

func FuzzSniff(f *testing.F) {
	for _, content := range []string{stepFile(point), lines(igesFile(igesGlobal, igesLine)), brepFile, binarySTL("solid", 1),
		"solid x\nfacet", "SystemCall \"true\";", "/*"} {
		f.Add([]byte(content), int64(len(content)), "part.stl")
	}
	f.Fuzz(func(t *testing.T, head []byte, size int64, name string) {
		if len(head) > SniffLen || size < int64(len(head)) {
			return
		}
		format, d := Sniff(head, size, name)
		if d == nil {
			require.Contains(t, []engine.Format{engine.STEP, engine.IGES, engine.BREP, engine.STL}, format)
			return
		}
		require.Empty(t, format)
		require.Contains(t, []diagnosis.Code{diagnosis.EmptyFile, diagnosis.UnsupportedFormat, diagnosis.FormatMismatch}, d.Code)
	})
}
