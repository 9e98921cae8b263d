package machine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ProcessorTime returns what a process has used, and what all that it has started have.
func ProcessorTime(pid int) (own, started time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0 // it has ended, and counts for its parent
	}
	const tick = 10 * time.Millisecond
	// After the name: its own time in user and system mode, and that of children that it has collected, from the twelfth word on.
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	for i, word := range words[11:15] {
		n, _ := strconv.Atoi(word)
		if i < 2 {
			own += time.Duration(n) * tick
		} else {
			started += time.Duration(n) * tick
		}
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
