package gmsh_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
)

func TestHeapInUse_CountsWhatIsHeldAndReleaseMemoryHandsBackWhatIsNot(t *testing.T) {
	library(t, nil)
	const nodes = 200_000
	atLeast := int64(nodes * 3 * 8) // the coordinates alone
	tags, coordinates := make([]uint64, nodes), make([]float64, 3*nodes)
	for i := range tags {
		tags[i] = uint64(i + 1)
	}
	before := gmsh.HeapInUse()
	require.Positive(t, before)
	require.NoError(t, gmsh.AddModel("nodes"))
	volume, err := gmsh.AddDiscreteEntity(3, nil)
	require.NoError(t, err)
	require.NoError(t, gmsh.AddNodes(3, volume, tags, coordinates))
	full, resident := gmsh.HeapInUse(), residentBytes(t)
	require.Greater(t, full-before, atLeast)

	require.NoError(t, gmsh.RemoveModel())
	require.Less(t, gmsh.HeapInUse()-before, atLeast/10)
	gmsh.ReleaseMemory()
	require.Less(t, residentBytes(t), resident-atLeast)
}

func residentBytes(t *testing.T) int64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	require.NoError(t, err)
	return pages * int64(os.Getpagesize())
}
