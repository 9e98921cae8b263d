package worker

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// A job that the database has lost runs twice in one worker: each run is reached for as long as it goes on, whichever ends first.
func TestHeld_RunsOfOneJobAreReachedUntilEachEnds(t *testing.T) {
	w := &Worker{held: map[string]map[*held]struct{}{}}
	adopt := func() (context.Context, chan struct{}, func()) {
		ctx, cancel := context.WithCancelCause(t.Context())
		look := make(chan struct{}, 1)
		return ctx, look, w.adopt("job", &held{ctx, cancel, look})
	}
	first, firstLook, endFirst := adopt()
	second, secondLook, endSecond := adopt()
	require.True(t, w.has("job"))
	require.False(t, w.has("another"))
	w.look("job")
	require.Len(t, firstLook, 1)
	require.Len(t, secondLook, 1)
	endFirst()
	w.stop("job", errCanceled)
	require.NoError(t, first.Err(), "it was over")
	require.Equal(t, errCanceled, context.Cause(second))
	require.False(t, w.has("job"), "its bells are heard again")
	endSecond()
	require.Empty(t, w.held)
	w.stop("job", errCanceled)
}
