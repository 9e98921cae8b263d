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

// freeze stops a process and all that descend from it, and returns them.
func freeze(pid int) []int {
	var frozen []int
	for {
		// Who is stopped has no more children; so this ends when a look finds nobody new.
		grown := false
		for _, p := range family(pid) {
			if !slices.Contains(frozen, p) {
				_ = syscall.Kill(p, syscall.SIGSTOP)
				frozen = append(frozen, p)
				grown = true
			}
		}
		if !grown {
			return frozen
		}
	}
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

// parentOf reads the fourth field of /proc/PID/stat; the second is the program's name in brackets, and may hold spaces.
func parentOf(pid int) (int, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return parent, err == nil
}
