package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/client"
	"meshgen/internal/testenv"
)

type looked struct {
	What, Says, Do string
	OK             bool
}

// look runs meshgen doctor and returns what it said, by what it looked at.
func look(t *testing.T, env []string, args ...string) (map[string]looked, int) {
	t.Helper()
	stdout, stderr, code := meshgen(t, env, append([]string{"doctor", "--json"}, args...)...)
	var all []looked
	require.NoError(t, json.Unmarshal([]byte(stdout), &all), stderr)
	out := map[string]looked{}
	for _, l := range all {
		require.Equal(t, l.OK, l.Do == "", "%+v: what is wrong says what to do, and nothing else does", l)
		out[l.What] = l
	}
	return out, code
}

func TestDoctor_SaysWhatIsWrongAndWhatToDo(t *testing.T) {
	said, code := look(t, []string{"MESHGEN_SERVER=http://127.0.0.1:1", "MESHGEN_PATIENCE=0s"})
	require.Equal(t, 5, code)
	require.Contains(t, said["api"].Says, "connection refused")

	s := newSite(t)
	env := []string{"MESHGEN_SERVER=" + s.Server(), "MESHGEN_PATIENCE=0s"}
	said, code = look(t, env)
	require.Equal(t, 5, code)
	require.True(t, said["postgres"].OK && said["redis"].OK && said["s3"].OK, "%v", said)
	require.Contains(t, said["workers"].Do, "start one")
	require.NotContains(t, said, "mesh", "nobody would mesh it")

	s.hire(testenv.Engine(t))
	said, code = look(t, env)
	require.Zero(t, code, "%v", said)
	for _, what := range []string{"api", "worker", "queue", "upload", "mesh", "download"} {
		require.True(t, said[what].OK, "%s: %v", what, said)
	}
	left, err := s.Geometries(t.Context(), client.Filter{}, client.Page{})
	require.NoError(t, err)
	require.Empty(t, left.Items, "what it made is deleted")

	said, _ = look(t, env, "--look-only")
	require.NotContains(t, said, "mesh")

	require.NoError(t, s.redis.Server.Kill())
	require.Eventually(t, func() bool { return s.get(t.Context(), "/readyz") != nil }, patience, 50*time.Millisecond) // an answer is kept for a second
	said, code = look(t, env)
	require.Equal(t, 5, code)
	require.Contains(t, said["redis"].Do, "MESHGEN_REDIS_URL")
}

func TestDoctor_LooksAtTheMachineOfAWorker(t *testing.T) {
	env := []string{"MESHGEN_ENGINE=" + testenv.Engine(t), "MESHGEN_SCRATCH=" + t.TempDir()}
	said, code := look(t, env, "--here")
	require.Zero(t, code, "%v", said)
	require.Contains(t, said["walls"].Says, "seccomp")

	said, code = look(t, append(env, "MESHGEN_ENGINE_SANDBOX=off"), "--here")
	require.Equal(t, 5, code)
	require.Contains(t, said["walls"].Do, "MESHGEN_ENGINE_SANDBOX=require")

	said, code = look(t, append(env, "MESHGEN_ENGINE=/bin/false"), "--here")
	require.Equal(t, 5, code)
	require.False(t, said["engine"].OK)
}
