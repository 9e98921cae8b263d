package lattice

// /* In ISO C gcc fuses no multiplication with an addition; cgo does not let the flag through that says so. */
// #cgo CFLAGS: -O3 -std=c11
// #cgo LDFLAGS: -lm
// #include "cpu.h"
import "C"

import "sync"

// codes is how many signs six nodes can have.
const codes = 729

// owned are the edges that a node owns, in half edges: those of its sublattice, then those to the next slab.
var owned = [7][3]int{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}, {-1, -1, 1}, {1, -1, 1}, {-1, 1, 1}, {1, 1, 1}}

// tables are what the kernels fill octahedra by.
var tables = sync.OnceValue(func() *C.octahedra {
	t := &C.octahedra{}
	for axis := range 3 {
		at := &octahedronNodes[axis]
		for v, place := range at {
			t.node[axis][v] = steps(place)
		}
		for end := range 2 {
			for k := range 4 {
				a, b := at[2+k], at[2+(k+1)%4]
				var beyond [3]int
				for x := range 3 {
					beyond[x] = a[x] + b[x] - at[end][x]
				}
				t.beyond[axis][4*end+k] = steps(beyond)
			}
		}
		for e, ends := range octahedronEdges {
			owner, dir := ownerOf(at[ends[0]], at[ends[1]])
			t.edge_owner[axis][e], t.edge_dir[axis][e] = C.u8(ends[owner]), C.u8(dir)
		}
		for code := range codes {
			t.fill[axis][code] = stencilOf(fill(axis, signsOf(code)))
		}
	}
	return t
})

// steps converts a place, in half edges from a node of odd parity, to steps in i, j and m.
func steps(place [3]int) (s [3]C.i32) {
	half := place[2] & 1 // nodes of the other sublattice lie half an edge lower in i and j than their numbers say
	for k := range 2 {
		s[k] = C.i32((place[k] + half) / 2)
	}
	s[2] = C.i32(place[2])
	return s
}

// ownerOf returns which end of an edge owns it, and the edge's number there.
func ownerOf(a, b [3]int) (owner, dir int) {
	for d, o := range owned {
		if b == [3]int{a[0] + o[0], a[1] + o[1], a[2] + o[2]} {
			return 0, d
		}
		if a == [3]int{b[0] + o[0], b[1] + o[1], b[2] + o[2]} {
			return 1, d
		}
	}
	panic("lattice: an edge that nobody owns")
}

func stencilOf(c *cutter) (s C.stencil) {
	s.tets, s.tris, s.asks = C.u8(len(c.tets)), C.u8(len(c.tris)), C.u8(len(c.asks))
	s.used = C.u32(c.used())
	for i, t := range c.tets { // beyond the array's end is a panic
		for k, p := range t {
			s.tet[i][k] = C.u8(p)
		}
	}
	for i, t := range c.tris {
		for k, p := range t {
			s.tri[i][k] = C.u8(p)
		}
	}
	for i, a := range c.asks {
		s.ask[i] = C.u8(a.beyond)
		for k, p := range a.tri {
			s.ask_tri[i][k] = C.u8(p)
		}
	}
	return s
}
