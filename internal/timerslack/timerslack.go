//go:build linux

// Package timerslack keeps Go's own monitor from costing more than what it watches.
//
// A thread of the runtime (sysmon) sleeps for 20 µs at a time while goroutines come and go, as they do in a service that waits for
// others: some hundred times for each request, which was a fifth of a worker's processor time. Linux may let a thread sleep longer than it
// asked for, by its timer slack, of which 50 µs are the default. With a millisecond the monitor looks as often as it has to. Nothing else here
// sleeps for less; what waits for a file, a socket or another thread is woken as before.
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

// Widen gives every thread of this process a slack of Wide. It is called before anything else is done: it does not return in a process
// that has less, but begins main again.
func Widen() error {
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
	runtime.LockOSThread() // the thread that executes hands its slack on
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(Wide), 0, 0, 0); err != nil {
		return fmt.Errorf("timer slack: %w", err)
	}
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("timer slack: %w", err)
	}
	return fmt.Errorf("timer slack: execute %s: %w", path, syscall.Exec(path, os.Args, append(os.Environ(), again+"="+pid)))
}
