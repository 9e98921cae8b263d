package gpu

import (
	"errors"
	"fmt"
)

// Memory holds arrays on a device by name. Those of one piece of work serve the next. An array is in use from when it is asked for until
// Done or Begin says that it is not; then it stays, and gives way where memory is short.
type Memory struct {
	device *Device
	arrays map[string]array
	limit  int
}

type array struct {
	at    Pointer
	bytes int
	idle  bool
}

// NewMemory returns one without arrays.
func NewMemory(d *Device) *Memory { return &Memory{device: d, arrays: map[string]array{}} }

// Limit bounds how many bytes the arrays take together; 0 leaves that to the device.
func (m *Memory) Limit(bytes int) { m.limit = bytes }

// Begin says that no array is in use. Where they take more together than is left beside them, all are given back: what comes may need others.
func (m *Memory) Begin() error {
	for name := range m.arrays {
		m.Done(name)
	}
	free, err := m.free()
	if err == nil && free < m.Held() {
		err = m.giveIdle()
	}
	return err
}

// Done says that an array is not in use any more. What is launched already may still work on it.
func (m *Memory) Done(name string) {
	if a, held := m.arrays[name]; held {
		a.idle = true
		m.arrays[name] = a
	}
}

// Array returns an array of so many bytes at least, which is good until its name is used again. What it holds is arbitrary.
func (m *Memory) Array(name string, bytes int) (Pointer, error) {
	bytes = max(bytes, 8)
	a, held := m.arrays[name]
	if !held || a.bytes < bytes {
		if err := m.Give(name); err != nil {
			return nil, err
		}
		at, err := m.alloc(bytes)
		if errors.Is(err, ErrMemory) {
			if err := m.giveIdle(); err != nil {
				return nil, err
			}
			at, err = m.alloc(bytes)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a = array{at: at, bytes: bytes}
	}
	a.idle = false
	m.arrays[name] = a
	return a.at, nil
}

func (m *Memory) alloc(bytes int) (Pointer, error) {
	if m.limit > 0 && m.Held()+bytes > m.limit {
		return nil, fmt.Errorf("%w: %d bytes beside %d, where %d are allowed", ErrMemory, bytes, m.Held(), m.limit)
	}
	return m.device.Alloc(bytes)
}

// Give gives an array back, if there is one of that name.
func (m *Memory) Give(name string) error {
	a, held := m.arrays[name]
	if !held {
		return nil
	}
	delete(m.arrays, name)
	return m.device.Free(a.at)
}

func (m *Memory) giveIdle() error {
	for name, a := range m.arrays {
		if a.idle {
			if err := m.Give(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// spare is one of how many parts of what is free is left alone: a driver hands memory out in pieces of its own size.
const spare = 16

// Room returns how many bytes there are for more arrays, and how many those in use take. Where there are fewer than needed, those that are not in
// use are given back first.
func (m *Memory) Room(need int) (room, used int, err error) {
	room, err = m.free()
	if err == nil && room-room/spare < need {
		if err = m.giveIdle(); err == nil {
			room, err = m.free()
		}
	}
	for _, a := range m.arrays {
		if !a.idle {
			used += a.bytes
		}
	}
	return room - room/spare, used, err
}

// free returns how many bytes there are for more arrays beside all that are held.
func (m *Memory) free() (int, error) {
	free, err := m.device.Available()
	if m.limit > 0 {
		free = min(free, m.limit-m.Held())
	}
	return max(free, 0), err
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
	for name := range m.arrays {
		_ = m.Give(name) // of a lost device all is gone already
	}
}

// Address is a place on a device as an argument of a kernel.
func Address(at Pointer) uint64 { return uint64(uintptr(at)) }
