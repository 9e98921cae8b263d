package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/client"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// script runs one of deploy/backup for the site.
func (s *site) script(name, folder string) {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(testenv.RepoRoot(s.t), "deploy", "backup", name), folder)
	cmd.Env = append(os.Environ(), s.env...)
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "%s: %s", name, out)
	s.t.Logf("%s", out)
}

// An installation is backed up while it works, and lost with all its servers. What is restored from the backup on other servers, with an
// empty Redis, has what was there, goes on with what was queued, and makes further meshes.
func TestLong_Backup_IsAllThatIsNeeded(t *testing.T) {
	if _, err := exec.LookPath("rclone"); err != nil {
		t.Skip("rclone is not installed: scripts/debian rclone")
	}
	folder := t.TempDir()
	s := newSite(t)
	worker := s.hire(testenv.Engine(t))
	made := s.succeeded(s.mesh(part(t, ""), spec.Spec{}))
	was := contentTypes(t, s, made.ID)
	require.NoError(t, worker.Kill())
	queued, err := s.CreateMesh(t.Context(), createMesh(made.GeometryID, spec.Spec{Size: spec.Size{Fineness: 3}}), "")
	require.NoError(t, err)
	s.script("backup", folder)
	s.script("backup", folder) // again, over the first
	require.NoError(t, s.api.Kill())
	require.NoError(t, s.postgres.Server.Kill())
	require.NoError(t, s.redis.Server.Kill())
	require.NoError(t, s.s3.Server.Kill())

	s = newSiteFrom(t, func(s *site) { s.script("restore", folder) })
	page, err := s.Meshes(t.Context(), client.Filter{}, client.Page{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	s.succeeded(made) // reads every file, and compares it with its record
	require.Equal(t, was, contentTypes(t, s, made.ID))
	s.hire(testenv.Engine(t))
	s.succeeded(queued)
	more, err := s.CreateMesh(t.Context(), createMesh(made.GeometryID, spec.Spec{Size: spec.Size{Fineness: 4}}), "")
	require.NoError(t, err)
	s.succeeded(more)
}

// contentTypes returns how the files of a mesh are served, by name.
func contentTypes(t *testing.T, s *site, mesh string) map[string]string {
	t.Helper()
	m, err := s.Mesh(t.Context(), mesh)
	require.NoError(t, err)
	out := map[string]string{}
	for _, a := range m.Artifacts {
		resp, err := asStored.Get(a.URL)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		out[a.Name] = resp.Header.Get("Content-Type") + " " + resp.Header.Get("Content-Encoding")
	}
	return out
}
