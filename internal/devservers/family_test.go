package devservers

import (
	"bufio"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who is frozen does nothing any more when freeze returns, nor does who was started meanwhile.
func TestFreeze_ReturnsWhenAllStandStill(t *testing.T) {
	for range 5 {
		freezeShells(t)
	}
}

// freezeShells freezes what is busy.
func freezeShells(t *testing.T) {
	// More shells than there are processors: most are told to stop while they wait for one, and do once they have it. One starts others all
	// the time, by fork: a shell that waits for a child by vfork may be in the kernel, on its way to stand still.
	cmd := exec.Command("/bin/sh", "-c", `
			for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do while :; do :; done & done
			(while :; do (:); done) &
			echo begun; wait`)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		killFamily(cmd.Process.Pid)
		require.Error(t, cmd.Wait())
	}()
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	frozen := freeze(cmd.Process.Pid)
	for _, pid := range frozen {
		require.True(t, still(pid))
	}
	require.Subset(t, frozen, family(cmd.Process.Pid)) // some have ended before they were told
}
