package webhooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/id"
	"meshgen/internal/outward"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/webhooks"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

const installation = "a secret of the installation, long enough"

// receiver is somebody's web server, and what it got.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(w http.ResponseWriter, nth int)
}

type received struct {
	header http.Header
	body   string
}

// signed checks a signature as the specification of Standard Webhooks has the receiver check it.
func (got received) signed(t *testing.T, secret string) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%s.%s", got.header.Get("webhook-id"), got.header.Get("webhook-timestamp"), got.body)
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)), got.header.Get("webhook-signature"))
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

func newReceiver(t *testing.T, answer func(w http.ResponseWriter, nth int)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		r.got = append(r.got, received{request.Header, string(body)})
		nth := len(r.got)
		r.mu.Unlock()
		answer(w, nth)
	}))
	t.Cleanup(r.Close)
	return r
}

// bench is a database with a part to mesh, and a sender.
type bench struct {
	t   *testing.T
	db  *store.DB
	sql *pgx.Conn
}

func newBench(t *testing.T) bench {
	t.Helper()
	database := testenv.PreparedPostgres(t, store.Migrate)
	cfg := store.Config{URL: database.URL, MaxConnections: 4, ConnectTimeout: 5 * time.Second}
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	sql, err := pgx.Connect(t.Context(), database.URL)
	require.NoError(t, err)
	t.Cleanup(func() { sql.Close(context.Background()) })
	b := bench{t, db, sql}
	b.exec(`INSERT INTO geometries (id, tenant_id, filename, format, size_bytes, sha256, object_key) VALUES ('geo_1', 'default', 'x', 'step', 1, '', '')`)
	b.exec(`INSERT INTO jobs (id, kind, tenant_id, geometry_id, status) VALUES ('job_1', 'import', 'default', 'geo_1', 'succeeded')`)
	return b
}

func (b bench) exec(statement string) {
	b.t.Helper()
	_, err := b.sql.Exec(b.t.Context(), statement)
	require.NoError(b.t, err)
}

// ended makes a mesh that is to be told of, and ends it.
func (b bench) ended(url string) (mesh string) {
	b.t.Helper()
	resolved, err := spec.Spec{}.Resolve()
	require.NoError(b.t, err)
	c, err := b.db.CreateMesh(store.ForTenant(b.t.Context(), "default"), store.NewMesh{
		TenantID: "default", GeometryID: "geo_1", Spec: resolved, Class: store.Interactive, MaxAttempts: 3, WebhookURL: url,
	})
	require.NoError(b.t, err)
	_, err = b.sql.Exec(b.t.Context(), `UPDATE jobs SET status = 'succeeded' WHERE mesh_id = $1`, c.Mesh.ID)
	require.NoError(b.t, err)
	return c.Mesh.ID
}

func (b bench) sender(change ...func(*webhooks.Config)) *webhooks.Sender {
	cfg := config()
	for _, c := range change {
		c(&cfg)
	}
	s := webhooks.NewSender(cfg, b.db, slog.New(slog.DiscardHandler))
	now := time.Now()
	s.SetClock(func() time.Time { now = now.Add(time.Second); return now }) // each pass looks at batches
	return s
}

func config() webhooks.Config {
	return webhooks.Config{Secret: installation, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: 5 * time.Second}
}

func (b bench) pass(s *webhooks.Sender) (sent int) {
	b.t.Helper()
	sent, err := s.Pass(b.t.Context())
	require.NoError(b.t, err)
	return sent
}

func (b bench) deliveries() []store.Delivery {
	b.t.Helper()
	all, err := b.db.Deliveries(store.ForTenant(b.t.Context(), "default"), "default", "", store.Page{Limit: 100})
	require.NoError(b.t, err)
	return all
}

