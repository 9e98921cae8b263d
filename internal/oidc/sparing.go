package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	fetchTimeout = 5 * time.Second
	// fetchEvery is how often the provider is asked for the same at most, however many tokens come with keys that nobody knows: so
	// long may a key be unknown here that the provider has just made.
	fetchEvery = 10 * time.Second
	// retryEvery is the same while it does not answer.
	retryEvery = time.Second
	// largestAnswer of a provider, in bytes.
	largestAnswer = 1 << 20
)

// sparing asks for the same address seldom, and gives the answer of before meanwhile.
type sparing struct {
	next http.RoundTripper

	mu      sync.Mutex
	answers map[string]*remembered
}

// remembered is an answer, or why none came.
type remembered struct {
	mu       sync.Mutex // held while the provider is asked
	at       time.Time
	response http.Response
	body     []byte
	err      error
}

func newSparing(next http.RoundTripper) *sparing {
	return &sparing{next: next, answers: map[string]*remembered{}}
}

// noAnswer says that an address of the provider gave nothing that could be used.
type noAnswer struct {
	address string
	err     error
}

func (e *noAnswer) Error() string { return fmt.Sprintf("no answer from %s: %s", e.address, e.err) }
func (e *noAnswer) Unwrap() error { return e.err }

// RoundTrip asks, or remembers. All that is not an answer in JSON is a *noAnswer.
func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	known := s.answers[r.URL.String()]
	if known == nil {
		known = &remembered{}
		s.answers[r.URL.String()] = known
	}
	s.mu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.stale(time.Now()) {
		known.fetch(s.next, r)
	}
	if known.err != nil {
		return nil, &noAnswer{r.URL.Redacted(), known.err}
	}
	answer := known.response
	answer.Body, answer.Request = io.NopCloser(bytes.NewReader(known.body)), r
	return &answer, nil
}

func (k *remembered) stale(now time.Time) bool {
	if k.err != nil {
		return now.Sub(k.at) >= retryEvery
	}
	return now.Sub(k.at) >= fetchEvery
}

func (k *remembered) fetch(next http.RoundTripper, r *http.Request) {
	answer, err := next.RoundTrip(r)
	if err == nil {
		k.response = *answer
		k.body, err = usable(answer)
	}
	k.err, k.at = err, time.Now()
}

// usable reads an answer, if it is one.
func usable(answer *http.Response) ([]byte, error) {
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New("it answers " + answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > largestAnswer:
		return nil, errors.New("its answer is too large")
	case !json.Valid(body):
		return nil, errors.New("its answer is no JSON")
	}
	return body, nil
}
