package oidc

import (
	"bytes"
	"errors"
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

// RoundTrip asks, or remembers.
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
		return nil, known.err
	}
	answer := known.response
	answer.Body, answer.Request = io.NopCloser(bytes.NewReader(known.body)), r
	return &answer, nil
}

func (k *remembered) stale(now time.Time) bool {
	if k.bad() {
		return now.Sub(k.at) >= retryEvery
	}
	return now.Sub(k.at) >= fetchEvery
}

func (k *remembered) bad() bool { return k.err != nil || k.response.StatusCode != http.StatusOK }

func (k *remembered) fetch(next http.RoundTripper, r *http.Request) {
	answer, err := next.RoundTrip(r)
	k.err = err
	if err == nil {
		defer answer.Body.Close()
		k.response = *answer
		k.body, k.err = io.ReadAll(io.LimitReader(answer.Body, largestAnswer+1))
		if k.err == nil && len(k.body) > largestAnswer {
			k.err = errors.New("the answer of the identity provider is too large")
		}
	}
	k.at = time.Now()
}

// failed reports whether the provider did not answer when it was last asked for something.
func (s *sparing) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.answers {
		k.mu.Lock()
		bad := k.bad()
		k.mu.Unlock()
		if bad {
			return true
		}
	}
	return false
}
