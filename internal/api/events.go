package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// The streams, as metrics name them.
const (
	streamMesh     = "mesh"
	streamGeometry = "geometry"
	streamTenant   = "tenant"
)

func (s *Server) addEvents(r chi.Router) {
	r.Get("/v1/meshes/{id}/events", s.secured(auth.Read, func(w http.ResponseWriter, r *http.Request) {
		s.followJob(w, r, streamMesh, func(ctx context.Context) (store.Job, error) {
			return s.meshJob(ctx, r.PathValue("id"))
		})
	}))
	r.Get("/v1/geometries/{id}/events", s.secured(auth.Read, func(w http.ResponseWriter, r *http.Request) {
		s.followJob(w, r, streamGeometry, func(ctx context.Context) (store.Job, error) {
			g, err := s.geometry(ctx, r.PathValue("id"))
			return g.Job, err
		})
	}))
	r.Get("/v1/events", s.secured(auth.Read, s.followTenant))
	s.describeEvents()
}

// followJob streams the events of a mesh or geometry: what is wrong is told before any header.
func (s *Server) followJob(w http.ResponseWriter, r *http.Request, name string, load func(context.Context) (store.Job, error)) {
	ctx := r.Context()
	t := &jobTopic{server: s, subject: r.PathValue("id"), load: load, ended: func() {}}
	if name == streamGeometry {
		t.ended = func() { s.rememberEnd(ctx, t.subject) }
	}
	lastID := lastEventID(r)
	if lastID < 0 && r.Method != http.MethodHead {
		defer t.open(ctx)()
	}
	job, err := load(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if t.opened != nil {
		t.loaded = &job
	}
	if job.Status.Final() && lastID >= 0 {
		if t.hasSeenDone(ctx, job, lastID) {
			w.WriteHeader(http.StatusNoContent) // else an EventSource would come again and again
			return
		}
		if last, err := s.queue.Last(ctx, t.subject); err != nil || !t.isDone(ctx, last) {
			lastID = queue.FromNow // the events do not tell the end, so a snapshot has to
		}
	}
	s.serveStream(w, r, name, t, lastID)
}

// serveStream streams a topic and counts the client meanwhile.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request, name string, t topic, lastID int64) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return
	}
	clients := s.metrics.streams.WithLabelValues(name)
	clients.Inc()
	defer clients.Dec()
	out := openSSE(w)
	defer out.close()
	if err := s.stream(r, t, out, lastID); err != nil && r.Context().Err() == nil {
		s.log.InfoContext(r.Context(), "stream ended early", "request_id", requestID(r.Context()), "error", err)
	}
}

// jobTopic is the work on a mesh or geometry. It ends with the event done.
type jobTopic struct {
	server  *Server
	subject string
	load    func(context.Context) (store.Job, error)
	ended   func() // called when the end is told as it comes

	told jobs.StatusData // by Postgres

	opened *queue.Follower // for the first call of follow
	loaded *store.Job      // for the first snapshot: how the job stood when it was followed already
}

// openWithin is how long Redis may take before Postgres is asked: what is wrong with a request is told soon, though Redis hang.
const openWithin = 200 * time.Millisecond

// open follows the job for a client that begins, before Postgres is asked how it stands, which is then the snapshot too. Nothing of it is told
// before that has said that the job is the tenant's. Where Redis is away nobody waits for it yet. What open returns ends it, unless somebody follows.
func (t *jobTopic) open(ctx context.Context) (end func()) {
	known := id.Valid(id.Mesh, t.subject) || id.Valid(id.Geometry, t.subject) // what has no such name is nothing to follow
	if known && t.server.queue.Hub().Stats().Connected {
		ctx, cancel := context.WithTimeout(ctx, openWithin)
		defer cancel()
		t.opened, _ = t.server.queue.Hub().Follow(ctx, t.subject, queue.FromNow) // it is tried again
	}
	return func() {
		if t.opened != nil {
			t.opened.Close()
		}
	}
}

func (t *jobTopic) follow(ctx context.Context, after int64) (*queue.Follower, error) {
	if f := t.opened; f != nil {
		t.opened = nil
		return f, nil
	}
	return t.server.queue.Hub().Follow(ctx, t.subject, after)
}

// madeUpDone is the id of the done of a job whose own is lost: always the same, so that a client that has seen it is known.
func madeUpDone(job store.Job) int64 {
	if job.FinishedAt == nil {
		return 1
	}
	return job.FinishedAt.UnixMicro()
}

