package pool

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsEnding_TellsADeadProcessFromOneThatLives(t *testing.T) {
	require.False(t, isEnding(os.Getpid()))
	cmd := exec.Command("/bin/sleep", "1000")
	require.NoError(t, cmd.Start())
	require.False(t, isEnding(cmd.Process.Pid))
	require.NoError(t, cmd.Process.Kill())
	// Not waited for: it stays as a zombie, or is on its way to one.
	await(t, func() bool { return isEnding(cmd.Process.Pid) }, "the end of the process to be seen")
	_ = cmd.Wait() // killed
	require.True(t, isEnding(cmd.Process.Pid))
}
