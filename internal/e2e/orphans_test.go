package e2e

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
)

// poll is how often a test looks whether something has happened that no event tells of.
const poll = 20 * time.Millisecond

// bucket is the site's bucket, seen from behind.
func (s *site) bucket() *blob.Store {
	s.t.Helper()
	cfg, err := env.ParseAsWithOptions[blob.Config](env.Options{Environment: s.s3.Env()})
	require.NoError(s.t, err)
	b, err := blob.New(s.t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(s.t, err)
	return b
}

func (s *site) database() *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.postgres.URL)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (s *site) objects(b *blob.Store) (keys []string) {
	s.t.Helper()
	for info, err := range b.List(s.t.Context(), "") {
		require.NoError(s.t, err)
		keys = append(keys, info.Key)
	}
	return keys
}

// aDayLater has everything that is expected or thrown away be due.
func (s *site) aDayLater(conn *pgx.Conn) {
	s.t.Helper()
	tag, err := conn.Exec(s.t.Context(), `UPDATE garbage SET due_at = now()`)
	require.NoError(s.t, err)
	require.Positive(s.t, tag.RowsAffected(), "nothing tells of what the API was about to store")
}

func TestAPIIsKilledBetweenTheObjectAndTheCommit_NothingIsLeft(t *testing.T) {
	s := newSite(t)
	bucket, conn := s.bucket(), s.database()
	kept, err := s.upload("kept.step", part(t, ""))
	require.NoError(t, err)
	before := s.objects(bucket)
	require.Len(t, before, 1)

	// The commit has to wait for us.
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE geometries IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/v1/upload", s.port), "multipart/form-data; boundary=b", bytes.NewReader(
			[]byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lost.step\"\r\n\r\n"+string(part(t, ""))+"\r\n--b--\r\n")))
		if err == nil {
			resp.Body.Close()
			err = fmt.Errorf("answered %s", resp.Status)
		}
		answered <- err
	}()
	require.Eventually(t, func() bool { return len(s.objects(bucket)) == 2 }, patience, poll, "the object does not arrive")
	require.NoError(t, s.api.Kill())
	require.NotContains(t, (<-answered).Error(), "answered")
	require.NoError(t, tx.Rollback(t.Context()))

	s.aDayLater(conn)
	require.NoError(t, s.api.Start(t.Context()))
	require.Eventually(t, func() bool { return len(s.objects(bucket)) == 1 }, patience, poll, "an object is left that nothing refers to")
	require.Equal(t, before, s.objects(bucket))
	_, err = s.Geometry(t.Context(), kept.ID)
	require.NoError(t, err)
}

func TestAPIIsKilledInTheMiddleOfAnUpload_NoPartsAreLeft(t *testing.T) {
	s := newSite(t)
	bucket, conn := s.bucket(), s.database()
	client, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	require.NoError(t, err)
	defer client.Close()
	head := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.step\"\r\n\r\n" + string(part(t, ""))
	_, err = fmt.Fprintf(client, "POST /v1/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%s", 64<<20, head)
	require.NoError(t, err)
	_, err = client.Write([]byte(strings.Repeat("#1=CARTESIAN_POINT('',(0.,0.,0.));\n", (20<<20)/35)))
	require.NoError(t, err)
	unfinished := func() (n int) {
		for _, err := range bucket.ListMultiparts(t.Context(), "") {
			require.NoError(t, err)
			n++
		}
		return n
	}
	require.Eventually(t, func() bool { return unfinished() == 1 }, patience, poll, "the first part does not arrive")
	require.NoError(t, s.api.Kill())

	s.aDayLater(conn)
	require.NoError(t, s.api.Start(t.Context()))
	require.Eventually(t, func() bool { return unfinished() == 0 }, patience, poll, "parts are left that nothing refers to")
	require.Empty(t, s.objects(bucket))
}
