package worker_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// gate is between the worker and S3: what it is set to has a say about each report that is stored, which is the last file of a job.
type gate struct {
	last atomic.Pointer[func(http.ResponseWriter) (pass bool)]
}

// newGatedSite returns an installation whose files go through a gate.
func newGatedSite(t *testing.T) (*site, *gate) {
	s, g := newSite(t), &gate{}
	variables := s.s3.Env()
	to, err := url.Parse(variables["MESHGEN_S3_ENDPOINT"])
	require.NoError(t, err)
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // which is signed
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if say := g.last.Load(); say != nil && r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "report.json") && !(*say)(w) {
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	variables["MESHGEN_S3_ENDPOINT"] = server.URL
	s.blobs, err = blob.New(t.Context(), parse[blob.Config](t, variables), s.log)
	require.NoError(t, err)
	return s, g
}

// hold keeps reports until let is called. Each is told of.
func (g *gate) hold(t *testing.T) (held <-chan struct{}, let func()) {
	come, open := make(chan struct{}, 100), make(chan struct{})
	say := func(http.ResponseWriter) bool {
		come <- struct{}{}
		<-open
		return true
	}
	g.last.Store(&say)
	let = func() {
		if g.last.Swap(nil) != nil {
			close(open)
		}
	}
	t.Cleanup(let)
	return come, let
}

// late returns a mesh whose last file is kept until let is called.
func (g *gate) late(s *site) (m store.Mesh, let func()) {
	s.hire(testenv.Engine(s.t), nil)
	geometry := s.imported(part(s.t, ""))
	held, let := g.hold(s.t)
	m = s.mesh(geometry, spec.Spec{})
	<-held
	return m, let
}

func TestLastFileIsLate_TheEndComesWithIt(t *testing.T) {
	s, g := newGatedSite(t)
	m, let := g.late(s)
	late := 3 * time.Second // longer than any row may be locked for it
	require.Never(t, func() bool {
		now, err := s.db.Mesh(t.Context(), tenant, m.ID)
		return err == nil && now.Status != store.Running
	}, late, 50*time.Millisecond, "not all of its files are there")
	let()
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, 1, m.Attempt)
	require.NotEmpty(t, s.content(s.artifacts(m)["report"]))
	last := m.Timings[len(m.Timings)-1]
	require.Equal(t, engine.StageUpload, last.Stage)
	require.Greater(t, last.Seconds, late.Seconds()/2)
	s.until(m.ID, isDone)
}

// The row of a job whose end is written already, and waits for a file, is not locked for longer than a person notices.
func TestLastFileIsLate_TheJobCanBeCanceled(t *testing.T) {
	s, g := newGatedSite(t)
	m, let := g.late(s)
	// It is canceled while the row is locked, where that is seen: it is not for long.
	sql, err := pgx.Connect(t.Context(), s.postgres.URL)
	require.NoError(t, err)
	defer sql.Close(context.Background())
	for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); {
		var free int
		require.NoError(t, sql.QueryRow(t.Context(), `SELECT count(*) FROM (SELECT FROM jobs WHERE mesh_id = $1 FOR UPDATE SKIP LOCKED) j`, m.ID).Scan(&free))
		if free == 0 {
			break
		}
	}
	soon, end := context.WithTimeout(t.Context(), 3*time.Second)
	defer end()
	require.NoError(t, s.jobs.CancelMesh(soon, tenant, m.ID), "while S3 keeps the file")
	require.Equal(t, store.Canceled, s.ended(m).Status)
	let()
	s.until(m.ID, isDone)
	next := s.ended(s.mesh(store.Geometry{ID: m.GeometryID}, spec.Spec{}))
	require.Equal(t, store.Succeeded, next.Status, "the worker goes on: %+v", next.Error)
	require.Empty(t, s.artifacts(m))
}

func TestLastFileIsRefused_NothingOfTheJobIsSeen(t *testing.T) {
	s, g := newGatedSite(t)
	s.hire(testenv.Engine(t), nil)
	geometry := s.imported(part(t, ""))
	say := func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusForbidden)
		return false
	}
	g.last.Store(&say)
	m := s.mesh(geometry, spec.Spec{})
	var now store.Mesh
	require.Eventually(t, func() bool {
		var err error
		now, err = s.db.Mesh(t.Context(), tenant, m.ID)
		return err == nil && now.Attempt == 1 && now.Status != store.Running || now.Attempt > 1
	}, patience, 5*time.Millisecond)
	require.Equal(t, store.Queued, now.Status, "it is given back, for S3 may take the file later")
	require.Nil(t, now.Report)
	require.Empty(t, s.artifacts(m))
}
