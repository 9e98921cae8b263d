package devservers

import (
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// Pause makes the server hang: connections are accepted by the kernel and nobody answers.
func (p *Process) Pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return fmt.Errorf("%s does not run", p.Name)
	}
	if p.thaw != nil {
		return nil
	}
	pids := freeze(p.cmd.Process.Pid)
	thaw, err := newThaw(pids)
	if err != nil {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
		return fmt.Errorf("pause %s: %w", p.Name, err)
	}
	p.thaw = thaw
	return nil
}

// Resume ends Pause. Resuming what is not paused is no error.
func (p *Process) Resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resume()
	return nil
}

func (p *Process) resume() {
	if p.thaw != nil {
		p.thaw.end()
		p.thaw = nil
	}
}

// thaw continues stopped processes when it ends, also when it ends because we were killed: a stopped process can
// neither be told of our death nor die of its parent's. It is a shell that waits for the end of a pipe that we hold.
type thaw struct {
	shell *exec.Cmd
	pipe  io.Closer
}

func newThaw(pids []int) (*thaw, error) {
	args := []string{"-c", `read -r _; kill -CONT "$@"`, "thaw"}
	for _, pid := range pids {
		args = append(args, strconv.Itoa(pid))
	}
	shell := exec.Command("/bin/sh", args...)
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // what ends us must not end it
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	return &thaw{shell: shell, pipe: pipe}, nil
}

func (t *thaw) end() {
	_ = t.pipe.Close()
	_ = t.shell.Wait() // it complains of processes that have ended meanwhile
}
