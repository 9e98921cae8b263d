package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// These wait for the periods of streams, side by side.

func TestSilentStream_HasAComment(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := s.mesh(s.imported().ID)
	response, err := http.Get(s.url + "/v1/meshes/" + m.ID + "/events")
	require.NoError(t, err)
	defer response.Body.Close()
	time.AfterFunc(2*patience, func() { response.Body.Close() }) // the read below then fails
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), ":") {
			return
		}
	}
	t.Fatal("no comment came")
}

func TestDoneIsNeverPublished_ItArrivesAllTheSame(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := s.mesh(s.imported().ID)
	c := s.claim()
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	running := f.next()
	_, err := s.db.Finish(t.Context(), c, store.Outcome{Report: &engine.MeshReport{}})
	require.NoError(t, err) // as by a worker that cannot reach Redis
	require.Equal(t, "succeeded", decodeEvent[types.StatusEvent](f.next()).Status)
	done := f.next()
	require.Equal(t, "done", done.kind)
	require.Greater(t, done.number(), running.number())
	f.ended()
	require.Equal(t, http.StatusNoContent, s.get("/v1/meshes/"+m.ID+"/events", "Last-Event-ID", done.id).status)
	// Who comes with an id from before the end is told at once.
	again := s.follow("/v1/meshes/"+m.ID+"/events", running.id)
	require.Equal(t, []string{"status", "done"}, again.kinds(2))
}

func TestClientThatReadsNothing_IsLeft(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := s.mesh(s.imported().ID)
	c := s.claim()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "GET /v1/meshes/%s/events HTTP/1.1\r\nHost: localhost\r\n\r\n", m.ID)
	require.NoError(t, err)
	clients := func() string {
		response, err := http.Get(s.metrics)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_, rest, _ := strings.Cut(string(text), `meshgen_sse_clients{stream="mesh"} `)
		return rest[:1]
	}
	require.Eventually(t, func() bool { return clients() == "1" }, patience, 20*time.Millisecond)
	lines := jobs.LogData{Lines: []engine.LogLine{{Text: strings.Repeat("x", 256<<10)}}}
	for range 80 { // 20 MiB: more than sockets hold
		s.tell(c, queue.NewEvent{Type: queue.EventLog, Data: lines})
	}
	require.Eventually(t, func() bool { return clients() == "0" }, 3*patience, 100*time.Millisecond)
}
