package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/jobs"
)

// paceWindow is for how long a tenant may go without sending a request and then send what it has saved at once: a page that is
// opened asks for many things.
const paceWindow = 5 * time.Second

// pace holds each tenant, and each share link, to a number of requests a second, by the generic cell rate algorithm: what is known of a tenant is the
// moment at which all that it has sent will be paid for.
type pace struct {
	mu   sync.Mutex
	paid map[string]time.Time // by tenant or share link
}

func newPace() *pace { return &pace{paid: map[string]time.Time{}} }

// quota is how many requests may come at once.
func quota(perSecond int) int { return perSecond * int(paceWindow/time.Second) }

// take counts a request of a tenant that may send so many a second. left is how many may follow at once, full when the whole quota is
// there again, and wait, if it is not 0, when the request may come again: it was not counted.
func (p *pace) take(tenant string, perSecond int, now time.Time) (left int, full, wait time.Duration) {
	every := time.Second / time.Duration(perSecond) // between two requests that come evenly
	p.mu.Lock()
	defer p.mu.Unlock()
	paid := p.paid[tenant]
	if paid.Before(now) {
		paid = now
	}
	next := paid.Add(every)
	if over := next.Sub(now) - paceWindow; over > 0 {
		return 0, paid.Sub(now), over
	}
	p.paid[tenant] = next
	return int((paceWindow - next.Sub(now)) / every), next.Sub(now), 0
}

// paced counts a request of a caller, says in the headers what is left, and refuses what is too much. The headers are those of
// draft-ietf-httpapi-ratelimit-headers.
func (s *Server) paced(ctx context.Context, w http.ResponseWriter, caller auth.Caller) error {
	if s.cfg.Auth == AuthOff {
		return nil
	}
	own, err := s.jobs.LimitsOf(ctx, caller.Tenant)
	if err != nil {
		return err
	}
	perSecond := jobs.Or(own.RequestsPerSecond, s.cfg.RequestsPerSecond)
	if perSecond == 0 {
		return nil
	}
	whose := caller.Tenant
	if caller.Mesh != "" {
		whose = caller.Actor // a link that went round must not keep the tenant from its work
	}
	left, full, wait := s.pace.take(whose, perSecond, time.Now())
	h := w.Header()
	h.Set("RateLimit-Policy", fmt.Sprintf(`"requests";q=%d;w=%d`, quota(perSecond), int(paceWindow.Seconds())))
	h.Set("RateLimit", fmt.Sprintf(`"requests";r=%d;t=%d`, left, seconds(full)))
	if wait == 0 {
		return nil
	}
	return retryAfter(refuse(http.StatusTooManyRequests, types.CodeTooManyRequests, fmt.Sprintf(
		"There were more than %d requests of yours a second. Send fewer, or follow events instead of asking.", perSecond)),
		strconv.Itoa(seconds(wait)))
}

// seconds are whole ones, at least as long.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// room is what a tenant may store, and has.
type room struct{ limit, stored int64 } // limit 0: as much as it likes

// left is how much more it may store.
func (r room) left() int64 {
	if r.limit == 0 {
		return math.MaxInt64
	}
	return r.limit - r.stored
}

// roomOf looks what room the tenant of a request has, and refuses if that is none, or less than for bytes more: 0 for what is not
// known yet. Two at once may both be let in.
func (s *Server) roomOf(ctx context.Context, bytes int64) (r room, err error) {
	own, err := s.jobs.LimitsOf(ctx, tenant(ctx))
	if err != nil {
		return room{}, err
	}
	if r.limit = jobs.Or(own.MaxBytes, s.cfg.MaxBytesOfTenant); r.limit == 0 {
		return r, nil
	}
	if r.stored, err = s.db.StoredBytes(ctx, tenant(ctx)); err != nil {
		return room{}, err
	}
	if r.left() < max(bytes, 1) {
		return room{}, r.full()
	}
	return r, nil
}

// storable refuses what the tenant of a request has no room for, as roomOf does.
func (s *Server) storable(ctx context.Context, bytes int64) error {
	_, err := s.roomOf(ctx, bytes)
	return err
}

// full is the problem of what there is no room for.
func (r room) full() *types.Problem {
	return refuse(http.StatusForbidden, types.CodeStorageFull, fmt.Sprintf(
		"Of the %d bytes that you may store, %d are taken. Delete parts or meshes that are not needed any more.", r.limit, r.stored))
}

// bodyInTime cuts off clients that announce a body and do not send it, whether or not somebody reads it: what is left of one is read before
// the connection is used again, and without a deadline that would be waited for without end. Uploads set their own as they read.
func (s *Server) bodyInTime(next http.Handler) http.Handler {
	within := cmp.Or(s.cfg.BodyWithin, bodyWithin)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within)) // not every connection can
		}
		next.ServeHTTP(w, r)
	})
}

// unneeded reads away a body that comes with a request for something: the answer may be a stream without end, which the deadline of
// bodyInTime must not end.
func (s *Server) unneeded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			w.Header().Set("Connection", "close")
			s.fail(w, r, unread(err))
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		next.ServeHTTP(w, r)
	})
}

// unread is the problem of a body that nobody needs and that could not be read away.
func unread(err error) *types.Problem {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return bodyTooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refuse(http.StatusRequestTimeout, types.CodeTimeout, "The body that was announced did not come, and none is needed.")
	}
	return refuse(http.StatusBadRequest, types.CodeMalformed, "The body is broken, and none is needed: "+err.Error())
}

// answerWithin is how long a client may take for an answer once it is being written. Streams and archives bound each piece instead.
const answerWithin = time.Minute

// prompt cuts off clients that ask and then do not read.
func prompt(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&promptWriter{ResponseWriter: w}, r)
	})
}

// promptWriter sets the deadline when an answer begins.
type promptWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *promptWriter) begin() {
	if !w.begun {
		w.begun = true
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(answerWithin)) // not every connection can
	}
}

// WriteHeader begins the answer.
func (w *promptWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, where WriteHeader did not.
func (w *promptWriter) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the connection.
func (w *promptWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