func TestEndOfAMesh_IsToldOnceAndSigned(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) })
	mesh := b.ended(r.URL + "/hook?x=1")
	s := b.sender()
	require.Equal(t, 1, b.pass(s))
	require.Zero(t, b.pass(s))
	require.Len(t, r.all(), 1)
	got := r.all()[0]

	var payload struct {
		Type      string
		Timestamp time.Time
		Data      struct {
			MeshID string `json:"mesh_id"`
			Status string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &payload))
	require.Equal(t, []string{"mesh.succeeded", mesh, "succeeded"}, []string{payload.Type, payload.Data.MeshID, payload.Data.Status})
	require.WithinDuration(t, time.Now(), payload.Timestamp, time.Minute)

	got.signed(t, config().TenantSecret("default"))
	require.NotEqual(t, config().TenantSecret("default"), config().TenantSecret("other"))

	d := b.deliveries()[0]
	require.Equal(t, got.header.Get("webhook-id"), d.ID)
	require.Equal(t, []any{store.Delivered, 1, "204"}, []any{d.Status, d.Attempts, d.Answer})
}

func TestEveryWayToEnd_IsTold(t *testing.T) {
	b := newBench(t)
	for _, status := range []string{"failed", "canceled"} {
		b.ended("https://example.com/")
		b.exec(`UPDATE jobs SET status = 'queued' WHERE kind = 'mesh'`)
		b.exec(`DELETE FROM webhook_deliveries`)
		b.exec(`UPDATE jobs SET status = '` + status + `' WHERE kind = 'mesh'`)
		require.Contains(t, b.deliveries()[0].Payload, `"mesh.`+status+`"`)
		b.exec(`UPDATE jobs SET progress = 1, status = status WHERE kind = 'mesh'`)
		require.Len(t, b.deliveries(), 1)
		b.exec(`DELETE FROM webhook_deliveries; DELETE FROM jobs WHERE kind = 'mesh'`)
	}
	b.ended("")
	require.Empty(t, b.deliveries(), "nobody asked")
}

func TestReceiverThatFails_IsToldAgainLater_AndGivenUpAtLast(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, nth int) {
		if nth == 2 {
			http.Redirect(w, &http.Request{}, "http://127.0.0.1:1/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	b.ended(r.URL)
	s := b.sender()
	last := 4 * time.Second
	for n := 1; n <= 10; n++ {
		require.Equal(t, 1, b.pass(s))
		require.Zero(t, b.pass(s), "not before its time")
		d := b.deliveries()[0]
		require.Equal(t, n, d.Attempts)
		answer := "500"
		if n == 2 {
			answer = "307"
		}
		require.Equal(t, answer, d.Answer, "redirects are not followed")
		if n == 10 {
			require.Equal(t, store.Dead, d.Status)
			break
		}
		require.Equal(t, store.Pending, d.Status)
		wait := time.Until(*d.DueAt)
		require.Greater(t, wait, last)
		last = wait
		b.exec(`UPDATE webhook_deliveries SET due_at = now()`)
	}
	require.Greater(t, last, 20*time.Hour)
	ids := map[string]bool{}
	for _, got := range r.all() {
		ids[got.header.Get("webhook-id")] = true
	}
	require.Len(t, ids, 1)

	_, err := b.db.Redeliver(t.Context(), "default", b.deliveries()[0].ID, false)
	require.NoError(t, err)
	require.Equal(t, 1, b.pass(s))
	require.Equal(t, 1, b.deliveries()[0].Attempts)
}

func TestReceiverThatIsGone_IsNotAskedAgain(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusGone) })
	b.ended(r.URL)
	b.pass(b.sender())
	require.Equal(t, store.Dead, b.deliveries()[0].Status)
}

func TestReceiverThatNeverAnswers_HoldsNobodyUp(t *testing.T) {
	b := newBench(t)
	held := make(chan struct{})
	slow := newReceiver(t, func(http.ResponseWriter, int) { <-held })
	t.Cleanup(func() { close(held) })
	quick := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	b.ended(slow.URL)
	b.ended(quick.URL)
	require.Equal(t, 2, b.pass(b.sender(func(c *webhooks.Config) { c.Timeout = 2 * time.Second }))) // for the quick one on a busy machine
	all := b.deliveries()
	require.Equal(t, []any{store.Delivered, "200"}, []any{all[0].Status, all[0].Answer})
	require.Equal(t, []any{store.Pending, "no answer in time"}, []any{all[1].Status, all[1].Answer})
}

