package pool

import (
	"regexp"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// lastLines is how many lines of standard error are kept for the error of an engine that dies.
const lastLines = 20

// words keeps what an engine said last on standard error. The cause of a crash is often not in the very last lines (a
// trace of the stack follows it), so the lines from the one that names the cause are kept as well.
type words struct {
	count int      // lines so far
	last  []string // the last lastLines lines
	crash []string // up to lastLines lines, from a fatal one on
	at    int      // number of the first line of crash
}

func (w *words) add(line string) {
	w.last = append(w.last, line)
	if len(w.last) > lastLines {
		w.last = slices.Delete(w.last, 0, 1)
	}
	switch {
	case len(w.crash) > 0 && len(w.crash) < lastLines:
		w.crash = append(w.crash, line)
	case isFatal(line):
		w.crash, w.at = append(w.crash[:0], line), w.count
	}
	w.count++
}

func (w *words) reset() { *w = words{last: w.last[:0], crash: w.crash[:0]} }

// fatal returns the lines that name the cause.
func (w *words) fatal() []string {
	var lines []string
	for _, line := range w.crash {
		if isFatal(line) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// text returns the crash and the last lines, each line once.
func (w *words) text() string {
	lines := slices.Clone(w.crash)
	end, first := w.at+len(w.crash), w.count-len(w.last) // numbers of the lines behind crash, and where last begins
	switch {
	case len(lines) == 0 || first >= end:
		if len(lines) > 0 && first > end {
			lines = append(lines, "…")
		}
		lines = append(lines, w.last...)
	default:
		lines = slices.Concat(w.last[:max(0, w.at-first)], lines, w.last[end-first:])
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// fatalWords are in lines that name the cause of a death: of the C++ and C libraries, of the dynamic loader, of Go's
// runtime, and of Gmsh.
var fatalWords = []string{
	"terminate called", "what():", "assertion", "sigsegv", "sigabrt", "sigbus", "sigfpe", "sigill", "segmentation fault",
	"fatal", "panic:", "double free", "corrupt", "free(): invalid", "munmap_chunk", "malloc(): ", "realloc(): ", "stack smashing",
	"bad_alloc", "out of memory", "error while loading shared libraries", "symbol lookup error", "undefined symbol",
}

func isFatal(line string) bool {
	line = strings.ToLower(line)
	return slices.ContainsFunc(fatalWords, func(w string) bool { return strings.Contains(line, w) })
}

// caught is how a process tells of a signal that it caught: "SIGSEGV: segmentation violation" and "[signal SIGSEGV: …" are
// of Go's runtime, which then exits with goCrashExit; "engine: killed by SIGSEGV (…)" is of our engine, which then raises
// it again, or is ended by SIGALRM where the stack is too broken to be written down.
var caught = regexp.MustCompile(`^(?:\[signal |engine: killed by )?(SIG[A-Z]+)\b`)

const goCrashExit = 2

// signal returns the signal that the crash names, or 0.
func (w *words) signal() syscall.Signal {
	for _, line := range w.crash {
		if m := caught.FindStringSubmatch(line); m != nil {
			return unix.SignalNum(m[1])
		}
	}
	return 0
}
