package cadfile

import (
	"bytes"
	"strconv"

	"meshgen/internal/diagnosis"
)

// peek returns the next byte that is neither blank nor in a comment, and false at the end or after a refusal.
func (s *step) peek() (byte, bool) {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case '\n':
				s.line++
				s.pos++
			case ' ', '\t', '\r', '\v', '\f':
				s.pos++
			case '/':
				if !s.skipComment() {
					return 0, false
				}
			default:
				return c, true
			}
		}
		if !s.more() {
			return 0, false
		}
	}
}

// skipComment passes over /* … */.
func (s *step) skipComment() bool {
	s.ahead()
	if s.pos+1 >= s.end || s.buf[s.pos+1] != '*' {
		return s.unexpected("something else")
	}
	begin := s.line
	s.pos += 2
	for s.skipPast('*') {
		if s.pos == s.end && !s.more() {
			break
		}
		if s.buf[s.pos] == '/' {
			s.pos++
			return true
		}
	}
	return s.refuse(diagnosis.UnreadableFile, "The comment that begins in line %d has no end.", begin)
}

// unexpected is the refusal of what stands here.
func (s *step) unexpected(want string) bool {
	if s.d != nil {
		return false
	}
	if s.pos == s.end {
		return s.cutOff()
	}
	rest := s.buf[s.pos:min(s.end, s.pos+33)]
	for i, c := range rest {
		if c == '\n' || c == '\r' {
			rest = rest[:i]
			break
		}
	}
	of := ""
	if s.id != 0 {
		of = ", in the definition of " + s.instance()
	}
	return s.refuse(diagnosis.UnreadableFile, "Line %d: %s where %s has to be%s.", s.line, excerpt(rest), want, of)
}

