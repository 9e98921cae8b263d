package cli

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThreads_AreByDefaultNoMoreThanMayBeAskedFor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(maxThreads + 1))
	threads, err := (&app{}).meshCommand().Flags().GetInt("threads")
	require.NoError(t, err)
	require.Equal(t, maxThreads, threads)
}
