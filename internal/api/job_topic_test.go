package api

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// What Postgres said after the stream was followed is the first snapshot, and of that only: a stream that has a gap asks again.
func TestJobTopic_AsksPostgresOnceToBegin(t *testing.T) {
	cfg, err := env.ParseAsWithOptions[queue.Config](env.Options{Environment: map[string]string{"MESHGEN_REDIS_URL": testenv.Redis(t).URL, "MESHGEN_REDIS_PREFIX": id.New("tst") + ":"}})
	require.NoError(t, err)
	q, err := queue.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer q.Close()
	first, err := q.Hub().Follow(t.Context(), "msh_other", queue.FromNow) // the hub is connected from then on
	require.NoError(t, err)
	defer first.Close()

	asked := 0
	topic := func(subject string) *jobTopic {
		return &jobTopic{server: &Server{queue: q}, subject: subject, load: func(context.Context) (store.Job, error) {
			asked++
			return store.Job{Status: store.Running, Attempt: asked}, nil
		}}
	}
	subject := id.New(id.Mesh)
	last, err := q.Publish(t.Context(), subject, "", jobs.StatusEvent(store.Queued, 0, nil), jobs.StatusEvent(store.Running, 1, nil))
	require.NoError(t, err)
	tp := topic(subject)
	end := tp.open(t.Context())
	require.NotNil(t, tp.opened)
	job, err := tp.load(t.Context())
	require.NoError(t, err)
	tp.loaded = &job
	f, err := tp.follow(t.Context(), queue.FromNow)
	require.NoError(t, err)
	require.Equal(t, last, f.Position())
	for want := range 2 {
		w := httptest.NewRecorder()
		ended, err := tp.snapshot(t.Context(), openSSE(w), f.Position())
		require.NoError(t, err)
		require.False(t, ended)
		require.Equal(t, want+1, asked)
		text, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		require.Contains(t, string(text), `"status":"running"`)
	}
	end()
	require.Equal(t, 2, q.Hub().Stats().Followers, "it is followed by who took it over")
	f.Close()

	tp = topic(id.New(id.Mesh))
	end = tp.open(t.Context())
	require.Equal(t, 2, q.Hub().Stats().Followers)
	end()
	require.Equal(t, 1, q.Hub().Stats().Followers, "nobody has")

	tp = topic("no name")
	tp.open(t.Context())()
	require.Nil(t, tp.opened)
}
