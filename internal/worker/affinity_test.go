package worker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/worker"
)

// newAffineSite holds meshes for workers that have their part, for longer than a test should take.
func newAffineSite(t *testing.T) *site {
	return open(t, &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.S3(t), affinity: time.Minute})
}

// readAsIfLarge uploads a part, and lets its import have taken long.
func (s *site) readAsIfLarge(content []byte) store.Geometry {
	s.t.Helper()
	g := s.upload(content)
	s.until(g.ID, isDone)
	s.exec(`UPDATE jobs SET timings = '[{"stage": "import", "seconds": 60}]' WHERE kind = 'import'`)
	return g
}

func (s *site) meshed(g store.Geometry, size float64) store.Mesh {
	s.t.Helper()
	m := s.ended(s.mesh(g, spec.Spec{Size: spec.Size{Max: size}}))
	require.Equal(s.t, store.Succeeded, m.Status, "%+v", m.Error)
	return m
}

func TestMeshesOfAPart_GoToTheWorkerThatReadIt_UntilItLeaves(t *testing.T) {
	s := newAffineSite(t)
	crews := []crew{s.hire(testenv.Engine(t), nil), s.hire(testenv.Engine(t), nil)}
	g := s.readAsIfLarge(part(t, ""))
	for i := range 4 {
		require.Contains(t, s.meshed(g, float64(10+i)).Report.Reused, engine.StageImport)
	}
	reader := 0
	if crews[1].Presence().Claims.Here > 0 {
		reader = 1
	}
	require.Equal(t, worker.Claims{Here: 4}, crews[reader].Presence().Claims)
	require.Zero(t, crews[1-reader].Presence().Claims)

	crews[reader].stop()
	require.NotContains(t, s.meshed(g, 20).Report.Reused, engine.StageImport)
	require.Equal(t, worker.Claims{Nowhere: 1}, crews[1-reader].Presence().Claims)
}
