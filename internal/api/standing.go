package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"meshgen/internal/auth"
)

// standing knows whether those who have streams open still may. A thousand streams of a key that tell something each second
// ask Postgres once a second, not a thousand times.
type standing struct {
	mu     sync.Mutex
	asked  map[[sha256.Size]byte]*verdict // by the hash of what the request shows: a key or a cookie, which are kept nowhere
	tidied time.Time
}

// verdict is what Postgres says of a key; err is set once done is closed.
type verdict struct {
	at   time.Time // when it was asked
	done chan struct{}
	err  error
}

func newStanding() *standing { return &standing{asked: map[[sha256.Size]byte]*verdict{}} }

// still asks whether whoever sent the request may still read, unless that was asked within admitEvery. It returns when it was.
func (s *Server) still(r *http.Request) (asked time.Time, err error) {
	shown := r.Header.Get("Authorization")
	if token, there := sessionToken(r); shown == "" && there {
		shown = "cookie " + string(token.Hash())
	}
	v, ours := s.standing.verdict(shown)
	if ours {
		s.find(v, r)
	}
	select {
	case <-v.done:
		return v.at, v.err
	case <-r.Context().Done():
		return v.at, r.Context().Err()
	}
}

// find asks Postgres. The answer is for other streams too: they must not suffer if the client of this one leaves.
func (s *Server) find(v *verdict, r *http.Request) {
	defer close(v.done)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), askEvery)
	defer cancel()
	_, v.err = s.admit(r.WithContext(ctx), auth.Read)
}

// verdict returns the last one of a key, or a new one, which is then the caller's to find.
func (s *standing) verdict(shown string) (v *verdict, ours bool) {
	now, key := time.Now(), sha256.Sum256([]byte(shown))
	s.mu.Lock()
	defer s.mu.Unlock()
	if v = s.asked[key]; v != nil && now.Sub(v.at) < admitEvery {
		return v, false
	}
	if now.Sub(s.tidied) > askEvery {
		for other, old := range s.asked {
			if now.Sub(old.at) > admitEvery {
				delete(s.asked, other)
			}
		}
		s.tidied = now
	}
	v = &verdict{at: now, done: make(chan struct{})}
	s.asked[key] = v
	return v, true
}
