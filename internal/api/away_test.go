package api

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// A connection that the server has closed is found so only when it is used next: that is no fault of ours.
func TestAway_KnowsAConnectionThatWasClosed(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), testenv.Postgres(t).URL)
	require.NoError(t, err)
	require.NoError(t, conn.Close(context.Background()))
	_, err = conn.Exec(t.Context(), "SELECT 1")
	require.ErrorContains(t, err, "closed")
	require.True(t, away(err))
	require.False(t, away(errors.New("a bug")))
}
