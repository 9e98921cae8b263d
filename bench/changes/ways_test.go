package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/bench/machine"
	"meshgen/internal/engine"
)

// busyProcess starts a shell that counts when it is told to, and returns a function that has it count and says what that took it.
func busyProcess(t *testing.T) (count func() time.Duration) {
	cmd := exec.Command("sh", "-c", `while read go; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; done`)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return func() time.Duration {
		before, _ := machine.ProcessorTime(cmd.Process.Pid)
		_, err := in.Write([]byte("\n"))
		require.NoError(t, err)
		_, err = io.ReadFull(out, make([]byte, len("done\n")))
		require.NoError(t, err)
		after, _ := machine.ProcessorTime(cmd.Process.Pid)
		return after - before
	}
}

func TestTheFloorIsBilledForItsOwnEngines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine")
	out, err := exec.Command("go", "build", "-o", path, "../../internal/pool/testdata/faultyengine").CombinedOutput()
	require.NoError(t, err, "%s", out)
	b, err := openBare(t.Context(), options{engine: path}, t.TempDir(), 1)
	require.NoError(t, err)
	t.Cleanup(b.close)
	steps := func(steps ...string) error {
		_, err := b.ask(t.Context(), engine.Request{ID: "steps", Kind: engine.Export, Dir: filepath.Join(t.TempDir(), "steps"), Formats: steps, Threads: 1})
		return err
	}
	require.NoError(t, steps()) // it is warm
	count := busyProcess(t)

	before := total(b.used())
	another := count()
	require.Greater(t, another, 10*time.Millisecond)
	require.Less(t, total(b.used())-before, another/2, "a busy process beside the engines")

	before = total(b.used())
	require.NoError(t, steps("allocate:268435456"))
	worked := total(b.used()) - before
	require.Greater(t, worked, time.Millisecond, "an engine")

	require.Error(t, steps("exit:3"))
	require.GreaterOrEqual(t, total(b.used())-before, worked, "an engine that has ended")
}
