package jobs_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	require.NoError(t, b.FinishAfter(t.Context(), c, made(), left))
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
	go func() { ended <- b.FinishAfter(t.Context(), c, made(), left) }()
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
	require.ErrorIs(t, b.FinishAfter(t.Context(), c, made(), left), jobs.ErrFenced)
	require.Len(t, left.Events, 1)
	b.AnnounceRest(t.Context(), tenant, left)
	require.Equal(t, "stage upload", b.told(m.ID)[4])
	require.Empty(t, left.Events)
}
