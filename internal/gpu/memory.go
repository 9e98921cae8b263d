package gpu

import "fmt"

// Memory holds arrays on a device by name. Those of one piece of work serve the next.
type Memory struct {
	device *Device
	arrays map[string]array
}

type array struct {
	at    Pointer
	bytes int
}

// NewMemory returns one without arrays.
func NewMemory(d *Device) *Memory { return &Memory{device: d, arrays: map[string]array{}} }

// Array returns an array of so many bytes at least, which is good until its name is used again. What it holds is arbitrary.
func (m *Memory) Array(name string, bytes int) (Pointer, error) {
	a := m.arrays[name]
	if a.at == nil || a.bytes < bytes {
		if a.at != nil {
			delete(m.arrays, name)
			if err := m.device.Free(a.at); err != nil {
				return nil, err
			}
		}
		at, err := m.device.Alloc(max(bytes, 8))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a = array{at, max(bytes, 8)}
		m.arrays[name] = a
	}
	return a.at, nil
}

// Held returns how many bytes the arrays take.
func (m *Memory) Held() (sum int) {
	for _, a := range m.arrays {
		sum += a.bytes
	}
	return sum
}

// Free gives all arrays back.
func (m *Memory) Free() {
	for name, a := range m.arrays {
		_ = m.device.Free(a.at) // of a lost device all is gone already
		delete(m.arrays, name)
	}
}

// Address is a place on a device as an argument of a kernel.
func Address(at Pointer) uint64 { return uint64(uintptr(at)) }
