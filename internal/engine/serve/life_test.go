package serve_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesher"
	"meshgen/internal/testenv"
	"meshgen/internal/timerslack"
)

func TestEngine_SaysWhatItIsWhenItIsWarm(t *testing.T) {
	c := start(t)
	require.Equal(t, engine.Protocol, c.ready.Protocol)
	require.Equal(t, "4.15.2", c.ready.GmshVersion)
	require.Equal(t, "7.8.1", c.ready.OCCVersion)
	require.Equal(t, mesher.EngineVersion(), c.ready.EngineVersion)
	require.Contains(t, c.ready.BuildOptions, "OpenCASCADE")
	require.Contains(t, c.ready.BuildOptions, "Hxt")
	require.Positive(t, c.ready.WarmSeconds)
	require.Greater(t, c.ready.RSS, int64(10<<20))
}

func TestEndOfRequests_EndsTheEngine(t *testing.T) {
	c := start(t)
	require.NoError(t, c.requests.Close())
	status := c.wait()
	require.True(t, status.Exited())
	require.Zero(t, status.ExitStatus())
}

func TestEndOfRequests_EndsTheEngineWhileItWorks(t *testing.T) {
	// In an endless loop in C, it could not notice by itself.
	c := startBinary(t, testenv.FaultyEngine(t))
	c.send(engine.Request{ID: "endless", Kind: "fault:hang"})
	require.NoError(t, c.requests.Close())
	status := c.wait()
	require.True(t, status.Exited(), "%v", status)
}

func TestPolitenessIsIgnored_OnlyTheWorkerDecides(t *testing.T) {
	c := start(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		require.NoError(t, c.cmd.Process.Signal(signal))
	}
	a := c.mesh(part(t), coarse)
	require.Nil(t, a.Error)
}

func TestStartedByHand_SaysSoInOneSentence(t *testing.T) {
	out, err := exec.Command(testenv.Engine(t)).CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode())
	require.Equal(t, 1, strings.Count(string(out), "\n"), string(out))
	require.Contains(t, string(out), "a worker starts it")
}

func TestVersion_IsPrinted(t *testing.T) {
	out, err := exec.Command(testenv.Engine(t), "--version").Output()
	require.NoError(t, err)
	require.Equal(t, "engine "+mesher.EngineVersion()+" (Gmsh 4.15.2)\n", string(out))
}

func TestMissingWaitPolicy_IsSetByTheEngineItself(t *testing.T) {
	c := startBinary(t, testenv.Engine(t))
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.cmd.Process.Pid))
	require.NoError(t, err)
	require.Contains(t, string(environment), "OMP_WAIT_POLICY=passive")
}

func TestEngine_NoThreadIsWokenByTheMicrosecond(t *testing.T) {
	c := start(t)
	require.Nil(t, c.mesh(part(t), coarse).Error) // all its threads are there
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", c.cmd.Process.Pid))
	require.NoError(t, err)
	looked := 0
	for _, task := range tasks {
		slack, err := os.ReadFile(filepath.Join("/proc", filepath.Base(task), "timerslack_ns")) // of a thread, though listed beside processes only
		switch {
		case errors.Is(err, os.ErrPermission):
			t.Skip("only root sees another process's timer slack")
		case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ESRCH):
			continue // it has ended
		}
		require.NoError(t, err)
		ns, err := strconv.Atoi(strings.TrimSpace(string(slack)))
		require.NoError(t, err)
		require.GreaterOrEqual(t, ns, int(timerslack.Wide), task)
		looked++
	}
	if looked == 0 {
		t.Skip("the kernel tells no timer slack")
	}
	require.Greater(t, looked, 2)
}

// cpuTime returns what a process has used.
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "stat"))
	require.NoError(t, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
	var user, system int64
	_, err = fmt.Sscan(fields[12]+" "+fields[13], &user, &system)
	require.NoError(t, err)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func TestIdleEngine_UsesNoProcessor(t *testing.T) {
	c := start(t)
	require.Nil(t, c.mesh(part(t), coarse).Error)
	// Go's collector may still be sweeping for a moment: wait until nothing happens, then it has to stay so.
	var before time.Duration
	require.Eventually(t, func() bool {
		last := before
		before = cpuTime(t, c.cmd.Process.Pid)
		return before == last
	}, patience, 200*time.Millisecond)
	switches := contextSwitches(t, c.cmd.Process.Pid)
	idle := time.NewTimer(2 * time.Second) // the span that is measured
	<-idle.C
	require.LessOrEqual(t, cpuTime(t, c.cmd.Process.Pid)-before, 10*time.Millisecond)
	require.LessOrEqual(t, contextSwitches(t, c.cmd.Process.Pid)-switches, 20, "no thread wakes up to look")
}

// contextSwitches counts how often the threads of a process were woken.
func contextSwitches(t *testing.T, pid int) int {
	t.Helper()
	sum := 0
	statuses, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	require.NoError(t, err)
	for _, path := range statuses {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if n, ok := strings.CutPrefix(line, "voluntary_ctxt_switches:"); ok {
				var count int
				_, err := fmt.Sscan(n, &count)
				require.NoError(t, err)
				sum += count
			}
		}
	}
	return sum
}

func TestRequestThatIsNoJSON_IsAnsweredAndTheNextIsServed(t *testing.T) {
	c := start(t)
	_, err := c.requests.WriteString("{\"id\": 12\n")
	require.NoError(t, err)
	m := c.next()
	require.Equal(t, engine.TypeResult, m.Type)
	require.Equal(t, diagnosis.Internal, m.Result.Error.Code)

	a := c.do(engine.Request{Kind: "dance"})
	require.Equal(t, diagnosis.Internal, a.Error.Code)
	require.Nil(t, c.mesh(part(t), coarse).Error)
}
