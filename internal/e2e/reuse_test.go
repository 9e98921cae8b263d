package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

func TestLong_WorkerOfASharedRunIsKilled_AllWhoAskedAreServedByTheNext(t *testing.T) {
	s := newSite(t)
	first := s.hire(testenv.FaultyEngine(t))
	content := part(t, "sleep mesh2d")
	ask := func() types.Mesh { // each with a file of its own, of the same bytes
		g, err := s.upload("part.step", content)
		require.NoError(t, err)
		m, err := s.CreateMesh(t.Context(), types.CreateMesh{GeometryID: g.ID, Spec: spec.Spec{}}, "")
		require.NoError(t, err)
		return m
	}
	leader := ask()
	s.follow(leader.ID, stage("mesh2d"))
	second, third := ask(), ask()
	require.Equal(t, leader.ID, second.Follows)
	require.NoError(t, first.Kill())
	_, err := s.CancelMesh(t.Context(), leader.ID)
	require.NoError(t, err)
	s.hire(testenv.Engine(t))
	second, third = s.succeeded(second), s.succeeded(third)
	require.Equal(t, second.ID, third.ReusedFrom)
	require.Equal(t, second.Counts, third.Counts)

	again := ask()
	require.Equal(t, "succeeded", again.Status)
	s.succeeded(again)
}
