package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// idleLimit is how long a connection may carry nothing before it counts as dead. The server sends a comment into a stream
// of events every 15 s: two may be lost.
const idleLimit = 45 * time.Second

// The limits that we set ourselves.
var (
	errIdle = errors.New("nothing passed over the connection")
	errSlow = errors.New("no answer within " + callTimeout.String())
)

// watched ends a context when nothing was read for a while: a peer that vanished says nothing, and TCP would wait for hours.
type watched struct {
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// watch returns a context that ends with errIdle unless alive is called every limit. stop must be called.
func watch(ctx context.Context, limit time.Duration) (context.Context, *watched) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watched{limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(fmt.Errorf("%w for %s", errIdle, limit)) })
	return ctx, w
}

func (w *watched) alive() { w.timer.Reset(w.limit) }

// stop ends the watch, and the context.
func (w *watched) stop() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

// reader passes on what r gives, which keeps the watch quiet.
func (w *watched) reader(r io.Reader) io.Reader { return &watchedReader{r: r, w: w} }

type watchedReader struct {
	r io.Reader
	w *watched
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.w.alive()
	}
	return n, err
}
