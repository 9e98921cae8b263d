package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// event is one as it came.
type event struct {
	t        *testing.T
	id, kind string
	data     []byte
}

func decodeEvent[T any](e event) T {
	e.t.Helper()
	var v T
	decoder := json.NewDecoder(strings.NewReader(string(e.data)))
	decoder.DisallowUnknownFields()
	require.NoError(e.t, decoder.Decode(&v), "%s", e.data)
	return v
}

func (e event) number() int64 {
	e.t.Helper()
	n, err := strconv.ParseInt(e.id, 10, 64)
	require.NoError(e.t, err)
	return n
}

// followed is a stream as an EventSource reads it.
type followed struct {
	t      *testing.T
	header http.Header
	events chan event // closed at the end
	hangUp context.CancelFunc
}

func (s *service) follow(path, lastID string, header ...string) *followed {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	require.NoError(s.t, err)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, response.StatusCode)
	require.Equal(s.t, "text/event-stream", response.Header.Get("Content-Type"))
	require.Equal(s.t, "no", response.Header.Get("X-Accel-Buffering"))
	f := &followed{t: s.t, header: response.Header, events: make(chan event, 10_000), hangUp: cancel}
	go func() {
		defer response.Body.Close()
		defer close(f.events)
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		last := lastID // as the standard has it, an event without an id keeps the last one's
		e := event{t: s.t}
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "id":
				last = value
			case "event":
				e.kind = value
			case "data":
				e.data = append(e.data, value...)
			case "":
				if lines.Text() == "" && e.kind != "" {
					e.id = last
					f.events <- e
				} else if lines.Text() == "" && last != lastID && e.data == nil {
					f.events <- event{t: s.t, id: last} // a position
				}
				if lines.Text() == "" {
					e = event{t: s.t}
				}
			}
		}
	}()
	return f
}

func (f *followed) next() event {
	f.t.Helper()
	select {
	case e, ok := <-f.events:
		require.True(f.t, ok, "the stream has ended")
		if e.kind == "" {
			return f.next()
		}
		return e
	case <-time.After(patience):
		f.t.Fatal("no event came")
	}
	panic("unreachable")
}

// untilQuiet reads the snapshot of a stream of everything: its end is a position.
func (f *followed) untilQuiet() (snapshot []event) {
	f.t.Helper()
	for {
		select {
		case e, ok := <-f.events:
			require.True(f.t, ok)
			if e.kind == "" {
				return snapshot
			}
			snapshot = append(snapshot, e)
		case <-time.After(patience):
			f.t.Fatal("no position came")
		}
	}
}

func (f *followed) ended() {
	f.t.Helper()
	select {
	case e, ok := <-f.events:
		require.False(f.t, ok, "%s %s", e.kind, e.data)
	case <-time.After(patience):
		f.t.Fatal("the stream goes on")
	}
}

func (f *followed) kinds(n int) (kinds []string) {
	f.t.Helper()
	for range n {
		kinds = append(kinds, f.next().kind)
	}
	return kinds
}

func stage(stage engine.Stage, progress float64, kind string) queue.NewEvent {
	return queue.NewEvent{Type: kind, Data: jobs.StageData{Stage: stage, Progress: progress}}
}

func logLine(text string) queue.NewEvent {
	return queue.NewEvent{Type: queue.EventLog, Data: jobs.LogData{Lines: []engine.LogLine{{Level: "info", Text: text}}}}
}

