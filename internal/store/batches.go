package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

// BatchSpec is one of the specs of a batch.
type BatchSpec struct {
	Name string    `json:"name"`
	Spec spec.Spec `json:"spec"` // resolved
}

// MeshBatch is many geometries by many specs, and how their meshes stand.
type MeshBatch struct {
	ID        string      `db:"id"`
	ProjectID *string     `db:"project_id"`
	Name      string      `db:"name"`
	Specs     []BatchSpec `db:"specs"`
	CreatedAt time.Time   `db:"created_at"`

	// How many meshes are in each status. Meshes that were deleted are not counted.
	Queued    int `db:"queued"`
	Running   int `db:"running"`
	Succeeded int `db:"succeeded"`
	Failed    int `db:"failed"`
	Canceled  int `db:"canceled"`
}

// Unfinished returns how many meshes are not final.
func (b MeshBatch) Unfinished() int { return b.Queued + b.Running }

const batchQuery = `
	SELECT b.id, b.project_id, b.name, b.specs, b.created_at, n.* FROM batches b CROSS JOIN LATERAL (
		SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running,
			count(*) FILTER (WHERE status = 'succeeded') AS succeeded, count(*) FILTER (WHERE status = 'failed') AS failed,
			count(*) FILTER (WHERE status = 'canceled') AS canceled
		FROM (
			SELECT coalesce(l.status, j.status) AS status FROM batch_items i
			JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh'` + leaderJoin + `WHERE i.batch_id = b.id
		) one
	) n `

// BatchItem is one mesh of a batch.
type BatchItem struct {
	Spec       int            `db:"spec"` // index into the batch's specs
	MeshID     string         `db:"mesh_id"`
	GeometryID string         `db:"geometry_id"`
	Filename   string         `db:"filename"` // of the geometry
	Nodes      *int           `db:"nodes"`
	Elements   map[string]int `db:"elements"`    // by kind, once succeeded
	MinSICN    *float64       `db:"min_quality"` // smallest of the volume elements
	ReusedFrom string         `db:"reused_from"` // the mesh whose run made the result; "" where its own did
	Job
}

// NewBatch is a batch to be made.
type NewBatch struct {
	TenantID    string
	ProjectID   string // "" for none
	Name        string
	GeometryIDs []string // each once
	Specs       []BatchSpec
	MaxAttempts int
	Traceparent string
	// Reuse is as that of a NewMesh; From names the meshes whose results are to be had, by geometry and then by spec.
	Reuse      bool
	From       map[[2]int]string
	Room       Room          // for what has to be made
	Hold       time.Duration // as that of a NewMesh
	WebhookURL string        // to be told when all meshes have ended; "" for nobody
	// IdempotencyKey and RequestHash are as those of a NewMesh.
	IdempotencyKey string
	RequestHash    string
}

// meshes returns how many meshes the batch has.
func (n NewBatch) meshes() int { return len(n.GeometryIDs) * len(n.Specs) }

// Mesh returns the mesh of a geometry by a spec, each by its number.
func (n NewBatch) Mesh(geometry, spec int) NewMesh {
	return NewMesh{
		TenantID: n.TenantID, GeometryID: n.GeometryIDs[geometry], Spec: n.Specs[spec].Spec, Class: Batch, MaxAttempts: n.MaxAttempts,
		Traceparent: n.Traceparent, Reuse: n.Reuse, From: n.From[[2]int{geometry, spec}], Hold: n.Hold,
	}
}

// UnknownGeometries says which of the geometries that a request names do not exist.
type UnknownGeometries struct{ Indices []int }

func (e *UnknownGeometries) Error() string { return "some of the geometries do not exist" }

// ErrNoProject says that the project that a request names does not exist.
var ErrNoProject = errors.New("there is no such project")

// CreateBatch records a batch with a mesh for each geometry and spec, all in one commit. A geometry whose import has
// failed already gives meshes that have failed, as it would if it failed a moment later. created holds the meshes, none
// if the batch was there before under the same key.
func (db *DB) CreateBatch(ctx context.Context, n NewBatch) (batchID string, created []Created, err error) {
	for {
		created = nil
		err = db.inTx(ctx, func(tx pgx.Tx) error {
			batchID, created, err = createBatchOnce(ctx, tx, n)
			return err
		})
		if !errors.Is(err, errKeyGone) {
			return batchID, created, err
		}
	}
}

