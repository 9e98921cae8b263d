package pool

import (
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// pipeSize is what a pipe holds: all that was written before some moment and not yet read is at most this much.
	pipeSize = 64 << 10
	// maxText is where a printed line is cut into two, so that a stream without line ends costs no memory.
	maxText = 16 << 10
)

// textPipe reads what an engine prints and passes it on line by line. It is always drained, whether a request runs or
// not, else a talkative engine would block.
type textPipe struct {
	file *os.File
	raw  syscall.RawConn
	emit func(line string)

	mu      sync.Mutex // held while reading and emitting, so that lines keep their order
	buf     []byte
	partial []byte
}

func newTextPipe(f *os.File, emit func(string)) *textPipe {
	raw, err := f.SyscallConn()
	if err != nil {
		panic("pool: SyscallConn of an open file: " + err.Error()) // fails for a nil file only
	}
	return &textPipe{file: f, raw: raw, emit: emit, buf: make([]byte, pipeSize)}
}

// run reads until the end of the pipe, or until its read deadline.
func (t *textPipe) run() {
	for ended := false; !ended; {
		err := t.raw.Read(func(fd uintptr) bool {
			n, end := t.read(fd)
			ended = end
			return n > 0 || end
		})
		if err != nil {
			break
		}
	}
	t.drain(true)
}

// drain passes on what was printed up to now. With flush, so is a line that has no end yet.
func (t *textPipe) drain(flush bool) {
	_ = t.raw.Control(func(fd uintptr) {
		for total := 0; total < pipeSize; {
			n, end := t.read(fd)
			if n == 0 || end {
				break
			}
			total += n
		}
	})
	if flush {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.flush()
	}
}

// read reads once without waiting. n is 0 where there is nothing to read.
func (t *textPipe) read(fd uintptr) (n int, end bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		n, err := unix.Read(int(fd), t.buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, false
		case err != nil || n <= 0:
			return 0, true
		}
		t.split(t.buf[:n])
		return n, false
	}
}

func (t *textPipe) split(b []byte) {
	for _, ch := range b {
		if ch == '\n' {
			t.emit(clean(t.partial))
			t.partial = t.partial[:0]
			continue
		}
		t.partial = append(t.partial, ch)
		if len(t.partial) >= maxText {
			t.flush()
		}
	}
}

func (t *textPipe) flush() {
	if len(t.partial) > 0 {
		t.emit(clean(t.partial))
		t.partial = t.partial[:0]
	}
}

// clean returns the line as text that JSON, a terminal and Postgres can hold: valid UTF-8 without control characters.
func clean(line []byte) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\t') || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(line), "\uFFFD"))
}
