package worker_test

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// exec runs a statement on the database.
func (s *site) exec(sql string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.postgres.URL)
	require.NoError(s.t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(s.t.Context(), sql)
	require.NoError(s.t, err)
}

// steal finishes a running mesh under another claim.
func (s *site) steal(m store.Mesh) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `UPDATE jobs SET attempt = attempt + 1, claim = 'thief', worker = 'thief' WHERE id = $1`, m.Job.ID); err != nil {
		return err
	}
	_, err = s.db.Finish(ctx, store.Claim{JobID: m.Job.ID, MeshID: &m.ID, Attempt: 2, Token: "thief", Kind: engine.Mesh}, store.Outcome{Report: &engine.MeshReport{}}, nil)
	return err
}
