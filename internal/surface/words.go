package surface

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// words yields the words of a text through a window over it.
type words struct {
	src  io.Reader
	buf  []byte
	pos  int   // of the next byte in buf
	end  int   // of what is read
	line int   // of the next byte, from 1
	err  error // that stopped the reading, if it was not the end
	eof  bool
}

// window is how much of the file is held at once. It bounds a word, too: a longer one comes in pieces, of which none is
// a word of the format.
const window = 256 << 10

func newWords(src io.Reader) *words {
	w := &words{src: src, buf: make([]byte, window), line: 1}
	w.fill(0)
	if bytes.HasPrefix(w.buf[:w.end], []byte("\xef\xbb\xbf")) { // a byte order mark
		w.pos = 3
	}
	return w
}

// fill keeps the window's bytes from keep on, reads more behind them and reports whether there were any.
func (w *words) fill(keep int) bool {
	if w.eof || keep == 0 && w.end == len(w.buf) {
		return false
	}
	w.end = copy(w.buf, w.buf[keep:w.end])
	w.pos -= keep
	n, err := io.ReadFull(w.src, w.buf[w.end:])
	w.end += n
	if err != nil {
		w.eof = true
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			w.err = err
		}
	}
	return n > 0
}

// next returns the next word, valid until the next call; it is empty at the end.
func (w *words) next() []byte {
	for {
		for w.pos < w.end && isSpace(w.buf[w.pos]) {
			if w.buf[w.pos] == '\n' {
				w.line++
			}
			w.pos++
		}
		if w.pos < w.end || !w.fill(w.pos) {
			break
		}
	}
	start := w.pos
	for {
		for w.pos < w.end && !isSpace(w.buf[w.pos]) {
			w.pos++
		}
		if w.pos < w.end {
			break
		}
		more := w.fill(start)
		if !more {
			break
		}
		start = 0
	}
	return w.buf[start:w.pos]
}

// skipLine passes over the rest of the line.
func (w *words) skipLine() {
	for {
		if i := bytes.IndexByte(w.buf[w.pos:w.end], '\n'); i >= 0 {
			w.pos += i
			return
		}
		w.pos = w.end
		if !w.fill(w.pos) {
			return
		}
	}
}

// spaces: what separates words. NUL and the DOS end of file are what careless writers leave behind the last line.
var spaces = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, '\v': true, '\f': true, 0: true, 0x1a: true}

func isSpace(c byte) bool { return spaces[c] }

// isWord reports whether word is the given word of lower-case letters, in any case.
func isWord(word []byte, lower string) bool {
	if len(word) != len(lower) {
		return false
	}
	for i, c := range word {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// excerpt quotes a stranger's word, cut to a decent length.
func excerpt(word []byte) string {
	if len(word) > 32 {
		return strconv.QuoteToASCII(string(word[:32])) + "…"
	}
	return strconv.QuoteToASCII(string(word))
}
