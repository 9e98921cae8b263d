package gmsh

// #include "console.h"
import "C"

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Level is how grave a line of the log is.
type Level string

// The levels of Gmsh's messages.
const (
	Info    Level = "info"
	Warning Level = "warning"
	Fault   Level = "error"
	Debug   Level = "debug"
)

// Line is one message of Gmsh's.
type Line struct {
	Level   Level
	Percent int // how far Gmsh says it is in what it does, -1 where it does not say
	Text    string
}

// Console hands on what Gmsh prints.
type Console struct {
	marks chan uint64
	last  uint64
}

// Capture hands every message that Gmsh prints to the sink, as it is printed, one at a time, from a goroutine of its own;
// all else that is printed through C's streams still goes to the real standard output and error. It lasts for the rest of
// the process and may be called once. General.Terminal has to be 1.
func Capture(sink func(Line)) (*Console, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the mesher's log: %w", err)
	}
	// Fd makes the writing end block, which C wants; it is never closed, since C keeps it.
	if code, err := C.consoleDivert(C.int(write.Fd())); code != 0 {
		return nil, fmt.Errorf("divert the mesher's output: %w", err)
	}
	c := &Console{marks: make(chan uint64, 1)}
	go c.read(read, write, sink)
	return c, nil
}

// Sync returns when every message printed so far has been handed to the sink. Only the goroutine that calls Gmsh may
// call it.
func (c *Console) Sync() {
	c.last++
	C.consoleMark(C.ulong(c.last))
	for mark := range c.marks {
		if mark == c.last {
			return
		}
	}
}

func (c *Console) read(from, keep *os.File, sink func(Line)) {
	defer keep.Close() // not before the end: the reader holds the writing end open
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<14), 1<<20)
	lines.Split(splitLines)
	for lines.Scan() {
		text := lines.Text()
		if rest, ok := strings.CutPrefix(text, "\001"); ok {
			if mark, err := strconv.ParseUint(rest, 10, 64); err == nil {
				c.marks <- mark
			}
			continue
		}
		if line, ok := parseLine(text); ok {
			sink(line)
		}
	}
}

// splitLines ends a line at a newline or, as the progress meter does, at a carriage return.
func splitLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

var (
	messagePattern = regexp.MustCompile(`^(Info|Warning|Error|Debug|Timers) *: (?:\[ *(\d+)%\] )?(.*)$`)
	levels         = map[string]Level{"Info": Info, "Timers": Info, "Warning": Warning, "Error": Fault, "Debug": Debug}
)

// parseLine reads a line such as "Info    : [ 30%] Meshing surface 12 (Plane, Delaunay)".
func parseLine(text string) (Line, bool) {
	parts := messagePattern.FindStringSubmatch(text)
	if parts == nil {
		return Line{}, false
	}
	line := Line{Level: levels[parts[1]], Percent: -1, Text: strings.TrimSpace(parts[3])}
	if parts[2] != "" {
		line.Percent, _ = strconv.Atoi(parts[2])
	}
	return line, line.Text != ""
}
