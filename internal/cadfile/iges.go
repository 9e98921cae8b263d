package cadfile

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"meshgen/internal/diagnosis"
)

// IGES is written in records of 80 columns, of which column 73 names the section and the next seven number the record
// within it. The sections follow each other:
//
//	S  free text
//	G  global parameters, the unit of length among them
//	D  the directory: two records for each entity
//	P  the parameters: in columns 1 to 64, with commas between them and a semicolon after those of an entity
//	T  one record that counts the others
//
// OpenCASCADE reads on where records are missing, and then leaves faces out or crashes.
type iges struct {
	*text
	fixed   bool // records follow each other without line ends
	counts  map[byte]int
	last    map[byte]int // number of the last record of a section
	global  []byte
	started int // of the record that is being read: its line
	params  igesParameters
	facts   *Facts
}

const igesSections = "SGDPT"

// maxGlobal bounds the global section; it has 26 parameters.
const maxGlobal = 64 << 10

func checkIGES(src io.Reader, facts *Facts) *diagnosis.Diagnosis {
	r := &iges{text: newText(src), counts: map[byte]int{}, last: map[byte]int{}, facts: facts}
	r.params.delimiter, r.params.terminator = ',', ';'
	if r.end >= 160 && r.buf[80] != '\n' && r.buf[80] != '\r' && sequence(r.buf[80:160]) >= 1 {
		r.fixed = true
	}
	section := byte('S')
	for {
		record, ok := r.next()
		if !ok {
			if r.err != nil {
				return unread(r.err)
			}
			return diagnosis.New(diagnosis.UnreadableFile, "The file is cut off: it ends at line %d, in section %c.", r.line, section)
		}
		this := record[72]
		switch at := strings.IndexByte(igesSections, this); {
		case at < 0:
			return diagnosis.New(diagnosis.UnreadableFile, "Line %d: column 73 does not name a section, but holds %s.",
				r.started, excerpt(record[72:73]))
		case at < strings.IndexByte(igesSections, section):
			return diagnosis.New(diagnosis.UnreadableFile, "Line %d: a record of section %c after one of section %c.",
				r.started, this, section)
		case this != section && section == 'G':
			r.readGlobal()
		}
		section = this
		r.counts[this]++
		if d := r.inSequence(record, this); d != nil {
			return d
		}
		switch this {
		case 'G':
			if len(r.global) < maxGlobal {
				r.global = append(r.global, record[:72]...)
			}
		case 'D':
			r.readDirectory(record)
		case 'P':
			if d := r.params.read(record[:64], r.started); d != nil {
				return d
			}
		case 'T':
			return r.conclude(record)
		}
	}
}

