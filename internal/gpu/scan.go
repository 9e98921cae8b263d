package gpu

import (
	"math"
	"unsafe"
)

// Scanner replaces counts on a device by where each begins. Its kernels are those of scan.h.
type Scanner struct {
	sum, place map[int]*Kernel // by the bits of a count
	begin      *Kernel
	memory     *Memory
}

// Scanner finds the kernels of a module that includes scan.h. What it needs beside the counts it takes from a memory.
func (m *Module) Scanner(memory *Memory) (*Scanner, error) {
	s := &Scanner{sum: map[int]*Kernel{}, place: map[int]*Kernel{}, memory: memory}
	var err error
	for bits, names := range map[int][2]string{32: {"gpu_sum32", "gpu_place32"}, 64: {"gpu_sum64", "gpu_place64"}} {
		if s.sum[bits], err = m.Kernel(names[0]); err != nil {
			return nil, err
		}
		if s.place[bits], err = m.Kernel(names[1]); err != nil {
			return nil, err
		}
	}
	s.begin, err = m.Kernel("gpu_begin_parts")
	return s, err
}

// Scan replaces n counts of so many bits, 32 or 64, by where each begins, the first of them at a number. It returns the end of the last.
func (s *Scanner) Scan(count Pointer, bits, n int, first uint64) (end uint64, err error) {
	if n == 0 {
		return first, nil
	}
	part := int(math.Ceil(math.Sqrt(float64(n))))
	parts := (n + part - 1) / part
	sums, err := s.memory.Array("sums", 8*(parts+1))
	if err != nil {
		return 0, err
	}
	if err := s.sum[bits].Launch(parts, Address(count), uint64(n), uint64(part), Address(sums)); err != nil {
		return 0, err
	}
	if err := s.begin.Launch(1, Address(sums), uint64(parts), first); err != nil {
		return 0, err
	}
	if err := s.place[bits].Launch(parts, Address(count), uint64(n), uint64(part), Address(sums)); err != nil {
		return 0, err
	}
	return end, s.memory.device.Get(unsafe.Pointer(&end), unsafe.Add(sums, 8*parts), 8)
}