func TestEvents_FromQueuedToDone(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	first := f.next()
	require.Equal(t, "status", first.kind)
	require.Equal(t, "queued", decodeEvent[types.StatusEvent](first).Status)

	c := s.claim()
	s.tell(c, stage(engine.Stage1D, 0.1, queue.EventStage), stage(engine.Stage1D, 0.2, queue.EventProgress),
		logLine("two\nlines"), queue.NewEvent{Type: queue.EventArtifact, Data: jobs.ArtifactData{Name: "mesh.msh", Format: "msh", Size: 6, Preview: true}})
	s.succeed(c)
	ids := []int64{first.number()}
	next := func() event {
		e := f.next()
		ids = append(ids, e.number())
		return e
	}
	require.Equal(t, types.StatusEvent{Status: "running", Attempt: 1}, decodeEvent[types.StatusEvent](next()))
	require.Equal(t, types.StageEvent{Stage: "mesh1d", Progress: 0.1}, decodeEvent[types.StageEvent](next()))
	require.Equal(t, 0.2, decodeEvent[types.StageEvent](next()).Progress)
	require.Equal(t, "two\nlines", decodeEvent[types.LogEvent](next()).Lines[0].Text)
	require.Equal(t, types.ArtifactEvent{Name: "mesh.msh", Format: "msh", Size: 6, Preview: true}, decodeEvent[types.ArtifactEvent](next()))
	require.Equal(t, types.StatusEvent{Status: "succeeded", Attempt: 1, Progress: 1}, decodeEvent[types.StatusEvent](next()))
	done := next()
	require.Equal(t, "done", done.kind)
	require.Equal(t, "succeeded", decodeEvent[types.StatusEvent](done).Status)
	require.Equal(t, s.eventIDs(m.ID), ids, "each has the id by which the stream can be resumed")
	f.ended()

	require.Equal(t, http.StatusNoContent, s.get("/v1/meshes/"+m.ID+"/events", "Last-Event-ID", done.id).status)
	require.Equal(t, http.StatusNoContent, s.get("/v1/meshes/"+m.ID+"/events?last_event_id="+done.id).status)
}

func TestEventsOfAGeometry_TellWhyItFailed(t *testing.T) {
	s := start(t)
	g := s.geometry()
	f := s.follow("/v1/geometries/"+g.ID+"/events", "")
	require.Equal(t, "queued", decodeEvent[types.StatusEvent](f.next()).Status)
	d := diagnosis.New(diagnosis.NoVolume, "only faces")
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Error: d}))
	f.next()
	require.Equal(t, d, decodeEvent[types.StatusEvent](f.next()).Error)
	require.Equal(t, "done", f.next().kind)
	f.ended()
}

func TestSnapshotOfRunningWork_IsAsFreshAsItsEvents(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	c := s.claim()
	require.NoError(t, s.heartbeat(c, engine.StageImport, 0.05)) // what Postgres knows
	s.tell(c, stage(engine.Stage3D, 0.7, queue.EventStage), logLine("x"))
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	first := f.next()
	require.Equal(t, types.StatusEvent{Status: "running", Attempt: 1, Stage: "mesh3d", Progress: 0.7}, decodeEvent[types.StatusEvent](first))
	s.tell(c, stage(engine.Stage3D, 0.8, queue.EventProgress))
	next := f.next()
	ids := s.eventIDs(m.ID)
	require.Equal(t, ids[len(ids)-2:], []int64{first.number(), next.number()}, "it follows the snapshot without a gap")
}

func TestClientThatWasCutOff_ResumesWhereItWas(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	c := s.claim()
	running := f.next()
	f.hangUp()
	s.tell(c, logLine("one"), logLine("two"))
	again := s.follow("/v1/meshes/"+m.ID+"/events", running.id)
	require.Equal(t, "one", decodeEvent[types.LogEvent](again.next()).Lines[0].Text, "no snapshot")
	two := again.next()
	require.Equal(t, "two", decodeEvent[types.LogEvent](two).Lines[0].Text)
	again.hangUp()
	s.succeed(c)
	last := s.follow("/v1/meshes/"+m.ID+"/events", two.id)
	require.Equal(t, []string{"status", "done"}, last.kinds(2), "also what came while nobody listened")
	last.ended()
}

func TestLastEventIDThatIsUnknown_GetsASnapshot(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	for _, lastID := range []string{"1", "99999999999999999", "-5", "abc", "1.5", "9223372036854775808"} {
		f := s.follow("/v1/meshes/"+m.ID+"/events", lastID)
		require.Equal(t, "queued", decodeEvent[types.StatusEvent](f.next()).Status, lastID)
		f.hangUp()
	}
}

