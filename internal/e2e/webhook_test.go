package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/spec"
)

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
}
