package serve_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gpu"
	"meshgen/internal/spec"
)

// cudaEngine is the engine for a GPU, and what lets it find the stand-in for a driver; both are scripts/test-gpu's.
func cudaEngine(t *testing.T) (path, library string) {
	path, library = os.Getenv("MESHGEN_TEST_CUDA_ENGINE"), os.Getenv("MESHGEN_TEST_CUDA_DRIVER")
	if path == "" {
		t.Skip("without MESHGEN_TEST_CUDA_ENGINE: scripts/test-gpu runs this")
	}
	return path, "LD_LIBRARY_PATH=" + library
}

// onCUDA asks for a lattice that a GPU makes.
func onCUDA(s *spec.Spec) {
	byLattice(20_000)(s)
	s.Device = spec.DeviceCUDA
}

func said(a answer) string {
	var b strings.Builder
	for _, l := range a.log {
		fmt.Fprintln(&b, l.Level, l.Text)
	}
	return b.String()
}

func TestDevice_MakesTheSameFiles(t *testing.T) {
	path, library := cudaEngine(t)
	c := startBinary(t, path, library)
	require.Equal(t, "stand-in 0 (4 GiB, sm_7.5)", c.ready.Device)
	require.Empty(t, c.ready.NoDevice)
	a, cpu := c.mesh(part(t), onCUDA), start(t).mesh(part(t), byLattice(20_000))
	requireLattice(t, a)
	require.Equal(t, c.ready.Device, a.Mesh.Lattice.Device)
	require.Equal(t, spec.DeviceCPU, cpu.Mesh.Lattice.Device)
	require.Empty(t, a.Warnings)
	require.False(t, a.LostGPU)
	require.Equal(t, hash(t, cpu), hash(t, a))

	small := c.mesh(part(t), byLattice(20_000))
	require.Equal(t, spec.DeviceCPU, small.Mesh.Lattice.Device, "so few do not pay")
	only := c.mesh(part(t), func(s *spec.Spec) { byLattice(20_000)(s); s.Device = spec.DeviceCPU })
	require.Equal(t, spec.DeviceCPU, only.Mesh.Lattice.Device)
}

func TestDevice_LostInARequest_TheProcessorAnswersAndTheEngineAsksToBeReplaced(t *testing.T) {
	path, library := cudaEngine(t)
	for launches := 150; ; launches += 15 {
		c := startBinary(t, path, library, fmt.Sprint("STANDIN_LAUNCHES=", launches))
		if c.ready.Device == spec.DeviceCPU { // it did not get ready: that is in the next test
			continue
		}
		a := c.mesh(part(t), onCUDA)
		requireLattice(t, a)
		require.True(t, a.LostGPU)
		require.Equal(t, spec.DeviceCPU, a.Mesh.Lattice.Device)
		require.Contains(t, said(a), "The GPU did not make the lattice, the processor does")
		require.Len(t, a.Warnings, 1)
		require.Contains(t, a.Warnings[0].Message, "the processor made the same mesh")
		return
	}
}

func TestDevice_ThatFailsAtStart_LeavesAnEngineForTheProcessor(t *testing.T) {
	path, library := cudaEngine(t)
	c := startBinary(t, path, library, "STANDIN_LAUNCHES=3")
	require.Equal(t, spec.DeviceCPU, c.ready.Device)
	require.Contains(t, c.ready.NoDevice, "IllegalAddress")
	a := c.mesh(part(t), onCUDA)
	requireLattice(t, a)
	require.Len(t, a.Warnings, 1)
	require.Contains(t, a.Warnings[0].Message, "No GPU is at hand")
}

func TestDevice_WithLessMemoryThanTheLattice_MakesItInTiles(t *testing.T) {
	path, library := cudaEngine(t)
	many := byLattice(200_000)
	c := startBinary(t, path, library, "STANDIN_MEMORY=5000000")
	a := c.mesh(part(t), func(s *spec.Spec) { many(s); s.Device = spec.DeviceCUDA })
	requireLattice(t, a)
	require.Equal(t, c.ready.Device, a.Mesh.Lattice.Device)
	require.Regexp(t, `info lattice in [0-9]+ tiles: [0-9.]+ GiB needed, [0-9.]+ GiB free on the GPU`, said(a))
	require.Empty(t, a.Warnings)
	require.Equal(t, hash(t, start(t).mesh(part(t), many)), hash(t, a))
}

func TestDevice_WithTooLittleMemory_IsAskedAgain(t *testing.T) {
	path, library := cudaEngine(t)
	c := startBinary(t, path, library, "STANDIN_MEMORY=1500000")
	a := c.mesh(part(t), func(s *spec.Spec) { byLattice(200_000)(s); s.Device = spec.DeviceCUDA })
	requireLattice(t, a)
	require.False(t, a.LostGPU)
	require.Equal(t, spec.DeviceCPU, a.Mesh.Lattice.Device)
	require.Contains(t, said(a), gpu.ErrMemory.Error())
	few := c.mesh(part(t), func(s *spec.Spec) { byLattice(300)(s); s.Device = spec.DeviceCUDA })
	require.Equal(t, c.ready.Device, few.Mesh.Lattice.Device)
}

func TestProbeOfDevice_SaysWhatThereIs_OrWhyNothing(t *testing.T) {
	path, library := cudaEngine(t)
	probe := func(environment ...string) (string, error) {
		cmd := exec.Command(path, engine.ProbeArgument)
		cmd.Env, cmd.Dir = append(environment, "OMP_WAIT_POLICY=passive"), t.TempDir()
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := probe(library)
	require.NoError(t, err, out)
	var info gpu.Info
	require.NoError(t, json.Unmarshal([]byte(out), &info))
	require.Equal(t, gpu.Info{Name: "stand-in 0", Memory: 4 << 30, Capability: "7.5"}, info)

	out, err = probe(library, "STANDIN_DEVICES=0")
	require.Error(t, err)
	require.Contains(t, out, "NoDevice")
	out, err = probe(library, "STANDIN_MEMORY=1000")
	require.Error(t, err)
	require.Contains(t, out, gpu.ErrMemory.Error())
	if _, err := exec.Command("sh", "-c", "ldconfig -p | grep -q libcuda.so.1").Output(); err != nil {
		out, err = probe()
		require.Error(t, err)
		require.Contains(t, out, "libcuda.so.1")
	}
}
