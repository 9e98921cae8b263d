package lattice

// #include "cpu.h"
import "C"

import (
	"unsafe"

	"meshgen/internal/gpu"
)

// fetched is a copy of an array of the device.
func fetched[T any](d *Device, at *T, n int) []T {
	out := make([]T, n)
	must(d.gpu.Get(unsafe.Pointer(&out[0]), gpu.Pointer(at), n*int(unsafe.Sizeof(out[0]))))
	return out
}

// counted is how much comes before each row of a mesh. What the device knows of it is copied once it is asked for.
type counted struct {
	w               *work
	device          *Device
	inside, surface []C.u32
	tets, tris      []C.u64
	leaves          [C.LAT_LEVELS][]C.u64 // of each level
}

// before returns how many nodes and elements come before a row, of all that write.
func (b *counted) before(row int) extent {
	w, l := b.w, b.w.lat
	if row == 0 {
		return extent{}
	}
	if row < w.n {
		if b.tets == nil {
			b.inside, b.surface = fetched(b.device, l.row_kept, w.n), fetched(b.device, l.row_surface, w.n)
			b.tets, b.tris = fetched(b.device, l.row_tet, w.n), fetched(b.device, l.row_tri, w.n)
		}
		return extent{int(b.inside[row]), int(b.surface[row]) - w.whole.inside, int(b.tets[row]), int(b.tris[row])}
	}
	out := w.whole
	row -= w.n
	for level := 1; level <= int(l.levels); level++ {
		n := w.cubeRows(level)
		if row < n {
			if b.leaves[level] == nil {
				b.leaves[level] = fetched(b.device, l.row_leaf[level], n)
			}
			out.tets = int(b.leaves[level][row])
			return out
		}
		row -= n
	}
	return out
}

// write has the rows written that there is room for at a time, and copies what they wrote.
func (d onDevice) write(w *work) *Mesh {
	rows := &counted{w: w, device: d.Device}
	need := func(t span) int { return rows.before(t.first).to(rows.before(t.last)).bytes() }
	tiles := w.tiles("mesh", &w.tiling.Mesh, w.allRows(), need)
	if d.stays && len(tiles) > 1 {
		panic(broken{errInTiles})
	}
	most := 0
	for _, t := range tiles {
		most = max(most, need(t))
	}
	var m *Mesh
	if !d.stays {
		m = carveMesh(d.here, w)
		m.Device, m.Tiling = d.Info.String(), w.tiling
	}
	at := d.array("mesh", most)
	for _, t := range tiles {
		from := rows.before(t.first)
		some := from.to(rows.before(t.last))
		xyz := at
		surface := unsafe.Add(xyz, nodeBytes*some.inside)
		tets := unsafe.Add(surface, nodeBytes*some.surface)
		tris := unsafe.Add(tets, tetBytes*some.tets)
		on := unsafe.Add(tris, triBytes*some.tris)
		w.hold(from, xyz, surface, on, tets, tris)
		w.writeRows(t.first, t.last)
		if m != nil {
			get(d, m.XYZ, 3*from.inside, xyz, 3*some.inside)
			get(d, m.XYZ, 3*(m.Inside+from.surface), surface, 3*some.surface)
			get(d, m.On, from.surface, on, some.surface)
			get(d, m.Tets, 4*from.tets, tets, 4*some.tets)
			get(d, m.Tris, 3*from.tris, tris, 3*some.tris)
		}
		d.xyz, d.tets = xyz, tets
	}
	d.last = w.whole
	if len(tiles) > 1 {
		d.tets = nil
		d.memory.Done("mesh")
	}
	return m
}

// get copies n values from the device into a slice, from one of them on.
func get[T any](d onDevice, to []T, first int, at gpu.Pointer, n int) {
	if n > 0 {
		must(d.gpu.Get(unsafe.Pointer(&to[first]), at, n*int(unsafe.Sizeof(to[0]))))
	}
}
