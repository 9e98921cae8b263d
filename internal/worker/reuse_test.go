package worker_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// again asks for a mesh that may be had without being made.
func (s *site) again(g store.Geometry, sp spec.Spec) store.Mesh {
	s.t.Helper()
	sp, err := sp.Resolve()
	require.NoError(s.t, err)
	c, err := s.jobs.CreateMesh(s.t.Context(), store.NewMesh{TenantID: tenant, GeometryID: g.ID, Spec: sp, Reuse: true})
	require.NoError(s.t, err)
	return c.Mesh
}

func stages(m store.Mesh) (out []engine.Stage) {
	for _, t := range m.Timings {
		out = append(out, t.Stage)
	}
	return out
}

func TestSameMeshAgain_OnlyWhatIsMissingIsMade(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t), nil)
	g := s.upload(part(t, ""))
	s.until(g.ID, isDone)
	first := s.again(g, spec.Spec{})
	s.until(first.ID, isDone)
	first = s.ended(first)
	require.Equal(t, store.Succeeded, first.Status, "%+v", first.Error)
	files := s.artifacts(first)

	second := s.again(g, spec.Spec{})
	require.Equal(t, store.Succeeded, second.Status, "when it is recorded")
	require.Equal(t, first.ID, second.ReusedFrom)
	require.Equal(t, first.Report, second.Report)
	for format, file := range s.artifacts(second) {
		require.Equal(t, files[format].ObjectKey, file.ObjectKey)
	}

	// Another format: the mesh is the same, byte for byte, and nothing is meshed.
	third := s.ended(s.again(g, spec.Spec{Formats: []string{"stl"}}))
	require.Equal(t, store.Succeeded, third.Status, "%+v", third.Error)
	require.Equal(t, first.ID, third.ReusedFrom)
	require.Contains(t, stages(third), engine.StageExport)
	require.NotContains(t, stages(third), engine.Stage2D)
	theirs := s.artifacts(third)
	require.NotEmpty(t, s.content(theirs["stl"]))
	require.Equal(t, files["msh"].SHA256, theirs["msh"].SHA256)
	require.Equal(t, files["log"].ObjectKey, theirs["log"].ObjectKey)

	// What a fresh run makes is the same node for node.
	fresh := s.ended(s.mesh(g, spec.Spec{}))
	require.Empty(t, fresh.ReusedFrom)
	require.Equal(t, files["msh"].SHA256, s.artifacts(fresh)["msh"].SHA256)
}

// Objects of a result are gone when further formats of it are asked for: the mesh is made again, and says so, be it that the worker has on its own
// disk what the formats are written of, or not.
func TestMeshThatWasToBeReusedIsGone_ItIsMadeAgain(t *testing.T) {
	for lost, anotherWorker := range map[string]bool{"msh": true, "volume": true, "log": false} {
		t.Run(lost, func(t *testing.T) {
			s := newSite(t)
			g := s.upload(part(t, ""))
			w := s.hire(testenv.Engine(t), nil)
			first := s.ended(s.again(g, spec.Spec{}))
			require.Equal(t, store.Succeeded, first.Status, "%+v", first.Error)
			files := s.artifacts(first)
			if anotherWorker {
				w.stop()
			}

			require.NoError(t, s.blobs.Delete(t.Context(), files[lost].ObjectKey))
			promised := s.again(g, spec.Spec{Formats: []string{"msh", "stl"}})
			require.NotEqual(t, store.Succeeded, promised.Status)
			require.Equal(t, first.ID, promised.ReusedFrom)
			if anotherWorker {
				s.hire(testenv.Engine(t), nil)
			}
			m := s.ended(promised)
			require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
			require.Empty(t, m.ReusedFrom)
			require.Contains(t, stages(m), engine.StageQuality)
			require.Contains(t, s.artifacts(m), lost)
			require.Contains(t, s.artifacts(m), "stl")
			for format, file := range s.artifacts(m) {
				require.NotEqual(t, files[format].ObjectKey, file.ObjectKey)
				require.NotEmpty(t, s.content(file), format)
			}

			vtk := s.ended(s.again(g, spec.Spec{Formats: []string{"vtk"}}))
			require.Equal(t, m.ID, vtk.ReusedFrom, "the first is not given any more")
		})
	}
}

// blind cannot see the objects whose key ends so, and says each time that it may later.
type blind struct {
	jobs.Files
	to string
}

func (b blind) Head(ctx context.Context, key string) (blob.Info, error) {
	if strings.HasSuffix(key, b.to) {
		return blob.Info{}, io.ErrUnexpectedEOF
	}
	return b.Files.Head(ctx, key)
}

// Files of a result cannot be seen, though formats of it can be written and stored: one of them, for whatever reason of S3's, or all. The mesh is made
// again, and does not wait for what may never be seen.
func TestFilesOfAResultCannotBeSeen_TheMeshIsMadeAgain(t *testing.T) {
	for name, unseen := range map[string]string{"one": "log.txt", "all": ""} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.jobs = jobs.New(s.jobs.Config(), s.db, s.queue, blind{s.blobs, unseen}, s.log)
			s.hire(testenv.Engine(t), map[string]string{"MESHGEN_STORAGE_PATIENCE": "1ms"})
			g := s.upload(part(t, ""))
			first := s.ended(s.again(g, spec.Spec{}))
			require.Equal(t, store.Succeeded, first.Status, "%+v", first.Error)

			m := s.again(g, spec.Spec{Formats: []string{"msh", "stl"}})
			require.Equal(t, first.ID, m.ReusedFrom)
			m = s.ended(m)
			require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
			require.Equal(t, 1, m.Attempt)
			require.Empty(t, m.ReusedFrom)
			require.Contains(t, stages(m), engine.StageQuality)
			require.NotEmpty(t, s.content(s.artifacts(m)["stl"]))
		})
	}
}

// Two ask for the same while it is made: one engine works, both hear of it, and the one goes on when the other is canceled.
func TestRunIsShared_BothHearOfIt_AndOneCancels(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t), map[string]string{"MESHGEN_ENGINES": "2"})
	g := s.upload(part(t, ""))
	s.until(g.ID, isDone)
	long := spec.Spec{Size: spec.Size{Max: 1.5}, Formats: []string{"msh"}}
	first := s.again(g, long)
	s.until(first.ID, inStage(engine.Stage2D))
	second := s.again(g, long)
	require.Equal(t, first.ID, second.Follows)
	s.until(second.ID, func(e queue.Event) bool { return e.Type == jobs.EventStage || e.Type == jobs.EventProgress })
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, first.ID))
	s.until(first.ID, isDone)

	s.until(second.ID, isDone)
	m := s.ended(second)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Empty(t, m.ReusedFrom, "the run is its own now")
	require.Equal(t, 1, m.Attempt, "it was not begun anew")
	require.NotEmpty(t, s.content(s.artifacts(m)["msh"]))
	canceled, err := s.db.Mesh(context.Background(), tenant, first.ID)
	require.NoError(t, err)
	require.Equal(t, store.Canceled, canceled.Status)
	require.Empty(t, s.artifacts(canceled))

	s.jobs.Wait()
	events, _, err := s.queue.Replay(t.Context(), second.ID, 0)
	require.NoError(t, err)
	require.Equal(t, jobs.EventDone, events[len(events)-1].Type)
	var end jobs.StatusData
	require.NoError(t, json.Unmarshal(events[len(events)-1].Data, &end))
	require.Equal(t, store.Succeeded, end.Status)
}
