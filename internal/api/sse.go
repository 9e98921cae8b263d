package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"meshgen/internal/queue"
)

const (
	// commentEvery keeps proxies from closing a silent stream.
	commentEvery = 15 * time.Second
	// writeWithin is how long a client may take nothing.
	writeWithin = 15 * time.Second
	// retryAfterMS is how soon an EventSource connects again.
	retryAfterMS = "1000"
)

// sse writes server-sent events.
type sse struct {
	w    http.ResponseWriter
	conn *http.ResponseController
	buf  bytes.Buffer
	last time.Time // of a write
}

// openSSE sends the headers of a stream.
func openSSE(w http.ResponseWriter) *sse {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	o := &sse{w: w, conn: http.NewResponseController(w)}
	o.buf.WriteString("retry: " + retryAfterMS + "\n\n")
	return o
}

// event sends an event at once. Without an id (0 or less) the client keeps the one that it has.
func (o *sse) event(id int64, kind string, data []byte) error {
	o.hold(id, kind, data)
	return o.send()
}

// hold has an event go with what is sent next.
func (o *sse) hold(id int64, kind string, data []byte) {
	if id > 0 {
		o.buf.WriteString("id: ")
		o.buf.Write(strconv.AppendInt(o.buf.AvailableBuffer(), id, 10))
		o.buf.WriteByte('\n')
	}
	o.buf.WriteString("event: ")
	o.buf.WriteString(kind)
	for line := range bytes.SplitSeq(data, []byte{'\n'}) {
		o.buf.WriteString("\ndata: ")
		o.buf.Write(line)
	}
	o.buf.WriteString("\n\n")
}

// mostHeld is how many bytes of events are held.
const mostHeld = 64 << 10

// position tells the client an id without an event.
func (o *sse) position(id int64) error {
	o.buf.WriteString("id: ")
	o.buf.Write(strconv.AppendInt(o.buf.AvailableBuffer(), id, 10))
	o.buf.WriteString("\n\n")
	return o.send()
}

func (o *sse) comment() error {
	o.buf.WriteString(":\n\n")
	return o.send()
}

func (o *sse) send() error {
	o.last = time.Now()
	if err := o.conn.SetWriteDeadline(o.last.Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	_, err := o.w.Write(o.buf.Bytes())
	o.buf.Reset()
	if err != nil {
		return err
	}
	return o.conn.Flush()
}

// close leaves the connection fit for another request.
func (o *sse) close() { _ = o.conn.SetWriteDeadline(time.Time{}) }

// topic is what a stream tells of.
type topic interface {
	follow(ctx context.Context, after int64) (*queue.Follower, error)
	// snapshot tells how things stand by Postgres. position is the id of the last event that it may cover, 0 if there is
	// none. ended tells that nothing can follow.
	snapshot(ctx context.Context, out *sse, position int64) (ended bool, err error)
	// ask looks whether Postgres knows more than the events told. It is called every askEvery, and every askEveryAway
	// while no events come (away).
	ask(ctx context.Context, out *sse, position int64, away bool) (ended bool, err error)
	// tell holds an event for the client; ended tells that it is the last.
	tell(out *sse, e queue.Event) (ended bool, err error)
}

// A stream may be open for days: whether its client still may is asked again, at most so often while events come, and
// every askEvery while none do.
const admitEvery = time.Second

// stream follows a topic for a client until it ends, the client leaves or may not go on, or the process is about to stop. lastID
// is the id of the last event that the client has, below 0 if it has none.
func (s *Server) stream(r *http.Request, t topic, out *sse, lastID int64) error {
	ctx := r.Context()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()

	f, err := t.follow(ctx, lastID)
	if err == nil {
		defer func() { f.Close() }()
	}
	if err != nil || lastID < 0 || !f.Known() {
		if ended, err := t.snapshot(ctx, out, positionOf(f)); ended || err != nil {
			return err
		}
	}
	asked, admitted := time.Now(), time.Now()
	for ctx.Err() == nil {
		if f == nil { // Redis was away when the stream began
			pause(ctx, askEveryAway)
			if f, err = t.follow(ctx, queue.FromNow); err == nil {
				if ended, err := t.snapshot(ctx, out, f.Position()); ended || err != nil {
					return err
				}
			}
		}
		e, err := next(ctx, f)
		if since := time.Since(admitted); since >= askEvery || since >= admitEvery && err == nil {
			at, err := s.still(r)
			if err != nil && !away(err) {
				return err
			}
			admitted = at
		}
		switch {
		case err == nil:
			// Events come in bunches: a bunch is one write, and wakes the client once.
			ended, err := t.tell(out, e)
			if err == nil && out.buf.Len() > 0 && (ended || !f.Pending() || out.buf.Len() > mostHeld) {
				err = out.send()
			}
			if ended || err != nil {
				return err
			}
			continue
		case errors.Is(err, queue.ErrGap):
			if ended, err := t.snapshot(ctx, out, f.Position()); ended || err != nil {
				return err
			}
			continue
		case errors.Is(err, queue.ErrClosed):
			return nil
		}
		away := f == nil || !s.queue.Hub().Stats().Connected
		if away || time.Since(asked) >= askEvery {
			asked = time.Now()
			if ended, err := t.ask(ctx, out, positionOf(f), away); ended || err != nil {
				return err
			}
		}
		if time.Since(out.last) >= commentEvery {
			if err := out.comment(); err != nil {
				return err
			}
		}
	}
	if out.buf.Len() > 0 {
		return out.send()
	}
	return nil
}

// next waits for an event for a moment; without a follower it returns at once.
func next(ctx context.Context, f *queue.Follower) (queue.Event, error) {
	if f == nil {
		return queue.Event{}, context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, askEveryAway)
	defer cancel()
	return f.Next(ctx)
}

func positionOf(f *queue.Follower) int64 {
	if f == nil {
		return 0
	}
	return f.Position()
}

func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// lastEventID returns the id that a client resumes from: queue.FromNow if it does not resume, or not from an id of ours. An
// EventSource that gave up cannot set the header; its successor says it in the query.
func lastEventID(r *http.Request) int64 {
	id, err := strconv.ParseInt(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("last_event_id")), 10, 64)
	if err != nil || id < 0 {
		return queue.FromNow
	}
	return id
}
