package serve_test

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// commanded returns a good STEP file whose header commands a fault.
func commanded(t *testing.T, command string) engine.Source {
	t.Helper()
	data, err := os.ReadFile("testdata/t20_data.step")
	require.NoError(t, err)
	return written(t, engine.STEP, bytes.Replace(data, []byte("HEADER;"), []byte("HEADER;\n/* MESHGEN-FAULT "+command+" */"), 1))
}

// crash sends a request that ends the engine, and returns how it ended and the stage that it was in.
func crash(t *testing.T, command string) (*child, syscall.WaitStatus, engine.Stage) {
	t.Helper()
	c := startBinary(t, testenv.FaultyEngine(t))
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	coarse(&s)
	c.send(c.lay(engine.Request{ID: "doomed", Kind: engine.Mesh, Source: commanded(t, command), Spec: s, Threads: 1}))
	status := c.wait()
	var stage engine.Stage
	for line, err := c.messages.ReadBytes('\n'); err == nil; line, err = c.messages.ReadBytes('\n') {
		if i := bytes.Index(line, []byte(`"stage":"`)); i >= 0 {
			name, _, _ := strings.Cut(string(line[i+len(`"stage":"`):]), `"`)
			stage = engine.Stage(name)
		}
		require.NotContains(t, string(line), `"type":"result"`)
	}
	return c, status, stage
}

func TestSegmentationFault_EndsTheEngineByItsSignalWithLastWords(t *testing.T) {
	c, status, stage := crash(t, "segv mesh3d")
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGSEGV, status.Signal())
	require.False(t, status.CoreDump())
	require.Equal(t, engine.Stage3D, stage)
	require.Contains(t, c.stderr.String(), "engine: killed by SIGSEGV (Segmentation fault) in stage mesh3d\n")
	require.Contains(t, c.stderr.String(), "libc", "the C stack")
	require.NotContains(t, c.stderr.String(), "goroutine", "and not Go's")
}

func TestAbort_KeepsTheWordsOfWhatAborted(t *testing.T) {
	c, status, _ := crash(t, "abort mesh2d")
	require.Equal(t, syscall.SIGABRT, status.Signal())
	words := c.stderr.String()
	require.Contains(t, words, "what():  a fault was asked for")
	require.Less(t, strings.Index(words, "what()"), strings.Index(words, "killed by SIGABRT (Aborted) in stage mesh2d"))
}

func TestKilledFromOutside_EndsByThatSignal(t *testing.T) {
	c := start(t)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGSEGV))
	require.Equal(t, syscall.SIGSEGV, c.wait().Signal())
}

func TestSilentExit_LeavesNoResult(t *testing.T) {
	_, status, _ := crash(t, "exit import")
	require.True(t, status.Exited())
	require.Zero(t, status.ExitStatus())
}

func TestPanicInGo_FailsTheRequestAndAsksForReplacement(t *testing.T) {
	c := startBinary(t, testenv.FaultyEngine(t))
	a := c.mesh(commanded(t, "panic mesh1d"), coarse)
	require.Equal(t, diagnosis.Internal, a.Error.Code)
	require.Contains(t, a.Error.Detail, "a fault was asked for")
	require.True(t, a.Tainted)

	// It need not be used again, but it can be.
	require.Nil(t, c.mesh(part(t), coarse).Error)
}

func TestFault_StrikesOnlyTheStrategyNamed(t *testing.T) {
	c := startBinary(t, testenv.FaultyEngine(t))
	a := c.mesh(commanded(t, "segv mesh3d delaunay"), func(s *spec.Spec) { coarse(s); s.Strategy = spec.HXT })
	require.Nil(t, a.Error)
	require.Equal(t, spec.HXT, a.Mesh.Strategy)
}

func TestChatterOnStandardOutput_DoesNotDisturbTheProtocol(t *testing.T) {
	c := startBinary(t, testenv.FaultyEngine(t))
	a := c.mesh(commanded(t, "chatter mesh1d"), coarse)
	require.Nil(t, a.Error)
}

func TestProductionEngine_KnowsNoFaults(t *testing.T) {
	c := start(t)
	a := c.mesh(commanded(t, "segv mesh3d"), coarse)
	require.Nil(t, a.Error)
	a = c.do(engine.Request{Kind: "fault:abort"})
	require.Equal(t, diagnosis.Internal, a.Error.Code)

	binary, err := os.ReadFile(testenv.Engine(t))
	require.NoError(t, err)
	require.NotContains(t, string(binary), "MESHGEN-FAULT")
}
