package surface

import (
	"io"

	"meshgen/internal/diagnosis"
)

// readASCII reads the words of an ASCII STL:
//
//	solid name
//	facet normal x y z  outer loop  vertex x y z  vertex x y z  vertex x y z  endloop  endfacet
//	endsolid name
//
// in any case and with any white space. A file may hold several solids. Normals are passed over unread: they follow from
// the corners, and exporters write nan where there is none.
func readASCII(src io.Reader, size int64) (*Mesh, *diagnosis.Diagnosis) {
	// the tersest facet that anybody writes
	const leastFacet = 100
	w := newWords(src)
	b := newBuilder(min(size/leastFacet, maxTriangles))
	open := false // between solid and endsolid
	for {
		word := w.next()
		switch {
		case len(word) == 0:
			if w.err != nil {
				return nil, unread(w.err)
			}
			if open {
				// what is missing may have been triangles; if so, the surface is open
				b.mesh.notes = append(b.mesh.notes, *diagnosis.New(diagnosis.UnreadableFile,
					"The file ends at line %d without \"endsolid\"; all %d triangles before it are whole.",
					w.line, len(b.mesh.Triangles)))
			}
			return b.mesh, nil
		case isWord(word, "facet"):
			if d := readFacet(w, b); d != nil {
				return nil, d
			}
		case isWord(word, "solid"):
			w.skipLine()
			open = true
		case isWord(word, "endsolid"):
			w.skipLine()
			open = false
		case isWord(word, "color"):
			w.skipLine()
		default:
			return nil, w.unexpected(word, "\"facet\" or \"endsolid\"")
		}
	}
}

// readFacet reads what follows the word facet.
func readFacet(w *words, b *builder) *diagnosis.Diagnosis {
	word := w.next()
	if isWord(word, "normal") {
		for range 3 {
			w.next()
		}
		word = w.next()
	}
	if !isWord(word, "outer") {
		return w.unexpected(word, "\"outer loop\"")
	}
	if word = w.next(); !isWord(word, "loop") {
		return w.unexpected(word, "\"loop\"")
	}
	var corners [3][3]float64
	for i := range corners {
		if word = w.next(); !isWord(word, "vertex") {
			return w.unexpected(word, "\"vertex\"")
		}
		for k := range corners[i] {
			word = w.next()
			x, ok := parseNumber(word)
			if !ok || !(x <= maxCoordinate && x >= -maxCoordinate) {
				return w.badNumber(word, ok)
			}
			if x < leastCoordinate && x > -leastCoordinate {
				x = 0 // also turns -0 into 0, so that equal points have equal bits
			}
			corners[i][k] = x
		}
	}
	if word = w.next(); !isWord(word, "endloop") {
		if isWord(word, "vertex") {
			return diagnosis.New(diagnosis.UnreadableFile,
				"Line %d: a facet of more than three corners; STL knows triangles only.", w.line)
		}
		return w.unexpected(word, "\"endloop\"")
	}
	if word = w.next(); !isWord(word, "endfacet") {
		return w.unexpected(word, "\"endfacet\"")
	}
	return b.add(&corners)
}

// badNumber is the diagnosis of a coordinate that is none, or beyond any model.
func (w *words) badNumber(word []byte, parsed bool) *diagnosis.Diagnosis {
	switch {
	case len(word) == 0:
		return w.unexpected(word, "a number")
	case w.pos == w.end && w.eof: // it may be the first half of a number
		return w.unexpected(word, "a number")
	case parsed:
		return diagnosis.New(diagnosis.InvalidNumber, "Line %d: the coordinate %s is beyond any model (the limit is %g).",
			w.line, excerpt(word), maxCoordinate)
	}
	return diagnosis.New(diagnosis.InvalidNumber, "Line %d: %s is not a finite number.", w.line, excerpt(word))
}

// unexpected is the diagnosis of a file whose next word is not what the format wants there.
func (w *words) unexpected(word []byte, want string) *diagnosis.Diagnosis {
	switch {
	case w.err != nil:
		return unread(w.err)
	case len(word) == 0 || w.pos == w.end && w.eof: // the last word may be half of one
		return diagnosis.New(diagnosis.UnreadableFile, "The file is cut off: it ends at line %d, in the middle of a facet.", w.line)
	}
	return diagnosis.New(diagnosis.UnreadableFile, "Line %d: %s where %s has to be.", w.line, excerpt(word), want)
}