func TestAddressThatANameTurnsOutToHave_IsNotSpokenToIfItIsPrivate(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	b.ended(strings.Replace(r.URL, "127.0.0.1", "localhost", 1))
	b.ended(r.URL)
	require.Equal(t, 2, b.pass(b.sender(func(c *webhooks.Config) { c.Allow = nil })))
	for _, d := range b.deliveries() {
		require.Equal(t, []any{store.Dead, "the address is not of the public internet"}, []any{d.Status, d.Answer})
	}
	require.Empty(t, r.all())
}

func TestAddressesOfPrivateNetworks_AreRefusedAtOnce(t *testing.T) {
	strict := webhooks.Config{Secret: installation, Timeout: time.Second}
	for _, bad := range []string{
		"http://127.0.0.1/", "http://10.0.0.1/", "http://172.16.3.4:80/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/",
		"http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[::1]/", "http://[::]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/",
		"http://[fd00:ec2::254]/", "http://[::ffff:10.0.0.1]/", "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[ff02::1]/",
		"http://[::ffff:0:a00:1]/", "http://[4000::1]/", "http://168.63.129.16/",
	} {
		require.ErrorIs(t, strict.CheckURL(bad), outward.ErrForbidden, bad)
	}
	for _, bad := range []string{"", "x", "ftp://example.com/", "file:///etc/passwd", "http:example.com", "https://", "https://u:p@example.com/", "https://example.com/#x", "http://[::1"} {
		require.Error(t, strict.CheckURL(bad), bad)
	}
	for _, good := range []string{"https://example.com/hook?a=b", "http://example.com:8080", "https://8.8.8.8/", "https://[2606:4700::1111]/"} {
		require.NoError(t, strict.CheckURL(good), good)
	}
	require.NoError(t, config().CheckURL("http://127.0.0.1:1/"))
	require.Error(t, webhooks.Config{Secret: "short", Timeout: time.Second}.Validate())
	require.NoError(t, webhooks.Config{Timeout: time.Second}.Validate())
}

func TestBatch_IsToldOfOnceWhenAllItsMeshesHaveEnded(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	coarse, err := spec.Spec{Size: spec.Size{Fineness: 2}}.Resolve()
	require.NoError(t, err)
	fine, err := spec.Spec{Size: spec.Size{Fineness: 7}}.Resolve()
	require.NoError(t, err)
	batch := func(url string) string {
		name, _, err := b.db.CreateBatch(t.Context(), store.NewBatch{
			TenantID: "default", GeometryIDs: []string{"geo_1"}, Specs: []store.BatchSpec{{Spec: coarse}, {Spec: fine}}, MaxAttempts: 3, WebhookURL: url,
		})
		require.NoError(t, err)
		return name
	}
	batch("")
	told, deleted := batch(r.URL), batch(r.URL)
	s := b.sender()
	require.Zero(t, b.pass(s))
	b.exec(`UPDATE jobs SET status = 'failed' WHERE id = (SELECT max(id) FROM jobs WHERE mesh_id IN (SELECT mesh_id FROM batch_items WHERE batch_id = '` + told + `'))`)
	require.Zero(t, b.pass(s), "one of two has ended")
	_, err = b.db.DeleteBatch(t.Context(), "default", deleted, func(store.Held) string { return "x" }, func(string, string) string { return "x" })
	require.NoError(t, err)
	b.exec(`UPDATE jobs SET status = 'succeeded' WHERE status = 'queued'`)
	require.Equal(t, 1, b.pass(s))
	require.Zero(t, b.pass(s))
	got := r.all()
	require.Len(t, got, 1)
	require.True(t, id.Valid(id.Delivery, got[0].header.Get("webhook-id")))
	var news struct {
		Type string
		Data map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(got[0].body), &news))
	require.Equal(t, "batch.done", news.Type)
	require.Equal(t, map[string]any{"batch_id": told, "succeeded": 1.0, "failed": 1.0, "canceled": 0.0, "total": 2.0}, news.Data)
	d := b.deliveries()[0]
	require.Equal(t, []any{told, "", store.Delivered}, []any{d.BatchID, d.MeshID, d.Status})
}

