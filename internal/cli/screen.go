package cli

import (
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// screen is standard output or standard error: a terminal with its abilities, or anything else.
type screen struct {
	w       *os.File
	tty     bool
	dumb    bool // a terminal that cannot move its cursor
	color   bool
	unicode bool
}

func newScreen(f *os.File) screen {
	s := screen{w: f, tty: term.IsTerminal(int(f.Fd()))}
	kind := os.Getenv("TERM")
	s.dumb = kind == "" || kind == "dumb"
	s.color = s.tty && !s.dumb && os.Getenv("NO_COLOR") == ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" { // the first that is set decides
			v = strings.ToLower(v)
			s.unicode = strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
			break
		}
	}
	return s
}

// canRedraw reports whether a line can be written over.
func (s screen) canRedraw() bool { return s.tty && !s.dumb }

// defaultWidth is assumed of a terminal that does not say.
const defaultWidth = 80

// width returns the columns of the terminal as it is now.
func (s screen) width() int {
	if w, _, err := term.GetSize(int(s.w.Fd())); err == nil && w > 0 {
		return w
	}
	return defaultWidth
}

func (s screen) write(text string) { _, _ = s.w.WriteString(text) }

func (s screen) line(text string) { s.write(text + "\n") }

// style is the parameter of a terminal's SGR sequence.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

func (s screen) paint(how style, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + string(how) + "m" + text + "\x1b[0m"
}

// printable replaces what could move the cursor or turn the text around: names, and the mesher's words, come from a
// stranger's file. Lines stay lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// columns returns how wide text is on a terminal.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

// runeColumns knows combining marks, which take no column, and the scripts whose letters take two.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul),
		r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// shorten returns text in at most so many columns, with the end of it kept: the ends of paths tell them apart.
func (s screen) shorten(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	ellipsis := "…"
	if !s.unicode {
		ellipsis = "~"
	}
	runes := []rune(text)
	n := 1 // the ellipsis
	for i := len(runes) - 1; i >= 0; i-- {
		if n += runeColumns(runes[i]); n > width {
			return ellipsis + string(runes[i+1:])
		}
	}
	return text
}
