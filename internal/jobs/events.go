package jobs

import (
	"context"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// The types of events, as SSE names them.
const (
	EventStatus   = "status"
	EventStage    = "stage"
	EventProgress = "progress"
	EventLog      = "log"
	EventArtifact = "artifact"
	EventDone     = "done"
)

// StatusData is the payload of a status event and, with everything filled in, of the snapshot that opens a stream.
type StatusData struct {
	Status   store.Status         `json:"status" doc:"queued, running, succeeded, failed or canceled"`
	Attempt  int                  `json:"attempt" doc:"how often the job was started"`
	Stage    engine.Stage         `json:"stage,omitempty" doc:"the stage it is in"`
	Progress float64              `json:"progress" doc:"0 to 1"`
	Error    *diagnosis.Diagnosis `json:"error,omitempty" doc:"why it failed"`
}

// StageData is the payload of stage and progress events.
type StageData struct {
	Stage    engine.Stage `json:"stage"`
	Progress float64      `json:"progress"`
	Detail   string       `json:"detail,omitempty"`
}

// LogData is the payload of a log event.
type LogData struct {
	Lines []engine.LogLine `json:"lines"`
}

// ArtifactData is the payload of an artifact event.
type ArtifactData struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Size   int64  `json:"size"`
	// Preview is set for a file that can be had before the job has ended.
	Preview bool `json:"preview,omitempty"`
}

// StatusEvent tells that a job has a new status.
func StatusEvent(status store.Status, attempt int, failed *diagnosis.Diagnosis) queue.NewEvent {
	return queue.NewEvent{Type: EventStatus, Data: statusData(status, attempt, failed)}
}

// queuedEvent tells that a job is there. It may be told late, and is not told then if the job's own events have begun.
func queuedEvent() queue.NewEvent {
	e := StatusEvent(store.Queued, 0, nil)
	e.First = true
	return e
}

// DoneEvents tell that a job is final: its last status, and that nothing follows.
func DoneEvents(status store.Status, attempt int, failed *diagnosis.Diagnosis) []queue.NewEvent {
	return []queue.NewEvent{
		StatusEvent(status, attempt, failed),
		{Type: EventDone, Data: statusData(status, attempt, failed)},
	}
}

func statusData(status store.Status, attempt int, failed *diagnosis.Diagnosis) StatusData {
	d := StatusData{Status: status, Attempt: attempt, Error: failed}
	if status == store.Succeeded {
		d.Progress = 1
	}
	return d
}

// Rest is what is left to announce of a claim's work when that is over.
type Rest struct {
	Subjects []string
	Events   []queue.NewEvent
	Before   <-chan struct{} // closed when all that came before is announced
}

// AnnounceRest announces what is left, unless that was done.
func (s *Service) AnnounceRest(ctx context.Context, tenant string, r *Rest) {
	<-r.Before
	if len(r.Events) > 0 {
		s.Announce(ctx, tenant, r.Subjects, r.Events...)
	}
	r.Events = nil
}

// announceEnd tells a subject of the end of its job, after what is left, and others of what is left: they hear of the end by themselves. The
// end comes first, should there not be time for all.
func (s *Service) announceEnd(ctx context.Context, subject, tenant string, r *Rest, end []queue.NewEvent) {
	left := r.Events
	r.Events = nil
	if len(left) > 0 && slices.Contains(r.Subjects, subject) {
		end = slices.Concat(left, end)
	}
	s.announce(ctx, subject, tenant, end...)
	for _, other := range r.Subjects {
		if len(left) > 0 && other != subject {
			s.announce(ctx, other, tenant, left...)
		}
	}
}

// Announce publishes events about a claim's work to all subjects. They are a courtesy: a failure is logged, not returned.
func (s *Service) Announce(ctx context.Context, tenant string, subjects []string, events ...queue.NewEvent) {
	s.courtesy(ctx, len(subjects), func(ctx context.Context) {
		for _, subject := range subjects {
			s.announce(ctx, subject, tenant, events...)
		}
	})
}
