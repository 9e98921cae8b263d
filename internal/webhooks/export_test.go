package webhooks

import "time"

// SetClock has a sender take the time from elsewhere.
func (s *Sender) SetClock(now func() time.Time) { s.now = now }
