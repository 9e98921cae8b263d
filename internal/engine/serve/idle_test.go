package serve_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// idleThreads returns the threads of a process that have idle priority.
func idleThreads(t *testing.T, pid int) (idle []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	require.NoError(t, err)
	for _, task := range tasks {
		tid, err := strconv.Atoi(filepath.Base(task))
		require.NoError(t, err)
		policy, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETSCHEDULER, uintptr(tid), 0, 0)
		if errno == 0 && policy == unix.SCHED_IDLE {
			idle = append(idle, tid)
		}
	}
	return idle
}

// hurry ends the idle priority of an engine, where the test may: on a machine that has other work, what runs idly takes minutes.
func (c *child) hurry() *child {
	c.t.Helper()
	for _, tid := range idleThreads(c.t, c.cmd.Process.Pid) {
		var priority int32
		_, _, _ = unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(tid), unix.SCHED_NORMAL, uintptr(unsafe.Pointer(&priority)))
	}
	return c
}

func TestSpeculation_RunsOnTheOneThreadThatYieldsToAllOthers(t *testing.T) {
	c := start(t)
	pid := c.cmd.Process.Pid
	idle := idleThreads(t, pid)
	require.Len(t, idle, 1)
	require.NotEqual(t, pid, idle[0], "what people wait for is done on the main thread")
	spent := func(tid int) (ns int64) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/schedstat", pid, tid))
		require.NoError(t, err)
		_, err = fmt.Sscan(string(text), &ns)
		require.NoError(t, err)
		return ns
	}
	c.hurry()
	main := spent(pid)
	a := c.keeping(engine.Request{Kind: engine.Speculate, Source: identified(t, part(t)), Spec: resolved(t, spec.Spec{Size: spec.Size{Max: 30}})})
	require.Nil(t, a.Error)
	require.Greater(t, spent(idle[0]), spent(pid)-main)
}