func TestStreamOfFinishedWork_TellsTheEndAndThenNothing(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	path := "/v1/meshes/" + m.ID + "/events"
	f := s.follow(path, "")
	require.Equal(t, "succeeded", decodeEvent[types.StatusEvent](f.next()).Status)
	done := f.next()
	require.Equal(t, "done", done.kind)
	f.ended()
	require.Equal(t, http.StatusNoContent, s.get(path, "Last-Event-ID", done.id).status)
	// From before the end it is replayed, from nowhere told again.
	ids := s.eventIDs(m.ID)
	again := s.follow(path, strconv.FormatInt(ids[len(ids)-2], 10))
	require.Equal(t, done.id, again.next().id)
	again.ended()
	require.Equal(t, []string{"status", "done"}, s.follow(path, "12345").kinds(2))
}

func TestEventsAreGone_TheEndIsToldFromPostgresAlwaysTheSame(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	m := s.succeeded()
	path := "/v1/meshes/" + m.ID + "/events"
	before := s.follow(path, "")
	before.next()
	seen := before.next()
	flush(t, redis)
	f := s.follow(path, seen.id) // the id is of a stream that is no more
	require.Equal(t, "succeeded", decodeEvent[types.StatusEvent](f.next()).Status)
	done := f.next()
	require.Equal(t, "done", done.kind)
	f.ended()
	require.Equal(t, http.StatusNoContent, s.get(path, "Last-Event-ID", done.id).status)
	again := s.follow(path, "")
	again.next()
	require.Equal(t, done.id, again.next().id)
}

func flush(t *testing.T, redis *testenv.RedisServer) {
	t.Helper()
	client := redis.Server.Client()
	defer client.Close()
	require.NoError(t, client.FlushAll(t.Context()).Err())
}

