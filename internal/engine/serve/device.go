package serve

import (
	"errors"

	"meshgen/internal/gpu"
	"meshgen/internal/lattice"
	"meshgen/internal/sandbox"
)

// openDevice takes the GPU before the walls stand, since the driver and what compiles for it read their own libraries. What
// an engine is built without is not missed.
func openDevice() (*lattice.Device, error) {
	device, err := lattice.OpenDevice()
	if errors.Is(err, gpu.ErrBuilt) {
		return nil, nil
	}
	return device, err
}

// Probe does with the GPU what an engine does until it is ready, walls included, and returns what it is. A worker has it done in a process of
// its own: one that has no driver does not even start.
func Probe() (gpu.Info, error) {
	device, err := lattice.OpenDevice()
	if err != nil {
		return gpu.Info{}, err
	}
	if _, err := enterSandbox(true, sandbox.Folders{}); err != nil {
		return gpu.Info{}, err
	}
	return device.Info, device.Warm()
}
