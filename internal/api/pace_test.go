package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPace_IsThatOfTheLimitInTheLongRunAndLetsABurstIn(t *testing.T) {
	p := newPace()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, 50, quota(10))
	for n := range 50 {
		left, full, wait := p.take("a", 10, now)
		require.Equal(t, []any{49 - n, time.Duration(n+1) * 100 * time.Millisecond, time.Duration(0)}, []any{left, full, wait})
	}
	_, _, wait := p.take("a", 10, now)
	require.Equal(t, 100*time.Millisecond, wait)
	_, _, wait = p.take("b", 10, now)
	require.Zero(t, wait)

	let := 0
	for range 10_000 { // for ten seconds, each millisecond
		now = now.Add(time.Millisecond)
		if _, _, wait := p.take("a", 10, now); wait == 0 {
			let++
		}
	}
	require.Equal(t, 100, let)
	left, _, _ := p.take("a", 10, now.Add(time.Hour))
	require.Equal(t, 49, left)
	left, _, _ = p.take("a", 100, now.Add(2*time.Hour))
	require.Equal(t, 499, left, "a limit that was changed counts at once")
}

// deadlined is a connection that tells its deadline.
type deadlined struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (d *deadlined) SetWriteDeadline(until time.Time) error {
	d.until = until
	return nil
}

func TestAnswer_HasToBeReadInTime(t *testing.T) {
	for _, answer := range []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) },
	} {
		d := &deadlined{ResponseRecorder: httptest.NewRecorder()}
		prompt(answer).ServeHTTP(d, httptest.NewRequest(http.MethodGet, "/", nil))
		require.WithinDuration(t, time.Now().Add(answerWithin), d.until, 10*time.Second)
	}
	d := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	prompt(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK) // a stream sets its own
		require.NoError(t, http.NewResponseController(w).SetWriteDeadline(time.Time{}))
		_, _ = w.Write([]byte("x"))
	})).ServeHTTP(d, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Zero(t, d.until)
}
