package worker_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestOrphans_AreSweptAndNothingElseIs(t *testing.T) {
	s := newSite(t)
	g := s.upload(part(t, ""))
	w := s.hire(testenv.Engine(t), nil)
	first := s.ended(s.again(g, spec.Spec{}))
	lent := s.ended(s.again(g, spec.Spec{}))
	require.Equal(t, first.ID, lent.ReusedFrom)
	w.stop()
	waiting := s.again(g, spec.Spec{Size: spec.Size{Max: 30}})
	require.Equal(t, store.Queued, waiting.Status)

	put := func(key string) {
		_, err := s.blobs.Put(t.Context(), key, strings.NewReader("left"), 4, "text/plain")
		require.NoError(t, err)
	}
	job, ok := blob.JobOf(s.artifacts(first)["msh"].ObjectKey)
	require.True(t, ok)
	forgotten := []string{
		blob.ArtifactKey(tenant, job, 1, "forgotten", "0-mesh.msh"), // of a claim that nobody knows
		blob.ArtifactKey(tenant, "job_gone", 1, "x", "0-mesh.msh"),
	}
	kept := []string{blob.ArtifactKey(tenant, waiting.Job.ID, 1, "x", "0-mesh.msh"), blob.GeometryPrefix(tenant, g.ID) + "more"}
	for _, key := range append(forgotten, kept...) {
		put(key)
	}
	swept, err := s.jobs.SweepOrphans(t.Context(), s.blobs, 1<<40)
	require.NoError(t, err)
	require.Zero(t, swept, "none is that old")

	swept, err = s.jobs.SweepOrphans(t.Context(), s.blobs, 0)
	require.NoError(t, err)
	require.Equal(t, len(forgotten), swept)
	for _, key := range forgotten {
		_, err := s.blobs.Head(t.Context(), key)
		require.ErrorIs(t, err, blob.ErrNotFound)
	}
	for _, key := range kept {
		_, err := s.blobs.Head(t.Context(), key)
		require.NoError(t, err)
	}
	require.NotEmpty(t, s.content(s.artifacts(first)["msh"]))

	// The mesh that made the files goes; the other still has them.
	require.NoError(t, s.jobs.DeleteMesh(t.Context(), tenant, first.ID))
	swept, err = s.jobs.SweepOrphans(t.Context(), s.blobs, 0)
	require.NoError(t, err)
	t.Log(swept, "were the deleted mesh's own")
	for _, a := range s.artifacts(lent) {
		require.NotEmpty(t, s.content(a), a.Name)
	}
}
