package jobs

import "time"

// SetPatience sets how long Redis is waited for: by a call, by all calls of one courtesy beyond that for each thing told of, and by the
// answer to a request.
func (s *Service) SetPatience(call, more, answer time.Duration) {
	s.patience = patience{call: call, more: more, most: time.Hour, answer: answer}
}