func TestRedisIsFlushedMidway_DoneArrives(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	m := s.mesh(s.imported().ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	c := s.claim()
	require.Equal(t, "running", decodeEvent[types.StatusEvent](f.next()).Status)
	flush(t, redis)
	s.succeed(c)
	for {
		e := f.next()
		if e.kind == "done" {
			require.Equal(t, "succeeded", decodeEvent[types.StatusEvent](e).Status)
			break
		}
	}
	f.ended()
}

func TestRedisGoesAwayMidway_DoneArrivesFromPostgres(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	m := s.mesh(s.imported().ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	c := s.claim()
	require.Equal(t, "running", decodeEvent[types.StatusEvent](f.next()).Status)
	require.NoError(t, redis.Server.Kill())
	require.NoError(t, s.heartbeat(c, engine.Stage3D, 0.5))
	for {
		status := decodeEvent[types.StatusEvent](f.next())
		if status.Stage == "mesh3d" {
			require.Equal(t, 0.5, status.Progress, "the stage is known from heartbeats")
			break
		}
	}
	s.succeed(c)
	for f.next().kind != "done" {
	}
	f.ended()

	// A client that comes now learns it too, and needs not come again.
	late := s.follow("/v1/meshes/"+m.ID+"/events", "")
	require.Equal(t, "status", late.next().kind)
	done := late.next()
	require.Equal(t, "done", done.kind)
	require.Equal(t, http.StatusNoContent, s.get("/v1/meshes/"+m.ID+"/events", "Last-Event-ID", done.id).status)
}

func TestRedisIsAwayAtFirst_TheStreamFindsItsEventsLater(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	m := s.mesh(s.imported().ID)
	require.NoError(t, redis.Server.Kill())
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	require.Equal(t, "queued", decodeEvent[types.StatusEvent](f.next()).Status)
	require.NoError(t, redis.Server.Start(t.Context()))
	c, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
	require.NoError(t, err)
	require.True(t, ok)
	require.Eventually(t, func() bool {
		_, err := s.queue.Publish(t.Context(), c.Subject(), c.TenantID, logLine("hello"))
		select {
		case e := <-f.events:
			return err == nil && e.kind == "log"
		default:
			return false
		}
	}, patience, 100*time.Millisecond)
	s.succeed(c)
	for f.next().kind != "done" {
	}
}

func TestDeletedMidway_TheStreamEnds(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	require.Equal(t, http.StatusNoContent, s.delete("/v1/meshes/"+m.ID).status)
	require.Equal(t, "canceled", decodeEvent[types.StatusEvent](f.next()).Status)
	require.Equal(t, "done", f.next().kind)
	f.ended()
	s.get("/v1/meshes/"+m.ID+"/events").problem(404, "not_found")
}

func TestStreamOfEverything_BeginsWithWhatIsUnfinished(t *testing.T) {
	s := start(t)
	done := s.succeeded()
	m := s.mesh(done.GeometryID)
	g := s.geometry()
	f := s.follow("/v1/events", "")
	subjects := map[string]string{}
	for _, e := range f.untilQuiet() {
		status := decodeEvent[types.StatusEvent](e)
		subjects[status.Subject] = status.Status
	}
	require.Equal(t, map[string]string{m.ID: "queued", g.ID: "queued"}, subjects)

	c := s.claim()
	running := f.next()
	require.Equal(t, types.StatusEvent{Subject: m.ID, Status: "running", Attempt: 1}, decodeEvent[types.StatusEvent](running))
	s.tell(c, logLine("left out"), stage(engine.Stage1D, 0.1, queue.EventStage))
	require.Equal(t, types.StageEvent{Subject: m.ID, Stage: "mesh1d", Progress: 0.1}, decodeEvent[types.StageEvent](f.next()))
	f.hangUp()

	s.succeed(c)
	again := s.follow("/v1/events", running.id)
	require.Equal(t, []string{"stage", "status", "done"}, again.kinds(3))
	s.claim()
	require.Equal(t, g.ID, decodeEvent[types.StatusEvent](again.next()).Subject, "it goes on after a done")
}

func TestEventIsOnTheWireAtOnce(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	c := s.claim()
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	var took []time.Duration
	for range 200 {
		began := time.Now()
		s.tell(c, stage(engine.Stage3D, 0.5, queue.EventProgress))
		f.next()
		took = append(took, time.Since(began))
	}
	best := took[0]
	for _, d := range took {
		best = min(best, d)
	}
	t.Logf("publish to client, best of 200: %s", best)
	require.Less(t, best, 5*time.Millisecond, "the bound is wide: the machine may be busy")
}

func TestManyFollowers_SeeTheSame(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	var all []*followed
	for range 30 {
		f := s.follow("/v1/meshes/"+m.ID+"/events", "")
		f.next()
		all = append(all, f)
	}
	c := s.claim()
	for i := range 300 {
		s.tell(c, stage(engine.Stage3D, float64(i)/300, queue.EventProgress))
	}
	s.succeed(c)
	ids := s.eventIDs(m.ID)
	for _, f := range all {
		for _, id := range ids[1:] { // after that of the snapshot
			require.Equal(t, id, f.next().number())
		}
		f.ended()
	}
}

// The types that clients decode into say the same as those that are published.
func TestPayloadsOfEvents_AreAsDocumented(t *testing.T) {
	for _, pair := range []struct{ published, documented any }{
		{jobs.StatusData{}, types.StatusEvent{}}, {jobs.StageData{}, types.StageEvent{}},
		{jobs.LogData{}, types.LogEvent{}}, {jobs.ArtifactData{}, types.ArtifactEvent{}},
	} {
		documented := jsonFields(reflect.TypeOf(pair.documented))
		delete(documented, "subject")
		require.Equal(t, jsonFields(reflect.TypeOf(pair.published)), documented, "%T", pair.published)
	}
}

func jsonFields(t reflect.Type) map[string]string {
	out := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type.Kind().String()
		if f.Type.Kind() == reflect.Slice || f.Type.Kind() == reflect.Pointer {
			kind = fmt.Sprint(f.Type)
		}
		out[name] = kind
	}
	return out
}
