package mesher

import (
	"errors"
	"fmt"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/gpu"
	"meshgen/internal/lattice"
	"meshgen/internal/spec"
)

// leastOnDevice is from how many tetrahedra on auto has a lattice made by the GPU. Smaller ones are made sooner than their
// field and they themselves are copied.
const leastOnDevice = 300_000

// Use has lattices made by a device.
func (m *Mesher) Use(d *lattice.Device) { m.device = d }

// warnOfDevice says where the device that is asked for is not at hand.
func (j *job) warnOfDevice() {
	if j.req.Spec.Device == spec.DeviceCUDA && j.m.device == nil {
		j.warn(*diagnosis.New(diagnosis.UnfitSpec, "No GPU is at hand where this was meshed: the processor made the same mesh.").
			WithHint("Leave device to auto."))
	}
}

// chooseDevice picks what makes a lattice of about so many tetrahedra.
func (j *job) chooseDevice(tets float64) {
	wanted := j.req.Spec.Device
	j.m.lattice.Device = nil
	if wanted == spec.DeviceCUDA || wanted == spec.DeviceAuto && tets >= leastOnDevice {
		j.m.lattice.Device = j.m.device
	}
	j.m.lattice.FellBack = func(why error) {
		if !errors.Is(why, gpu.ErrMemory) {
			j.m.device, j.m.lost = nil, true
		}
		j.track.say(gmsh.Warning, fmt.Sprintf("The GPU did not make the lattice, the processor does: %v", why))
		if wanted == spec.DeviceCUDA {
			j.warn(*diagnosis.New(diagnosis.UnfitSpec, "The GPU could not make the lattice: the processor made the same mesh.").
				WithDetail(why.Error()).WithHint("Leave device to auto."))
		}
	}
}

// sayTiles notes where a lattice did not fit in the GPU's memory as a whole.
func (j *job) sayTiles(t lattice.Tiling) {
	if t.Tiles() > 1 {
		j.track.say(gmsh.Info, t.String())
	}
}

// Lost reports whether a device was lost: what the process holds of it cannot be had back, so that another one is needed.
func (m *Mesher) Lost() bool { return m.lost }
