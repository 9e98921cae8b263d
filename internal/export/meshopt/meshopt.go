// Package meshopt compresses the buffers of a glTF file as its extension EXT_meshopt_compression defines: triangles to about a
// byte each, and attributes by their differences from element to element. Every common glTF viewer decodes them, at some
// gigabytes a second.
//
//	Order        puts triangles side by side that share edges, and vertices in the order of their use: compression needs both
//	OrderVolume  does so with elements of volume
//	Triangles    triangle list → bytes (mode TRIANGLES)
//	Indices      any list of numbers, best of neighbours → bytes (mode INDICES)
//	Attributes   fixed-size elements → bytes (mode ATTRIBUTES)
//
// Source: glTF 2.0, "EXT_meshopt_compression", appendix A (bitstream).
package meshopt

import "encoding/binary"

// The order of a triangle's corners after 0, 1 or 2 rotations.
var rotations = [3][3]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}}

// auxiliary are the most frequent pairs of corner codes of triangles that share no edge with one before: a pair in this
// table costs no byte. The stream carries the table, so that any choice is right; its first entry has to be 0, and none may
// hold 15.
var auxiliary = [16]byte{0x00, 0x76, 0x87, 0x56, 0x67, 0x78, 0xa9, 0x86, 0x65, 0x89, 0x68, 0x98, 0x01, 0x69, 0, 0}

const (
	trianglesHeader = 0xe1
	free            = 15 // a corner that is written as a difference
	oneLess         = 13 // a corner one below the last such
	oneMore         = 14 // one above
	unused          = ^uint32(0)
)

// recent holds the last sixteen of something.
type recent[T comparable] struct {
	items [16]T
	next  int
}

func (r *recent[T]) push(v T) {
	r.items[r.next] = v
	r.next = (r.next + 1) & 15
}

// back returns the item pushed n pushes before the last.
func (r *recent[T]) back(n int) T { return r.items[(r.next-1-n)&15] }

// triangles is the state of an encoder.
type triangles struct {
	edges    recent[[2]uint32]
	vertices recent[uint32]
	fresh    uint32 // the lowest vertex that has not been seen
	last     uint32 // the last that was written as a difference
	codes    []byte
	data     []byte
}

// Triangles encodes a list of triangles, three indices each. Orientation is kept; which corner comes first is not.
func Triangles(indices []uint32) []byte {
	t := &triangles{codes: make([]byte, 1, 1+len(indices)/3), data: make([]byte, 0, len(indices)/6)}
	t.codes[0] = trianglesHeader
	for i := range t.edges.items {
		t.edges.items[i] = [2]uint32{unused, unused}
		t.vertices.items[i] = unused
	}
	for i := 0; i+2 < len(indices); i += 3 {
		corner := [3]uint32(indices[i : i+3])
		if edge, rotation, ok := t.knownEdge(corner); ok {
			t.onEdge(edge, corner[rotations[rotation][0]], corner[rotations[rotation][1]], corner[rotations[rotation][2]])
		} else {
			t.alone(corner)
		}
	}
	return append(append(t.codes, t.data...), auxiliary[:]...)
}

// knownEdge finds an edge of the triangle among the last fifteen.
func (t *triangles) knownEdge(c [3]uint32) (edge, rotation int, ok bool) {
	for i := range free {
		switch e := t.edges.back(i); {
		case e[0] == c[0] && e[1] == c[1]:
			return i, 0, true
		case e[0] == c[1] && e[1] == c[2]:
			return i, 1, true
		case e[0] == c[2] && e[1] == c[0]:
			return i, 2, true
		}
	}
	return 0, 0, false
}

// position returns how many pushes ago a vertex was pushed, -1 if it is not among the last sixteen.
func (t *triangles) position(v uint32) int {
	for i := range 16 {
		if t.vertices.back(i) == v {
			return i
		}
	}
	return -1
}

// onEdge writes a triangle that shares the edge ab with an earlier one.
func (t *triangles) onEdge(edge int, a, b, c uint32) {
	code := free
	switch at := t.position(c); {
	case at >= 1 && at < oneLess:
		code = at
	case c == t.fresh:
		code = 0
		t.fresh++
	case c+1 == t.last:
		code, t.last = oneLess, c
	case c == t.last+1:
		code, t.last = oneMore, c
	default:
		t.difference(c)
	}
	t.codes = append(t.codes, byte(edge<<4|code))
	if code == 0 || code >= oneLess {
		t.vertices.push(c)
	}
	t.edges.push([2]uint32{c, b})
	t.edges.push([2]uint32{a, c})
}

// alone writes a triangle that shares no recent edge. It is turned so that a fresh vertex comes first, if it has one.
func (t *triangles) alone(corner [3]uint32) {
	rotation := 0
	if corner[1] == t.fresh {
		rotation = 1
	} else if corner[2] == t.fresh {
		rotation = 2
	}
	order := rotations[rotation]
	a, b, c := corner[order[0]], corner[order[1]], corner[order[2]]

	atB, atC := t.position(b), t.position(c)
	first := free
	if a == t.fresh {
		first = 0
		t.fresh++
	}
	code := func(v uint32, at int) int {
		switch {
		case at >= 0 && at < 14:
			return at + 1
		case v == t.fresh:
			t.fresh++
			return 0
		}
		return free
	}
	second := code(b, atB)
	third := code(c, atC)

	pair := byte(second<<4 | third)
	entry := -1
	for i, v := range auxiliary[:14] {
		if v == pair {
			entry = i
			break
		}
	}
	switch {
	case first == 0 && entry >= 0:
		t.codes = append(t.codes, byte(0xf0|entry))
	case first == 0:
		t.codes = append(t.codes, 0xfe)
		t.data = append(t.data, pair)
	default:
		// A pair of 0 after 0xff would start the numbering of fresh vertices again.
		t.codes = append(t.codes, 0xff)
		t.data = append(t.data, pair)
	}
	for _, corner := range [3]struct {
		code int
		v    uint32
	}{{first, a}, {second, b}, {third, c}} {
		if corner.code == free {
			t.difference(corner.v)
		}
		if corner.code == 0 || corner.code == free {
			t.vertices.push(corner.v)
		}
	}
	t.edges.push([2]uint32{b, a})
	t.edges.push([2]uint32{c, b})
	t.edges.push([2]uint32{a, c})
}

// difference writes how far a vertex is from the last one so written.
func (t *triangles) difference(v uint32) {
	d := int32(v - t.last)
	t.data = binary.AppendUvarint(t.data, uint64(uint32(d<<1)^uint32(d>>31)))
	t.last = v
}
