package worker

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/tracing"
)

func parse[T any](t *testing.T, variables map[string]string) T {
	t.Helper()
	cfg, err := env.ParseAsWithOptions[T](env.Options{Environment: variables})
	require.NoError(t, err)
	return cfg
}

// newRun returns a claimed mesh whose files can be uploaded and whose events can be told.
func newRun(t *testing.T) *run {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	blobs, err := blob.New(t.Context(), parse[blob.Config](t, testenv.S3(t).Env()), log)
	require.NoError(t, err)
	q, err := queue.New(parse[queue.Config](t, map[string]string{
		"MESHGEN_REDIS_URL": testenv.Redis(t).URL, "MESHGEN_REDIS_PREFIX": id.New("tst") + ":",
	}), log)
	require.NoError(t, err)
	t.Cleanup(func() { q.Close() })

	mesh := id.New(id.Mesh)
	r := &run{
		w:   &Worker{blobs: blobs, jobs: jobs.New(jobs.Config{}, nil, q, blobs, log), queue: q, tracer: tracing.Off()},
		log: log, place: filepath.Join(t.TempDir(), "job"), began: time.Now(), puts: make(chan struct{}, maxUploads),
		claim: store.Claim{Kind: engine.Mesh, TenantID: "default", JobID: id.New(id.Job), MeshID: &mesh, Attempt: 1, Token: "token"},
	}
	r.jobLog = newLog(r.place + ".log")
	r.events = newPublisher(t.Context(), r.w.jobs, r.claim)
	r.uploads = r.newUploads(t.Context())
	t.Cleanup(func() {
		r.uploads.abandon()
		<-r.events.close().Before
	})
	return r
}

// files is a folder for those of a test.
func (r *run) files() string { return filepath.Dir(r.place) }

