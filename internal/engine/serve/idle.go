package serve

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// idler does what nobody waits for, on a thread of its own that the kernel runs where no other thread of the machine wants the
// processor. A thread that is so stays so: to come back takes a privilege (RLIMIT_NICE, CAP_SYS_NICE) that an engine does not have. So
// the main thread, on which people's work is done, never is, and what is done here uses one thread only: others that the library
// started from it would be kept, and be as slow for everybody later.
type idler struct{ work chan func() }

// newIdler starts the thread. It has to be done outside of the sandbox, which lets no thread say how it is scheduled.
func newIdler() *idler {
	i := &idler{work: make(chan func())}
	ready := make(chan struct{})
	go func() {
		runtime.LockOSThread() // for ever
		if err := yieldToAll(); err != nil {
			fmt.Fprintln(os.Stderr, "engine: no idle priority:", err)
		}
		close(ready)
		for do := range i.work {
			do()
		}
	}()
	<-ready
	return i
}

// do runs f on the idle thread, and waits for it.
func (i *idler) do(f func()) {
	done := make(chan struct{})
	i.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// yieldToAll makes the calling thread one that runs when no other wants to.
func yieldToAll() error {
	var priority int32 // has to be 0
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, 0, unix.SCHED_IDLE, uintptr(unsafe.Pointer(&priority)))
	if errno != 0 {
		return os.NewSyscallError("sched_setscheduler", errno)
	}
	return nil
}
