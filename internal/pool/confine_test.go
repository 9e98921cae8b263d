package pool

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What an engine is born with: none of the worker's secrets, and limits that no file can raise.
func TestEngine_InheritsNoSecretAndIsBounded(t *testing.T) {
	t.Setenv("MESHGEN_DATABASE_URL", "postgres://secret")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("LD_LIBRARY_PATH", "/usr/lib")
	t.Setenv("CUDA_VISIBLE_DEVICES", "0")
	p, _ := startPool(t, func(c *Config) { c.MaxFile = 1 << 30 })
	for _, e := range p.Stats().Engines {
		of := fmt.Sprintf("/proc/%d/", e.PID)
		environ, err := os.ReadFile(of + "environ")
		require.NoError(t, err)
		var names []string
		for variable := range strings.SplitSeq(strings.TrimRight(string(environ), "\x00"), "\x00") {
			name, _, _ := strings.Cut(variable, "=")
			names = append(names, name)
		}
		require.ElementsMatch(t, []string{
			"HOME", "TMPDIR", "LC_ALL", "MESHGEN_ENGINE_SANDBOX", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "MALLOC_ARENA_MAX", "CUDA_MODULE_LOADING", "CUDA_CACHE_DISABLE", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
		}, names)
		limits, err := os.ReadFile(of + "limits")
		require.NoError(t, err)
		for _, want := range []string{"Max core file size +0 +0 ", "Max open files +256 +256 ", "Max file size +1073741824 +1073741824 "} {
			require.Regexp(t, regexp.MustCompile(want), string(limits))
		}
		score, err := os.ReadFile(of + "oom_score_adj")
		require.NoError(t, err)
		require.Equal(t, "800\n", string(score), "it goes before the worker does")
	}
	require.NotEmpty(t, p.Stats().Engines)
}
