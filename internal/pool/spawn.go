package pool

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
	"meshgen/internal/sandbox"
)

// spawner starts processes from one thread that lives as long as the pool. The kernel's parent-death signal fires when
// the thread that forked ends, not the process, and Go ends threads as it likes: only a goroutine that never gives its
// thread back may fork a child that has to live.
type spawner struct{ work chan func() }

func newSpawner() *spawner {
	s := &spawner{work: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for f := range s.work {
			f()
		}
	}()
	return s
}

func (s *spawner) start(path string, attr *os.ProcAttr) (proc *os.Process, err error) {
	done := make(chan struct{})
	s.work <- func() {
		defer close(done)
		proc, err = os.StartProcess(path, []string{path}, attr)
	}
	<-done
	return proc, err
}

// stop ends the thread. Every process started from it must be dead.
func (s *spawner) stop() { close(s.work) }

// lifelineFD is a descriptor that the engine holds and never uses; see lifeline.
const lifelineFD = engine.MessageFD + 1

// spawn starts the process in its own process group, with the pipes of the protocol, and forks nothing else.
func (c *child) spawn(cfg Config, s *spawner) (err error) {
	if err := c.desk.make(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(c.desk.path)
		}
	}()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	theirs := []*os.File{null}
	var ours []*os.File
	defer func() {
		for _, f := range theirs {
			f.Close()
		}
	}()
	// By the numbers that the engine sees: 1 and 2 what it prints, 3 requests, 4 messages, 5 the lifeline.
	for fd := 1; fd <= lifelineFD; fd++ {
		theyRead := fd == engine.RequestFD || fd == lifelineFD
		our, their, err := newPipe(theyRead)
		if err != nil {
			closeAll(ours)
			return fmt.Errorf("pipe: %w", err)
		}
		ours, theirs = append(ours, our), append(theirs, their)
	}

	path := cfg.Path
	if c.gpu {
		path += cudaSuffix
	}
	proc, err := s.start(path, &os.ProcAttr{
		Dir:   c.desk.path,
		Env:   environment(c.desk.tmp(), cfg.Sandbox),
		Files: theirs,
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		closeAll(ours)
		return err
	}
	if err := tether(proc.Pid, theirs[lifelineFD]); err != nil {
		c.log.Warn("children of an engine may outlive this process if it is killed", "pid", proc.Pid, "error", err)
	}
	c.confine(proc.Pid, cfg)

	c.stdout = newTextPipe(ours[0], func(line string) { c.printed("stdout", line) })
	c.stderr = newTextPipe(ours[1], func(line string) { c.printed("stderr", line) })
	c.requests, c.messages, c.lifeline = ours[2], ours[3], ours[4]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proc, c.pid = proc, proc.Pid
	if c.why != nil { // killed while it was being started
		c.signal()
	}
	return nil
}

// environment is all that an engine inherits.
func environment(home string, walls sandbox.Mode) []string {
	vars := []string{
		"HOME=" + home, "TMPDIR=" + home, "LC_ALL=C.UTF-8", sandbox.Variable + "=" + string(walls),
		// Idle OpenMP threads sleep: spinning ones make HXT slower by factors when the machine is not free.
		"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0",
		// Few C heaps, so that what one thread frees serves the others; more where many may want memory at once.
		"MALLOC_ARENA_MAX=" + strconv.Itoa(max(1, runtime.NumCPU()/2)),
		// A GPU's kernels are loaded before the walls stand, and nothing of them is kept in files.
		"CUDA_MODULE_LOADING=EAGER", "CUDA_CACHE_DISABLE=1",
	}
	for _, name := range []string{"LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"} {
		if value := os.Getenv(name); value != "" {
			vars = append(vars, name+"="+value)
		}
	}
	return vars
}

// tether makes the kernel kill the process group when the other end of the lifeline closes, which is when this process
// ends in whatever way. The parent-death signal reaches the engine alone; this reaches what the engine has started, which
// holds the lifeline by inheritance.
func tether(group int, end *os.File) error {
	fd := end.Fd()
	if _, err := unix.FcntlInt(fd, unix.F_SETOWN, -group); err != nil {
		return fmt.Errorf("own lifeline: %w", err)
	}
	if _, err := unix.FcntlInt(fd, unix.F_SETSIG, int(unix.SIGKILL)); err != nil {
		return fmt.Errorf("arm lifeline: %w", err)
	}
	flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
	if err == nil {
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags|unix.O_ASYNC)
	}
	if err != nil {
		return fmt.Errorf("arm lifeline: %w", err)
	}
	return nil
}

// oomScore makes the kernel choose an engine, not the worker, when memory runs out.
const oomScore = 800

// maxOpenFiles is far more than an engine opens at once.
const maxOpenFiles = 256

// confine bounds what the engine can use up, and makes a crash cheap: no core file of gigabytes, and the first place in the
// queue of the kernel's OOM killer.
func (c *child) confine(pid int, cfg Config) {
	limit := func(of int, to uint64) error { return unix.Prlimit(pid, of, &unix.Rlimit{Cur: to, Max: to}, nil) }
	err := errors.Join(
		limit(unix.RLIMIT_CORE, 0),
		limit(unix.RLIMIT_NOFILE, maxOpenFiles),
		limit(unix.RLIMIT_FSIZE, uint64(cfg.MaxFile)),
		os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte(strconv.Itoa(oomScore)), 0),
	)
	if err != nil { // it may be dead already
		c.log.Debug("engine is not confined", "pid", pid, "error", err)
	}
}

// newPipe returns the two ends of a pipe: ours, which the runtime's poller watches, and theirs, which blocks.
func newPipe(theyRead bool) (ours, theirs *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	our, their := fds[0], fds[1]
	if theyRead {
		our, their = their, our
	}
	if err := unix.SetNonblock(our, true); err != nil {
		unix.Close(our)
		unix.Close(their)
		return nil, nil, err
	}
	return os.NewFile(uintptr(our), "engine pipe"), os.NewFile(uintptr(their), "engine pipe"), nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
