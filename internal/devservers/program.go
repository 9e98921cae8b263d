package devservers

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Program is a binary of this checkout, to be run beside the servers.
type Program struct {
	Name string
	Port int // that it listens on, for messages; 0 for none
	Path string
	Args []string
	// Env is added to, and goes before, this process's environment.
	Env []string
	// Log, if set, receives what the program says.
	Log io.Writer
	// Ready is asked again and again, with the program's process id, until it returns no error.
	Ready func(ctx context.Context, pid int) error
}

// Start starts the program and returns when it is ready, or has ended.
func (g Program) Start(ctx context.Context) (*Process, error) {
	var cmd *exec.Cmd
	p := &Process{
		Name: g.Name, Port: g.Port, term: syscall.SIGTERM, log: g.Log,
		make: func() (*exec.Cmd, error) {
			cmd = exec.Command(g.Path, g.Args...)
			cmd.Env = append(os.Environ(), g.Env...)
			return cmd, nil
		},
		ready: func(ctx context.Context) error { return g.Ready(ctx, cmd.Process.Pid) },
	}
	return p, p.Start(ctx)
}

// Run runs the program to its end and reports its last words if it failed.
func (g Program) Run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, g.Path, g.Args...)
	cmd.Env = append(os.Environ(), g.Env...)
	// As for servers: a Ctrl-C in the terminal is not for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	output := &tail{}
	cmd.Stdout, cmd.Stderr = output, output
	if g.Log != nil {
		cmd.Stdout = io.MultiWriter(output, g.Log)
		cmd.Stderr = cmd.Stdout
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", g.Name, err, output)
	}
	return nil
}
