package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/spec"
)

// keepsEndpoints adds endpoints, has one told, and removes them. It is a part of the test below, whose site it needs.
func keepsEndpoints(t *testing.T, receiver string, got <-chan string, run func(code int, args ...string) string) {
	t.Helper()
	added := run(0, "add", receiver, "--event", "mesh.failed,batch.done")
	require.Regexp(t, `(?m)^whsec_\S+$`, added)
	endpoint := regexp.MustCompile(`whe_[0-9a-f-]{36}`).FindString(added)
	require.NotEmpty(t, endpoint)
	require.Contains(t, added, "is told of batch.done, mesh.failed")
	listed := run(0, "endpoints")
	require.Contains(t, listed, endpoint)
	require.NotContains(t, listed, "whsec_", "the secret is shown once")

	run(0, "test", endpoint)
	delivery := <-got
	require.Eventually(t, func() bool { return strings.Contains(run(0, "ls", "--status", "delivered"), delivery) }, patience, 20*time.Millisecond)
	run(0, "pause", endpoint)
	require.Regexp(t, endpoint+` +paused`, run(0, "endpoints"))
	require.Contains(t, run(3, "test", endpoint), "paused")
	run(0, "resume", endpoint)
	require.Regexp(t, endpoint+` +active`, run(0, "endpoints"))

	var made types.NewWebhookEndpoint
	require.NoError(t, json.Unmarshal([]byte(run(0, "add", receiver+"/all", "--json")), &made))
	require.Regexp(t, `^whsec_`, made.Secret)
	require.Len(t, made.Events, 4)
	run(0, "rm", endpoint)
	require.JSONEq(t, `{"id": "`+made.ID+`", "deleted": true}`, run(0, "rm", made.ID, "--json"))
	require.NotContains(t, run(0, "endpoints"), "whe_")
	require.Contains(t, run(3, "rm", endpoint), "no such endpoint")
	require.Contains(t, run(3, "pause", endpoint), endpoint)
	require.Contains(t, run(3, "add", "http://10.0.0.1/hooks"), "url")
	require.Contains(t, run(3, "add", receiver, "--event", "mesh.done"), "events")
	require.Contains(t, run(2, "rm", delivery), "is not the id of an endpoint (whe_…)")
}

func TestCommandLineShowsWebhooksAndSendsThemAgain(t *testing.T) {
	got := make(chan string, 10)
	var asked atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("webhook-id")
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusGone) // which ends it
		}
	}))
	t.Cleanup(receiver.Close)
	s := newSite(t, "MESHGEN_WEBHOOK_SECRET="+strings.Repeat("s", 32), "MESHGEN_WEBHOOK_ALLOW=127.0.0.0/8")
	env := []string{"MESHGEN_SERVER=" + s.Server()}
	run := func(code int, args ...string) string {
		t.Helper()
		stdout, stderr, exit := meshgen(t, env, append([]string{"webhook"}, args...)...)
		require.Equal(t, code, exit, stderr)
		return stdout + stderr
	}
	g, err := s.upload("part.step", part(t, ""))
	require.NoError(t, err)
	m, err := s.CreateMesh(t.Context(), types.CreateMesh{GeometryID: g.ID, Spec: spec.Spec{}, WebhookURL: receiver.URL}, "")
	require.NoError(t, err)
	_, err = s.CancelMesh(t.Context(), m.ID)
	require.NoError(t, err)
	delivery := <-got
	require.Eventually(t, func() bool { return strings.Contains(run(0, "ls", "--status", "dead"), delivery) }, patience, 20*time.Millisecond)
	require.Contains(t, run(0, "ls"), m.ID)
	run(0, "redeliver", delivery)
	require.Equal(t, delivery, <-got)
	require.Eventually(t, func() bool { return strings.Contains(run(0, "ls", "--status", "delivered", "--json"), delivery) }, patience, 20*time.Millisecond)
	require.Regexp(t, `^whsec_\S+\n$`, run(0, "secret"))
	run(2, "ls", "--status", "lost")
	run(2, "redeliver", m.ID)
	keepsEndpoints(t, receiver.URL, got, run)
}
