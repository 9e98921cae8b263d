//go:build linux

// Package timerslack keeps Go's own monitor from costing more than what it watches.
//
// A thread of the runtime (sysmon) sleeps for 20 µs at a time while goroutines come and go, as they do in a service that waits for
// others: hundreds of times a request. Linux may let a thread sleep longer than it asked for, by its timer slack, of which 50 µs are the
// default. With twenty times of that the monitor is hardly seen: not by what it uses itself, which in an engine is little, but by how often
// it takes a busy processor from what is meshed there. There is a price: the monitor itself, which takes processors back from threads that wait
// in the kernel and stops goroutines that run for too long, may come a millisecond late; and who looks for work waits 3 µs before it takes the
// goroutine that another thread has made last and may begin itself, which may be a millisecond too, if the other is busy for that
// long. (Package threads, which has work done side by side, is not concerned.) What waits for a file, a socket or another thread is woken as
// before.
//
// A thread has its slack from the one that made it, and the monitor is made before any code of ours can run. So the process sets it and
// executes itself once more: it keeps its id, its files and its parent. What it starts has the slack, too.
package timerslack

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Wide is the timer slack of all threads after Widen. Threads of real time have none.
const Wide = time.Millisecond

// again holds the id of a process that executes itself once more, so that it does so once where the kernel does not keep the slack.
const again = "MESHGEN_TIMERSLACK_PID"

// main.main begins on the first thread of the process, whose death signal (PR_SET_PDEATHSIG) stays with it: Widen has to be called there.
func init() { runtime.LockOSThread() }

// Widen gives every thread of this process a slack of Wide, and is called once, before anything else is done: it does not return in a process
// that has less, but begins main again. Without it a process works as well, and costs more.
func Widen() error {
	defer runtime.UnlockOSThread()
	pid := strconv.Itoa(os.Getpid())
	before := os.Getenv(again)
	os.Unsetenv(again)
	if before == pid {
		return nil
	}
	has, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || has >= int(Wide) {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(Wide), 0, 0, 0); err != nil {
		return fmt.Errorf("timer slack: %w", err)
	}
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("timer slack: %w", err)
	}
	return fmt.Errorf("timer slack: execute %s: %w", path, syscall.Exec(path, os.Args, append(os.Environ(), again+"="+pid)))
}