func createBatchOnce(ctx context.Context, tx pgx.Tx, n NewBatch) (batchID string, created []Created, err error) {
	if n.ProjectID != "" { // the lock keeps it from being deleted meanwhile
		_, err := one[struct{ ID string }](tx.Query(ctx, `SELECT id FROM projects WHERE id = $1 AND tenant_id = $2 FOR SHARE`, n.ProjectID, n.TenantID))
		if errors.Is(err, ErrNotFound) {
			return "", nil, ErrNoProject
		}
		if err != nil {
			return "", nil, err
		}
	}
	batchID = id.New(id.Batch)
	tag, err := tx.Exec(ctx, `
		INSERT INTO batches (id, tenant_id, project_id, name, specs, idempotency_key, request_hash, webhook_url)
		VALUES ($1, $2, nullif($3, ''), $4, $5, nullif($6, ''), $7, $8) ON CONFLICT DO NOTHING`,
		batchID, n.TenantID, n.ProjectID, n.Name, n.Specs, n.IdempotencyKey, n.RequestHash, n.WebhookURL)
	if err != nil {
		return "", nil, err
	}
	if tag.RowsAffected() == 0 {
		batchID, err = batchOfKey(ctx, tx, n)
		return batchID, nil, err
	}
	if err := lockGeometries(ctx, tx, n); err != nil {
		return "", nil, err
	}
	if err := admit(ctx, tx, n.TenantID, Batch, n.Room, n.meshes()-len(n.From)); err != nil {
		return "", nil, err
	}
	if err := lockRequests(ctx, tx, n); err != nil {
		return "", nil, err
	}
	var specs []int
	var meshes []string
	for g := range n.GeometryIDs {
		for i := range n.Specs {
			c, err := createItem(ctx, tx, n.Mesh(g, i))
			if err != nil {
				return "", nil, err
			}
			created, specs, meshes = append(created, c), append(specs, i), append(meshes, c.Mesh.ID)
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO batch_items (batch_id, item, spec, mesh_id)
		SELECT $1, n - 1, spec, mesh_id FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS i (spec, mesh_id, n)`,
		batchID, specs, meshes)
	if err != nil {
		return "", nil, err
	}
	// Each ranks a step behind the one before: work that somebody waits for goes before what is left of a large batch, and
	// a small batch before the rest of a large one. Nothing starves: beside any other work, a mesh a step gets its turn.
	_, err = tx.Exec(ctx, `
		UPDATE jobs j SET rank_at = rank_at + i.item * $2::interval FROM batch_items i
		WHERE i.batch_id = $1 AND j.mesh_id = i.mesh_id AND j.status = 'queued'`, batchID, batchStep)
	return batchID, created, err
}

// batchStep is how much later each mesh of a batch ranks than the one before it.
const batchStep = BatchDelay

// batchOfKey finds the batch that was made under the key of a request.
func batchOfKey(ctx context.Context, tx pgx.Tx, n NewBatch) (batchID string, err error) {
	var hash string
	err = tx.QueryRow(ctx, `SELECT id, request_hash FROM batches WHERE tenant_id = $1 AND idempotency_key = $2`,
		n.TenantID, n.IdempotencyKey).Scan(&batchID, &hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", errKeyGone
	case err == nil && hash != n.RequestHash:
		return "", ErrKeyReused
	}
	return batchID, err
}

// lockGeometries finds out which geometries do not exist, and locks the rest in the order of their names, so that two
// transactions that need the same ones do not wait for each other.
func lockGeometries(ctx context.Context, tx pgx.Tx, n NewBatch) error {
	found, err := many[struct{ ID string }](tx.Query(ctx, `
		SELECT g.id FROM geometries g JOIN jobs i ON i.geometry_id = g.id AND i.kind = 'import'
		WHERE g.id = ANY($1) AND g.tenant_id = $2 ORDER BY g.id FOR SHARE OF i FOR KEY SHARE OF g`, n.GeometryIDs, n.TenantID))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, g := range found {
		known[g.ID] = true
	}
	var missing []int
	for i, g := range n.GeometryIDs {
		if !known[g] {
			missing = append(missing, i)
		}
	}
	if missing != nil {
		return &UnknownGeometries{missing}
	}
	return nil
}

// lockRequests takes the locks of createMesh for all meshes of a batch, in one order for all batches.
func lockRequests(ctx context.Context, tx pgx.Tx, n NewBatch) error {
	keys := make([]string, len(n.Specs))
	for i, s := range n.Specs {
		keys[i] = requestLock(n.TenantID, s.Spec.Identity())
	}
	slices.Sort(keys)
	var batch pgx.Batch
	for _, key := range keys {
		batch.Queue(lockRequest, key)
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// createItem is createMesh, but for a geometry whose import has failed: its mesh has failed too.
func createItem(ctx context.Context, tx pgx.Tx, n NewMesh) (Created, error) {
	meshID := id.New(id.Mesh)
	c, err := createMesh(ctx, tx, n, meshID)
	var failed *GeometryFailed
	if !errors.As(err, &failed) {
		return c, err
	}
	return createFailed(ctx, tx, n, meshID, failed.Diagnosis)
}

func createFailed(ctx context.Context, tx pgx.Tx, n NewMesh, meshID string, d *diagnosis.Diagnosis) (Created, error) {
	_, err := tx.Exec(ctx, `
		WITH m AS (
			INSERT INTO meshes (id, tenant_id, project_id, geometry_id, spec)
			SELECT $3, $2, project_id, id, $4 FROM geometries WHERE id = $1 AND tenant_id = $2
		)
		INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, class, max_attempts, traceparent, status, error, finished_at)
		VALUES ($5, 'mesh', $2, $1, $3, $6, $7, $8, 'failed', $9, now())`,
		n.GeometryID, n.TenantID, meshID, n.Spec, id.New(id.Job), n.Class, n.MaxAttempts, n.Traceparent, d)
	return Created{Mesh: Mesh{ID: meshID, GeometryID: n.GeometryID, Job: Job{Status: Failed, Error: d}}}, err
}

// Batch returns a batch of a tenant.
func (db *DB) Batch(ctx context.Context, tenant, batchID string) (MeshBatch, error) {
	return one[MeshBatch](db.pool.Query(ctx, batchQuery+`WHERE b.id = $1 AND b.tenant_id = $2`, batchID, tenant))
}

// Batches returns a page of a tenant's batches, newest first; projectID "" does not narrow it.
func (db *DB) Batches(ctx context.Context, tenant, projectID string, p Page) ([]MeshBatch, error) {
	return many[MeshBatch](db.pool.Query(ctx, batchQuery+`
		WHERE b.tenant_id = $1 AND ($2 = '' OR b.id < $2) AND ($3 = '' OR b.project_id = $3)
		ORDER BY b.id DESC LIMIT $4`, tenant, p.After, projectID, p.Limit))
}

// BatchItems returns the meshes of a batch, geometry by geometry.
func (db *DB) BatchItems(ctx context.Context, tenant, batchID string) ([]BatchItem, error) {
	return many[BatchItem](db.pool.Query(ctx, `
		SELECT i.spec, i.mesh_id, m.geometry_id, g.filename, (m.report->'nodes')::int AS nodes, m.report->'elements' AS elements,
			(m.report#>'{quality,sicn,min}')::float8 AS min_quality, m.reused_from, `+meshJobColumns+`
		FROM batch_items i JOIN meshes m ON m.id = i.mesh_id JOIN geometries g ON g.id = m.geometry_id
		JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh'`+leaderJoin+`
		WHERE i.batch_id = $1 AND m.tenant_id = $2 ORDER BY i.item`, batchID, tenant))
}

// ofBatch selects what belongs to the meshes of the batch $1.
const ofBatch = `mesh_id IN (SELECT mesh_id FROM batch_items WHERE batch_id = $1)`

// CancelBatch is CancelMesh for every mesh of a batch that is not final.
func (db *DB) CancelBatch(ctx context.Context, tenant, batchID string, prefix Prefix) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockBatch(ctx, tx, tenant, batchID); err != nil {
			return err
		}
		canceled, err = cancelAll(ctx, tx, ofBatch, batchID, prefix)
		return err
	})
	return canceled, err
}

// DeleteBatch removes a batch with its meshes. Objects become garbage; unfinished jobs are canceled and returned.
func (db *DB) DeleteBatch(ctx context.Context, tenant, batchID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockBatch(ctx, tx, tenant, batchID); err != nil {
			return err
		}
		if canceled, err = cancelAll(ctx, tx, ofBatch, batchID, prefix); err != nil {
			return err
		}
		if err := discardJobs(ctx, tx, ofBatch, batchID, jobPrefix); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM meshes WHERE id IN (SELECT mesh_id FROM batch_items WHERE batch_id = $1)`, batchID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM batches WHERE id = $1`, batchID)
		return err
	})
	return canceled, err
}

func lockBatch(ctx context.Context, tx pgx.Tx, tenant, batchID string) error {
	_, err := one[struct{ ID string }](tx.Query(ctx, `SELECT id FROM batches WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, batchID, tenant))
	return err
}
