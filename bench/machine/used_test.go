package machine

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcessorTimeCountsTheProcessAndWhatItStarted(t *testing.T) {
	cmd := exec.Command("sh", "-c", `sh -c 'read go; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; read end'; read end`)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	us, ours := ProcessorTime(os.Getpid())
	require.Positive(t, us)
	_, before := ProcessorTime(cmd.Process.Pid)
	_, err = in.Write([]byte("\n"))
	require.NoError(t, err)
	_, err = out.Read(make([]byte, 10))
	require.NoError(t, err)
	own, started := ProcessorTime(cmd.Process.Pid)
	require.Positive(t, own)
	require.Greater(t, started, before+time.Millisecond, "the loop ran in what it started")
	require.NotZero(t, started%(10*time.Millisecond), "finer than the clock's ticks")
	_, after := ProcessorTime(os.Getpid())
	require.GreaterOrEqual(t, after-ours, started-before, "what was started by what we have started is ours, too")
}
