package e2e

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/testenv"
)

func TestCommandLineMeshesABatchAndFetchesItsArchive(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	env := []string{"MESHGEN_SERVER=" + s.Server()}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	part := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")
	coarse := write("coarse.json", `{"size": {"fineness": 1}}`)
	medium := write("medium.json", `{"size": {"fineness": 3}, "formats": ["msh"]}`)
	empty := write("empty.step", "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n")
	out := filepath.Join(dir, "study.zip")

	stdout, stderr, code := meshgen(t, env, "batch", part, empty, "--spec", coarse, "--spec", medium, "-o", out, "--format", "msh", "--format", "vtk", "--json")
	require.Equal(t, 3, code, "one part cannot be meshed: %s", stderr)
	require.Contains(t, stderr, "2 of 4 meshes failed, the first of empty.step")
	var b types.Batch
	require.NoError(t, json.NewDecoder(strings.NewReader(stdout)).Decode(&b), stdout)
	require.Equal(t, types.BatchCounts{Succeeded: 2, Failed: 2, Total: 4}, b.Counts)
	require.Greater(t, b.Items[1].Elements, b.Items[0].Elements)

	z, err := zip.OpenReader(out)
	require.NoError(t, err)
	defer z.Close()
	sums := map[string]string{}
	var manifest types.BatchManifest
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		sum := sha256.Sum256(content)
		sums[f.Name] = hex.EncodeToString(sum[:])
		if f.Name == "manifest.json" {
			require.NoError(t, json.Unmarshal(content, &manifest))
		}
	}
	require.Contains(t, sums, "filleted-bracket-medium.vtk", "a format that was not asked for is written on demand")
	require.Len(t, sums, 2+4)
	for _, item := range manifest.Items {
		for _, f := range item.Files {
			require.Equal(t, f.SHA256, sums[f.Name])
		}
	}
	stdout, stderr, code = meshgen(t, env, "ls", "batches")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, b.ID)
	stdout, stderr, code = meshgen(t, env, "status", b.ID)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "empty.step")
	_, stderr, code = meshgen(t, env, "rm", b.ID)
	require.Zero(t, code, stderr)
	_, stderr, code = meshgen(t, env, "batch", part, "--spec", write("bad.json", `{"order": 9}`))
	require.Equal(t, 3, code)
	require.Contains(t, stderr, "order in "+filepath.Join(dir, "bad.json"))
}
