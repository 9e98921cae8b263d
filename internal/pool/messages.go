package pool

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
)

// messageBuffer is the size of the read buffer: most lines fit.
const messageBuffer = 32 << 10

// readMessages reads fd 4 of the engine until its end. An engine that breaks the protocol is killed.
func (c *child) readMessages() {
	raw, err := c.messages.SyscallConn()
	if err != nil {
		panic("pool: SyscallConn of an open file: " + err.Error()) // fails for a nil file only
	}
	r := bufio.NewReaderSize(&lastReader{file: c.messages, raw: raw, left: maxLast}, messageBuffer)
	var long []byte
	for {
		line, err := readLine(r, &long)
		if err != nil && !errors.Is(err, errLineTooLong) {
			c.expectEnd("it closed its messages and went on")
			return
		}
		if err == nil {
			err = c.accept(line, r.Buffered() > 0)
		}
		if err != nil {
			c.violate(err)
			return
		}
	}
}

var errLineTooLong = fmt.Errorf("a line of more than %d bytes", engine.MaxLine)

// readLine returns the next line. It is valid until the next call; long holds one that exceeds the reader's buffer.
func readLine(r *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	*long = (*long)[:0]
	for {
		*long = append(*long, line...)
		if len(*long) > engine.MaxLine {
			return nil, errLineTooLong
		}
		if err == nil {
			return *long, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		line, err = r.ReadSlice('\n')
	}
}

// accept takes one message. more says that something follows it already.
func (c *child) accept(line []byte, more bool) error {
	var m engine.Message
	if err := json.Unmarshal(line, &m); err != nil {
		return fmt.Errorf("not a message (%w): %s", err, excerpt(line))
	}
	if err := complete(m); err != nil {
		return err
	}
	switch m.Type {
	case engine.TypeReady:
		return c.greet(*m.Ready)
	case engine.TypeRest:
		return c.comeToRest(*m.Rest)
	}
	if c.tidies {
		return fmt.Errorf("a %s message behind the result", m.Type)
	}
	l := c.current()
	if l == nil {
		return fmt.Errorf("a %s message without a request", m.Type)
	}
	l.heard.Store(true)
	if v := l.verdict.Load(); v != nil {
		if v.err == nil {
			return fmt.Errorf("a %s message behind the result", m.Type)
		}
		c.tidies = m.Type == engine.TypeResult && m.Result.Tidies
		return nil // killed a moment ago: it comes too late
	}
	// What was printed before the message comes before it. Nothing is printed after a result: a line without an end ends.
	c.stdout.drain(m.Type == engine.TypeResult)
	c.stderr.drain(m.Type == engine.TypeResult)

	switch m.Type {
	case engine.TypeArtifact:
		path, err := l.take(m.Artifact.Path)
		if err != nil {
			return err
		}
		m.Artifact.Path = path
	case engine.TypeResult:
		if m.Result.ID != l.id {
			return fmt.Errorf("a result of request %q during request %q", m.Result.ID, l.id)
		}
		if more && !m.Result.Tidies {
			return errors.New("a message behind the result")
		}
		c.tidies = m.Result.Tidies
		if !l.settle(nil) {
			return nil
		}
	}
	l.send(m)
	return nil
}

// complete checks that a message holds what its type names.
func complete(m engine.Message) error {
	var ok bool
	switch m.Type {
	case engine.TypeReady:
		ok = m.Ready != nil
	case engine.TypeStage:
		ok = m.Stage != nil
	case engine.TypeLog:
		ok = len(m.Log) > 0
	case engine.TypeArtifact:
		ok = m.Artifact != nil
	case engine.TypeResult:
		ok = m.Result != nil
	case engine.TypeRest:
		ok = m.Rest != nil
	default:
		return fmt.Errorf("a message of unknown type %q", m.Type)
	}
	if !ok {
		return fmt.Errorf("a %s message without its %[1]s", m.Type)
	}
	return nil
}

// greet takes the engine's first message.
func (c *child) greet(hello engine.Ready) error {
	select {
	case <-c.ready:
		return errors.New("a second ready message")
	default:
	}
	if hello.Protocol != engine.Protocol {
		return fmt.Errorf("it speaks version %d of the protocol, not %d", hello.Protocol, engine.Protocol)
	}
	c.hello = hello
	close(c.ready)
	return nil
}

// comeToRest takes an engine's word that it has tidied.
func (c *child) comeToRest(r engine.Rest) error {
	if !c.tidies {
		return errors.New("a rest message without a result before it")
	}
	c.tidies = false
	c.rests <- r // it has room for one, and no second comes before the engine is lent again
	return nil
}

// violate kills an engine that talks garbage; its request fails for it.
func (c *child) violate(what error) {
	err := fmt.Errorf("%w: %w", ErrProtocol, what)
	if l := c.current(); l != nil {
		l.settle(err)
	}
	c.kill(CauseProtocol, err)
}

// expectEnd kills an engine that has closed a pipe of the protocol, as a death does, but lives on. A process that is ending closes
// its files long before it can be reaped, where the machine is busy.
func (c *child) expectEnd(otherwise string) {
	for {
		select {
		case <-c.reaped:
			return
		case <-time.After(linger):
		}
		if !isEnding(c.pid) {
			c.violate(errors.New(otherwise))
			return
		}
	}
}

// isEnding reports whether a process has begun to end, or has ended.
func isEnding(pid int) bool {
	const exiting = 0x4 // PF_EXITING of the kernel's flags of a thread
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	// Behind the name, which may hold anything: state, parent, group, session, terminal, its group, flags.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 7 {
		return false
	}
	flags, _ := strconv.ParseUint(fields[6], 10, 64) // 0 where it is no number
	return fields[0] == "Z" || fields[0] == "X" || flags&exiting != 0
}

func excerpt(line []byte) string {
	const most = 120
	if len(line) > most {
		return clean(line[:most]) + "…"
	}
	return clean(line)
}

// maxLast bounds what is read of a pipe whose deadline is over: as much as the largest pipe holds.
const maxLast = 1 << 20

// lastReader reads a pipe to its end. Behind the read deadline, where a file answers with an error even if it has data,
// it reads what is there.
type lastReader struct {
	file *os.File
	raw  syscall.RawConn
	left int
}

func (r *lastReader) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if r.left <= 0 {
		return 0, io.EOF
	}
	if err := r.raw.Control(func(fd uintptr) { n, err = unix.Read(int(fd), p) }); err != nil {
		return 0, err
	}
	if err != nil || n <= 0 {
		return 0, io.EOF
	}
	r.left -= n
	return n, nil
}
