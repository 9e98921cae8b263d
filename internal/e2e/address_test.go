package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

func TestLong_CommandLineHasFilesFetchedByTheirAddress(t *testing.T) {
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/parts/bracket.step" || r.URL.Query().Get("sig") != "secret" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(part(t, ""))
	}))
	t.Cleanup(files.Close)
	address := files.URL + "/parts/bracket.step?sig=secret"
	s := newSite(t, "MESHGEN_FETCH_ALLOW=127.0.0.0/8", "MESHGEN_FETCH_HTTP=true")
	s.hire(testenv.Engine(t))
	env := []string{"MESHGEN_SERVER=" + s.Server()}
	folder := t.TempDir()

	stdout, stderr, code := meshgen(t, env, "submit", address, "-o", folder+"/", "--fineness", "2")
	require.Zero(t, code, stderr)
	_, err := os.Stat(filepath.Join(folder, "bracket.msh"))
	require.NoError(t, err)
	require.Contains(t, stdout, files.URL+"/parts/bracket.step  msh_")
	require.NotContains(t, stdout+stderr, "secret")

	stdout, stderr, code = meshgen(t, env, "submit", address, "--json")
	require.Zero(t, code, stderr)
	var answer struct {
		File string
		Mesh struct {
			GeometryID string `json:"geometry_id"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &answer), stdout)
	require.Equal(t, address, answer.File)
	g, err := s.Geometry(t.Context(), answer.Mesh.GeometryID)
	require.NoError(t, err)
	require.Equal(t, "bracket.step", g.Filename)

	stdout, stderr, code = meshgen(t, env, "submit", files.URL+"/gone.step?sig=secret", "--json")
	require.Equal(t, 3, code, "refused")
	require.Contains(t, stderr, files.URL+"/gone.step: the service could not fetch it: answers 404")
	require.NotContains(t, stdout+stderr, "secret")
	var refused struct {
		Error struct{ Code, Subject, Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &refused), stdout)
	require.Equal(t, []string{"validation_failed", files.URL + "/gone.step", "the service could not fetch it: answers 404"},
		[]string{refused.Error.Code, refused.Error.Subject, refused.Error.Message})

	for _, words := range [][]string{
		{"batch", "ftp://example.com/x.step"}, {"submit", "https://me:secret@example.com/x.step"}, {"mesh", address, "-o", filepath.Join(folder, "x.msh")},
	} {
		_, stderr, code = meshgen(t, env, words...)
		require.Equal(t, 2, code, stderr)
		require.NotContains(t, stderr, "secret")
	}
	require.Contains(t, stderr, "meshgen submit")

	stdout, stderr, code = meshgen(t, env, "batch", address, "--json")
	require.Zero(t, code, stderr)
	require.True(t, json.Valid([]byte(stdout)), stdout)
}
