package gmsh

// #include "console.h"
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
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
	sink func(Line)
	pipe int // the end to read, which does not block

	mu     sync.Mutex // one at a time reads the pipe, and calls the sink
	buffer []byte
	begun  []byte // of a line without an end yet
}

// maxText is how much of a line is handed on.
const maxText = 1 << 20

// Capture hands every message that Gmsh prints to the sink, as it is printed, one at a time; all else that is printed through C's streams
// still goes to the real standard output and error. It lasts for the rest of the process and may be called once. General.Terminal has to be 1.
func Capture(sink func(Line)) (*Console, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the mesher's log: %w", err)
	}
	raw, err := read.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("pipe for the mesher's log: %w", err)
	}
	c := &Console{sink: sink, buffer: make([]byte, 1<<16)}
	if err := raw.Control(func(fd uintptr) { c.pipe = int(fd) }); err != nil {
		return nil, fmt.Errorf("pipe for the mesher's log: %w", err)
	}
	// Fd makes the writing end block, which C wants; it is never closed, since C keeps it.
	if code, err := C.consoleDivert(C.int(write.Fd())); code != 0 {
		return nil, fmt.Errorf("divert the mesher's output: %w", err)
	}
	go func() {
		defer runtime.KeepAlive(write) // neither end is closed before the process ends
		_ = raw.Read(func(uintptr) bool { return c.drain() })
	}()
	return c, nil
}

// Sync returns when every message printed so far has been handed to the sink. It hands on itself what nobody has yet: to wake another thread for
// it, and to be woken by that, takes milliseconds where the processors are busy. Only the goroutine that calls Gmsh may call it.
func (c *Console) Sync() {
	C.consoleFlush()
	c.drain()
}

// drain hands on what is in the pipe, and reports whether nothing will come any more.
func (c *Console) drain() (ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		n, err := unix.Read(c.pipe, c.buffer)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return false
		case n <= 0:
			return true
		default:
			c.take(c.buffer[:n])
			if n < len(c.buffer) {
				return false
			}
		}
	}
}

// take hands on the lines of what was read. A line ends at a newline or, as the progress meter's do, at a carriage return.
func (c *Console) take(text []byte) {
	for {
		end := bytes.IndexAny(text, "\r\n")
		if end < 0 {
			break
		}
		whole := text[:end]
		if len(c.begun) > 0 {
			c.begin(whole)
			whole = c.begun
		}
		if line, ok := parseLine(string(whole)); ok {
			c.sink(line)
		}
		c.begun, text = c.begun[:0], text[end+1:]
	}
	c.begin(text)
}

// begin adds to a line that has no end yet.
func (c *Console) begin(text []byte) {
	c.begun = append(c.begun, text[:min(len(text), maxText-len(c.begun))]...)
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
