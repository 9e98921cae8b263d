package worker_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// A heartbeat that waits for the row while the job is finished finds it final, and does not take that for the loss of the claim: whoever
// waits for the mesh would hear of it when Postgres is asked next, seconds later.
func TestHeartbeatMeetsTheEnd_TheEndIsTold(t *testing.T) {
	s := &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.S3(t), lease: time.Minute}
	direct := *s.postgres
	way := newWay(t, s.postgres.URL)
	s.postgres.URL = way.url
	open(t, s)
	s.postgres = &direct
	s.hire(testenv.Engine(t), nil)
	g := s.imported(part(t, ""))

	// Who commits that a mesh is final waits for us, with the row of the job in hand.
	ctx := t.Context()
	us, err := pgx.Connect(ctx, direct.URL)
	require.NoError(t, err)
	defer us.Close(context.Background())
	for _, sql := range []string{
		`CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END'`,
		`CREATE CONSTRAINT TRIGGER waits AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'succeeded') EXECUTE FUNCTION waits()`,
		`SELECT pg_advisory_lock(1)`,
	} {
		_, err := us.Exec(ctx, sql)
		require.NoError(t, err)
	}
	waiting := func(n int) func() bool {
		return func() bool {
			var found int
			err := us.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&found)
			return err == nil && found == n
		}
	}
	m := s.mesh(g, spec.Spec{})
	require.Eventually(t, waiting(2), patience, 10*time.Millisecond, "the end waits for us, and a heartbeat for the end")

	// The heartbeat has its answer first.
	let := way.holdDurable()
	defer let()
	_, err = us.Exec(ctx, `SELECT pg_advisory_unlock(1)`)
	require.NoError(t, err)
	require.Eventually(t, waiting(0), patience, 10*time.Millisecond)
	var status store.Status
	require.NoError(t, us.QueryRow(ctx, `SELECT status FROM jobs WHERE mesh_id = $1`, m.ID).Scan(&status))
	require.Equal(t, store.Succeeded, status)
	require.Never(t, way.left.Load, 300*time.Millisecond, 10*time.Millisecond, "the worker left before it knew how the end went")
	let()
	s.until(m.ID, isDone)
}

// way is between the store and Postgres, and can hold back what that answers.
type way struct {
	url  string
	held sync.Mutex  // by who holds back what comes on connections that commit durably
	left atomic.Bool // an answer was not waited for
}

// newWay returns a way to the database.
func newWay(t *testing.T, to string) *way {
	u, err := url.Parse(to)
	require.NoError(t, err)
	server := u.Host
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u.Host = l.Addr().String()
	w := &way{url: u.String()}
	var going sync.WaitGroup
	going.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			going.Go(func() { w.carry(client, server) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		going.Wait() // the store has closed its connections
	})
	return w
}

// holdDurable holds back the answers on connections that commit durably, until let is called.
func (w *way) holdDurable() (let func()) {
	w.held.Lock()
	w.left.Store(false)
	return sync.OnceFunc(w.held.Unlock)
}

// cancelRequest begins the message of a client of PostgreSQL that does not wait for an answer any more.
var cancelRequest = []byte{0, 0, 0, 16, 4, 210, 22, 46}

// carry has a client speak with Postgres.
func (w *way) carry(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	var durable atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer client.Close()
		b := make([]byte, 1<<16)
		for {
			n, err := server.Read(b)
			if durable.Load() {
				w.held.Lock()
				w.held.Unlock() //nolint:staticcheck // it was waited for
			}
			if n > 0 {
				if _, err := client.Write(b[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	b := make([]byte, 1<<16)
	for first := true; ; first = false {
		n, err := client.Read(b)
		if first { // with which parameters it begins, or that what another connection asked for is to be left
			durable.Store(bytes.Contains(b[:n], []byte("synchronous_commit\x00on\x00")))
			if bytes.HasPrefix(b[:n], cancelRequest) {
				w.left.Store(true)
			}
		}
		if err == nil {
			_, err = server.Write(b[:n])
		}
		if err != nil {
			break
		}
	}
	server.Close()
	back.Wait()
}
