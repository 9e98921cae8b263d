package cadfile

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

const (
	window = 256 << 10 // how much of a file is held at once
	// lookahead is how much of it is there at least, once ahead has been called, unless the file ends before. It
	// bounds words and numbers; texts and comments may be longer.
	lookahead = 4 << 10
)

// text is a window that moves over a file and counts its lines.
type text struct {
	src  io.Reader
	buf  []byte
	pos  int // of the next byte in buf
	end  int // of what is read
	line int // of the next byte, from 1
	eof  bool
	err  error // that stopped the reading, if it was not the end
}

func newText(src io.Reader) *text {
	t := &text{src: src, buf: make([]byte, window), line: 1}
	t.more()
	return t
}

// more reads on, dropping what is behind pos, and reports whether there was anything.
func (t *text) more() bool {
	if t.eof {
		return false
	}
	t.end = copy(t.buf, t.buf[t.pos:t.end])
	t.pos = 0
	n, err := io.ReadFull(t.src, t.buf[t.end:])
	t.end += n
	if err != nil {
		t.eof = true
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.err = err
		}
	}
	return n > 0
}

// ahead makes sure that a word or number which begins here is in the window as a whole.
func (t *text) ahead() {
	if t.end-t.pos < lookahead && !t.eof {
		t.more()
	}
}

// skipPast passes over everything up to and including the byte c, counting lines, and reports whether it was found.
func (t *text) skipPast(c byte) bool {
	for {
		rest := t.buf[t.pos:t.end]
		if i := bytes.IndexByte(rest, c); i >= 0 {
			t.line += bytes.Count(rest[:i+1], newline)
			t.pos += i + 1
			return true
		}
		t.line += bytes.Count(rest, newline)
		t.pos = t.end
		if !t.more() {
			return false
		}
	}
}

var newline = []byte{'\n'}

// excerpt quotes a stranger's word, cut to a decent length.
func excerpt(word []byte) string {
	if len(word) > 32 {
		return strconv.QuoteToASCII(string(word[:32])) + "…"
	}
	return strconv.QuoteToASCII(string(word))
}
