package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/plan"
)

func TestTidy_LeavesNothingOfAJobWithTwoRungsAndALongLog(t *testing.T) {
	r := newRun(t)
	for range 2 {
		g, err := r.newRung(t.Context(), plan.Try{})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(g.dir, "mesh.msh"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(g.dir, "log.txt"), nil, 0o600)) // by an engine that calls a file as the log is called
	}
	r.jobLog.add(engine.LogLine{Text: strings.Repeat("long", heldLog)})
	require.NoError(t, r.jobLog.close())
	there, err := os.ReadDir(r.files())
	require.NoError(t, err)
	require.Len(t, there, 3, "two folders and the log")

	require.NoError(t, r.tidy())
	there, err = os.ReadDir(r.files())
	require.NoError(t, err)
	require.Empty(t, there)
}
