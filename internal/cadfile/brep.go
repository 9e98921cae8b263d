package cadfile

import (
	"bytes"
	"io"
	"strconv"

	"meshgen/internal/diagnosis"
)

// brepSections are the parts of a BREP file, in their order: each its name, a number and so many things.
var brepSections = []string{"Locations", "Curve2ds", "Curves", "Polygon3D", "PolygonOnTriangulations", "Surfaces",
	"Triangulations", "TShapes"}

// checkBREP reads the text form of OpenCASCADE's own format. Its reader believes every number: it runs on for hours
// where a count lies or the file is cut off, and out of bounds where a shape refers to one that does not exist.
//
// In the last section each shape is a word for its kind, its geometry, seven flags, references to the shapes it consists
// of and an asterisk. References count from the last shape backwards, so that a shape only refers to earlier ones.
func checkBREP(src io.Reader, size int64, facts *Facts) *diagnosis.Diagnosis {
	b := &brep{text: newText(src)}
	for !b.isVersion() {
		if !b.skipPast('\n') {
			return b.cutOff()
		}
	}
	for i, name := range brepSections {
		b.section = name
		if d := b.count(size); d != nil {
			return d
		}
		if i == len(brepSections)-1 {
			break
		}
		if d := b.numbers(brepSections[i+1]); d != nil {
			return d
		}
	}
	if b.announced == 0 {
		return diagnosis.New(diagnosis.EmptyModel, "The file holds no shape.")
	}
	if d := b.shapes(facts); d != nil {
		return d
	}
	facts.Entities = int(b.announced)
	return nil
}

// brep is a reading of a BREP file.
type brep struct {
	*text
	section   string
	announced int64 // things in the section
}

// isVersion reports whether the line names the version, and passes over it.
func (b *brep) isVersion() bool {
	b.ahead()
	if !bytes.HasPrefix(b.buf[b.pos:b.end], []byte("CASCADE Topology V")) {
		return false
	}
	b.skipPast('\n')
	return true
}

func (b *brep) cutOff() *diagnosis.Diagnosis {
	if b.err != nil {
		return unread(b.err)
	}
	return diagnosis.New(diagnosis.UnreadableFile, "The file is cut off: it ends at line %d, in section %s.", b.line, b.section)
}

// next returns the next word, valid until the next call; it is empty at the end.
func (b *brep) next() []byte {
	for {
		for b.pos < b.end && b.buf[b.pos] <= ' ' {
			if b.buf[b.pos] == '\n' {
				b.line++
			}
			b.pos++
		}
		if b.pos < b.end || !b.more() {
			break
		}
	}
	b.ahead()
	start := b.pos
	for b.pos < b.end && b.buf[b.pos] > ' ' {
		b.pos++
	}
	return b.buf[start:b.pos]
}

// count reads the number of things in a section, after its name.
func (b *brep) count(size int64) *diagnosis.Diagnosis {
	word := b.next()
	if b.section == brepSections[0] {
		if string(word) != b.section {
			return b.unexpected(word, "the section "+b.section)
		}
		word = b.next()
	}
	n, err := strconv.ParseInt(string(word), 10, 64)
	switch {
	case len(word) == 0:
		return b.cutOff()
	case err != nil || n < 0:
		return b.unexpected(word, "the number of things in section "+b.section)
	case n > size/2: // each takes two bytes at least
		return diagnosis.New(diagnosis.UnreadableFile, "Line %d: section %s says that it has %d things, and the file has %d bytes.",
			b.line, b.section, n, size)
	}
	b.announced = n
	return nil
}

func (b *brep) unexpected(word []byte, want string) *diagnosis.Diagnosis {
	if len(word) == 0 {
		return b.cutOff()
	}
	return diagnosis.New(diagnosis.UnreadableFile, "Line %d: %s where %s has to be.", b.line, excerpt(word), want)
}

