package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
)

// Geometry is a CAD file and the job that imports it.
type Geometry struct {
	ID        string        `db:"id"`
	ProjectID *string       `db:"project_id"`
	Filename  string        `db:"filename"`
	Format    engine.Format `db:"format"`
	Units     string        `db:"units"`
	Size      int64         `db:"size_bytes"`
	SHA256    string        `db:"sha256"`
	ObjectKey string        `db:"object_key"`
	// RequestHash is that of the request that made it, if that had an idempotency key.
	RequestHash string                `db:"request_hash"`
	Model       *engine.Model         `db:"model"`
	Warnings    []diagnosis.Diagnosis `db:"warnings"`
	CreatedAt   time.Time             `db:"created_at"`
	Job
}

const geometryQuery = `
	SELECT g.id, g.project_id, g.filename, g.format, g.units, g.size_bytes, g.sha256, g.object_key, g.request_hash, g.model, g.warnings, g.created_at, ` + jobColumns + `
	FROM geometries g JOIN jobs j ON j.geometry_id = g.id AND j.kind = 'import' `

// NewGeometry is a file that is in S3 and waits to be imported.
type NewGeometry struct {
	ID          string
	TenantID    string
	ProjectID   string // "" for none
	Filename    string
	Format      engine.Format
	Units       string
	Size        int64
	SHA256      string
	ObjectKey   string
	MaxAttempts int
	Traceparent string
	UploadID    string // of a presigned upload that this completes; "" for none
	Expected    int64  // of Expect, for the object; 0 where the upload's own record tells of it
	// IdempotencyKey, if not empty, makes a repetition of the request (the same RequestHash) return the first's geometry.
	IdempotencyKey string
	RequestHash    string
}

// CreateGeometry records a geometry and queues its import in one commit. ErrNotFound means that the project does not
// exist. If the upload was completed before, or the request was sent before, it returns that geometry, and created is false; the object is then
// still expected, and to be discarded. ErrTooLate means that the object was expected for too long, ErrKeyReused that the key is another request's.
func (db *DB) CreateGeometry(ctx context.Context, n NewGeometry) (g Geometry, created bool, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		created = false
		if n.IdempotencyKey != "" {
			// Of the same request that comes twice at once, the second sees what the first made.
			if _, err := tx.Exec(ctx, lockRequest, requestLock(n.TenantID, "geometry "+n.IdempotencyKey)); err != nil {
				return err
			}
			g, err = one[Geometry](tx.Query(ctx, ofKeyQuery, n.TenantID, n.IdempotencyKey))
			switch {
			case err == nil && g.RequestHash != n.RequestHash:
				return ErrKeyReused
			case !errors.Is(err, ErrNotFound):
				return err
			}
		}
		if n.UploadID != "" {
			u, err := one[Upload](tx.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, n.UploadID, n.TenantID))
			if err != nil {
				return err
			}
			if u.GeometryID != nil {
				g, err = one[Geometry](tx.Query(ctx, geometryQuery+`WHERE g.id = $1 AND g.tenant_id = $2`, *u.GeometryID, n.TenantID))
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE uploads SET geometry_id = $2 WHERE id = $1`, n.UploadID, n.ID); err != nil {
				return err
			}
		}
		if n.Expected != 0 {
			if err := adopt(ctx, tx, n.Expected); err != nil {
				return err
			}
		}
		var project *string
		if n.ProjectID != "" {
			p, err := one[Project](tx.Query(ctx, `SELECT id, name, created_at FROM projects WHERE id = $1 AND tenant_id = $2 FOR SHARE`, n.ProjectID, n.TenantID))
			if err != nil {
				return err
			}
			project = &p.ID
		}
		_, err := tx.Exec(ctx, `
			WITH g AS (
				INSERT INTO geometries (id, tenant_id, project_id, filename, format, units, size_bytes, sha256, object_key, idempotency_key, request_hash)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($13, ''), $14) RETURNING id, tenant_id
			)
			INSERT INTO jobs (id, kind, tenant_id, geometry_id, max_attempts, traceparent)
			SELECT $10, 'import', g.tenant_id, g.id, $11, $12 FROM g`,
			n.ID, n.TenantID, project, n.Filename, n.Format, n.Units, n.Size, n.SHA256, n.ObjectKey,
			id.New(id.Job), n.MaxAttempts, n.Traceparent, n.IdempotencyKey, n.RequestHash)
		if err != nil {
			return err
		}
		created = true
		g, err = one[Geometry](tx.Query(ctx, geometryQuery+`WHERE g.id = $1`, n.ID))
		return err
	})
	return g, created, err
}

// GeometryOfKey returns the geometry that a request with an idempotency key made.
func (db *DB) GeometryOfKey(ctx context.Context, tenant, key string) (Geometry, error) {
	return one[Geometry](db.pool.Query(ctx, ofKeyQuery, tenant, key))
}

const ofKeyQuery = geometryQuery + `WHERE g.tenant_id = $1 AND g.idempotency_key = $2`

// Geometry returns a geometry of a tenant.
func (db *DB) Geometry(ctx context.Context, tenant, geometryID string) (Geometry, error) {
	return one[Geometry](db.pool.Query(ctx, geometryQuery+`WHERE g.id = $1 AND g.tenant_id = $2`, geometryID, tenant))
}

// Geometries returns a page of a tenant's geometries, newest first; projectID "" does not narrow it.
func (db *DB) Geometries(ctx context.Context, tenant, projectID string, p Page) ([]Geometry, error) {
	return many[Geometry](db.pool.Query(ctx, geometryQuery+`
		WHERE g.tenant_id = $1 AND ($2 = '' OR g.id < $2) AND ($3 = '' OR g.project_id = $3)
		ORDER BY g.id DESC LIMIT $4`, tenant, p.After, projectID, p.Limit))
}

// DeleteGeometry removes a geometry with its meshes. Objects become garbage; unfinished jobs are canceled and returned.
func (db *DB) DeleteGeometry(ctx context.Context, tenant, geometryID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		canceled, err = deleteGeometry(ctx, tx, tenant, geometryID, prefix, jobPrefix)
		return err
	})
	return canceled, err
}

func deleteGeometry(ctx context.Context, tx pgx.Tx, tenant, geometryID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled Cancellation, err error) {
	type geometry struct {
		ObjectKey string `db:"object_key"`
	}
	g, canceled, err := emptied(ctx, tx, `geometry_id = $1`, geometryID, prefix, func() (geometry, error) {
		return one[geometry](tx.Query(ctx, `SELECT object_key FROM geometries WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, geometryID, tenant))
	})
	if err != nil {
		return canceled, err
	}
	if err := discardJobs(ctx, tx, `geometry_id = $1`, geometryID, jobPrefix); err != nil {
		return canceled, err
	}
	delay := time.Duration(0)
	if len(canceled.Moved) > 0 {
		delay = zombieDelay // who runs one may still be fetching the file
	}
	if err := addGarbage(ctx, tx, g.ObjectKey, delay); err != nil {
		return canceled, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM geometries WHERE id = $1`, geometryID)
	return canceled, err
}
