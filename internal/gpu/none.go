//go:build !cuda

package gpu

import "io/fs"

// Device is a GPU with a context of its own.
type Device struct{ Info Info }

// Module is kernels that were loaded.
type Module struct{}

// Kernel is one of them.
type Kernel struct{}

// Open takes the first device.
func Open() (*Device, error) { return nil, ErrBuilt }

// Alloc returns memory of the device. What it holds is arbitrary.
func (d *Device) Alloc(int) (Pointer, error) { return nil, ErrBuilt }

// Available returns how many bytes of the device's memory nobody has, in this process or another.
func (d *Device) Available() (int, error) { return 0, ErrBuilt }

// Free gives memory back.
func (d *Device) Free(Pointer) error { return ErrBuilt }

// Clear makes bytes zero.
func (d *Device) Clear(Pointer, int) error { return ErrBuilt }

// Put copies bytes to the device.
func (d *Device) Put(to Pointer, from Pointer, bytes int) error { return ErrBuilt }

// Get copies bytes from the device, after all that was launched is done.
func (d *Device) Get(to Pointer, from Pointer, bytes int) error { return ErrBuilt }

// Wait returns when all that was launched is done.
func (d *Device) Wait() error { return ErrBuilt }

// Load compiles PTX for the device, if it is of these sources.
func (d *Device) Load(string, fs.FS) (*Module, error) { return nil, ErrBuilt }

// Kernel finds one by its name.
func (m *Module) Kernel(string) (*Kernel, error) { return nil, ErrBuilt }

// Launch runs a kernel on so many threads at least. Each argument is eight bytes: a number or a place on the device.
func (k *Kernel) Launch(threads int, arguments ...uint64) error { return ErrBuilt }