// expect passes over the byte c, blanks and comments before it included.
func (s *step) expect(c byte) bool {
	got, ok := s.peek()
	if !ok {
		return s.cutOff()
	}
	if got != c {
		return s.unexpected(strconv.QuoteRune(rune(c)))
	}
	s.pos++
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// inWord: what words consist of. The hyphen occurs in the names of the structure only.
var inWord = func() (table [256]bool) {
	for c := range table {
		table[c] = isLetter(byte(c)) || c >= '0' && c <= '9' || c == '_' || c == '-'
	}
	return table
}()

// word returns the word that comes next, valid until something else is read. User-defined ones begin with an
// exclamation mark.
func (s *step) word() ([]byte, bool) {
	c, ok := s.peek()
	if !ok {
		return nil, s.cutOff()
	}
	s.ahead()
	start := s.pos
	if c == '!' {
		s.pos++
	}
	if s.pos == s.end || !isLetter(s.buf[s.pos]) {
		return nil, s.unexpected("a keyword")
	}
	for s.pos < s.end && inWord[s.buf[s.pos]] {
		s.pos++
	}
	if s.pos == s.end && !s.eof {
		s.pos = start
		return nil, s.unexpected("a keyword")
	}
	return s.buf[start:s.pos], true
}

// number reads #digits.
func (s *step) number() (uint32, bool) {
	s.ahead()
	i := s.pos + 1
	id := uint64(0)
	for ; i < s.end && s.buf[i]-'0' <= 9; i++ {
		if id = id*10 + uint64(s.buf[i]-'0'); id > maxID {
			return 0, s.refuse(diagnosis.UnreadableFile, "Line %d: the entity number %s is beyond the limit of %d.",
				s.line, excerpt(s.buf[s.pos:min(s.end, s.pos+20)]), maxID)
		}
	}
	if i == s.pos+1 {
		return 0, s.unexpected("an entity number")
	}
	s.pos = i
	return uint32(id), true
}

// parameters reads a list in parentheses, lists within it included.
func (s *step) parameters() bool {
	if !s.expect('(') {
		return false
	}
	s.depth = 1
	for {
		c, ok := s.peek()
		if !ok {
			return s.cutOff()
		}
		switch {
		case c == ',':
			s.pos++
		case s.isPoint && s.depth > 1 && (c == '$' || c == '*' || c == '#' || c == '\'' || c == '"'):
			return s.badNumber(s.pos + 1) // the native reader takes it for zero
		case c == '$' || c == '*':
			s.pos++
		case c == '#':
			if !s.reference() {
				return false
			}
		case c == '(':
			s.pos++
			s.depth++
		case c == ')':
			s.pos++
			if s.depth--; s.depth == 0 {
				return true
			}
		case c == '\'':
			if !s.quoted() {
				return false
			}
		case c == '"':
			s.pos++
			if !s.skipPast('"') {
				return s.cutOff()
			}
		case c-'0' <= 9 || c == '-' || c == '+':
			if !s.real() {
				return false
			}
		case c == '.':
			if !s.enumeration() {
				return false
			}
		case isLetter(c) || c == '!':
			if !s.typed() {
				return false
			}
		default:
			return s.unexpected("a parameter")
		}
	}
}

// reference reads a parameter #id.
func (s *step) reference() bool {
	id, ok := s.number()
	if !ok {
		return false
	}
	switch {
	case s.missing != nil:
		if !s.defined.has(id) {
			s.missing(id)
		}
		return true
	case id == s.id:
		return s.refuse(diagnosis.UnreadableFile, "Line %d: %s refers to itself.", s.line, s.instance())
	}
	s.referred.add(id)
	if s.interest != none {
		s.record.refer(id, s.interest)
	}
	return true
}

// quoted reads a text; a quotation mark within it is written twice, which reads like two texts.
func (s *step) quoted() bool {
	begin := s.line
	s.pos++
	if s.interest != none {
		s.ahead()
		if n := bytes.IndexByte(s.buf[s.pos:min(s.end, s.pos+lookahead)], '\''); n >= 0 {
			s.record.quote(s.buf[s.pos : s.pos+n])
		}
	}
	if !s.skipPast('\'') {
		if s.err != nil {
			return s.cutOff()
		}
		return s.refuse(diagnosis.UnreadableFile, "The file is cut off: the text that begins in line %d has no end.", begin)
	}
	return true
}

// enumeration reads .WORD., or a number that begins with its point.
func (s *step) enumeration() bool {
	s.ahead()
	if s.pos+1 < s.end && s.buf[s.pos+1]-'0' <= 9 {
		return s.real()
	}
	i := s.pos + 1
	for i < s.end && inWord[s.buf[i]] {
		i++
	}
	if i == s.pos+1 || i == s.end || s.buf[i] != '.' {
		return s.unexpected("an enumeration")
	}
	if s.interest != none {
		s.record.enumerate(s.buf[s.pos+1 : i])
	}
	s.pos = i + 1
	return true
}

// typed reads the keyword of a typed parameter, which a list follows. A word alone is no parameter.
func (s *step) typed() bool {
	line := s.line
	word, ok := s.word()
	if !ok {
		return false
	}
	if isNotFinite(word) {
		s.pos -= len(word)
		return s.badNumber(s.pos + len(word))
	}
	text := excerpt(word)
	c, ok := s.peek()
	if !ok {
		return s.cutOff()
	}
	if c != '(' {
		code := diagnosis.UnreadableFile
		if s.isPoint {
			code = diagnosis.InvalidNumber
		}
		return s.refuse(code, "Line %d: the word %s where a value has to be, in the definition of %s.", line, text, s.instance())
	}
	return true
}

// badNumber is the refusal of the number that ends before the given position of the window.
func (s *step) badNumber(end int) bool {
	for end < s.end && !isDelimiter(s.buf[end]) {
		end++
	}
	return s.refuse(diagnosis.InvalidNumber, "Line %d: %s is not a finite number of a possible size, in the definition of %s.",
		s.line, excerpt(s.buf[s.pos:end]), s.instance())
}

func isDelimiter(c byte) bool {
	return c == ',' || c == ')' || c == '(' || c == ';' || c <= ' '
}

// real reads a number. Its value matters only where it may be too large, or is a measure.
func (s *step) real() bool {
	s.ahead()
	n, large := scanNumber(s.buf[s.pos:s.end], false)
	end := s.pos + n
	if n == 0 || end < s.end && !isDelimiter(s.buf[end]) && s.buf[end] != '/' {
		return s.badNumber(end)
	}
	if large {
		limit := maxNumber
		if s.isPoint {
			limit = maxCoordinate
		}
		if size(s.buf[s.pos:end]) > limit {
			return s.badNumber(end)
		}
	}
	if s.interest != none {
		s.record.value = size(s.buf[s.pos:end])
	}
	s.pos = end
	s.values++
	return true
}
