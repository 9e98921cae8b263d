package e2e

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// ends returns how often the events of a mesh say that it ended, and how.
func (s *site) ends(m types.Mesh) (statuses []string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for e, err := range s.Follow(ctx, m.ID, "1") { // from the first event that there is
		require.NoError(s.t, err)
		if isDone(e) {
			status, err := client.Decode[types.StatusEvent](e)
			require.NoError(s.t, err)
			statuses = append(statuses, status.Status)
		}
	}
	return statuses
}

func TestCancel_WhileQueuedWhileRunningAndAfterTheEnd(t *testing.T) {
	s := newSite(t)
	queued := s.mesh(part(t, ""), spec.Spec{}) // nobody is there to take it
	m, err := s.CancelMesh(t.Context(), queued.ID)
	require.NoError(t, err)
	require.Equal(t, "canceled", m.Status)
	require.Equal(t, 0, m.Attempt)

	s.hire(testenv.FaultyEngine(t))
	running := s.mesh(part(t, "sleep mesh2d"), spec.Spec{})
	s.follow(running.ID, stage("mesh2d"))
	before := s.engines()
	began := time.Now()
	m, err = s.CancelMesh(t.Context(), running.ID)
	require.NoError(t, err)
	require.Equal(t, "canceled", m.Status, "final at once")
	final := time.Since(began)
	require.Eventually(t, func() bool { return !contains(s.engines(), before) }, patience, time.Millisecond, "its engine lives")
	t.Logf("from the request to a final status: %s, to a dead engine: %s", final, time.Since(began))
	require.Equal(t, []string{"canceled"}, s.ends(running))

	ended := s.succeeded(s.mesh(part(t, ""), spec.Spec{}))
	m, err = s.CancelMesh(t.Context(), ended.ID)
	require.NoError(t, err)
	require.Equal(t, "succeeded", m.Status, "what has ended stays as it is")
	s.succeeded(ended)
	for _, canceled := range []types.Mesh{queued, running} {
		m, err = s.CancelMesh(t.Context(), canceled.ID)
		require.NoError(t, err)
		require.Equal(t, "canceled", m.Status)
		require.Empty(t, m.Artifacts)
	}
}

// contains reports whether all of some are among them.
func contains(them, some []int) bool {
	seen := map[int]bool{}
	for _, n := range them {
		seen[n] = true
	}
	for _, n := range some {
		if !seen[n] {
			return false
		}
	}
	return true
}

func TestEngineIsKilledFromOutside_TheNextStrategySucceedsInTheSameAttempt(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.FaultyEngine(t))
	m := s.mesh(part(t, "sleep mesh3d delaunay"), spec.Spec{})
	s.follow(m.ID, stage("mesh3d"))
	for _, pid := range s.engines() { // the spare too
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	m = s.succeeded(m)
	require.Equal(t, 1, m.Attempt)
	require.Len(t, m.Tried, 2)
	require.Contains(t, m.Tried[0].Error, "killed from outside")
	require.Equal(t, []string{"succeeded"}, s.ends(m))
}

// A browser whose connection goes down comes back with the last id that it saw.
func TestClientDropsItsEvents_ResumesWithoutALossOrARepetition(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	m := s.mesh(part(t, ""), spec.Spec{Size: spec.Size{Fineness: 7}})

	// read takes so many events, or all up to done, and hangs up.
	read := func(last int64, most int) (ids []int64, done bool) {
		ctx, hangUp := context.WithTimeout(t.Context(), patience)
		defer hangUp()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/v1/meshes/%s/events", s.port, m.ID), nil)
		require.NoError(t, err)
		if last > 0 {
			req.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		var id int64
		for lines.Scan() && len(ids) < most {
			if value, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id, err = strconv.ParseInt(value, 10, 64)
				require.NoError(t, err)
			}
			if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				ids = append(ids, id)
				done = done || kind == client.EventDone
			}
			if done && lines.Text() == "" {
				return ids, true
			}
		}
		return ids, done
	}
	ids, done := read(0, 2) // the first is the snapshot, which has the id of the last event that it covers
	for !done {
		var more []int64
		more, done = read(ids[len(ids)-1], 3)
		ids = append(ids, more...)
	}
	whole, _ := read(ids[0], math.MaxInt)
	require.Equal(t, whole, ids[1:], "lost or repeated")
	require.Greater(t, len(ids), 10)
	s.succeeded(m)
}
