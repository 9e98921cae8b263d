package export

import (
	"encoding/binary"
	"io"
	"math"
	"strconv"
)

// out collects what is written and hands it on in large pieces. The first error stays, and what follows is dropped.
type out struct {
	w   io.Writer
	b   []byte
	err error
}

// piece is how many bytes are handed on at a time, all but the last: Linux keeps a file in pieces as large as it is written in, if they begin where
// a piece of that size may.
const piece = 256 << 10

func newOut(w io.Writer) *out { return &out{w: w, b: make([]byte, 0, piece+4096)} }

// end hands on the rest and returns the first error.
func (o *out) end() error {
	o.flush()
	return o.err
}

func (o *out) flush() {
	o.room()
	if o.err == nil && len(o.b) > 0 {
		_, o.err = o.w.Write(o.b)
	}
	o.b = o.b[:0]
}

// room hands on what is whole pieces.
func (o *out) room() {
	if len(o.b) < piece {
		return
	}
	from := 0
	for ; len(o.b)-from >= piece; from += piece {
		if o.err == nil {
			_, o.err = o.w.Write(o.b[from : from+piece])
		}
	}
	o.b = o.b[:copy(o.b, o.b[from:])]
}

// Write makes an out a writer too.
func (o *out) Write(p []byte) (int, error) {
	o.b = append(o.b, p...)
	o.room()
	return len(p), o.err
}

func (o *out) text(parts ...string) {
	for _, s := range parts {
		o.b = append(o.b, s...)
	}
	o.room()
}

func (o *out) byte(c byte) { o.b = append(o.b, c) }

func (o *out) int(v int) {
	o.b = strconv.AppendInt(o.b, int64(v), 10)
	o.room()
}

func (o *out) hex(v int) {
	o.b = strconv.AppendInt(o.b, int64(v), 16)
	o.room()
}

// float writes the shortest number that reads back as v.
func (o *out) float(v float64) {
	o.b = strconv.AppendFloat(o.b, v, 'g', -1, 64)
	o.room()
}

// right writes an integer at the right of a field, which it may outgrow.
func (o *out) right(v, width int) {
	from := len(o.b)
	o.b = strconv.AppendInt(o.b, int64(v), 10)
	o.pad(from, width)
}

// left writes an integer at the left of a field.
func (o *out) left(v, width int) {
	from := len(o.b)
	o.b = strconv.AppendInt(o.b, int64(v), 10)
	for len(o.b)-from < width {
		o.b = append(o.b, ' ')
	}
	o.room()
}

// pad moves what was written since from to the right of a field.
func (o *out) pad(from, width int) {
	n := len(o.b) - from
	for range width - n {
		o.b = append(o.b, ' ')
	}
	if gap := width - n; gap > 0 {
		copy(o.b[from+gap:], o.b[from:from+n])
		for i := from; i < from+gap; i++ {
			o.b[i] = ' '
		}
	}
	o.room()
}

func (o *out) little32(v uint32) {
	o.b = binary.LittleEndian.AppendUint32(o.b, v)
	o.room()
}

func (o *out) little64(v float64) {
	o.b = binary.LittleEndian.AppendUint64(o.b, math.Float64bits(v))
	o.room()
}

func (o *out) big32(v uint32) {
	o.b = binary.BigEndian.AppendUint32(o.b, v)
	o.room()
}

func (o *out) big64(v float64) {
	o.b = binary.BigEndian.AppendUint64(o.b, math.Float64bits(v))
	o.room()
}

// double writes a number with a Fortran exponent, 1.25D+00, at the right of a field.
func (o *out) double(v float64, digits, width int) {
	from := len(o.b)
	o.b = strconv.AppendFloat(o.b, v, 'E', digits, 64)
	for i := len(o.b) - 1; i > from; i-- {
		if o.b[i] == 'E' {
			o.b[i] = 'D'
			break
		}
	}
	o.pad(from, width)
}
