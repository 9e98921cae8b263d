package machine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ProcessorTime returns what a process has used, to the microsecond, and what all that it has started have: of those that have ended by now
// to 10 ms.
func ProcessorTime(pid int) (own, started time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0 // it has ended, and counts for its parent
	}
	const tick = 10 * time.Millisecond
	// After the name: the time in user and system mode of children that it has collected, from the fourteenth word on.
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	for _, word := range words[13:15] {
		n, _ := strconv.Atoi(word)
		started += time.Duration(n) * tick
	}
	var t unix.Timespec
	if err := unix.ClockGettime(clockOf(pid), &t); err == nil {
		own = time.Duration(t.Nano())
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		pids, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(pids)) {
			if n, err := strconv.Atoi(child); err == nil {
				its, theirs := ProcessorTime(n)
				started += its + theirs
			}
		}
	}
	return own, started
}

// Collected returns what processes that this one has started had used, with all that these had started and collected, of those that have ended and
// were collected by now.
func Collected() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// clockOf returns the clock of the processor time of a process, as clock_getcpuclockid(3) does.
func clockOf(pid int) int32 {
	const scheduled = 2 // by the scheduler, in nanoseconds
	return int32(^pid)<<3 | scheduled
}
