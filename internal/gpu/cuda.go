//go:build cuda

package gpu

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"unsafe"

	"gorgonia.org/cu"
)

// Device is a GPU with a context of its own. Its methods may be called from any goroutine, one at a time.
type Device struct {
	Info    Info
	context cu.CUContext
}

// Module is kernels that were loaded.
type Module struct {
	device *Device
	module cu.Module
}

// Kernel is one of them.
type Kernel struct {
	device   *Device
	function cu.Function
}

// Open takes the first device.
func Open() (*Device, error) {
	n, err := cu.NumDevices()
	if err != nil {
		return nil, fmt.Errorf("%w: the driver says %w", ErrNone, err)
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: the driver sees no device", ErrNone)
	}
	device, err := cu.GetDevice(0)
	if err != nil {
		return nil, fmt.Errorf("%w: the driver says %w", ErrNone, err)
	}
	d := &Device{}
	if err := d.describe(device); err != nil {
		return nil, fmt.Errorf("%w: the driver says %w", ErrNone, err)
	}
	// The thread sleeps while it waits: engines share their processors.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if d.context, err = device.MakeContext(cu.SchedBlockingSync); err != nil {
		return nil, fmt.Errorf("%w: no context on %s: %w", ErrNone, d.Info, err)
	}
	return d, nil
}

func (d *Device) describe(device cu.Device) (err error) {
	if d.Info.Name, err = device.Name(); err != nil {
		return err
	}
	if d.Info.Memory, err = device.TotalMem(); err != nil {
		return err
	}
	major, minor, err := device.ComputeCapability()
	d.Info.Capability = fmt.Sprintf("%d.%d", major, minor)
	return err
}

// do calls the driver with the device's context on the thread.
func (d *Device) do(what string, call func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cu.SetCurrentContext(d.context)
	if err == nil {
		err = call()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cu.OutOfMemory):
		return fmt.Errorf("%w: %s", ErrMemory, what)
	}
	return fmt.Errorf("%w: %s: %w", ErrFailed, what, err)
}

// Alloc returns memory of the device. What it holds is arbitrary.
func (d *Device) Alloc(bytes int) (at Pointer, err error) {
	err = d.do(fmt.Sprintf("%d bytes", bytes), func() error {
		p, err := cu.MemAlloc(int64(bytes))
		at = *(*Pointer)(unsafe.Pointer(&p))
		return err
	})
	return at, err
}

// Available returns how many bytes of the device's memory nobody has, in this process or another.
func (d *Device) Available() (bytes int, err error) {
	err = d.do("asking for free memory", func() error {
		free, _, err := cu.MemInfo()
		bytes = int(free)
		return err
	})
	return bytes, err
}

func place(p Pointer) cu.DevicePtr { return cu.DevicePtr(uintptr(p)) }

// Free gives memory back.
func (d *Device) Free(at Pointer) error {
	return d.do("giving memory back", func() error { return cu.MemFree(place(at)) })
}

// Clear makes bytes zero.
func (d *Device) Clear(at Pointer, bytes int) error {
	return d.do("clearing", func() error { return cu.MemsetD8(place(at), 0, int64(bytes)) })
}

// Put copies bytes to the device.
func (d *Device) Put(to Pointer, from Pointer, bytes int) error {
	return d.do("copying to the device", func() error { return cu.MemcpyHtoD(place(to), from, int64(bytes)) })
}

// Get copies bytes from the device, after all that was launched is done.
func (d *Device) Get(to Pointer, from Pointer, bytes int) error {
	return d.do("copying from the device", func() error { return cu.MemcpyDtoH(to, place(from), int64(bytes)) })
}

// Wait returns when all that was launched is done.
func (d *Device) Wait() error { return d.do("waiting for kernels", cu.Synchronize) }

// Load compiles PTX for the device, if it is of these sources.
func (d *Device) Load(ptx string, sources fs.FS) (*Module, error) {
	if err := fresh(ptx, sources); err != nil {
		return nil, err
	}
	m := &Module{device: d}
	err := d.do("loading kernels", func() (err error) {
		m.module, err = cu.LoadData(ptx)
		return err
	})
	return m, err
}

// Kernel finds one by its name.
func (m *Module) Kernel(name string) (*Kernel, error) {
	k := &Kernel{device: m.device}
	err := m.device.do("kernel "+name, func() (err error) {
		k.function, err = m.module.Function(name)
		return err
	})
	return k, err
}

// Launch runs a kernel on so many threads at least. Each argument is eight bytes: a number or a place on the device.
func (k *Kernel) Launch(threads int, arguments ...uint64) error {
	if threads == 0 {
		return nil
	}
	places := make([]unsafe.Pointer, len(arguments))
	for i := range arguments {
		places[i] = unsafe.Pointer(&arguments[i])
	}
	return k.device.do("launching a kernel", func() error {
		return k.function.Launch((threads+Block-1)/Block, 1, 1, Block, 1, 1, 0, cu.NoStream, places)
	})
}
