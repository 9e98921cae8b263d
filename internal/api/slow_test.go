package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// These wait for the periods of streams, side by side.

func TestLong_SilentStream_HasAComment(t *testing.T) {
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

func TestLong_DoneIsNeverPublished_ItArrivesAllTheSame(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := s.mesh(s.imported().ID)
	c := s.claim()
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	running := f.next()
	_, err := s.db.Finish(t.Context(), c, store.Outcome{Report: &engine.MeshReport{}}, nil)
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

func TestLong_ClientThatReadsNothing_IsLeft(t *testing.T) {
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

// cutOff sends what a client sends that then falls silent, and returns the status of each answer until the service closes the connection.
func (s *service) cutOff(t *testing.T, request string) []int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(3*patience)))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	said, err := io.ReadAll(conn)
	require.NoError(t, err, "the service closes the connection of %q", request)
	var statuses []int
	for answers := bufio.NewReader(bytes.NewReader(said)); ; {
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, response.Body)
		statuses = append(statuses, response.StatusCode)
	}
}

func TestClientThatSendsNothing_IsCutOff(t *testing.T) {
	t.Parallel()
	postgres := testenv.PreparedPostgres(t, store.Migrate)
	patient := startWith(t, parts{postgres: postgres})
	mesh := patient.mesh(patient.imported().ID).ID
	// A head that is sent at once has to be read in time where the machine is busy, too. Of bodies nothing is sent in time.
	s := startWith(t, parts{postgres: postgres, change: func(c *api.Config) { c.HeadWithin, c.BodyWithin = 5*time.Second, 50*time.Millisecond }})
	for _, c := range []struct {
		name, request string
		answers       []int
	}{
		{"nothing at all", "", nil},
		{"half a head", "GET /v1/meshes HTTP/1.1\r\nHost: localhost\r\n", nil},
		{"half the head of a second request", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n", []int{200}},
		{"half a body", "POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\":", []int{408}},
		{"a chunk of a body", "POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"n\r\n", []int{408}},
		{"no body where nobody reads one", "POST /v1/meshes/" + mesh + "/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", []int{200}},
		{"nor is there anything", "DELETE /v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", []int{404}},
		{"no body of what has none", "GET /v1/meshes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", []int{408}},
		{"no body of a stream", "GET /v1/meshes/" + mesh + "/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", []int{408}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.answers, s.cutOff(t, c.request))
		})
	}
}
