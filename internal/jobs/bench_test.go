package jobs_test

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// bench is a state machine on servers of its own.
type bench struct {
	*jobs.Service
	t     *testing.T
	db    *store.DB
	queue *queue.Queue
	url   string
	log   *slog.Logger
	*objects
}

const tenant = store.DefaultTenant

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 2 * time.Minute

// newBench returns a state machine whose leases run out after the given time.
func newBench(t *testing.T, lease time.Duration) bench {
	t.Helper()
	return newBenchOn(t, testenv.PreparedPostgres(t, store.Migrate).URL, lease)
}

func newBenchOn(t *testing.T, url string, lease time.Duration) bench {
	t.Helper()
	return newBenchWith(t, url, testenv.Redis(t).URL, lease, slog.New(slog.DiscardHandler))
}

// newBenchWith returns one whose answers wait for Redis, so that who has one finds all events.
func newBenchWith(t *testing.T, url, redis string, lease time.Duration, log *slog.Logger) bench {
	t.Helper()
	ctx := t.Context()
	cfg := store.Config{URL: url, MaxConnections: 8, ConnectTimeout: 5 * time.Second}
	db, err := store.Open(ctx, cfg)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	q, err := queue.New(queue.Config{
		URL: redis, Prefix: id.New("tst") + ":", Timeout: time.Minute, Tick: 100 * time.Millisecond,
		Bells: 1000, Events: 1000, EventsTTL: time.Hour,
	}, log)
	require.NoError(t, err)
	t.Cleanup(func() { q.Close() })
	gone := &objects{gone: map[string]bool{}}
	return bench{t: t, db: db, queue: q, url: url, objects: gone, log: log}.configured(jobs.Config{Lease: lease})
}

// configured returns the bench with another state machine.
func (b bench) configured(cfg jobs.Config) bench {
	cfg.Lease, cfg.MaxAttempts, cfg.ReconcileEvery = cmp.Or(cfg.Lease, time.Minute), 3, time.Second
	b.Service = jobs.New(cfg, b.db, b.queue, b.objects, b.log)
	b.SetPatience(time.Minute, 0, time.Minute)
	b.t.Cleanup(b.Wait)
	return b
}

func (b bench) geometry() store.Geometry {
	b.t.Helper()
	g, err := b.CreateGeometry(b.t.Context(), b.newGeometry())
	require.NoError(b.t, err)
	return g
}

func (b bench) newGeometry() store.NewGeometry {
	name := id.New(id.Geometry)
	return store.NewGeometry{
		ID: name, TenantID: tenant, Filename: "part.step", Format: engine.STEP, Size: 10, SHA256: "00", ObjectKey: blob.GeometryKey(tenant, name),
	}
}

// imported returns a geometry whose import has succeeded.
func (b bench) imported() store.Geometry {
	b.t.Helper()
	g := b.geometry()
	c := b.claim()
	require.Equal(b.t, g.ID, c.GeometryID)
	require.NoError(b.t, b.Finish(b.t.Context(), c, store.Outcome{Model: &engine.Model{Units: "mm"}}))
	return g
}

func (b bench) mesh(g store.Geometry, class store.Class) store.Mesh {
	b.t.Helper()
	c, err := b.CreateMesh(b.t.Context(), newMesh(b.t, g, class))
	require.NoError(b.t, err)
	return c.Mesh
}

func newMesh(t *testing.T, g store.Geometry, class store.Class) store.NewMesh {
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	return store.NewMesh{TenantID: tenant, GeometryID: g.ID, Spec: s, Class: class}
}

// claim returns the next claim; there has to be one.
func (b bench) claim() store.Claim {
	b.t.Helper()
	c, ok, err := b.Claim(b.t.Context(), "worker")
	require.NoError(b.t, err)
	require.True(b.t, ok, "nothing to claim")
	return c
}

func (b bench) nothingToClaim() {
	b.t.Helper()
	_, ok, err := b.Claim(b.t.Context(), "worker")
	require.NoError(b.t, err)
	require.False(b.t, ok)
}

func (b bench) status(m store.Mesh) store.Mesh {
	b.t.Helper()
	m, err := b.db.Mesh(b.t.Context(), tenant, m.ID)
	require.NoError(b.t, err)
	return m
}

// events returns the types of the subject's events, status events with their status.
func (b bench) events(subject string) []string {
	b.t.Helper()
	events, _, err := b.queue.Replay(b.t.Context(), subject, 0)
	require.NoError(b.t, err)
	var out []string
	for _, e := range events {
		name := e.Type
		if name == jobs.EventStatus {
			_, rest, _ := strings.Cut(string(e.Data), `"status":"`)
			name, _, _ = strings.Cut(rest, `"`)
		}
		out = append(out, name)
	}
	return out
}

func succeeded() store.Outcome {
	return store.Outcome{Report: &engine.MeshReport{Nodes: 8}, Artifacts: []store.Artifact{{ID: id.New(id.Artifact), Name: "mesh.msh", Format: "msh", ObjectKey: "k", Size: 1, SHA256: "00"}}}
}

// exec does to the database what time or a crash would do.
func (b bench) exec(sql string, args ...any) {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.url)
	require.NoError(b.t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b bench) heartbeat(c store.Claim, stage engine.Stage, progress float64) error {
	_, err := b.Heartbeat(b.t.Context(), c, stage, progress)
	return err
}

// expire makes the lease of a claim end now.
func (b bench) expire(c store.Claim) {
	b.t.Helper()
	b.exec(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, c.JobID)
}

// drainBells reads the bells that have rung.
func (b bench) drainBells(l *queue.Listener) {
	b.t.Helper()
	for {
		if _, err := l.Next(b.t.Context()); err != nil {
			require.ErrorIs(b.t, err, queue.ErrTick)
			return
		}
	}
}
