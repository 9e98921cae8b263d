package pool

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// fallbackMemory is assumed where the machine does not say how much it has.
const fallbackMemory = 4 << 30

// machineMemory returns the bytes of memory that this process may use: the machine's, or its container's if less.
func machineMemory() int64 {
	least := int64(fallbackMemory)
	if v, ok := field("/proc/meminfo", "MemTotal:"); ok {
		least = v << 10
	}
	version2, version1 := cgroups()
	for _, f := range []string{
		filepath.Join(cgroupRoot, version2, "memory.max"),
		filepath.Join(cgroupRoot, "memory", version1, "memory.limit_in_bytes"),
		filepath.Join(cgroupRoot, "memory", "memory.limit_in_bytes"), // a container sees its own group as the root
	} {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if v, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && v > 0 {
			least = min(least, v)
		}
	}
	return least
}

// cgroups returns the groups that this process is in: of the unified hierarchy, and of the memory controller of the older one.
func cgroups() (version2, version1 string) {
	text, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		switch {
		case id == "0":
			version2 = path
		case controllers == "memory":
			version1 = path
		}
	}
	return version2, version1
}

// field returns the number that follows name at the start of a line.
func field(file, name string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		words := strings.Fields(string(line))
		if len(words) >= 2 && words[0] == name {
			v, err := strconv.ParseInt(words[1], 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}

// memory returns the resident bytes of the engine and of all that it has started. Where its walls let it start nothing, that is not looked for:
// the kernel tells of children by a file for each thread, of which an engine has a dozen.
func (c *child) memory() int64 {
	if c.hello.Walls.Seccomp {
		return rss(c.pid)
	}
	return groupRSS(c.pid)
}

// groupRSS returns the resident bytes of a process and of all that it has started.
func groupRSS(pid int) int64 {
	total := rss(pid)
	for _, child := range childrenOf(pid) {
		total += groupRSS(child)
	}
	return total
}

// rss returns the resident bytes of a process; 0 if it is gone.
func rss(pid int) int64 {
	// Ten times a second while an engine works: past os.File, which asks the kernel whether it can wait for the file, and how long it is.
	file, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/statm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(file)
	var text [256]byte // seven numbers
	n, err := unix.Read(file, text[:])
	if err != nil {
		return 0
	}
	_, resident, _ := bytes.Cut(text[:n], []byte(" "))
	resident, _, _ = bytes.Cut(resident, []byte(" "))
	pages, _ := strconv.ParseInt(string(resident), 10, 64)
	return pages * int64(os.Getpagesize())
}

// childrenOf returns the processes that any thread of a process has started and that live.
func childrenOf(pid int) []int {
	tasks := filepath.Join("/proc", strconv.Itoa(pid), "task")
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return nil
	}
	var pids []int
	for _, thread := range threads {
		text, _ := os.ReadFile(filepath.Join(tasks, thread.Name(), "children"))
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// oomCounter tells a process killed by the kernel for lack of memory from one that somebody killed.
type oomCounter struct {
	file, name string

	mu   sync.Mutex
	seen int64
}

func newOOMCounter() *oomCounter {
	group2, group1 := cgroups()
	for _, o := range []*oomCounter{
		{file: filepath.Join(cgroupRoot, group2, "memory.events"), name: "oom_kill"},
		{file: filepath.Join(cgroupRoot, "memory", group1, "memory.oom_control"), name: "oom_kill"},
		{file: filepath.Join(cgroupRoot, "memory", "memory.oom_control"), name: "oom_kill"},
		{file: "/proc/vmstat", name: "oom_kill"}, // of the whole machine
	} {
		if n, ok := field(o.file, o.name); ok {
			o.seen = n
			return o
		}
	}
	return &oomCounter{}
}

// another reports whether the kernel has killed one process more than was asked about so far.
func (o *oomCounter) another() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, ok := field(o.file, o.name)
	if !ok || n <= o.seen {
		return false
	}
	o.seen++
	return true
}

// cpuTime returns the processor time that a process has used; 0 if it is gone.
func cpuTime(pid int) time.Duration {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	// After the name, which may hold anything: state, ten numbers, and then user and system time in ticks of 10 ms.
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(words) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(words[11], 10, 64)
	system, _ := strconv.ParseInt(words[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
