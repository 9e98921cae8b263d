package pool

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRSS_IsWhatTheKernelSaysOfAProcessThatLives(t *testing.T) {
	kib, ok := field("/proc/self/status", "VmRSS:")
	require.True(t, ok)
	require.InEpsilon(t, kib<<10, rss(os.Getpid()), 0.5)

	cmd := exec.Command("true")
	require.NoError(t, cmd.Run())
	require.Zero(t, rss(cmd.Process.Pid))
}

func BenchmarkRSS(b *testing.B) {
	for b.Loop() {
		rss(os.Getpid())
	}
}
