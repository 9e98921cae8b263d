package jobs_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// told returns what the stream of a subject holds: types, and stages by name.
func (b bench) told(subject string) (told []string) {
	b.t.Helper()
	events, _, err := b.queue.Replay(b.t.Context(), subject, queue.FromStart)
	require.NoError(b.t, err)
	for _, e := range events {
		var data struct {
			Stage  string
			Status string
		}
		require.NoError(b.t, json.Unmarshal(e.Data, &data))
		told = append(told, e.Type+" "+data.Stage+data.Status)
	}
	return told
}

func rest(before <-chan struct{}, subjects ...string) *jobs.Rest {
	return &jobs.Rest{Subjects: subjects, Before: before, Events: []queue.NewEvent{{Type: jobs.EventStage, At: time.Now(), Data: jobs.StageData{Stage: engine.StageUpload}}}}
}

func given(left *jobs.Rest) func() (*jobs.Rest, error) {
	return func() (*jobs.Rest, error) { return left, nil }
}

func ready() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// What is left to tell of a job goes before its end, to all who follow it, and once.
func TestJobEnds_WhatIsLeftIsToldBeforeTheEnd(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	m, follower := b.ask(g).Mesh, b.ask(g).Mesh
	c := b.claim()
	require.Equal(t, []string{follower.ID}, c.Followers)
	left := rest(ready(), m.ID, follower.ID)
	require.NoError(t, b.FinishWhen(t.Context(), c, made(), given(left)))
	b.AnnounceRest(t.Context(), tenant, left)
	for _, id := range []string{m.ID, follower.ID} {
		require.Equal(t, []string{"status queued", "stage upload", "status succeeded", "done succeeded"}, b.told(id))
	}
}

// Nor is it told before what came before, nor lost where the end is not ours to make.
func TestJobEnds_WhatIsLeftWaitsForWhatCameBefore(t *testing.T) {
	b := newReuseBench(t)
	m := b.ask(b.imported()).Mesh
	c := b.claim()
	before := make(chan struct{})
	left := rest(before, m.ID)
	ended := make(chan error)
	go func() { ended <- b.FinishWhen(t.Context(), c, made(), given(left)) }()
	require.Eventually(t, func() bool {
		now, err := b.db.Mesh(t.Context(), tenant, m.ID)
		return err == nil && now.Status == store.Succeeded
	}, patience, time.Millisecond)
	require.Equal(t, []string{"status queued"}, b.told(m.ID))
	close(before)
	require.NoError(t, <-ended)
	require.Equal(t, []string{"status queued", "stage upload", "status succeeded", "done succeeded"}, b.told(m.ID))

	left = rest(ready(), m.ID)
	c.Token = "of another"
	require.ErrorIs(t, b.FinishWhen(t.Context(), c, made(), given(left)), jobs.ErrFenced)
	require.Len(t, left.Events, 1)
	b.AnnounceRest(t.Context(), tenant, left)
	require.Equal(t, "stage upload", b.told(m.ID)[4])
	require.Empty(t, left.Events)
}

// Files of a job are on their way while its end is written: nobody sees that before they have arrived, nor at all if they do not.
func TestJobEndsWhen_NothingIsSeenBeforeItIsReady(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	m, follower := b.ask(g).Mesh, b.ask(g).Mesh
	c := b.claim()
	nothing := func() {
		t.Helper()
		for _, id := range []string{m.ID, follower.ID} {
			now, files, err := b.db.MeshWithFiles(t.Context(), tenant, id)
			require.NoError(t, err)
			require.NotEqual(t, store.Succeeded, now.Status)
			require.Nil(t, now.Report)
			require.Empty(t, files)
		}
	}
	lost := errors.New("a file is lost")
	require.ErrorIs(t, b.FinishWhen(t.Context(), c, made(), func() (*jobs.Rest, error) {
		nothing()
		return nil, lost
	}), lost)
	nothing()
	require.NotContains(t, b.told(m.ID), "done succeeded")
	require.NoError(t, b.heartbeat(c, engine.Stage3D, 0.5), "it is held as before")

	asked := 0
	require.NoError(t, b.FinishWhen(t.Context(), c, made(), func() (*jobs.Rest, error) {
		asked++
		nothing()
		return nil, nil
	}))
	require.Equal(t, 1, asked)
	files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.NotEmpty(t, files)

	// Of a failure the same holds, and of an import.
	other := b.mesh(b.imported(), store.Interactive)
	c = b.claim()
	failed := store.Outcome{Error: diagnosis.New(diagnosis.Internal, "it did not work")}
	require.ErrorIs(t, b.FinishWhen(t.Context(), c, failed, func() (*jobs.Rest, error) { return nil, lost }), lost)
	now, err := b.db.Mesh(t.Context(), tenant, other.ID)
	require.NoError(t, err)
	require.Equal(t, store.Running, now.Status)
	require.NoError(t, b.Finish(t.Context(), c, failed))

	g = b.geometry()
	c = b.claim()
	read := store.Outcome{Model: &engine.Model{Units: "mm"}}
	require.ErrorIs(t, b.FinishWhen(t.Context(), c, read, func() (*jobs.Rest, error) { return nil, lost }), lost)
	found, err := b.db.Geometry(t.Context(), tenant, g.ID)
	require.NoError(t, err)
	require.Nil(t, found.Model)
	require.NoError(t, b.Finish(t.Context(), c, read))
}

// The answer to the commit is lost: what is left to tell is asked for again.
func TestJobHadEnded_WhatIsLeftIsToldAllTheSame(t *testing.T) {
	b := newReuseBench(t)
	m := b.ask(b.imported()).Mesh
	c := b.claim()
	_, err := b.db.Finish(t.Context(), c, made(), nil)
	require.NoError(t, err)
	require.NoError(t, b.FinishWhen(t.Context(), c, made(), given(rest(ready(), m.ID))))
	require.Equal(t, []string{"status queued", "stage upload", "status succeeded", "done succeeded"}, b.told(m.ID))
}

// Whoever writes the end of a job stands still, as on a machine that is lost: Postgres ends its transaction, and the job goes on with others.
func TestJobEndsWhen_WhoStandsStillKeepsNothing(t *testing.T) {
	b := newReuseBench(t)
	b.ask(b.imported())
	c := b.claim()
	written, ended := make(chan struct{}), make(chan error)
	goOn := make(chan struct{})
	go func() {
		ended <- b.FinishWhen(t.Context(), c, made(), func() (*jobs.Rest, error) {
			close(written)
			<-goOn
			return nil, nil
		})
	}()
	<-written
	require.NoError(t, b.heartbeat(c, engine.Stage3D, 0.5), "it waits for the row")
	close(goOn)
	err := <-ended
	require.Error(t, err)
	require.True(t, store.IsTemporary(err), "%v", err)
	require.NoError(t, b.Finish(t.Context(), c, made()))
}
