package devservers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// family returns a process and all that descend from it. A process group would not do: PostgreSQL gives each of its
// children a session of its own.
func family(pid int) []int {
	children := map[int][]int{}
	for _, p := range processes() {
		if parent, ok := parentOf(p); ok {
			children[parent] = append(children[parent], p)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// freeze stops a process and all that descend from it, and returns them once they stand still.
func freeze(pid int) []int {
	var frozen []int
	for {
		// Who is stopped has no more children; so this ends when a look finds nobody new.
		seen := len(frozen)
		for _, p := range family(pid) {
			if !slices.Contains(frozen, p) {
				_ = syscall.Kill(p, syscall.SIGSTOP)
				frozen = append(frozen, p)
			}
		}
		if len(frozen) == seen {
			return frozen
		}
		for _, p := range frozen[seen:] {
			awaitStill(p)
		}
	}
}

// awaitStill waits until each thread of a process that was told to stop has: on a busy machine one may answer a request before it does. Only
// /proc tells this of a process that is no child of ours.
func awaitStill(pid int) {
	for deadline := time.Now().Add(stopLimit); !still(pid) && time.Now().Before(deadline); {
		time.Sleep(100 * time.Microsecond)
	}
}

// still reports whether no thread of a process runs, or will before it is continued: one that the kernel lets nobody disturb stops before it is back
// from there, and it may be there for as long as a child that it started is stopped (D).
func still(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*", pid))
	if err != nil {
		return true
	}
	for _, thread := range threads {
		fields := statOf(thread) // none of one that has ended
		if len(fields) > 0 && !slices.Contains([]string{"T", "t", "D", "Z", "X"}, fields[0]) {
			return false
		}
	}
	return true
}

// killFamily ends a process and all that descend from it, at once.
func killFamily(pid int) {
	for _, p := range freeze(pid) {
		_ = syscall.Kill(p, syscall.SIGKILL)
	}
}

// servers are the names of the programs that this package runs, as the kernel knows them.
var servers = []string{"postgres", "redis-server", "versitygw"}

// Sweep kills the servers that a dead process has left running in a folder, told by their working directory. It
// returns when they are gone.
func Sweep(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(stopLimit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		found := 0
		for _, p := range processes() {
			if serves(p, dir) {
				found++
				_ = syscall.Kill(p, syscall.SIGKILL)
			}
		}
		if found == 0 {
			return nil
		}
	}
	return fmt.Errorf("servers in %s do not end", dir)
}

func serves(pid int, dir string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil || !strings.HasPrefix(cwd, dir+"/") {
		return false
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && slices.Contains(servers, string(bytes.TrimSpace(name)))
}

func processes() []int {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(filepath.Base(name)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parentOf returns who started a process.
func parentOf(pid int) (int, bool) {
	fields := statOf(fmt.Sprintf("/proc/%d", pid))
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(fields[1])
	return parent, err == nil
}

// statOf reads the fields of the stat file in a folder of /proc from the third on, the state; the second is the program's name in brackets, and may
// hold spaces.
func statOf(folder string) []string {
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return nil
	}
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}
