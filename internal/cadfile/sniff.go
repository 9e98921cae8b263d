package cadfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/surface"
)

// SniffLen is how many leading bytes Sniff wants to see. Fewer will do only where the file is shorter.
const SniffLen = 4096

// extensions are the names under which the formats go.
var extensions = map[string]engine.Format{
	".step": engine.STEP, ".stp": engine.STEP, ".p21": engine.STEP,
	".iges": engine.IGES, ".igs": engine.IGES,
	".brep": engine.BREP, ".brp": engine.BREP,
	".stl": engine.STL,
}

// IsNamed tells whether a file is named as a CAD file that is read.
func IsNamed(name string) bool {
	_, ok := extensions[strings.ToLower(filepath.Ext(name))]
	return ok
}

// Sniff says which format a file holds, by its first SniffLen bytes and its size in bytes. The name decides nothing but
// the words of a refusal: a readable format under the extension of another is a format_mismatch, since it mostly is a
// mistake; and what looks like a damaged binary STL counts as one only where the name says so.
func Sniff(head []byte, size int64, name string) (engine.Format, *diagnosis.Diagnosis) {
	if size == 0 {
		return "", diagnosis.New(diagnosis.EmptyFile, "The file has no bytes.")
	}
	claimed := extensions[strings.ToLower(filepath.Ext(name))]
	held, what := recognize(head, size)
	if held == "" && claimed == engine.STL && what == unknownBinary && isDamagedSTL(head, size) {
		held = engine.STL
	}
	switch {
	case held == "":
		d := diagnosis.New(diagnosis.UnsupportedFormat, "The file holds %s.", what)
		if claimed != "" {
			d = diagnosis.New(diagnosis.UnsupportedFormat, "The file is named as %s, but holds %s.", title(claimed), what)
		}
		return "", d
	case claimed != "" && claimed != held:
		return "", diagnosis.New(diagnosis.FormatMismatch, "The file is named as %s, but holds %s.", title(claimed), title(held))
	}
	return held, nil
}

// recognize returns the format that is read, or what else the bytes seem to be.
func recognize(head []byte, size int64) (engine.Format, string) {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	switch {
	case isSTEP(text):
		if schema := stepSchema(text); strings.HasPrefix(schema, "IFC") {
			return "", "a building model (" + schema + "), which shares only its syntax with STEP"
		}
		return engine.STEP, ""
	case isBREP(text):
		return engine.BREP, ""
	case isIGES(text):
		return engine.IGES, ""
	case surface.Detect(head, size) != surface.Neither:
		return engine.STL, ""
	}
	return "", guess(head)
}

// isSTEP reports whether the first word, after blanks and comments, opens an exchange structure of ISO 10303-21.
func isSTEP(text []byte) bool {
	for {
		text = bytes.TrimLeft(text, " \t\r\n\v\f")
		if !bytes.HasPrefix(text, []byte("/*")) {
			break
		}
		end := bytes.Index(text, []byte("*/"))
		if end < 0 {
			return false
		}
		text = text[end+2:]
	}
	const magic = "ISO-10303-21"
	if len(text) < len(magic) || !strings.EqualFold(string(text[:len(magic)]), magic) {
		return false
	}
	rest := bytes.TrimLeft(text[len(magic):], " \t\r\n")
	return len(rest) == 0 || rest[0] == ';'
}

// stepSchema returns the name in FILE_SCHEMA, if it stands in the text.
func stepSchema(text []byte) string {
	_, rest, found := bytes.Cut(text, []byte("FILE_SCHEMA"))
	if !found {
		return ""
	}
	parts := bytes.SplitN(rest, []byte("'"), 3)
	if len(parts) < 3 || len(parts[1]) > 100 {
		return ""
	}
	return strings.ToUpper(string(parts[1]))
}

// isBREP reports whether a line that names a version of OpenCASCADE's topology comes first, or after the line that its
// drawing tool puts before it.
func isBREP(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	text = bytes.TrimPrefix(text, []byte("DBRep_DrawableShape"))
	text = bytes.TrimLeft(text, " \t\r\n")
	return bytes.HasPrefix(text, []byte("CASCADE Topology V"))
}

// isIGES reports whether the first line is a record of 80 columns of a start section: S in column 73 and its number.
func isIGES(text []byte) bool {
	return section(text) == 'S' && sequence(text) == 1
}

// section returns the letter in column 73 of an IGES record.
func section(record []byte) byte {
	if len(record) < 73 || bytes.IndexByte(record[:73], '\n') >= 0 {
		return 0
	}
	return record[72]
}

// sequence returns the number in columns 74 to 80 of an IGES record, or -1.
func sequence(record []byte) int {
	if len(record) < 80 {
		return -1
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(record[73:80])))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// LooksLikeBinarySTL reports whether the first bytes are those of a binary STL, whatever the size of the file, which a
// stream does not tell: a header of text, or triangles of sensible coordinates.
func LooksLikeBinarySTL(head []byte) bool { return isDamagedSTL(head, math.MaxInt64) }

// isDamagedSTL reports whether the bytes are like those of a binary STL, though their number is wrong: a header of
// text, or triangles of sensible coordinates.
func isDamagedSTL(head []byte, size int64) bool {
	const header, start, facet = 80, 84, 50
	if size < start || len(head) < start {
		return false
	}
	text := bytes.TrimRight(head[:header], "\x00 ")
	printable := len(text) > 0
	for _, c := range text {
		printable = printable && (c >= ' ' && c < 0x7f || c == '\t' || c == '\r' || c == '\n')
	}
	if printable {
		return true
	}
	seen := 0
	for at := start; at+facet <= len(head); at += facet {
		for k := range 12 {
			x := math.Abs(float64(math.Float32frombits(binary.LittleEndian.Uint32(head[at+4*k:]))))
			if !(x == 0 || x > 1e-30 && x < 1e12) { // sines of π are 1e-16
				return false
			}
		}
		seen++
	}
	return seen > 0
}