func (r *run) artifact(t *testing.T, name, content string) engine.Artifact {
	t.Helper()
	path := filepath.Join(r.files(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return engine.Artifact{Name: name, Format: filepath.Ext(name), Path: path}
}

// kept returns the files once all have arrived.
func (u *uploads) kept() ([]store.Artifact, error) {
	if err := u.wait(); err != nil {
		return nil, err
	}
	return u.expect()
}

// uploaded is upload for a job that ends when its files have arrived.
func (r *run) uploaded(t *testing.T) store.Outcome {
	t.Helper()
	outcome, err := r.upload(t.Context(), store.Outcome{})
	require.NoError(t, err)
	require.NoError(t, r.uploads.wait())
	return outcome
}

func (r *run) stored(t *testing.T, key string) string {
	t.Helper()
	body, _, err := r.w.blobs.Get(t.Context(), key)
	require.NoError(t, err)
	defer body.Close()
	b, err := io.ReadAll(body)
	require.NoError(t, err)
	return string(b)
}

// The log is sent when the report comes, while the engine tidies up.
func TestLogGrowsAfterItWasSent_AllOfItIsKept(t *testing.T) {
	r := newRun(t)
	r.say("info", "before")
	r.uploads.start(r.artifact(t, "mesh.msh", "a mesh"), whole)
	require.NoError(t, r.uploads.startLog())
	require.NoError(t, r.uploads.startLog(), "nothing new")
	for range 5 {
		r.say("info", "a line that came late")
		require.NoError(t, r.uploads.startLog())
	}
	r.say("warning", "the very last")
	outcome := r.uploaded(t)

	require.Len(t, outcome.Artifacts, 2, "one log, however often it was sent")
	for _, a := range outcome.Artifacts {
		require.EqualValues(t, len(r.stored(t, a.ObjectKey)), a.Size)
		if a.Name == "log.txt" {
			require.Regexp(t, `^\[[ .0-9]+\] info    before\n(\[[ .0-9]+\] info    a line that came late\n){5}\[[ .0-9]+\] warning the very last\n$`, r.stored(t, a.ObjectKey))
		}
	}
	require.NoFileExists(t, r.jobLog.path)
}

func TestRungFails_WhatItSentIsDroppedAndTheLogIsSentAgain(t *testing.T) {
	r := newRun(t)
	r.say("info", "one line")
	failed := r.newUploads(t.Context())
	failed.start(r.artifact(t, "mesh.msh", "a bad mesh"), whole)
	require.NoError(t, failed.startLog())
	sent, err := failed.kept()
	require.NoError(t, err)
	require.Len(t, sent, 2)

	failed.drop()
	outcome := r.uploaded(t)
	require.Len(t, outcome.Artifacts, 1)
	require.Contains(t, r.stored(t, outcome.Artifacts[0].ObjectKey), "one line")
	for _, a := range sent {
		_, _, err := r.w.blobs.Get(t.Context(), a.ObjectKey)
		require.ErrorIs(t, err, blob.ErrNotFound, a.Name)
	}
}

// Done is announced after Finish, and has to be the last event. How many events the lines come in is a matter of when the
// sender wakes.
func TestPublisherIsClosed_EveryEventHasBeenSentInOrder(t *testing.T) {
	r := newRun(t)
	r.events.add(jobs.StatusEvent(store.Running, 1, nil))
	r.setStage(engine.StageEvent{Stage: engine.StageImport, Progress: 0.1})
	for _, line := range []string{"one", "two", "three"} {
		r.say("info", "%s", line)
	}
	r.setStage(engine.StageEvent{Stage: engine.StageUpload, Progress: 0.9})
	r.w.jobs.AnnounceRest(t.Context(), r.claim.TenantID, r.events.close())
	r.say("info", "too late")

	events, _, err := r.w.queue.Replay(t.Context(), r.claim.Subject(), queue.FromStart)
	require.NoError(t, err)
	var told []string
	for _, e := range events {
		if e.Type != jobs.EventLog {
			told = append(told, e.Type)
			continue
		}
		var data jobs.LogData
		require.NoError(t, json.Unmarshal(e.Data, &data))
		for _, line := range data.Lines {
			told = append(told, line.Text)
		}
	}
	require.Equal(t, []string{"status", "stage", "one", "two", "three", "stage"}, told)
}

func TestPublisherWaits_LinesAreOneEventAndOnlyTheLastProgressIsKept(t *testing.T) {
	p := &publisher{wake: make(chan struct{}, 1)} // its sender never wakes
	p.stage(engine.StageEvent{Stage: engine.StageImport, Progress: 0.1}, true)
	p.lines(engine.LogLine{Text: "one"})
	p.lines(engine.LogLine{Text: "two"}, engine.LogLine{Text: "three"})
	p.stage(engine.StageEvent{Stage: engine.StageImport, Progress: 0.2}, false)
	p.stage(engine.StageEvent{Stage: engine.StageImport, Progress: 0.3}, false)
	p.lines(engine.LogLine{Text: "four"})

	var types []string
	for _, e := range p.pending {
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"stage", "log", "progress"}, types)
	require.Len(t, p.pending[1].Data.(jobs.LogData).Lines, 4)
	require.Equal(t, 0.3, p.pending[2].Data.(jobs.StageData).Progress)
}

// Every stage is told, and a status parts what comes before it from what comes after.
func TestPublisherWaits_StagesStayAndNothingCrossesAStatus(t *testing.T) {
	p := &publisher{wake: make(chan struct{}, 1)}
	tell := func(name string) {
		p.stage(engine.StageEvent{Stage: engine.Stage1D, Progress: 0.1}, true)
		p.stage(engine.StageEvent{Stage: engine.Stage1D, Progress: 0.2}, false)
		p.lines(engine.LogLine{Text: name + " one"})
		p.stage(engine.StageEvent{Stage: engine.Stage2D, Progress: 0.3}, true)
		p.lines(engine.LogLine{Text: name + " two"})
		p.stage(engine.StageEvent{Stage: engine.Stage2D, Progress: 0.4}, false)
	}
	tell("before")
	p.add(jobs.StatusEvent(store.Running, 2, nil))
	tell("after")

	var told []any
	for _, e := range p.pending {
		switch d := e.Data.(type) {
		case jobs.LogData:
			require.Len(t, d.Lines, 2)
			told = append(told, d.Lines[0].Text, d.Lines[1].Text)
		case jobs.StageData:
			told = append(told, d.Progress)
		case jobs.StatusData:
			told = append(told, d.Status)
		}
	}
	require.Equal(t, []any{0.1, "before one", "before two", 0.3, 0.4, store.Running, 0.1, "after one", "after two", 0.3, 0.4}, told)
}
