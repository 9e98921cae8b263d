package serve_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/sandbox"
	"meshgen/internal/testenv"
)

// escapes has an engine try to get out in the middle of a job, and returns what came of each attempt.
func escapes(t *testing.T, mode sandbox.Mode) (map[string]string, *child) {
	c := startBinary(t, testenv.FaultyEngine(t), sandbox.Variable+"="+string(mode))
	source := commanded(t, "escape mesh2d")
	before, err := os.ReadFile(source.Path)
	require.NoError(t, err)
	a := c.mesh(source, coarse)
	requireSound(t, a)
	outcomes := map[string]string{}
	for _, line := range a.log {
		if said, ok := strings.CutPrefix(line.Text, "escape "); ok {
			name, outcome, _ := strings.Cut(said, ": ")
			outcomes[name] = outcome
		}
	}
	require.Greater(t, len(outcomes), 40)
	if mode == sandbox.Require {
		after, err := os.ReadFile(source.Path)
		require.NoError(t, err)
		require.Equal(t, before, after, "the source is as it was")
	}
	return outcomes, c
}

func TestSandbox_NothingThatAParserMightDoLeadsOut(t *testing.T) {
	outcomes, c := escapes(t, sandbox.Require)
	require.GreaterOrEqual(t, c.ready.Walls.Landlock, 3)
	require.True(t, c.ready.Walls.Seccomp)
	for name, outcome := range outcomes {
		refused := false
		for _, words := range []string{"operation not permitted", "permission denied", "function not implemented", "invalid cross-device link", "status "} {
			refused = refused || strings.Contains(outcome, words)
		}
		require.True(t, refused, "%s: %s", name, outcome)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "meshgen-escape-*"))
	require.NoError(t, err)
	require.Empty(t, left)

	requireSound(t, c.mesh(part(t), coarse)) // and the engine works on
}

// Without the walls the same attempts succeed: so it is the walls that stop them.
func TestSandboxOff_TheSameLeadsOut(t *testing.T) {
	outcomes, c := escapes(t, sandbox.Off)
	require.Equal(t, engine.Walls{}, c.ready.Walls)
	for _, name := range []string{
		"read /etc/passwd", "list /", "list the folder of engines", "write in /tmp", "write in the own folder", "change the source's mode", "link the source", "symbolic link",
		"internet socket", "socket pair", "fork", "clone a process", "system()", "start a program", "signal the worker", "handle on the worker",
	} {
		require.Equal(t, "done", outcomes[name], name)
	}
}

// runsScripts are the extensions by which Gmsh 4.15.2 takes a file for a script and runs it; no extension is one too.
var runsScripts = []string{
	".geo", ".geo_unrolled", ".msh", ".pos", ".opt", ".inp", ".su2", ".gz", ".StEp", "", ".vtu", ".key", ".ir3", ".celum", ".tochnog",
	".ipt", ".sms", ".rad", ".cas", ".mail", ".mesh3d", ".txt", ".foam", ".csv",
}

// opened has engines open a script under all these names, without any look at it before, and returns the names by which
// the script ran, and the engine that did it last.
func opened(t *testing.T, mode sandbox.Mode) (ran []string, c *child) {
	marks := t.TempDir()
	c = startBinary(t, testenv.FaultyEngine(t), sandbox.Variable+"="+string(mode))
	for _, extension := range runsScripts {
		mark := filepath.Join(marks, "mark"+extension)
		script := fmt.Sprintf("SystemCall \"echo ran > %s\";\nPrintf(\"ran\") >> \"%[1]s\";\n", mark)
		path := filepath.Join(t.TempDir(), "script"+extension)
		require.NoError(t, os.WriteFile(path, []byte(script), 0o600))
		c.do(engine.Request{Kind: "fault:open", Source: engine.Source{Path: path}})
		if _, err := os.Stat(mark); err == nil {
			ran = append(ran, extension)
		}
	}
	return ran, c
}

// The service never has Gmsh open a file by its name. If it did, the walls would hold.
func TestSandbox_ScriptsUnderAnyNameReachNothing(t *testing.T) {
	ran, c := opened(t, sandbox.Require)
	require.Empty(t, ran)
	requireSound(t, c.mesh(part(t), coarse))
}

func TestSandboxOff_ScriptsRun(t *testing.T) {
	ran, _ := opened(t, sandbox.Off)
	require.Equal(t, runsScripts, ran)
}

func TestSandbox_AnEngineThatCannotHaveItDoesNotStart(t *testing.T) {
	c := startUnready(t, testenv.Engine(t), nil, sandbox.Variable+"=maybe")
	require.Equal(t, 1, c.wait().ExitStatus())
	require.Contains(t, c.stderr.String(), `MESHGEN_ENGINE_SANDBOX is "maybe": it has to be require, prefer or off`)

	c = startUnready(t, testenv.Engine(t), func(folder string) { require.NoError(t, os.Remove(filepath.Join(folder, engine.FolderIn))) })
	require.Equal(t, 1, c.wait().ExitStatus())
	require.Contains(t, c.stderr.String(), "sandbox: landlock")
}