// numbers reads a section of numbers, up to and including the name of the one that follows.
func (b *brep) numbers(following string) *diagnosis.Diagnosis {
	for {
		word := b.next()
		switch {
		case len(word) == 0:
			return b.cutOff()
		case word[0] <= '9' || isNotFinite(word):
			if !isNumber(word) {
				return b.badNumber(word)
			}
		case string(word) == following:
			return nil
		case string(word) != "p": // a polygon's deflection
			return b.unexpected(word, "a number or the section "+following)
		}
	}
}

// badNumber is the refusal of the word just read; a number that the end of the file cuts short is no bad one.
func (b *brep) badNumber(word []byte) *diagnosis.Diagnosis {
	shown := excerpt(word) // more moves what word is a part of
	if b.pos == b.end && !b.more() {
		return b.cutOff()
	}
	return diagnosis.New(diagnosis.InvalidNumber, "Line %d: %s is not a finite number of a possible size, in section %s.",
		b.line, shown, b.section)
}

// isNumber reports whether a word is a number up to OpenCASCADE's infinity, which is the limit of an edge without end.
func isNumber(word []byte) bool {
	n, large := scanNumber(word, false)
	return n == len(word) && (!large || size(word) <= maxNumber)
}

// shapes reads the shapes and the reference to the one that the file is about.
func (b *brep) shapes(facts *Facts) *diagnosis.Diagnosis {
	done := int64(0)
	// what follows the last word that may be the flags, if it is references alone
	refs := references{}
	for done < b.announced {
		word := b.next()
		switch {
		case len(word) == 0:
			if b.err != nil {
				return unread(b.err)
			}
			return diagnosis.New(diagnosis.UnreadableFile, "The file is cut off: it says that it has %d shapes, and ends after %d, at line %d.",
				b.announced, done, b.line)
		case len(word) == 1 && word[0] == '*':
			if refs.valid() && (refs.least < 1 || refs.greatest > b.announced || b.announced-refs.least >= done) {
				return diagnosis.New(diagnosis.UnreadableFile, "Line %d: shape %d of %d refers to one that does not come before it.",
					b.line, done+1, b.announced)
			}
			done++
			refs = references{}
		case len(word) == 7 && isFlags(word):
			refs = references{begun: true}
		case isLetter(word[0]):
			switch string(word) {
			case "So":
				facts.Solids++
			case "Fa":
				facts.Faces++
			}
			if isNotFinite(word) {
				return b.badNumber(word)
			}
			refs.broken = true
		default:
			if n, large := scanNumber(word, false); n == 0 || large && size(word[:n]) > maxNumber {
				return b.badNumber(word)
			}
			refs.take(word)
		}
	}
	word := b.next()
	if len(word) == 0 {
		return b.cutOff()
	}
	root, err := strconv.ParseInt(string(word), 10, 64)
	if string(word) == "*" {
		return diagnosis.New(diagnosis.EmptyModel, "The file holds shapes, but is about none of them.")
	}
	if err != nil || root == 0 || root > b.announced || root < -b.announced {
		return b.unexpected(word, "the number of the shape that the file is about")
	}
	return nil
}

// references are pairs of a signed number of a shape and the number of a location.
type references struct {
	begun, broken   bool
	words           int
	least, greatest int64
}

func (r *references) take(word []byte) {
	if !r.begun || r.broken {
		return
	}
	n, err := strconv.ParseInt(string(word), 10, 64)
	if signed := word[0] == '+' || word[0] == '-'; err != nil || signed != (r.words%2 == 0) {
		r.broken = true
		return
	}
	if r.words%2 == 0 {
		n = max(n, -n)
		if r.words == 0 {
			r.least, r.greatest = n, n
		}
		r.least, r.greatest = min(r.least, n), max(r.greatest, n)
	}
	r.words++
}

// valid reports whether there are references, and nothing else.
func (r *references) valid() bool { return r.begun && !r.broken && r.words > 0 && r.words%2 == 0 }

// isFlags reports whether the word consists of zeros and ones.
func isFlags(word []byte) bool {
	for _, c := range word {
		if c != '0' && c != '1' {
			return false
		}
	}
	return true
}
