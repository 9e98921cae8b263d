package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// memory is what a process has resident, in bytes.
type memory struct {
	own    int64 // heaps, stacks, and what it wrote to in its libraries
	shared int64 // pages of programs and libraries that it came by so far: there once for all who use them
}

func (m memory) all() int64 { return m.own + m.shared }

func (m memory) plus(o memory) memory { return memory{m.own + o.own, m.shared + o.shared} }

// memoryOf returns the memory of a process, nothing where it is gone.
func memoryOf(pid int) (m memory) {
	_ = eachMapping(fmt.Sprintf("/proc/%d/smaps_rollup", pid), func(_ mapping, resident memory) { m = m.plus(resident) })
	return m
}

// mapping is a part of the addresses of a process.
type mapping struct {
	from uint64
	name string // of the file, or what the kernel knows it by
}

// kinds are what the memory of an engine is of, in the order in which it is told.
var kinds = []string{"C heap", "C heaps of further threads", "Go", "stacks and large blocks", "written to in libraries", "pages of libraries"}

// kind returns what a mapping without a file is.
func (m mapping) kind() string {
	const (
		arena  = 64 << 20 // glibc's heaps of further threads begin at multiples of it
		brk    = 1 << 32  // programs, and what they have right behind them, lie below
		kernel = 7 << 44  // what the kernel chooses a place for lies above; Go chooses its own
	)
	switch {
	case m.name == "[heap]":
		return kinds[0]
	case strings.HasPrefix(m.name, "[anon: Go: heap"), m.name == "" && m.from >= brk && m.from < kernel:
		return kinds[2]
	case m.name == "" && m.from%arena == 0:
		return kinds[1]
	}
	return kinds[3]
}

// byKind returns the memory of a process by kind.
func byKind(pid int) (map[string]int64, error) {
	out := map[string]int64{}
	err := eachMapping(fmt.Sprintf("/proc/%d/smaps", pid), func(m mapping, resident memory) {
		if strings.HasPrefix(m.name, "/") {
			out[kinds[4]] += resident.own
			out[kinds[5]] += resident.shared
			return
		}
		out[m.kind()] += resident.all()
	})
	return out, err
}

// eachMapping reads the kernel's account of the mappings of a process.
func eachMapping(path string, do func(mapping, memory)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var at mapping
	var resident int64
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 2 {
			continue
		}
		if !strings.HasSuffix(words[0], ":") { // 7f00-7f10 r-xp 00000000 08:01 123 /lib/name
			from, _, _ := strings.Cut(words[0], "-")
			if at.from, err = strconv.ParseUint(from, 16, 64); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			at.name = strings.Join(words[min(5, len(words)):], " ")
			continue
		}
		n, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			continue // flags
		}
		switch words[0] {
		case "Rss:":
			resident = n << 10
		case "Anonymous:": // after Rss
			do(at, memory{own: n << 10, shared: resident - n<<10})
		}
	}
	return lines.Err()
}
