package devservers

import (
	"bufio"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who is frozen does nothing any more when freeze returns, nor does who was started meanwhile.
func TestFreeze_ReturnsWhenAllStandStill(t *testing.T) {
	for range 20 {
		// Shells that start others all the time; the first writes a line when it has begun.
		cmd := exec.Command("/bin/sh", "-c", `echo begun; while :; do (while :; do /bin/true; done) & wait; done`)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		frozen := freeze(cmd.Process.Pid)
		for _, pid := range frozen {
			require.True(t, still(pid))
		}
		require.Subset(t, frozen, family(cmd.Process.Pid)) // some have ended before they were told
		killFamily(cmd.Process.Pid)
		require.Error(t, cmd.Wait())
	}
}
