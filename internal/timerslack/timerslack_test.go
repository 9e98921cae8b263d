//go:build linux

package timerslack

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A process that is told to widens its slack, and says what its threads have.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_WIDEN") == "" {
		os.Exit(m.Run())
	}
	if err := Widen(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(os.Getpid(), strings.Join(os.Args[1:], " "), os.Getenv(again))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			runtime.LockOSThread() // each on a thread of its own
			fmt.Println(unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0))
		})
	}
	wg.Wait()
}

func TestWiden_EveryThreadHasTheSlack_AndTheProcessIsTheSame(t *testing.T) {
	runtime.LockOSThread() // whatever slack this process was started with, the child has less
	defer runtime.UnlockOSThread()
	const narrow = 50_000
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, narrow, 0, 0, 0); err != nil {
		t.Skip("the kernel knows no timer slack: ", err)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "an argument")
	cmd.Env = append(os.Environ(), "TEST_WIDEN=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	require.NoError(t, cmd.Wait(), said.String())
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	require.Equal(t, fmt.Sprintf("%d an argument", cmd.Process.Pid), strings.TrimSpace(lines[0]), "its id and its arguments; nothing is left behind in its environment")
	wide := fmt.Sprint(int(Wide), " <nil>")
	require.Equal(t, []string{wide, wide, wide, wide}, lines[1:])
}
