package pool

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

// startBeside starts a pool whose engine has one for a GPU beside it: a program that answers the probe as a shell says.
func startBeside(t *testing.T, answer, device string) (p *Pool, log string, err error) {
	t.Helper()
	path, _ := testEngine(t)
	require.NoError(t, os.WriteFile(path+cudaSuffix, []byte("#!/bin/sh\nif [ \"$1\" = --probe ]; then "+answer+"; fi\nexec "+path+"\n"), 0o700))
	var said bytes.Buffer
	cfg := testConfig(t, path)
	cfg.Device, cfg.Spares = device, 0
	if answer == "sleep 100" {
		cfg.StartTimeout = 300 * time.Millisecond
	}
	p, err = New(cfg, slog.New(slog.NewTextHandler(&said, nil)))
	require.NoError(t, err)
	if p.cfg.StartTimeout < patience {
		err = p.chooseDevice(within(t))
	} else {
		t.Cleanup(func() { closePool(t, p) })
		err = p.Start(within(t))
	}
	p.mu.Lock() // nothing is written meanwhile
	defer p.mu.Unlock()
	return p, said.String(), err
}

func TestDevice_IsChosenByAProbeInAProcessOfItsOwn(t *testing.T) {
	for _, c := range []struct{ name, answer, says string }{
		{"a GPU", `echo '{"name": "GPU of a test", "memory": 8589934592, "capability": "9.0"}'; exit 0`, "GPU of a test"},
		{"no driver's library", "echo 'error while loading shared libraries: libcuda.so.1' >&2; exit 127", "libcuda.so.1"},
		{"no device", "echo 'Error in initialization: NoDevice'; exit 1", "NoDevice"},
		{"a driver that crashes", "kill -SEGV $$", "segmentation fault"},
		{"a driver that hangs", "sleep 100", "no answer in"},
		{"nonsense", "echo hello; exit 0", "hello"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, log, err := startBeside(t, c.answer, spec.DeviceAuto)
			require.NoError(t, err)
			require.Contains(t, log, c.says)
			p.mu.Lock()
			defer p.mu.Unlock()
			require.Equal(t, c.name == "a GPU", p.gpu)
		})
	}
}

func TestDevice_ThatIsRequired_OrNotWanted(t *testing.T) {
	_, _, err := startBeside(t, "echo NoDevice; exit 1", spec.DeviceCUDA)
	require.ErrorContains(t, err, "MESHGEN_DEVICE is cuda, and no GPU can be used")
	require.ErrorContains(t, err, "NoDevice")
	_, log, err := startBeside(t, "echo asked >&2; exit 1", spec.DeviceCPU)
	require.NoError(t, err)
	require.NotContains(t, log, "asked")

	path, _ := testEngine(t)
	cfg := testConfig(t, path)
	cfg.Device = spec.DeviceCUDA
	p, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.ErrorContains(t, p.Start(within(t)), path+cudaSuffix)
	cfg.Device = "gpu"
	_, err = New(cfg, slog.New(slog.DiscardHandler))
	require.EqualError(t, err, `MESHGEN_DEVICE must be one of auto, cpu, cuda (is "gpu")`)
}

// works answers a probe.
const works = `echo '{"name": "GPU of a test", "memory": 8589934592, "capability": "9.0"}'; exit 0`

// A driver that goes after the probe ends the engines for it. Others answer, until it is there again.
func TestDevice_GoneAfterTheProbe_LeavesEnginesForTheProcessorUntilItIsBack(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.WriteFile(gone, nil, 0o600))
	inTheProbe := "if [ -e " + gone + ".probe ]; then exit 1; fi; " + works
	p, log, err := startBeside(t, inTheProbe+"; fi; if [ -e "+gone+" ]; then exit 1", spec.DeviceAuto)
	require.NoError(t, err)
	require.Contains(t, log, "engines work on the processor: the GPU fails")
	_, err = run(t, p, "describe")
	require.NoError(t, err)

	back := func() bool {
		p.probeAgain()
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.gpu
	}
	require.NoError(t, os.WriteFile(gone+".probe", nil, 0o600))
	require.False(t, back())
	require.NoError(t, os.Remove(gone+".probe"))
	require.True(t, back())
	p.mu.Lock()
	require.Equal(t, 4*firstRest, p.gpuRest, "should it go again, it is left alone for longer")
	p.mu.Unlock()
}

func TestDevice_GoneBeforeTheFirstEngine_IsAnErrorWhereItIsRequired(t *testing.T) {
	_, _, err := startBeside(t, works+"; fi; if true; then exit 1", spec.DeviceCUDA)
	require.ErrorContains(t, err, "start engine")
}

func TestDevice_LostInRequests_IsLeftForAWhile(t *testing.T) {
	p, _, err := startBeside(t, works, spec.DeviceAuto)
	require.NoError(t, err)
	lost := func() {
		_, err := run(t, p, "lost-gpu")
		require.NoError(t, err)
	}
	held := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.gpu
	}
	for range mostLost + 1 { // at once: the one event, by all engines
		lost()
	}
	require.True(t, held())
	require.Equal(t, mostLost+1, p.Stats().Recycled[CauseTainted])
	p.mu.Lock()
	p.gpuAtOnce = 0
	p.mu.Unlock()
	for range mostLost - 1 {
		require.True(t, held())
		lost()
	}
	require.False(t, held())
	_, err = run(t, p, "describe")
	require.NoError(t, err)
}