// hasSeenDone reports whether the client's last event was the done of the final job.
func (t *jobTopic) hasSeenDone(ctx context.Context, job store.Job, lastID int64) bool {
	return lastID > 0 && (lastID == madeUpDone(job) || t.isDone(ctx, lastID))
}

// isDone reports whether the event of this id is done, as far as Redis knows.
func (t *jobTopic) isDone(ctx context.Context, id int64) bool {
	if id <= 0 {
		return false
	}
	events, known, err := t.server.queue.Replay(ctx, t.subject, id-1)
	return err == nil && known && len(events) > 0 && events[0].ID == id && events[0].Type == queue.EventDone
}

func statusOf(job store.Job) jobs.StatusData {
	return jobs.StatusData{Status: job.Status, Attempt: job.Attempt, Stage: currentStage(job), Progress: job.Progress, Error: job.Error}
}

func (t *jobTopic) snapshot(ctx context.Context, out *sse, position int64) (ended bool, _ error) {
	var job store.Job
	var err error
	if t.loaded != nil {
		job, t.loaded = *t.loaded, nil
	} else {
		job, err = t.load(ctx)
	}
	if away(err) {
		return false, nil // the next look tells
	}
	if err != nil {
		return t.deleted(out, err)
	}
	if job.Status.Final() {
		return t.finish(ctx, out, job, position)
	}
	t.told = statusOf(job)
	data := t.told
	if job.Status == store.Running {
		t.refresh(ctx, &data, position)
	}
	return false, sendStatus(out, position, queue.EventStatus, data)
}

// recent is how many of the last events are looked through for the stage and progress: log lines come in bunches between.
const recent = 100

// refresh takes stage and progress from the last events: Postgres learns of them with each heartbeat only.
func (t *jobTopic) refresh(ctx context.Context, data *jobs.StatusData, position int64) {
	if position == 0 {
		return
	}
	events, err := t.server.queue.Recent(ctx, t.subject, recent)
	if err != nil {
		return
	}
	attempt := data.Attempt // of the events; without a status among them, the last
	for _, e := range events {
		if e.ID > position {
			return
		}
		switch e.Type {
		case queue.EventStatus:
			var status jobs.StatusData
			if json.Unmarshal(e.Data, &status) == nil {
				attempt = status.Attempt
			}
		case queue.EventStage, queue.EventProgress:
			var stage jobs.StageData
			if json.Unmarshal(e.Data, &stage) == nil && attempt == data.Attempt {
				data.Stage, data.Progress = stage.Stage, stage.Progress
			}
		}
	}
}

// finish tells how the job ended, and that nothing follows.
func (t *jobTopic) finish(ctx context.Context, out *sse, job store.Job, position int64) (ended bool, err error) {
	done := position
	if !t.isDone(ctx, position) {
		done = madeUpDone(job)
	}
	data := statusOf(job)
	if err := sendStatus(out, done-1, queue.EventStatus, data); err != nil {
		return true, err
	}
	return true, sendStatus(out, done, queue.EventDone, data)
}

// deleted ends the stream of something that is no longer there, if that is what the error says.
func (t *jobTopic) deleted(out *sse, err error) (ended bool, _ error) {
	var p *types.Problem
	if !errors.As(err, &p) || p.Status != http.StatusNotFound {
		return true, err
	}
	data := t.told
	data.Status, data.Stage = store.Canceled, ""
	return true, sendStatus(out, 0, queue.EventDone, data)
}

func (t *jobTopic) ask(ctx context.Context, out *sse, position int64, noEvents bool) (ended bool, err error) {
	job, err := t.load(ctx)
	switch {
	case away(err) || ctx.Err() != nil:
		return false, nil
	case err != nil:
		return t.deleted(out, err)
	case job.Status.Final():
		return t.finish(ctx, out, job, position)
	}
	status := statusOf(job)
	if noEvents && (status.Status != t.told.Status || status.Attempt != t.told.Attempt || status.Stage != t.told.Stage || status.Progress != t.told.Progress) {
		t.told = status
		return false, sendStatus(out, position, queue.EventStatus, status)
	}
	return false, nil
}

func (t *jobTopic) tell(out *sse, e queue.Event) (ended bool, err error) {
	out.hold(e.ID, e.Type, e.Data)
	if e.Type != queue.EventDone {
		return false, nil
	}
	t.ended()
	return true, nil
}

func sendStatus(out *sse, id int64, kind string, data jobs.StatusData) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return out.event(id, kind, text)
}
