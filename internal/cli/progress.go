package cli

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"
)

type progressStyle int

const (
	noProgress   progressStyle = iota
	lineProgress               // a line for each stage
	barProgress                // one line that is drawn over
)

const (
	// firstDraw is how long the bar keeps back: what is done at once needs none, and would flash.
	firstDraw = 120 * time.Millisecond
	// redraw is how often the bar moves. A drawing is one write of what changed, so that nothing flickers.
	redraw = 100 * time.Millisecond

	maxBar = 40 // columns
	minBar = 8
)

// progress shows how far one piece of work is, on standard error.
type progress struct {
	screen  screen
	subject string
	style   progressStyle
	began   time.Time

	mu     sync.Mutex
	stage  string
	share  float64 // 0 to 1
	note   string  // why it waits
	drawn  string  // what stands on the terminal's line
	ended  bool
	quit   chan struct{}
	closed chan struct{}
}

func newProgress(s screen, subject string, style progressStyle) *progress {
	p := &progress{screen: s, subject: printable(subject), style: style, began: time.Now(), quit: make(chan struct{}), closed: make(chan struct{})}
	if style != barProgress {
		close(p.closed)
		return p
	}
	go p.draw()
	return p
}

// set says what is being done, and how far it is in all. The share never falls.
func (p *progress) set(stage string, share float64) {
	if p == nil { // of a rung that is not shown
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := stage != p.stage
	p.stage, p.note = stage, ""
	p.share = max(p.share, min(share, 1))
	if changed && p.style == lineProgress && !p.ended {
		p.screen.line(fmt.Sprintf("%8.3f s  %s  %s: %s", time.Since(p.began).Seconds(), percent(p.share), p.subject, printable(stage)))
	}
}

// restart begins another piece of the same work, which counts from nothing.
func (p *progress) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.share = 0
}

// waiting says what the work waits for.
func (p *progress) waiting(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	note := printable(firstLine(err)) + "; trying again"
	if note != p.note && p.style == lineProgress && !p.ended {
		p.screen.line(note)
	}
	p.note = note
}

// above prints lines that stay, above the bar.
func (p *progress) above(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn == "" {
		p.screen.line(text)
		return
	}
	p.screen.write("\r\x1b[K" + text + "\n" + p.drawn)
}

// without does f while the bar is away.
func (p *progress) without(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn != "" {
		p.screen.write("\r\x1b[K")
		defer func() { p.screen.write(p.drawn) }()
	}
	f()
}

// stop takes the bar away.
func (p *progress) stop() {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return
	}
	p.ended = true
	p.mu.Unlock()
	close(p.quit)
	<-p.closed
}

func (p *progress) draw() {
	defer close(p.closed)
	timer := time.NewTimer(firstDraw)
	defer timer.Stop()
	for {
		select {
		case <-p.quit:
			p.mu.Lock()
			if p.drawn != "" {
				p.screen.write("\r\x1b[K")
				p.drawn = ""
			}
			p.mu.Unlock()
			return
		case <-timer.C:
		}
		p.mu.Lock()
		if line := p.line(p.screen.width(), time.Since(p.began)); line != p.drawn {
			p.screen.write("\r" + line + "\x1b[K")
			p.drawn = line
		}
		p.mu.Unlock()
		timer.Reset(redraw)
	}
}

// line lays the bar out in the columns of a terminal: what it is about, the bar, the share, the stage, the time. The
// last column stays free, since some terminals wrap there.
func (p *progress) line(width int, elapsed time.Duration) string {
	s := p.screen
	room := width - 1
	if p.note != "" {
		return s.paint(yellow, s.shorten(p.note, room))
	}
	clock := fmt.Sprintf("%.1f s", elapsed.Seconds())
	if elapsed >= 100*time.Second {
		clock = seconds(elapsed.Seconds())
	}
	tail := fmt.Sprintf("%s  %-8s  %7s", percent(p.share), printable(p.stage), clock)
	left := room - columns(tail)
	switch {
	case left < 0:
		return s.shorten(strings.TrimSpace(percent(p.share)), room)
	case left < minBar+2: // no room for a bar
		return tail
	}
	// The name takes what the bar leaves, and at least a little less than half.
	left -= 2
	name := columns(p.subject)
	bar := min(maxBar, max(minBar, left-name-2))
	if left-bar-2 < 6 {
		return p.bar(min(left, maxBar)) + "  " + tail
	}
	return s.shorten(p.subject, left-bar-2) + "  " + p.bar(bar) + "  " + tail
}

// bar draws the share over so many columns, to half a column.
func (p *progress) bar(width int) string {
	full, half, rest := "━", "╸", "─"
	if !p.screen.unicode {
		full, half, rest = "#", "+", "."
	}
	halves := int(math.Floor(p.share * float64(2*width)))
	done := strings.Repeat(full, halves/2)
	n := halves / 2
	if halves%2 == 1 {
		done += half
		n++
	}
	return p.screen.paint(cyan, done) + p.screen.paint(dim, strings.Repeat(rest, width-n))
}
