// Package devservers runs PostgreSQL, Redis and VersityGW (S3) as children on loopback: for tests, for `make run` and for
// benchmarks. They are real servers with the settings that production asks for, and they end with the process that
// started them, however that ends.
package devservers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Process is a server under our care. It can be stopped, killed, paused and started again on the same port and data.
type Process struct {
	Name string
	Port int

	make  func() (*exec.Cmd, error)
	ready func(context.Context) error
	term  syscall.Signal // asks it to stop
	log   io.Writer      // beside the memory of its last words

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
	output *tail
}

// startLimit is how long a server may take to answer, on a machine that is busy with other things.
const startLimit = 60 * time.Second

// stopLimit is how long a server may take to stop before it is killed.
const stopLimit = 20 * time.Second

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
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// A group of its own keeps a Ctrl-C in the terminal from reaching it: we stop it in our order.
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if p.Name == "postgres" {
		// PostgreSQL takes SIGQUIT as "die at once" and takes its own children along; SIGKILL would orphan them.
		cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	}
	if err := spawn(cmd); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is told by its output
		close(exited)
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := p.ready(ctx)
		if err == nil {
			p.cmd, p.exited = cmd, exited
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended at its start: %s", p.Name, p.output)
		case <-ctx.Done():
			kill(cmd)
			<-exited
			return fmt.Errorf("%s does not answer on port %d: %w: %s", p.Name, p.Port, err, p.output)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop asks the server to stop, as an administrator would, and waits for it. Stopping what does not run is no error.
func (p *Process) Stop() error { return p.end(p.term) }

// Kill ends the server as a crash of its machine would.
func (p *Process) Kill() error {
	if p.Name == "postgres" {
		return p.end(syscall.SIGQUIT) // "immediate shutdown": no checkpoint, recovery at the next start
	}
	return p.end(syscall.SIGKILL)
}

func (p *Process) end(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil
	}
	pid := p.cmd.Process.Pid
	_ = syscall.Kill(-pid, syscall.SIGCONT) // if it was paused
	err := syscall.Kill(pid, sig)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	select {
	case <-p.exited:
	case <-time.After(stopLimit):
		kill(p.cmd)
		<-p.exited
	}
	p.cmd = nil
	return nil
}

// Pause makes the server hang: connections are accepted by the kernel and nobody answers.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

func (p *Process) signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return fmt.Errorf("%s does not run", p.Name)
	}
	return syscall.Kill(-p.cmd.Process.Pid, sig)
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

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

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

// tail remembers the end of what a server says.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if len(t.buf) > tailBytes {
		t.buf = t.buf[len(t.buf)-tailBytes:]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}

// FreePort returns a port of loopback that nobody listens on. It lies below the range from which the system takes ports
// for clients, so that nobody takes it while its server restarts.
func FreePort() (int, error) {
	for range 100 {
		port := 20000 + int(time.Now().UnixNano()/1000+int64(os.Getpid())*7919)%12000
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		l.Close()
		return port, nil
	}
	return 0, errors.New("no free port on loopback")
}

// program finds a server's binary.
func program(name string, folders ...string) (string, error) {
	for _, dir := range folders {
		found, _ := filepath.Glob(filepath.Join(dir, name))
		if len(found) > 0 {
			return found[len(found)-1], nil // the newest version sorts last
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: run scripts/setup", name)
	}
	return path, nil
}

// unprivileged returns what makes a child run as the user postgres, which PostgreSQL asks for when we are root; nil
// when we are not.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres: run scripts/setup: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
