package worker

import (
	"context"
	"slices"
	"sync"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// publisher sends the events of one job in their order, off the job's way. Events wait a moment and go out together, all their log
// lines in one event and only the latest progress: each call costs four processes some work, on the very processors that
// mesh. A new status and a preview go out at once, with what waits before them.
type publisher struct {
	jobs   *jobs.Service
	tenant string

	mu       sync.Mutex
	subjects []string
	pending  []queue.NewEvent
	rest     *jobs.Rest // not nil once it is closed
	waiting  bool       // a timer will wake run
	wake     chan struct{}
	done     chan struct{}
}

func newPublisher(ctx context.Context, s *jobs.Service, c store.Claim) *publisher {
	p := &publisher{
		jobs: s, tenant: c.TenantID, subjects: append([]string{c.Subject()}, c.Followers...),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go p.run(context.WithoutCancel(ctx))
	return p
}

func (p *publisher) run(ctx context.Context) {
	widen()
	defer close(p.done)
	for range p.wake {
		p.mu.Lock()
		events, subjects, closed := p.pending, p.subjects, p.rest != nil
		p.pending, p.waiting = nil, false
		p.mu.Unlock()
		if len(events) > 0 {
			p.jobs.Announce(ctx, p.tenant, subjects, events...)
		}
		if closed {
			return
		}
	}
}

// tell has further events go to these subjects.
func (p *publisher) tell(subjects []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subjects = subjects
}

// signal wakes run; it needs no lock, since a wake that is pending covers what was added before it is taken.
func (p *publisher) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *publisher) add(e queue.NewEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rest != nil {
		return
	}
	e.At = time.Now()
	if p.joins(e) {
		return
	}
	p.pending = append(p.pending, e)
	switch {
	case isUrgent(e):
		p.signal()
	case !p.waiting:
		p.waiting = true
		time.AfterFunc(gather, p.signal)
	}
}

// joins makes e part of what waits, or drops what e makes old, since the last status: the lines of a moment are one event, and of how far the
// work is the last word is enough. It reports whether e needs no event of its own.
func (p *publisher) joins(e queue.NewEvent) bool {
	for i := len(p.pending) - 1; i >= 0 && p.pending[i].Type != jobs.EventStatus; i-- {
		switch of := p.pending[i].Type; {
		case e.Type == jobs.EventLog && of == jobs.EventLog:
			waiting := p.pending[i].Data.(jobs.LogData)
			waiting.Lines = append(waiting.Lines, e.Data.(jobs.LogData).Lines...)
			p.pending[i].Data = waiting
			return true
		case (e.Type == jobs.EventProgress || e.Type == jobs.EventStage) && of == jobs.EventProgress:
			p.pending = slices.Delete(p.pending, i, i+1)
			return false
		}
	}
	return false
}

func isUrgent(e queue.NewEvent) bool {
	file, _ := e.Data.(jobs.ArtifactData)
	return e.Type == jobs.EventStatus || file.Preview
}

// gather is how long events wait for more: too short to be seen.
const gather = 100 * time.Millisecond

func (p *publisher) stage(e engine.StageEvent, changed bool) {
	kind := jobs.EventProgress
	if changed {
		kind = jobs.EventStage
	}
	p.add(queue.NewEvent{Type: kind, Data: jobs.StageData{Stage: e.Stage, Progress: e.Progress, Detail: e.Detail}})
}

func (p *publisher) lines(lines ...engine.LogLine) {
	p.add(queue.NewEvent{Type: jobs.EventLog, Data: jobs.LogData{Lines: lines}})
}

// close takes no more events. It returns those that wait still, each time it is called: they go with the end of the job.
func (p *publisher) close() *jobs.Rest {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rest == nil {
		p.rest = &jobs.Rest{Subjects: p.subjects, Events: p.pending, Before: p.done}
		p.pending = nil
		p.signal()
	}
	return p.rest
}