// next returns the next record, of 80 columns, which is valid until the next call.
func (r *iges) next() ([]byte, bool) {
	for {
		r.ahead()
		if r.pos == r.end {
			return nil, false
		}
		r.started = r.line
		rest := r.buf[r.pos:r.end]
		if r.fixed && len(rest) >= 80 {
			r.pos += 80
			r.started = r.counts['S'] + r.counts['G'] + r.counts['D'] + r.counts['P'] + 1
			r.line = r.started
			return rest[:80], true
		}
		n := bytes.IndexByte(rest, '\n')
		line := rest
		switch {
		case n >= 0:
			line = rest[:n]
			r.pos += n + 1
			r.line++
		case len(rest) >= lookahead: // no record is as long; what follows its columns is passed over
			r.skipPast('\n')
		default:
			r.pos = r.end
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(line) < 73 {
			if n < 0 {
				return nil, false
			}
			return append(bytes.Clone(line), bytes.Repeat([]byte{' '}, 80-len(line))...), true
		}
		if len(line) < 80 {
			return append(bytes.Clone(line), bytes.Repeat([]byte{' '}, 80-len(line))...), true
		}
		return line[:80], true
	}
}

// inSequence refuses the directory or the parameters where a record is missing.
func (r *iges) inSequence(record []byte, section byte) *diagnosis.Diagnosis {
	n := sequence(record)
	if section != 'D' && section != 'P' || n < 0 {
		return nil
	}
	if n != r.last[section]+1 {
		return diagnosis.New(diagnosis.UnreadableFile, "Line %d: record %d of section %c follows record %d.",
			r.started, n, section, r.last[section])
	}
	r.last[section] = n
	return nil
}

// readDirectory counts the entities; the first of the two records of each begins with its type.
func (r *iges) readDirectory(record []byte) {
	if r.counts['D']%2 == 0 {
		return
	}
	r.facts.Entities++
	switch string(bytes.TrimSpace(record[:8])) {
	case "143", "144", "510": // bounded and trimmed surfaces, faces
		r.facts.Faces++
	case "186": // manifold solid
		r.facts.Solids++
	}
}

// conclude compares what the terminate record says with what was there.
func (r *iges) conclude(record []byte) *diagnosis.Diagnosis {
	switch {
	case r.counts['D'] == 0:
		return diagnosis.New(diagnosis.EmptyModel, "The file has no entity.")
	case r.counts['D']%2 != 0:
		return diagnosis.New(diagnosis.UnreadableFile, "The directory has %d records, which is no even number.", r.counts['D'])
	case r.counts['P'] == 0:
		return diagnosis.New(diagnosis.UnreadableFile, "The file has a directory, but no parameters.")
	case r.params.open():
		return diagnosis.New(diagnosis.UnreadableFile, "The parameters of the last entity have no end.")
	}
	for at := 0; at+8 <= 32; at += 8 {
		section := record[at]
		claim, err := strconv.Atoi(string(bytes.TrimSpace(record[at+1 : at+8])))
		if err == nil && (section == 'D' || section == 'P') && claim != r.counts[section] {
			return diagnosis.New(diagnosis.UnreadableFile, "The file says that section %c has %d records, and has %d.",
				section, claim, r.counts[section])
		}
	}
	return nil
}

// readGlobal takes the delimiters and the unit of length from the global section.
func (r *iges) readGlobal() {
	fields, delimiter, terminator := globalFields(r.global)
	r.params.delimiter, r.params.terminator = delimiter, terminator
	const unitFlag, unitNameField = 13, 14 // counted from 0
	flag := ""
	if len(fields) > unitFlag {
		flag = fields[unitFlag]
	}
	if flag == "3" && len(fields) > unitNameField {
		r.facts.DeclaredUnits = igesNames[strings.ToUpper(fields[unitNameField])]
		return
	}
	if flag == "" {
		flag = "1" // the default of the format
	}
	r.facts.DeclaredUnits = igesUnits[flag]
}

var igesUnits = map[string]string{"1": "in", "2": "mm", "4": "ft", "5": "mi", "6": "m", "7": "km", "8": "mil", "9": "um",
	"10": "cm", "11": "uin"}

var igesNames = map[string]string{"IN": "in", "INCH": "in", "MM": "mm", "FT": "ft", "MI": "mi", "M": "m", "KM": "km",
	"MIL": "mil", "UM": "um", "CM": "cm", "UIN": "uin"}

// globalFields splits the global section, of which the first two parameters name the delimiters of the file.
func globalFields(g []byte) (fields []string, delimiter, terminator byte) {
	delimiter, terminator = ',', ';'
	for len(g) > 0 {
		// the first two may themselves be written as 1H,, and 1H;,
		field := ""
		g = bytes.TrimLeft(g, " ")
		digits := 0
		for digits < len(g) && digits < 6 && g[digits]-'0' <= 9 {
			digits++
		}
		if digits > 0 && digits < len(g) && g[digits] == 'H' {
			n, _ := strconv.Atoi(string(g[:digits]))
			n = min(n, len(g)-digits-1)
			field = string(g[digits+1 : digits+1+n])
			g = g[digits+1+n:]
			if len(fields) == 0 && n == 1 {
				delimiter = field[0]
			}
			if len(fields) == 1 && n == 1 {
				terminator = field[0]
			}
		}
		end := bytes.IndexAny(g, string([]byte{delimiter, terminator}))
		if end < 0 {
			end = len(g)
		}
		if field == "" {
			field = string(bytes.TrimSpace(g[:end]))
		}
		fields = append(fields, field)
		if end == len(g) || g[end] == terminator {
			break
		}
		g = g[end+1:]
	}
	return fields, delimiter, terminator
}
