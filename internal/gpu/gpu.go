// Package gpu is a graphics processor of this machine: its memory, and kernels that run on it. It knows nothing of what they compute.
//
// It is there in programs that are built with -tags cuda, through gorgonia.org/cu. They need the driver's libcuda.so.1 to
// start; what is built without has the same interface, and Open says that there is none.
//
// ErrFailed is final for a device: what the driver reports of a kernel may come with any later call, and a context
// in which one failed does nothing any more (CUDA calls such errors sticky). Whoever uses one goes on with the processor then.
package gpu

import (
	"errors"
	"fmt"
	"unsafe"
)

// ErrNone is returned by Open where there is no GPU that can be used; it is wrapped with the reason.
var ErrNone = errors.New("no GPU")

// ErrBuilt is the ErrNone of programs that are built without CUDA.
var ErrBuilt = fmt.Errorf("%w: this program is built without CUDA", ErrNone)

// ErrMemory is returned where the device's memory does not suffice. The device is as good as before.
var ErrMemory = errors.New("not enough memory on the GPU")

// Info is what a device is.
type Info struct {
	Name       string `json:"name"`       // as its driver calls it
	Memory     int64  `json:"memory"`     // bytes
	Capability string `json:"capability"` // of its instruction set, such as 9.0
}

func (i Info) String() string {
	return fmt.Sprintf("%s (%d GiB, sm_%s)", i.Name, (i.Memory+1<<29)>>30, i.Capability)
}

// ErrFailed is returned where a device did not do what it was told: it is lost.
var ErrFailed = errors.New("the GPU failed")

// Pointer is a place in the memory of a device. It has the type of one in this process's so that kernels' arguments can hold
// it; nothing in this process may look there.
type Pointer = unsafe.Pointer

// Block is how many threads of a kernel run in one block.
const Block = 128
