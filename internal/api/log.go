package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// logSoFar is the log of work that goes on, as its events tell it, in the form that the worker gives the whole log. Only
// the last attempt's is told: the file will hold no other.
func (s *Server) logSoFar(ctx context.Context, subject string) (io.ReadCloser, error) {
	events, _, err := s.queue.Replay(ctx, subject, queue.FromStart)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, e := range events {
		switch e.Type {
		case queue.EventStatus:
			var data jobs.StatusData
			if err := json.Unmarshal(e.Data, &data); err != nil {
				return nil, fmt.Errorf("status event %d of %s: %w", e.ID, subject, err)
			}
			if data.Status == store.Running {
				text.Reset()
			}
		case queue.EventLog:
			var data jobs.LogData
			if err := json.Unmarshal(e.Data, &data); err != nil {
				return nil, fmt.Errorf("log event %d of %s: %w", e.ID, subject, err)
			}
			for _, l := range data.Lines {
				fmt.Fprintf(&text, "[%9.3f] %-7s %s\n", l.Seconds, l.Level, l.Text)
			}
		}
	}
	return io.NopCloser(strings.NewReader(text.String())), nil
}
