package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/auth"
	"meshgen/internal/client"
	"meshgen/internal/testenv"
)

// TestLong_Clients_ExamplesMeshAPart runs the examples of clients/ as their readers would, with a key.
func TestLong_Clients_ExamplesMeshAPart(t *testing.T) {
	root := testenv.RepoRoot(t)
	key := auth.NewKey().Reveal()
	s := newSite(t, "MESHGEN_AUTH=on", "MESHGEN_ADMIN_KEY="+key)
	var err error
	s.Client, err = client.New(client.Config{Server: fmt.Sprintf("http://127.0.0.1:%d", s.port), APIKey: client.APIKey(key), Patience: patience, UserAgent: "e2e"})
	require.NoError(t, err)
	s.hire(testenv.Engine(t))

	run := func(t *testing.T, program string, args ...string) {
		t.Helper()
		out := filepath.Join(t.TempDir(), "part.vtu")
		cmd := exec.CommandContext(t.Context(), program, append(args, filepath.Join(root, "examples", "filleted-bracket.step"), out)...)
		cmd.Env = append(os.Environ(), fmt.Sprintf("MESHGEN_SERVER=http://127.0.0.1:%d", s.port), "MESHGEN_API_KEY="+key)
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
		require.Contains(t, string(said), "1 solid(s)")
		require.Contains(t, string(said), ": succeeded")
		content, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Contains(t, string(content[:200]), "<VTKFile")
	}
	t.Run("python", func(t *testing.T) {
		python, err := exec.LookPath("python3")
		if err != nil {
			t.Skip("python3 is not installed")
		}
		run(t, python, "-B", filepath.Join(root, "clients", "python", "example.py"))
	})
	t.Run("typescript", func(t *testing.T) {
		modules := filepath.Join(root, "web", "node_modules")
		tsc := filepath.Join(modules, "typescript", "bin", "tsc")
		if _, err := os.Stat(tsc); err != nil {
			t.Skip("the page's npm packages are not installed: scripts/web")
		}
		dir := t.TempDir()
		for _, file := range []string{"clients/typescript/meshgen.ts", "clients/typescript/example.ts", "clients/typescript/package.json", "clients/typescript/tsconfig.json", "web/src/api/schema.ts"} {
			content, err := os.ReadFile(filepath.Join(root, file))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o600))
		}
		said, err := exec.CommandContext(t.Context(), "node", tsc, "--project", dir, "--typeRoots", filepath.Join(modules, "@types")).CombinedOutput()
		require.NoError(t, err, "%s", said)
		run(t, "node", filepath.Join(dir, "dist", "example.js"))
	})
}
