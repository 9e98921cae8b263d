package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// Who is shown an imported part, or told that it is imported, asks for a mesh of it next: that need not read the part again.
func TestGeometryThatWasShown_IsKnownWhenItsMeshIsAskedFor(t *testing.T) {
	s := start(t)
	g := s.geometry()
	decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.False(t, s.server.Remembers(store.DefaultTenant, g.ID), "it is not imported yet")
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Model: box()}))
	decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.True(t, s.server.Remembers(store.DefaultTenant, g.ID))

	other := s.geometry()
	f := s.follow("/v1/geometries/"+other.ID+"/events", "")
	f.next()
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Model: box()}))
	for f.next().kind != "done" {
	}
	require.Eventually(t, func() bool { return s.server.Remembers(store.DefaultTenant, other.ID) }, patience, 5*time.Millisecond)
	require.False(t, s.server.Remembers("another", other.ID))
}
