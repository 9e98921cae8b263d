package jobs_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// newPausable returns a bench on a Redis of its own, to be paused.
func newPausable(t *testing.T) (bench, *testenv.RedisServer, *testenv.Log) {
	redis, logged := testenv.NewRedis(t), &testenv.Log{}
	b := newBenchWith(t, testenv.PreparedPostgres(t, store.Migrate).URL, redis.URL+"?read_timeout=1h", time.Minute, slog.New(slog.NewTextHandler(logged, nil)))
	t.Cleanup(func() { _ = redis.Server.Resume() }) // before the bench waits for what it is to be told
	return b, redis, logged
}

func TestRedisHangs_RequestsAreAnsweredWithout_AndItIsToldLater(t *testing.T) {
	b, redis, logged := newPausable(t)
	g := b.imported()
	running := b.mesh(g, store.Interactive)
	require.Equal(t, running.ID, *b.claim().MeshID)

	b.SetPatience(time.Hour, 0, time.Millisecond) // who waited for Redis would not come back
	require.NoError(t, redis.Server.Pause())
	queued := b.mesh(g, store.Interactive)
	require.NoError(t, b.CancelMesh(t.Context(), tenant, running.ID))
	given := b.mesh(g, store.Batch) // up at once
	require.NoError(t, b.CancelMesh(t.Context(), tenant, given.ID))
	batch, err := b.CreateBatch(t.Context(), b.newBatch(g, 3))
	require.NoError(t, err)
	require.NoError(t, b.CancelBatch(t.Context(), tenant, batch))
	require.Equal(t, store.Canceled, b.status(running).Status)
	require.Equal(t, store.Queued, b.status(queued).Status)

	require.NoError(t, redis.Server.Resume())
	b.Wait()
	require.Equal(t, []string{"queued", "canceled", "done"}, b.events(running.ID))
	require.Equal(t, []string{"queued"}, b.events(queued.ID))
	meshes, err := b.db.BatchItems(t.Context(), tenant, batch)
	require.NoError(t, err)
	for _, id := range []string{given.ID, meshes[0].MeshID, meshes[1].MeshID, meshes[2].MeshID} {
		// Which was told first is for the network to say: what is queued is not told after that.
		events := b.events(id)
		require.Equal(t, []string{"canceled", "done"}, events[max(0, len(events)-2):])
	}
	require.Zero(t, strings.Count(logged.String(), "level=WARN"))
}

func TestRedisHangs_ItIsNotWaitedForOncePerMesh(t *testing.T) {
	b, redis, logged := newPausable(t)
	g := b.imported()
	const meshes = 30
	batch, err := b.CreateBatch(t.Context(), b.newBatch(g, meshes))
	require.NoError(t, err)

	b.SetPatience(50*time.Millisecond, 5*time.Millisecond, time.Millisecond) // time for four calls that fail
	require.NoError(t, redis.Server.Pause())
	require.NoError(t, b.CancelBatch(t.Context(), tenant, batch))
	b.Wait()
	require.Less(t, strings.Count(logged.String(), "events not published"), meshes/2)
	require.Equal(t, 1, strings.Count(logged.String(), "redis was too slow"))
}
