package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

func TestSameRequestAgain_IsAnsweredWithTheResult(t *testing.T) {
	s := start(t)
	require.NoError(t, s.jobs.SeeEngine(t.Context(), "e1"))
	g := s.imported()
	body := fmt.Sprintf(`{"geometry_id": %q}`, g.ID)
	first := decode[types.Mesh](s.post("/v1/meshes", body), http.StatusAccepted)
	follower := decode[types.Mesh](s.post("/v1/meshes", body), http.StatusAccepted)
	require.Equal(t, first.ID, follower.Follows)
	s.succeed(s.claim())
	first = decode[types.Mesh](s.get("/v1/meshes/"+first.ID), 200)

	for _, header := range [][]string{nil, {"Prefer", "wait=20"}} {
		m := decode[types.Mesh](s.post("/v1/meshes", body, header...), http.StatusOK)
		require.Equal(t, []any{"succeeded", first.ID, 1.0}, []any{m.Status, m.ReusedFrom, m.Progress})
		require.Equal(t, first.Counts, m.Counts)
		require.Len(t, m.Artifacts, len(first.Artifacts))
		require.NotEqual(t, first.Artifacts[0].ID, m.Artifacts[0].ID)
		require.Equal(t, first.Artifacts[0].SHA256, m.Artifacts[0].SHA256)
		content, _ := s.download(m.Artifacts[0].URL)
		require.Len(t, content, int(m.Artifacts[0].Size))

		stream := s.follow("/v1/meshes/"+m.ID+"/events", "")
		for _, kind := range []string{"status", "done"} {
			e := stream.next()
			require.Equal(t, kind, e.kind)
			var status jobs.StatusData
			require.NoError(t, json.Unmarshal([]byte(e.data), &status))
			require.Equal(t, store.Succeeded, status.Status)
		}
	}
	follower = decode[types.Mesh](s.get("/v1/meshes/"+follower.ID), 200)
	require.Equal(t, []any{"succeeded", first.ID, ""}, []any{follower.Status, follower.ReusedFrom, follower.Follows})

	fresh := decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "reuse": false}`, g.ID)), http.StatusAccepted)
	require.Equal(t, "queued", fresh.Status)
	require.Empty(t, fresh.ReusedFrom+fresh.Follows)
}
