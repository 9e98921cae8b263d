package cadfile

import (
	"fmt"
	"io"
	"strings"

	"meshgen/internal/diagnosis"
)

// maxID is the highest entity number: a higher one makes OpenCASCADE 7.8 write out of bounds.
const maxID = 1<<31 - 1

// checkSTEP reads an exchange structure of ISO 10303-21, word by word:
//
//	ISO-10303-21;
//	HEADER; FILE_DESCRIPTION(…); FILE_NAME(…); FILE_SCHEMA(…); ENDSEC;
//	DATA; #1=KEYWORD(parameters); #2=(KEYWORD(…)KEYWORD(…)); … ENDSEC;
//	END-ISO-10303-21;
//
// A second reading, to say who refers to what is missing, follows only where something is.
func checkSTEP(src io.ReaderAt, size int64, facts *Facts) *diagnosis.Diagnosis {
	s := newStep(src, size)
	if d := s.read(); d != nil {
		return d
	}
	facts.Entities, facts.Solids, facts.Faces = s.entities, s.solids, s.faces
	facts.DeclaredUnits = s.units.declared()
	switch {
	case s.entities == 0:
		return diagnosis.New(diagnosis.EmptyModel, "The file has a header, and no entity after it.")
	case !s.defined.covers(s.referred):
		if d := s.dangling(src, size, facts); d != nil {
			return d
		}
	}
	if len(s.files) == 0 {
		return nil
	}
	names := strings.Join(s.files, ", ")
	if s.solids == 0 && s.faces == 0 {
		return diagnosis.New(diagnosis.ExternalReferences, "The file holds no shape, only the names of other files that do: %s.", names)
	}
	facts.Warnings = append(facts.Warnings, *diagnosis.New(diagnosis.ExternalReferences,
		"The file names other files, which are not read: %s.", names))
	return nil
}

// step is a reading of a STEP file.
type step struct {
	*text
	defined, referred *idSet
	missing           func(id uint32) // in the second reading: called for a reference to what is not defined
	units             stepUnits
	entities          int
	solids, faces     int
	files             []string // that the shapes are in

	// the instance that is being read
	id       uint32
	keyword  []byte
	isPoint  bool
	values   int // numbers among the coordinates of a point
	interest interest
	record   record
	depth    int
	d        *diagnosis.Diagnosis // set once something is wrong
}

func newStep(src io.ReaderAt, size int64) *step {
	return &step{
		text:    newText(io.NewSectionReader(src, 0, size)),
		defined: newIDSet(size), referred: newIDSet(size),
		keyword: make([]byte, 0, 64),
	}
}

// refuse sets the diagnosis, unless there is one, and returns false.
func (s *step) refuse(code diagnosis.Code, format string, args ...any) bool {
	if s.d == nil {
		s.d = diagnosis.New(code, format, args...)
	}
	return false
}

// cutOff is the refusal of a file that ends too early.
func (s *step) cutOff() bool {
	if s.err != nil {
		s.d = unread(s.err)
		return false
	}
	return s.refuse(diagnosis.UnreadableFile, "The file is cut off: it ends at line %d, %s.", s.line, s.where())
}

// where names the place in the structure.
func (s *step) where() string {
	if s.id != 0 {
		return "in the definition of " + s.instance()
	}
	return "before END-ISO-10303-21"
}

// instance names the instance that is being read.
func (s *step) instance() string {
	if len(s.keyword) == 0 {
		return fmt.Sprintf("#%d", s.id)
	}
	return fmt.Sprintf("#%d (%s)", s.id, s.keyword)
}

// read reads the file from its beginning.
func (s *step) read() *diagnosis.Diagnosis {
	s.readStructure()
	return s.d
}

func (s *step) readStructure() bool {
	if s.end >= 3 && string(s.buf[:3]) == "\xef\xbb\xbf" {
		return s.refuse(diagnosis.UnreadableFile, "The file begins with a byte order mark, which no STEP file may have.")
	}
	if word, ok := s.word(); !ok {
		return false
	} else if !strings.EqualFold(string(word), "ISO-10303-21") {
		return s.unexpected("ISO-10303-21")
	}
	// the native reader wants the semicolon at once
	if s.pos == s.end || s.buf[s.pos] != ';' {
		return s.unexpected("the semicolon after ISO-10303-21")
	}
	s.pos++
	header, data := false, false
	for {
		word, ok := s.word()
		if !ok {
			return false
		}
		switch name := strings.ToUpper(string(word)); name {
		case "END-ISO-10303-21":
			if !s.expect(';') {
				return false
			}
			switch {
			case !header:
				return s.refuse(diagnosis.UnreadableFile, "The file has no HEADER section.")
			case !data:
				return s.refuse(diagnosis.UnreadableFile, "The file has no DATA section.")
			}
			return true
		case "HEADER":
			header = true
			if !s.expect(';') || !s.section(false) {
				return false
			}
		case "DATA":
			data = true
			// since 2002 a data section may have a name and a schema
			if c, ok := s.peek(); ok && c == '(' && !s.parameters() {
				return false
			}
			if !s.expect(';') || !s.section(true) {
				return false
			}
		case "ANCHOR", "REFERENCE":
			if !s.expect(';') || !s.skipSection() {
				return false
			}
		default:
			return s.unexpected("the name of a section")
		}
	}
}

