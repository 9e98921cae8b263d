// Package devservers runs PostgreSQL, Redis and VersityGW (S3) as children on loopback: for tests, for `make run` and for
// benchmarks. They are real servers with the settings that production asks for, and they end with the process that
// started them, however that ends.
package devservers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Process is a server under our care. It can be stopped, killed, paused and started again on the same port and data.
type Process struct {
	Name string
	Port int // that it listens on; 0 for none

	make  func() (*exec.Cmd, error)
	ready func(context.Context) error
	term  syscall.Signal // asks it to stop
	crash syscall.Signal // ends it at once, with all its children; 0 is SIGKILL
	log   io.Writer      // beside the memory of its last words

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
	output *tail
	thaw   *thaw // while it is paused
}

const (
	// startLimit is how long a server may take to answer, on a machine that is busy with other things.
	startLimit = 60 * time.Second
	// askLimit is how long one question whether it is ready may take.
	askLimit = 5 * time.Second
	// stopLimit is how long a server may take to stop before it is killed.
	stopLimit = 20 * time.Second
	// outputLimit is how long the children of a dead server may hold its output open before it is closed.
	outputLimit = 5 * time.Second
)

// Start starts the server and returns when it answers, or has died.
func (p *Process) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		return fmt.Errorf("%s runs already", p.Name)
	}
	cmd, err := p.make()
	if err != nil {
		return err
	}
	p.output = &tail{}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if p.log != nil {
		cmd.Stdout = io.MultiWriter(p.output, p.log)
		cmd.Stderr = cmd.Stdout
	}
	cmd.WaitDelay = outputLimit
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// A group of its own keeps a Ctrl-C in the terminal from reaching it: we stop it in our order.
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = p.crashSignal()
	if err := spawn(cmd); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is told by its output
		close(exited)
	}()
	if err := p.await(ctx, cmd.Process.Pid, exited); err != nil {
		select {
		case <-exited:
		default:
			killFamily(cmd.Process.Pid)
			<-exited
		}
		return err
	}
	p.cmd, p.exited = cmd, exited
	return nil
}

// await returns when the process is ready, or the reason why it will not be.
func (p *Process) await(ctx context.Context, pid int, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := p.ask(ctx, pid)
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended at its start: %s", p.Name, p.output)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer on port %d: %w: %s", p.Name, p.Port, err, p.output)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// ask asks the server whether it is ready. An answer counts only if it came from this process, not from another server
// that had the port before.
func (p *Process) ask(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if err := p.ready(ctx); err != nil {
		return err
	}
	if p.Port != 0 && !listens(pid, p.Port) {
		return errors.New("another process has the port")
	}
	return nil
}

// Stop asks the server to stop, as an administrator would, and waits for it. Stopping what does not run is no error.
func (p *Process) Stop() error { return p.end(p.term) }

// Kill ends the server as a crash would: nothing is written any more.
func (p *Process) Kill() error { return p.end(p.crashSignal()) }

func (p *Process) crashSignal() syscall.Signal {
	if p.crash == 0 {
		return syscall.SIGKILL
	}
	return p.crash
}

func (p *Process) end(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil
	}
	pid := p.cmd.Process.Pid
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	p.resume() // a paused one has the signal waiting for it
	select {
	case <-p.exited:
	case <-time.After(stopLimit):
		killFamily(pid)
		<-p.exited
	}
	p.cmd = nil
	return nil
}

// PID returns the server's process, or 0 while it does not run.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Exited is closed when the server that was started last has ended; it is nil before the first start.
func (p *Process) Exited() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exited
}

// spawner starts all children from one OS thread that never ends: Pdeathsig fires when the *thread* that forked dies,
// which for an ordinary goroutine may be long before the process does.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

func spawn(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	spawner() <- func() { done <- cmd.Start() }
	return <-done
}
