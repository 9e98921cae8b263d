package pool

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRSS_IsWhatTheKernelSaysOfAProcessThatLives(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	kib, ok := field("/proc/self/status", "VmRSS:")
	require.True(t, ok)
	require.InEpsilon(t, kib<<10, rss(os.Getpid()), 0.5)
	require.Positive(t, rss(cmd.Process.Pid))

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // says that it was killed
	require.Zero(t, rss(cmd.Process.Pid))
}

func BenchmarkRSS(b *testing.B) {
	for b.Loop() {
		rss(os.Getpid())
	}
}
