package client

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"
)

// maxEvent bounds an event, in bytes.
const maxEvent = 16 << 20

// stream reads server-sent events.
type stream struct {
	lines *bufio.Scanner
	most  int                 // bytes of an event
	heard func()              // at each line
	retry func(time.Duration) // the least pause that the server wishes
}

func newStream(r io.Reader, most int, heard func(), retry func(time.Duration)) *stream {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, min(64<<10, most)), most)
	return &stream{lines: lines, most: most, heard: heard, retry: retry}
}

// next returns the next event; io.EOF where the stream ends, in the middle of one too.
func (s *stream) next() (Event, error) {
	event := Event{Type: "message"}
	var data []byte
	for s.lines.Scan() {
		s.heard()
		line := s.lines.Bytes()
		if len(line) == 0 {
			if data != nil {
				event.Data = data
				return event, nil
			}
			event = Event{Type: "message"}
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "id":
			if sendable(value) {
				event.ID = string(value)
			}
		case "event":
			event.Type = string(value)
		case "data":
			if data != nil {
				data = append(data, '\n')
			}
			if data = append(data, value...); len(data) > s.most {
				return Event{}, s.tooLong()
			}
		case "retry":
			if ms, err := strconv.Atoi(string(value)); err == nil && ms > 0 {
				s.retry(time.Duration(min(ms, int(maxPause/time.Millisecond))) * time.Millisecond)
			}
		}
	}
	switch err := s.lines.Err(); err {
	case nil:
		return Event{}, io.EOF
	case bufio.ErrTooLong:
		return Event{}, s.tooLong()
	default:
		return Event{}, err
	}
}

// tooLong is the fault of a server that sends more than anybody should hold.
func (s *stream) tooLong() error {
	return fmt.Errorf("an event is longer than %d bytes: %w", s.most, bufio.ErrTooLong)
}

// sendable reports whether an id can be sent back as Last-Event-ID.
func sendable(id []byte) bool {
	return !bytes.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f })
}
