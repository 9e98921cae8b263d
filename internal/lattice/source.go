package lattice

// #include "cpu.h"
import "C"

import (
	"fmt"
	"unsafe"

	"meshgen/internal/field"
	"meshgen/internal/gpu"
)

// source is where the signs of nodes and the cuts of edges come from.
type source interface {
	begin(w *work) error
	// signs returns the signs of the nodes of some slabs where the kernels find them, a byte for each, and signsNeed how many bytes of the
	// processor's room it takes. They are good until the next call.
	signs(w *work, slabs span) unsafe.Pointer
	signsNeed(slabs span) int
	// cuts brings the cuts to where the kernels find them, once the nodes that own one are known.
	cuts(w *work) error
}

// given is a field whose arrays Go has.
type given struct{ *Field }

func (f given) begin(*work) error { return nil }

func (f given) signsNeed(slabs span) int { return (slabs.last - slabs.first) * f.N[0] * f.N[1] }

func (f given) signs(w *work, slabs span) unsafe.Pointer {
	w.pins.Pin(&f.Inside[0])
	slab := f.N[0] * f.N[1]
	return lent(w, "signs", f.Inside[slabs.first*slab:slabs.last*slab])
}

func (f given) cuts(w *work) error {
	w.done("signs")
	if owners := int(w.owners); len(f.T) != field.Edges*owners || f.Triangle != nil && len(f.Triangle) != len(f.T) {
		return fmt.Errorf("lattice: %d cuts and %d triangles for %d nodes that own cut edges: want %d for each", len(f.T), len(f.Triangle), owners, field.Edges)
	}
	if w.owners == 0 {
		return ErrEmpty
	}
	w.pins.Pin(&f.T[0])
	w.lat.t = (*C.float)(lent(w, "shares", f.T))
	if f.Triangle != nil {
		w.pins.Pin(&f.Triangle[0])
		w.lat.triangle = (*C.i32)(lent(w, "triangles", f.Triangle))
	}
	return nil
}

// sampled is a surface whose triangles a device has.
type sampled struct {
	surface  *field.Surface
	device   *Device
	sampling *field.Sampling
}

func (s *sampled) begin(w *work) (err error) {
	l := w.lat
	lattice := field.Lattice{H: float64(l.h)}
	for k := range 3 {
		lattice.Origin[k], lattice.N[k] = float64(l.origin[k]), int32(l.n[k])
	}
	s.sampling, err = s.device.field.Begin(s.surface, lattice)
	return err
}

func (s *sampled) signsNeed(slabs span) int { return s.sampling.SidesNeed(slabs.last - slabs.first) }

func (s *sampled) signs(_ *work, slabs span) unsafe.Pointer {
	inside, err := s.sampling.Sides(slabs.first, slabs.last)
	must(err)
	return inside
}

func (s *sampled) cuts(w *work) error {
	defer s.sampling.End()
	if w.owners == 0 {
		return ErrEmpty
	}
	s.sampling.Leave()
	w.lat.t = arrayOf[C.float](w, "shares", field.Edges*int(w.owners))
	w.lat.triangle = arrayOf[C.i32](w, "triangles", field.Edges*int(w.owners))
	slabs, rows := 2*int(w.lat.n[2]), int(w.lat.n[1])
	nodes := rows * int(w.lat.n[0])
	beyond := func(t span) int { return min(t.last+field.Beyond, slabs) }
	var begin []C.u32 // of each row, the first node that owns a cut
	owners := func(slab int) int {
		switch {
		case slab == 0:
			return 0
		case slab == slabs:
			return int(w.owners)
		case begin == nil:
			begin = fetched(s.device, w.lat.row_owner, w.n)
		}
		return int(begin[slab*rows])
	}
	all := w.tiles("cuts", &w.tiling.Cuts, slabs, func(t span) int {
		return s.sampling.CutsNeed(t.last-t.first, owners(t.last)-owners(t.first)) + (beyond(t)-t.first)*nodes
	})
	at := 0
	for _, t := range all {
		if len(all) > 1 {
			must(s.sampling.Forget())
			must(s.device.memory.Give("unpacked"))
		}
		w.lat.first_row = C.i64(t.first * rows)
		w.lat.unpacked = arrayOf[C.u8](w, "unpacked", (beyond(t)-t.first)*nodes)
		w.rows(w.lat, C.LAT_unpack, t.first*rows, beyond(t)*rows)
		n, err := s.sampling.Owners(t.first, t.last, gpu.Pointer(w.lat.unpacked))
		must(err)
		if want := owners(t.last) - owners(t.first); n != want {
			panic(broken{fmt.Errorf("%w: slabs %d to %d have %d nodes that own cuts, the field says %d", gpu.ErrFailed, t.first, t.last, want, n)})
		}
		must(s.sampling.Cuts(tail(w.lat.t, field.Edges*at), tail(w.lat.triangle, field.Edges*at)))
		at += n
	}
	w.done("unpacked")
	return nil
}

// tail is an array from a value on.
func tail[T any](array *T, from int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(array), from*int(unsafe.Sizeof(*array)))
}
