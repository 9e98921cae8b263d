package cadfile

import (
	"strconv"

	"meshgen/internal/diagnosis"
)

// igesParameters reads the parameters of one entity after the other.
type igesParameters struct {
	delimiter, terminator byte

	text    int      // characters of a text, 4Habcd, that are still to come
	field   [64]byte // what is read of the current parameter, blanks left out
	length  int
	isText  bool
	index   int // of the current parameter; 0 is the type of the entity
	kind    int // the type
	leading [6]int
	line    int
}

// open reports whether the last entity lacks its end.
func (p *igesParameters) open() bool { return p.index > 0 || p.length > 0 || p.text > 0 }

// read reads columns 1 to 64 of a record.
func (p *igesParameters) read(columns []byte, line int) *diagnosis.Diagnosis {
	p.line = line
	for i := 0; i < len(columns); i++ {
		c := columns[i]
		switch {
		case p.text > 0:
			skip := min(p.text, len(columns)-i)
			p.text -= skip
			i += skip - 1
		case c == p.delimiter || c == p.terminator:
			if d := p.end(); d != nil {
				return d
			}
			if c == p.terminator {
				d := p.complete()
				p.index, p.kind = 0, 0
				return d // what follows on the line is a comment
			}
		case c == ' ':
		case c == 'H' && p.length > 0 && isDigits(p.field[:p.length]):
			n, err := strconv.Atoi(string(p.field[:p.length]))
			if err != nil {
				return p.refuse()
			}
			p.text, p.isText, p.length = n, true, 0
		case p.length < len(p.field):
			p.field[p.length] = c
			p.length++
		}
	}
	return nil
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// isGeometry reports whether the entity is a curve, surface, point or transformation: all its parameters are numbers.
func (p *igesParameters) isGeometry() bool { return p.kind >= 100 && p.kind < 200 }

// end takes the parameter that has been read.
func (p *igesParameters) end() *diagnosis.Diagnosis {
	field := p.field[:p.length]
	switch {
	case p.isText || len(field) == 0:
	case p.index == 0:
		p.kind, _ = strconv.Atoi(string(field))
	case p.isGeometry():
		n, large := scanNumber(field, true)
		limit := maxNumber
		switch p.kind {
		case 100, 106, 110, 116, 124, 126, 128: // consist of coordinates
			limit = maxCoordinate
		}
		if n < len(field) || large && size(field) > limit {
			return p.refuse()
		}
		if p.index < len(p.leading) {
			p.leading[p.index] = -1
			if n, err := strconv.Atoi(string(field)); err == nil {
				p.leading[p.index] = min(n, 1<<30)
			}
		}
	}
	p.index++
	p.length, p.isText = 0, false
	return nil
}

func (p *igesParameters) refuse() *diagnosis.Diagnosis {
	return diagnosis.New(diagnosis.InvalidNumber, "Line %d: %s is not a finite number of a possible size, in an entity of type %d.",
		p.line, excerpt(p.field[:p.length]), p.kind)
}

// complete makes sure that a spline has the numbers that its degrees and counts ask for: OpenCASCADE reserves and
// reads what they say.
func (p *igesParameters) complete() *diagnosis.Diagnosis {
	n := p.leading
	want := 0
	switch p.kind {
	case 126: // K, M, four flags, knots, weights, points, the range, the normal (often left out)
		if p.index > 2 {
			want = 1 + 6 + (n[1] + n[2] + 2) + 4*(n[1]+1) + 2
		}
	case 128: // K1, K2, M1, M2, five flags, knots in both directions, weights, points, the ranges
		if p.index > 4 {
			want = 1 + 9 + (n[1] + n[3] + 2) + (n[2] + n[4] + 2) + 4*(n[1]+1)*(n[2]+1) + 4
		}
	default:
		return nil
	}
	if n[1] < 1 || n[2] < 1 || want > p.index || n[1] > p.index || n[2] > p.index {
		return diagnosis.New(diagnosis.UnreadableFile, "Line %d: a spline (type %d) has fewer numbers than its counts ask for.", p.line, p.kind)
	}
	return nil
}
