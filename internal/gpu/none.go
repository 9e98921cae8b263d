//go:build !cuda

package gpu

import "fmt"

// Device is a GPU with a context of its own.
type Device struct{ Info Info }

// Module is kernels that were loaded.
type Module struct{}

// Kernel is one of them.
type Kernel struct{}

var errBuilt = fmt.Errorf("%w: this program is built without CUDA", ErrNone)

// Open takes the first device.
func Open() (*Device, error) { return nil, errBuilt }

// FreeMemory returns how many bytes can be allocated, about.
func (d *Device) FreeMemory() (int64, error) { return 0, errBuilt }

// Alloc returns memory of the device. What it holds is arbitrary.
func (d *Device) Alloc(int) (Pointer, error) { return nil, errBuilt }

// Free gives memory back.
func (d *Device) Free(Pointer) error { return errBuilt }

// Clear makes bytes zero.
func (d *Device) Clear(Pointer, int) error { return errBuilt }

// Put copies bytes to the device.
func (d *Device) Put(to Pointer, from Pointer, bytes int) error { return errBuilt }

// Get copies bytes from the device, after all that was launched is done.
func (d *Device) Get(to Pointer, from Pointer, bytes int) error { return errBuilt }

// Wait returns when all that was launched is done.
func (d *Device) Wait() error { return errBuilt }

// Load compiles PTX for the device.
func (d *Device) Load(string) (*Module, error) { return nil, errBuilt }

// Kernel finds one by its name.
func (m *Module) Kernel(string) (*Kernel, error) { return nil, errBuilt }

// Launch runs a kernel on so many threads at least. Each argument is eight bytes: a number or a place on the device.
func (k *Kernel) Launch(threads int, arguments ...uint64) error { return errBuilt }
