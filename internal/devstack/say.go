package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// say prints a line of the story.
func say(label, format string, args ...any) {
	fmt.Printf("  %-10s %s\n", label, fmt.Sprintf(format, args...))
}

// seconds writes a duration as a person reads it: 0.4 ms, 83 ms, 1.2 s.
func seconds(d time.Duration) string {
	switch ms := float64(d) / float64(time.Millisecond); {
	case ms < 9.5:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 995:
		return fmt.Sprintf("%.0f ms", ms)
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}

// bytesOf writes a size as a person reads it.
func bytesOf(n int64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

// number writes an integer in groups of three.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// plural returns "engines" for every number of an engine but one.
func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// short returns a path as seen from here, where that is shorter.
func short(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}
