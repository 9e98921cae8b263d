package pool

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"meshgen/internal/engine"
	"meshgen/internal/gpu"
	"meshgen/internal/spec"
)

// cudaSuffix ends the name of the engine that can use a GPU. It is another program, since it does not start without the
// driver's library.
const cudaSuffix = "-cuda"

// chooseDevice picks the engine: the one for a GPU, if there is one that can be used, and if that is wanted.
func (p *Pool) chooseDevice(ctx context.Context) error {
	wanted, path := p.cfg.Device, p.cfg.Path+cudaSuffix
	if wanted == spec.DeviceCPU {
		return nil
	}
	if _, err := os.Stat(path); err != nil && wanted != spec.DeviceCUDA {
		return nil // not built for one
	}
	device, err := probe(ctx, path, p.cfg)
	switch {
	case err == nil:
		p.log.Info("engines hold a GPU", "device", device.Name, "memory", Bytes(device.Memory), "capability", device.Capability)
		p.gpu = true // nothing runs yet
		return nil
	case wanted == spec.DeviceCUDA:
		return fmt.Errorf("MESHGEN_DEVICE is %s, and no GPU can be used: %w", wanted, err)
	}
	p.log.Info("engines work on the processor: no GPU can be used", "error", err)
	return nil
}

// mostLost is how often the GPU may be lost before engines do without: one that works for the probe and not for meshes would cost
// an engine, with all that it keeps, each time.
const mostLost = 3

// lostGPU counts. p.mu is held.
func (p *Pool) lostGPU(why error) {
	if p.gpuLost++; p.gpu && p.gpuLost >= mostLost {
		p.gpu = false
		p.log.Error("engines work on the processor from now on: the GPU was lost too often", "error", why)
	}
}

// leavesGPU reports whether an engine that did not start is followed by those for the processor: the driver may have gone since the probe, and
// ends engines before they can say so. Where a GPU is required, the first one has to start. p.mu is held.
func (p *Pool) leavesGPU(c *child) bool {
	if !c.gpu || p.cfg.Device == spec.DeviceCUDA && p.ready == 0 {
		return false
	}
	p.startFailures++
	if p.gpu {
		p.gpu = false
		p.log.Error("engines work on the processor from now on: one for the GPU did not start", "pid", c.pid, "error", c.epitaph)
	}
	return true
}

// probe has a process find out what an engine would find. It may die of it: of a library that is not there, or of a driver.
func probe(ctx context.Context, path string, cfg Config) (device gpu.Info, err error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, engine.ProbeArgument)
	cmd.Env, cmd.Dir = environment(os.TempDir(), cfg.Sandbox), os.TempDir()
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with all that it starts
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := finish(ctx, cmd); err != nil {
		if ctx.Err() != nil { // it may still write: what it has said is not looked at
			return device, fmt.Errorf("%s %s: no answer in %s", path, engine.ProbeArgument, cfg.StartTimeout)
		}
		words := strings.TrimSpace(strings.TrimSpace(out.String()) + " " + strings.TrimSpace(said.String()))
		return device, fmt.Errorf("%s %s: %w: %s", path, engine.ProbeArgument, err, words[max(0, len(words)-maxWords):])
	}
	if err := json.Unmarshal(out.Bytes(), &device); err != nil {
		return device, fmt.Errorf("%s %s printed %.200q: %w", path, engine.ProbeArgument, out.String(), err)
	}
	return device, nil
}

// finish runs a program, and does not wait for one that cannot be killed, as one that is stuck in a driver.
func finish(ctx context.Context, cmd *exec.Cmd) error {
	done := make(chan error, 1)
	go func() { done <- cmd.Run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maxWords is how much of what a probe says is repeated.
const maxWords = 400
