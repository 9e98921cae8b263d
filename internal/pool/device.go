package pool

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

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

// How often the GPU may be lost before engines do without for a while: one that works for the probe and not for meshes would cost an engine,
// with all that it keeps, each time. Several engines that lose it at once count once.
const (
	mostLost = 3
	atOnce   = 5 * time.Second
)

// How long engines do without, before the GPU is probed again: twice as long each time.
const (
	firstRest   = time.Minute
	longestRest = time.Hour
)

// lostGPU counts. p.mu is held.
func (p *Pool) lostGPU(why error) {
	if now := time.Now(); now.Sub(p.gpuLostAt) > p.gpuAtOnce {
		p.gpuLostAt = now
		p.gpuLost++
	}
	if p.gpuLost >= mostLost {
		p.restGPU(fmt.Errorf("it was lost %d times, the last time: %w", mostLost, why))
	}
}

// leavesGPU reports whether an engine that did not start is followed by those for the processor: the driver may have gone since the probe, and
// ends engines before they can say so. Where a GPU is required, the first one has to start. p.mu is held.
func (p *Pool) leavesGPU(c *child) bool {
	never := c.pid == 0 // the system had no room for a process
	if !c.gpu || never || p.cfg.Device == spec.DeviceCUDA && p.ready == 0 {
		return false
	}
	p.startFailures++
	p.restGPU(fmt.Errorf("an engine for it did not start: %w", c.epitaph))
	return true
}

// restGPU has engines that start from now on work on the processor, until a probe says that the GPU is there again. p.mu is held.
func (p *Pool) restGPU(why error) {
	if !p.gpu {
		return
	}
	p.gpu, p.gpuLost = false, 0
	p.log.Error("engines work on the processor: the GPU fails", "error", why, "probed again in", p.gpuRest)
	p.gpuTimer = time.AfterFunc(p.gpuRest, p.probeAgain)
	p.gpuRest = min(2*p.gpuRest, longestRest)
}

func (p *Pool) probeAgain() {
	device, err := probe(context.Background(), p.cfg.Path+cudaSuffix, p.cfg)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
	case err == nil:
		p.gpu = true
		p.log.Info("engines that start from now on hold the GPU again", "device", device.Name)
	default:
		p.log.Warn("engines stay on the processor: the GPU cannot be used", "error", err, "probed again in", p.gpuRest)
		p.gpuTimer = time.AfterFunc(p.gpuRest, p.probeAgain)
		p.gpuRest = min(2*p.gpuRest, longestRest)
	}
}

// probe has a process find out what an engine would find. It may die of it: of a library that is not there, or of a driver.
func probe(ctx context.Context, path string, cfg Config) (device gpu.Info, err error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, engine.ProbeArgument)
	cmd.Env, cmd.Dir = environment(os.TempDir(), cfg.Sandbox), os.TempDir()
	cmd.Stdout, cmd.Stderr = &out, &said
	// With all that it starts; and it dies with this process, since its thread stays until it has ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
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
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- cmd.Run()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maxWords is how much of what a probe says is repeated.
const maxWords = 400