// section reads statements up to ENDSEC; those of a data section are instances.
func (s *step) section(isData bool) bool {
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			return s.cutOff()
		case isData && c == '#':
			if !s.readInstance() {
				return false
			}
		default:
			word, ok := s.word()
			if !ok {
				return false
			}
			if strings.EqualFold(string(word), "ENDSEC") {
				return s.expect(';')
			}
			if isData {
				return s.unexpected("an entity or ENDSEC")
			}
			if !s.parameters() || !s.expect(';') {
				return false
			}
		}
	}
}

// skipSection passes over a section that holds no shape.
func (s *step) skipSection() bool {
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			return s.cutOff()
		case c == '\'' || c == '"':
			s.pos++
			if !s.skipPast(c) {
				return s.cutOff()
			}
		case isLetter(c):
			if word, ok := s.word(); !ok {
				return false
			} else if strings.EqualFold(string(word), "ENDSEC") {
				return s.expect(';')
			}
		default:
			s.pos++
		}
	}
}

// readInstance reads #id = record; where the record is KEYWORD(…) or, of several types at once, (KEYWORD(…)KEYWORD(…)).
func (s *step) readInstance() bool {
	id, ok := s.number()
	if !ok {
		return false
	}
	s.id, s.keyword, s.isPoint = id, s.keyword[:0], false
	s.entities++
	if s.missing == nil {
		s.defined.add(id)
	}
	if !s.expect('=') {
		return false
	}
	c, ok := s.peek()
	if !ok {
		return s.cutOff()
	}
	if c == '(' {
		s.pos++
		s.record.reset()
		for {
			if c, ok = s.peek(); !ok {
				return s.cutOff()
			} else if c == ')' {
				s.pos++
				break
			}
			if !s.readRecord() {
				return false
			}
		}
		s.units.note(s.id, &s.record)
	} else {
		s.record.reset()
		if !s.readRecord() {
			return false
		}
		s.noteSimple()
	}
	if !s.expect(';') {
		return false
	}
	s.id = 0
	return true
}

// readRecord reads KEYWORD(parameters).
func (s *step) readRecord() bool {
	word, ok := s.word()
	if !ok {
		return false
	}
	if len(s.keyword) == 0 {
		s.keyword = append(s.keyword, word[:min(len(word), cap(s.keyword))]...)
	}
	s.interest = interests[string(word)]
	s.record.seen |= s.interest
	s.isPoint = string(word) == "CARTESIAN_POINT" || string(word) == "DIRECTION"
	s.values = 0
	if c, ok := s.peek(); !ok {
		return s.cutOff()
	} else if c != '(' {
		return s.unexpected("the parameters of " + s.instance())
	}
	if !s.parameters() {
		return false
	}
	if s.isPoint && (s.values < 1 || s.values > 3) {
		return s.refuse(diagnosis.InvalidNumber, "Line %d: %s has %d coordinates.", s.line, s.instance(), s.values)
	}
	s.interest = none
	return true
}

// noteSimple takes what is worth knowing of an instance of one type.
func (s *step) noteSimple() {
	switch string(s.keyword) {
	case "MANIFOLD_SOLID_BREP", "BREP_WITH_VOIDS", "FACETED_BREP", "TESSELLATED_SOLID", "CSG_SOLID",
		"EXTRUDED_AREA_SOLID", "REVOLVED_AREA_SOLID", "SWEPT_DISK_SOLID", "BLOCK", "SPHERE", "TORUS",
		"RIGHT_CIRCULAR_CYLINDER", "RIGHT_CIRCULAR_CONE":
		s.solids++
	case "ADVANCED_FACE", "FACE_SURFACE", "TRIANGULATED_FACE", "COMPLEX_TRIANGULATED_FACE", "TRIANGULATED_SURFACE_SET",
		"COMPLEX_TRIANGULATED_SURFACE_SET":
		s.faces++
	case "LENGTH_MEASURE_WITH_UNIT":
		s.units.note(s.id, &s.record)
	case "DOCUMENT_FILE", "APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT":
		if len(s.record.texts) > 0 {
			s.noteFile(s.record.texts[0])
		}
	}
}
