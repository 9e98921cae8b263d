package pool

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
)

// child is one engine process, from before its start until nothing of it is left.
type child struct {
	log  *slog.Logger
	desk desk // removed after it

	requests, messages, lifeline *os.File
	stdout, stderr               *textPipe
	readers                      sync.WaitGroup

	ready  chan struct{} // closed when hello is set
	hello  engine.Ready
	reaped chan struct{} // closed when the process is reaped
	gone   chan struct{} // closed when, moreover, all that it said was read, epitaph is set and the pool has let go of it

	tidies bool             // a Rest message is to come; of the goroutine that reads messages
	rests  chan engine.Rest // told by it

	exit    syscall.WaitStatus
	unread  int   // bytes of requests that it left unread
	epitaph error // why it ended

	mu    sync.Mutex
	proc  *os.Process
	pid   int
	lease *lease // the request that it serves
	words words
	cause Cause // why the pool killed it, for the counters …
	why   error // … and for those who wait; nil if it was not killed

	// The pool's books, guarded by Pool.mu.
	state          State
	started, since time.Time // since when in this state
	readyAt        time.Time
	jobs           int           // requests given to it, the present one included
	tenant         string        // of those
	idle           bool          // the present one has it only until another needs it
	kept           []engine.Kept // parts that it holds
	gpu            bool          // it is the engine for a GPU
	ahead          *speculation  // what it speculates on, or did last
	promised       *waiter       // who gets it when it has left its speculation, or has tidied
	rested         chan struct{} // closed when it has tidied; nil but while it does
}

func newChild(folder string, log *slog.Logger) *child {
	now := time.Now()
	return &child{
		log: log, desk: desk{folder}, state: Starting, started: now, since: now,
		ready: make(chan struct{}), reaped: make(chan struct{}), gone: make(chan struct{}), rests: make(chan engine.Rest, 1),
	}
}

// kill ends the process group. The first reason counts. It does not wait: gone is closed when it has happened.
func (c *child) kill(cause Cause, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == nil {
		c.cause, c.why = cause, why
	}
	c.signal()
}

// signal kills the group. Only a process that is not yet reaped owns its number; c.mu is held for that.
func (c *child) signal() {
	if c.proc != nil && !c.isReaped() {
		_ = unix.Kill(-c.pid, unix.SIGKILL) // it fails only if they are all dead
	}
}

func (c *child) isReaped() bool {
	select {
	case <-c.reaped:
		return true
	default:
		return false
	}
}

// doomed returns why it was killed, if it was.
func (c *child) doomed() (Cause, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause, c.why != nil
}

// linger is how long after the death of an engine its pipes are read to their end. They end at once, unless a process
// that has left the group holds them.
const linger = time.Second

// supervise reads what the engine says until it ends, by itself or by a kill, and leaves nothing of it.
func (c *child) supervise(oom *oomCounter, letGo func(*child)) {
	c.readers.Go(c.readMessages)
	c.readers.Go(c.stdout.run)
	c.readers.Go(c.stderr.run)

	c.reap()
	c.unread = unread(c.requests)
	c.requests.Close() // frees a writer
	files := []*os.File{c.messages, c.stdout.file, c.stderr.file}
	for _, f := range files {
		_ = f.SetReadDeadline(time.Now().Add(linger)) // every pipe of ours has deadlines
	}
	c.readers.Wait()
	closeAll(files)
	c.lifeline.Close()

	c.epitaph = c.explain(oom)
	letGo(c)
	close(c.gone)
	if err := os.RemoveAll(c.desk.path); err != nil {
		c.log.Warn("cannot remove the folder of an engine", "path", c.desk.path, "error", err)
	}
}

// reap waits for the end of the process, kills what is left of its group and only then collects it: until then the
// number of the group cannot be anybody else's.
func (c *child) reap() {
	for {
		err := unix.Waitid(unix.P_PID, c.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signal()
	state, err := c.proc.Wait()
	if err != nil {
		panic(fmt.Sprintf("pool: engine %d was collected by somebody else: %v", c.pid, err))
	}
	c.exit = state.Sys().(syscall.WaitStatus)
	close(c.reaped)
}

// unread returns how many bytes of a pipe nobody has read.
func unread(pipe *os.File) (n int) {
	raw, err := pipe.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	}
	return n
}

// explain returns why the engine ended.
func (c *child) explain(oom *oomCounter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case errors.Is(c.why, ErrStartTimeout) && c.words.text() != "":
		return fmt.Errorf("%w; it said: %s", c.why, c.words.text())
	case c.why != nil:
		return c.why
	case c.exit.Signaled() && c.exit.Signal() == syscall.SIGKILL && oom.another():
		return fmt.Errorf("%w: the machine ran out of memory and the kernel killed the engine", ErrMemoryLimit)
	}
	died := &Died{ExitCode: c.exit.ExitStatus(), Fatal: c.words.fatal(), Stderr: c.words.text()}
	if c.exit.Signaled() {
		died.Signal = c.exit.Signal()
	}
	if died.Signal == syscall.SIGALRM || died.ExitCode == goCrashExit {
		died.Signal = cmp.Or(c.words.signal(), died.Signal)
	}
	if died.Signal != 0 {
		died.ExitCode = -1
	}
	return died
}

// printed takes a line of standard output or error.
func (c *child) printed(stream, line string) {
	c.mu.Lock()
	if stream == "stderr" {
		c.words.add(line)
	}
	l := c.lease
	c.mu.Unlock()
	if l == nil {
		c.log.Debug("engine printed", "pid", c.pid, "stream", stream, "text", line)
		return
	}
	l.send(engine.Message{Type: engine.TypeLog, Log: []engine.LogLine{{
		Level: stream, Text: line, Seconds: engine.Seconds(time.Since(l.began)),
	}}})
}

// take gives the engine a request to serve. What it printed before is not the request's.
func (c *child) take(l *lease) {
	c.stdout.drain(true)
	c.stderr.drain(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.words.reset()
	c.lease = l
}

// drop ends the lease: whatever comes now belongs to nobody.
func (c *child) drop(l *lease) {
	c.mu.Lock()
	c.lease = nil
	c.mu.Unlock()
	close(l.over)
}

func (c *child) current() *lease {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lease
}

// number returns its process id, or 0 before it has one.
func (c *child) number() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}
