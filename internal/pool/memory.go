package pool

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
