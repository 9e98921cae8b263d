package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// meshgen runs the command line and returns what it printed and its exit code.
func meshgen(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testenv.Program(t, "meshgen"), args...)
	cmd.Env = append(os.Environ(), env...)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	err := cmd.Run()
	if err != nil {
		require.IsType(t, &exec.ExitError{}, err)
	}
	return out.String(), diagnostics.String(), cmd.ProcessState.ExitCode()
}

func TestCommandLineMeshesHereWithoutServers(t *testing.T) {
	part := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")
	env := []string{"MESHGEN_ENGINE=" + testenv.Engine(t), "MESHGEN_SCRATCH=" + t.TempDir()}
	out := filepath.Join(t.TempDir(), "part.msh")

	stdout, stderr, code := meshgen(t, env, "mesh", part, "-o", out, "--fineness", "3", "--json")
	require.Zero(t, code, stderr)
	require.True(t, json.Valid([]byte(stdout)), stdout)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(b[:20]), "$MeshFormat\n4.1 1 8")

	bad := filepath.Join(t.TempDir(), "script.step")
	require.NoError(t, os.WriteFile(bad, []byte("SystemCall \"touch /tmp/never\";\n"), 0o600))
	_, stderr, code = meshgen(t, env, "mesh", bad, "-o", out)
	require.Equal(t, 3, code, "refused input")
	require.Contains(t, stderr, "unsupported_format")
	after, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, b, after, "a failure leaves the old file alone")

	_, _, code = meshgen(t, env, "mesh", part, "-o", out, "--fineness", "99")
	require.Contains(t, []int{2, 3}, code)
	_, stderr, code = meshgen(t, env, "mesh", "no-such-file.step", "-o", out)
	require.Equal(t, 2, code, stderr)
}

func TestCommandLineReadsASpecFromStandardInput_FlagsGoBeforeIt(t *testing.T) {
	part := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")
	out := filepath.Join(t.TempDir(), "part.msh")
	run := func(text string, args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), testenv.Program(t, "meshgen"), append([]string{"mesh", part, "-o", out, "--spec", "-"}, args...)...)
		cmd.Env = append(os.Environ(), "MESHGEN_ENGINE="+testenv.Engine(t), "MESHGEN_SCRATCH="+t.TempDir())
		cmd.Stdin = strings.NewReader(text)
		said, _ := cmd.CombinedOutput()
		return string(said), cmd.ProcessState.ExitCode()
	}
	said, code := run(`{"size": {"fineness": 2, "growth": 2.5}, "groups": [{"name": "inlet", "dim": 2, "entities": [4]}]}`, "--growth", "1.5", "--quiet")
	require.Zero(t, code, said)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(data[:200]), `"inlet"`)
	said, code = run(`{"refine": [{"size": 1}]}`)
	require.Equal(t, 3, code, said)
	require.Contains(t, said, "refine[0] in standard input")
	said, code = run(`{}`, "--target-elements", "0")
	require.Equal(t, 3, code, said)
	require.Contains(t, said, "--target-elements")
}

func TestCommandLineSubmitsFollowsAndDownloads(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	env := []string{"MESHGEN_SERVER=" + s.Server()}
	part := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")
	out := filepath.Join(t.TempDir(), "part.vtk")

	stdout, stderr, code := meshgen(t, env, "submit", "--wait", part, "-o", out, "--json")
	require.Zero(t, code, stderr)
	require.True(t, json.Valid([]byte(stdout)), stdout)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(b[:26]), "# vtk DataFile Version")

	stdout, stderr, code = meshgen(t, env, "ls", "meshes")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "succeeded")

	mesh := strings.Fields(strings.Split(stdout, "\n")[1])[0]
	link, stderr, code := meshgen(t, env, "share", mesh, "--expires", "7d")
	require.Zero(t, code, stderr)
	server, word, _ := strings.Cut(strings.TrimSpace(link), "/shared#")
	require.Equal(t, s.Server(), server)
	require.Contains(t, stderr, "cannot be shown again")
	shown := func() int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Server()+"/v1/shared", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+word)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		return answer.StatusCode
	}
	require.Equal(t, http.StatusOK, shown())
	stdout, stderr, code = meshgen(t, env, "ls", "shares")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, mesh)
	share := strings.Fields(strings.Split(stdout, "\n")[1])[0]
	_, stderr, code = meshgen(t, env, "rm", share)
	require.Zero(t, code, stderr)
	require.Equal(t, http.StatusNotFound, shown())
	_, _, code = meshgen(t, env, "share", mesh, "--expires", "never")
	require.Equal(t, 2, code)

	_, stderr, code = meshgen(t, env, "status", "msh_0190163d-8694-739b-aea5-966c26f8ad91")
	require.NotZero(t, code)
	require.NotEmpty(t, stderr)

	_, stderr, code = meshgen(t, []string{"MESHGEN_SERVER=http://127.0.0.1:1", "MESHGEN_PATIENCE=0s"}, "ls", "meshes")
	require.Equal(t, 5, code, stderr)
}