// News is listed by when it happened: not by when a mesh was asked for, nor by when it was noticed that a batch had ended.
func TestNews_IsListedByWhenItHappened(t *testing.T) {
	b := newBench(t)
	resolved, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	batch, _, err := b.db.CreateBatch(t.Context(), store.NewBatch{
		TenantID: "default", GeometryIDs: []string{"geo_1"}, Specs: []store.BatchSpec{{Spec: resolved}}, MaxAttempts: 3, WebhookURL: "https://example.com/",
	})
	require.NoError(t, err)
	meshes := []string{}
	for range 3 {
		c, err := b.db.CreateMesh(t.Context(), store.NewMesh{
			TenantID: "default", GeometryID: "geo_1", Spec: resolved, Class: store.Interactive, MaxAttempts: 3, WebhookURL: "https://example.com/",
		})
		require.NoError(t, err)
		meshes = append(meshes, c.Mesh.ID)
	}
	end := func(condition string, ago time.Duration) {
		tag, err := b.sql.Exec(t.Context(), `UPDATE jobs SET status = 'succeeded', finished_at = now() - $1::interval WHERE kind = 'mesh' AND `+condition, ago)
		require.NoError(t, err)
		require.EqualValues(t, 1, tag.RowsAffected())
	}
	end(`mesh_id = '`+meshes[2]+`'`, 40*time.Second)
	end(`mesh_id IN (SELECT mesh_id FROM batch_items)`, 30*time.Second)
	end(`mesh_id = '`+meshes[0]+`'`, 20*time.Second)
	require.NoError(t, b.db.TellBatches(t.Context()))
	end(`mesh_id = '`+meshes[1]+`'`, 10*time.Second)

	var listed []string
	page := store.Page{Limit: 1}
	for {
		some, err := b.db.Deliveries(store.ForTenant(t.Context(), "default"), "default", "", page)
		require.NoError(t, err)
		if len(some) == 0 {
			break
		}
		d := some[0]
		require.True(t, id.Valid(id.Delivery, d.ID), d.ID)
		var news struct{ Timestamp time.Time }
		require.NoError(t, json.Unmarshal([]byte(d.Payload), &news))
		require.Equal(t, d.CreatedAt.UTC().Truncate(time.Millisecond), news.Timestamp.UTC())
		listed = append(listed, d.MeshID+d.BatchID)
		if len(listed) == 2 { // a page that was read stays read, though its last row goes
			b.exec(`DELETE FROM webhook_deliveries WHERE id = '` + d.ID + `'`)
		}
		page.After = d.ID
	}
	require.Equal(t, []string{meshes[1], meshes[0], batch, meshes[2]}, listed)

	b.exec(`UPDATE jobs SET status = 'queued' WHERE mesh_id = '` + meshes[2] + `'`) // however often it ends, it is told of once
	end(`mesh_id = '`+meshes[2]+`'`, 0)
	require.Len(t, b.deliveries(), 3)
}

// Open batches are looked at once a second however fast the passes are, and what goes wrong with that holds up no other news.
func TestBatchesThatCannotBeLookedAt_HoldNothingUp(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	mesh := b.ended(r.URL)
	b.exec(`ALTER TABLE batches RENAME COLUMN webhook_told TO away`)
	s := b.sender()
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	sent, err := s.Pass(t.Context())
	require.ErrorContains(t, err, "webhook_told")
	require.Equal(t, 1, sent)
	require.Equal(t, []any{mesh, store.Delivered}, []any{b.deliveries()[0].MeshID, b.deliveries()[0].Status})
	now = now.Add(999 * time.Millisecond)
	require.Zero(t, b.pass(s), "not asked again so soon")
	now = now.Add(time.Millisecond)
	_, err = s.Pass(t.Context())
	require.ErrorContains(t, err, "webhook_told")
}
