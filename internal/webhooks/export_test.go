package webhooks

import (
	"context"
	"time"
)

// SetClock has a sender take the time from elsewhere.
func (s *Sender) SetClock(now func() time.Time) { s.now = now }

// Begin has what is due sent, as Run does again and again, and waits for no answer.
func (s *Sender) Begin(ctx context.Context) (begun int, err error) { return s.begin(ctx) }

// Pass has what is due sent, and waits for all answers.
func (s *Sender) Pass(ctx context.Context) (sent int, err error) {
	sent, err = s.begin(ctx)
	s.sending.Wait()
	return sent, err
}
