package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

var (
	// ErrKeyReused says that an idempotency key came with another request than before.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrGeometryFailed says that the import of the geometry has failed; it comes as a *GeometryFailed.
	ErrGeometryFailed = errors.New("the geometry could not be imported")
)

// GeometryFailed is why a geometry cannot be meshed.
type GeometryFailed struct {
	Diagnosis *diagnosis.Diagnosis
	// Field is of a geometry that can be meshed, but has a defect: what in the spec keeps it from being meshed with that, and Why.
	Field, Why string
}

func (e *GeometryFailed) Error() string {
	return ErrGeometryFailed.Error() + ": " + e.Diagnosis.Error()
}
func (e *GeometryFailed) Unwrap() error { return ErrGeometryFailed }

// NewMesh is a mesh to be made.
type NewMesh struct {
	TenantID    string
	GeometryID  string
	Spec        spec.Spec // resolved
	Class       Class
	MaxAttempts int
	Traceparent string
	// Reuse lets a result that is there answer the request, or a run that is under way. From is the mesh whose result it is
	// to be (see Reusable); if that does not stand any more, or there is none, the mesh is made. Look has no mesh created where there is a
	// result with all formats: CreateMesh returns an *Answered, for the caller to see whether its files are there, and to come again. Of
	// one that lacks formats a mesh is created: whoever writes these sees to the files.
	Reuse, Look bool
	From        string
	// Hold is how long it may be held for workers that have its part; 0 for not at all.
	Hold time.Duration
	// Room bounds what may wait. A mesh that need not be made is let in always.
	Room Room
	// IdempotencyKey, if not empty, makes a repetition of the request (the same RequestHash) return the first's mesh.
	IdempotencyKey string
	RequestHash    string
	// WebhookURL, if not empty, is told of the end.
	WebhookURL string
}

// Answered says that a request has a result already.
type Answered struct{ Result }

func (a *Answered) Error() string { return "there is a result: " + a.MeshID }

// Created is what CreateMesh did.
type Created struct {
	Mesh    Mesh
	Existed bool // an earlier request with the same key made it
	Reused  bool // it has the result of another: it has succeeded, or lacks formats only; Mesh does not show it
	Lacks   bool // of such a result formats are to be written
	Waits   bool // for the import of its geometry, or another's run; the job is not to be rung for yet
	// Leader is the job that it follows; "" for none. It may be a while until it is claimed.
	Leader        string
	LeaderRunning bool
	Holders       []string // workers that it is held for
	// Files are those of a mesh that shows another's result or run; nil where nobody has asked.
	Files []Artifact
}

// CreateMesh records a mesh and queues its job in one commit, which is seen at once and durable after the next Flush: a
// worker need not wait for the disk, only the answer must. That holds for one that existed too. The row of the import is read FOR SHARE, so that an
// import that ends meanwhile either is seen as ended here, or sees the waiting job there (FinishImport). ErrNotFound
// means that the geometry does not exist.
func (db *DB) CreateMesh(ctx context.Context, n NewMesh) (c Created, err error) {
	if n.IdempotencyKey == "" {
		err = unlocked(func() (err error) {
			c, err = createMesh(ctx, db.relaxed, n, id.New(id.Mesh))
			return err
		})
		return c, err
	}
	for {
		err = unlocked(func() error {
			return pgx.BeginFunc(ctx, db.relaxed, func(tx pgx.Tx) error {
				c, err = createMeshOnce(ctx, tx, n)
				return err
			})
		})
		if !errors.Is(err, errKeyGone) {
			return c, err
		}
	}
}

// errKeyGone says that an idempotency key went, with its mesh, while it was looked up.
var errKeyGone = errors.New("the idempotency key is gone")

// createMeshOnce creates the mesh or finds the one that was created under the same key. A concurrent insert of the key
// is waited for.
func createMeshOnce(ctx context.Context, tx pgx.Tx, n NewMesh) (c Created, err error) {
	meshID := id.New(id.Mesh)
	tag, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys (tenant_id, key, request_hash, mesh_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		n.TenantID, n.IdempotencyKey, n.RequestHash, meshID)
	if err != nil {
		return Created{}, err
	}
	if tag.RowsAffected() == 1 {
		return createMesh(ctx, tx, n, meshID)
	}
	var hash string
	err = tx.QueryRow(ctx, `SELECT request_hash, mesh_id FROM idempotency_keys WHERE tenant_id = $1 AND key = $2`,
		n.TenantID, n.IdempotencyKey).Scan(&hash, &meshID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Created{}, errKeyGone
	case err != nil:
		return Created{}, err
	case hash != n.RequestHash:
		return Created{}, ErrKeyReused
	}
	c.Existed = true
	c.Mesh, err = one[Mesh](tx.Query(ctx, meshQuery+`WHERE m.id = $1`, meshID))
	if errors.Is(err, ErrNotFound) {
		err = errKeyGone
	}
	return c, err
}

// created is what createQuery says.
type created struct {
	ProjectID    *string              `db:"project_id"`
	ImportStatus Status               `db:"import_status"`
	ImportError  *diagnosis.Diagnosis `db:"import_error"` // of one that has succeeded: the defect of what it found
	CreatedAt    *time.Time           `db:"created_at"`
	Reused       bool                 `db:"reused"`
	Lacks        bool                 `db:"lacks"`
	Leader       string               `db:"leader"`
	LeaderStatus Status               `db:"leader_status"`
	Waiting      int                  `db:"waiting"`
	OfTenant     int                  `db:"of_tenant"`
	Holders      []string             `db:"holders"`
	Known        *string              `db:"known"` // the mesh that has a result
	KnownFiles   []Artifact           `db:"known_files"`
}

// leading is what others may follow of jobs j.
const leading = `j.request_key <> '' AND j.follows = '' AND j.formats = '[]' AND j.status IN ('queued', 'running')`

// createQuery makes a mesh and its job: with the result of source, if that stands; following leader, if there is one; or to be
// made. The row of the leader is read FOR SHARE, so that one that ends meanwhile either is seen as ended, or sees its follower.
// The import's row tells of a defect too, for the same reason: $17 is whether the mesh can be made all the same.
// The row of the source is locked too, so that what refers to its objects is there before it goes.
var createQuery = `
	WITH g AS (
		SELECT g.id, g.project_id, i.status, i.error,
			CASE WHEN i.status IN ('failed', 'canceled') THEN '' ELSE ` + requestKey("$10::text") + ` END AS request_key,
			` + holdColumns("$15") + `
		FROM geometries g JOIN jobs i ON i.geometry_id = g.id AND i.kind = 'import'
		WHERE g.id = $1 AND g.tenant_id = $2 FOR SHARE OF i
	), known AS (
		SELECT r.mesh_id, (SELECT ` + lacking("$4::jsonb->'formats'", "(m.spec->'formats')", "m.id") + ` FROM meshes m WHERE m.id = r.mesh_id) AS lacks
		FROM g CROSS JOIN LATERAL (` + reusableQuery("$2", "g.request_key") + `) r WHERE $18
	), answer AS (
		SELECT mesh_id FROM known WHERE lacks = '[]'
	), source AS (
		SELECT m.id, m.spec->'formats' AS formats, m.report, m.warnings, m.reused_from, j.engine_version,
			` + lacking("$4::jsonb->'formats'", "(m.spec->'formats')", "m.id") + ` AS lacks
		FROM g JOIN meshes m ON m.id = CASE WHEN $18 THEN (SELECT mesh_id FROM known WHERE lacks <> '[]') ELSE $12 END
		CROSS JOIN LATERAL (
			SELECT engine_version FROM jobs
			WHERE mesh_id = m.id AND request_key = g.request_key AND engine_version <> '' AND status = 'succeeded' AND tenant_id = $2 OFFSET 0
		) j
		WHERE $11 AND ($12 <> '' OR $18)
		FOR KEY SHARE OF m -- its job is looked for by its mesh: a join would let Postgres read all results of the tenant first
	), leader AS (
		SELECT j.id, j.status FROM g JOIN jobs j ON j.request_key = g.request_key AND j.tenant_id = $2
		WHERE $11 AND NOT EXISTS (SELECT FROM source) AND NOT EXISTS (SELECT FROM answer) AND ` + leading + `
		ORDER BY j.id LIMIT 1 FOR SHARE OF j
	), room AS (
		` + waitingQuery("$2", "$6") + ` AND ($13 > 0 OR $14 > 0) AND NOT EXISTS (SELECT FROM source) AND NOT EXISTS (SELECT FROM leader)
	), admitted AS (
		SELECT g.* FROM g, room WHERE NOT EXISTS (SELECT FROM answer) AND g.status NOT IN ('failed', 'canceled') AND ($17 OR g.status <> 'succeeded' OR g.error IS NULL)
			AND ($13 <= 0 OR room.waiting < $13) AND ($14 <= 0 OR room.of_tenant < $14)
	), hurried AS ( -- a person waits for it now
		UPDATE jobs SET class = $6, rank_at = now() + $9::interval FROM leader
		WHERE $6 = 'interactive' AND jobs.id = leader.id AND leader.status = 'queued' AND jobs.rank_at > now() + $9::interval
	), m AS (
		INSERT INTO meshes (id, tenant_id, project_id, geometry_id, spec, report, warnings, reused_from)
		SELECT $3, $2, g.project_id, g.id, $4, source.report, coalesce(source.warnings, '[]'), coalesce(nullif(source.reused_from, ''), source.id, '')
		FROM admitted g LEFT JOIN source ON true
		RETURNING created_at
	), f AS (
		INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, class, max_attempts, traceparent, rank_at, waits_for,
			request_key, engine_version, formats, follows, held_until, webhook_url, status, progress, started_at, finished_at)
		SELECT $5, 'mesh', $2, g.id, $3, $6, $7, $8, now() + $9::interval,
			CASE WHEN g.status = 'succeeded' OR source.id IS NOT NULL THEN '' ELSE g.id END,
			g.request_key, coalesce(source.engine_version, ''), coalesce(source.lacks, '[]'), coalesce(leader.id, ''),
			CASE WHEN g.status = 'succeeded' AND g.holders <> '{}' AND source.id IS NULL AND leader.id IS NULL THEN now() + g.hold ELSE '-infinity' END, $16,
			CASE WHEN source.lacks = '[]' THEN 'succeeded' ELSE 'queued' END, CASE WHEN source.lacks = '[]' THEN 1 ELSE 0 END,
			CASE WHEN source.lacks = '[]' THEN now() END, CASE WHEN source.lacks = '[]' THEN now() END
		FROM admitted g LEFT JOIN source ON true LEFT JOIN leader ON true
		RETURNING id AS job_id, geometry_id, mesh_id
	), files AS (
		INSERT INTO ` + intoArtifacts + ` SELECT ` + lentColumns + `
		FROM source, f, ` + lentFiles + ` WHERE a.mesh_id = source.id
	)
	SELECT g.project_id, g.status AS import_status, g.error AS import_error, m.created_at, source.id IS NOT NULL AS reused, coalesce(source.lacks <> '[]', false) AS lacks,
		coalesce(leader.id, '') AS leader, coalesce(leader.status, '') AS leader_status, room.waiting, room.of_tenant,
		CASE WHEN g.status = 'succeeded' AND source.id IS NULL AND leader.id IS NULL THEN g.holders ELSE '{}' END AS holders,
		answer.mesh_id AS known, CASE WHEN answer.mesh_id IS NOT NULL THEN ` + resultFiles("answer.mesh_id") + ` END AS known_files
	FROM g LEFT JOIN answer ON true CROSS JOIN room LEFT JOIN m ON true LEFT JOIN source ON true LEFT JOIN leader ON true`

// leaderQuery holds the run that a request may follow, so that createQuery, whose view of the tables begins after that, sees what became of
// one that is ending at this moment: it goes on, or there is its result. It locks in the order of createQuery.
var leaderQuery = `
	WITH g AS (
		SELECT ` + requestKey("$3::text") + ` AS request_key FROM geometries g JOIN jobs i ON i.geometry_id = g.id AND i.kind = 'import'
		WHERE g.id = $1 AND g.tenant_id = $2 FOR SHARE OF i
	)
	SELECT j.id FROM g JOIN jobs j ON j.request_key = g.request_key AND j.tenant_id = $2
	WHERE ` + leading + `
	ORDER BY j.id LIMIT 1 FOR SHARE OF j`

// lockRequest lets one request for the same mesh in at a time.
const lockRequest = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`

func requestLock(tenant, identity string) string { return tenant + "/" + identity }

func createMesh(ctx context.Context, q batcher, n NewMesh, meshID string) (c Created, err error) {
	field, why := n.Spec.Unfilled()
	jobID := id.New(id.Job)
	identity := n.Spec.Identity()
	var batch pgx.Batch
	// The same request that comes twice at once has one leader: the second sees the first.
	batch.Queue(lockRequest, requestLock(n.TenantID, identity))
	if n.Reuse {
		batch.Queue(leaderQuery, n.GeometryID, n.TenantID, identity)
	}
	batch.Queue(createQuery, n.GeometryID, n.TenantID, meshID, n.Spec, jobID, n.Class, n.MaxAttempts, n.Traceparent, n.Class.delay(),
		identity, n.Reuse, n.From, n.Room.Everybody, n.Room.Tenant, n.Hold, n.WebhookURL, field == "", n.Reuse && n.Look && n.From == "")
	var r created
	err = send(ctx, q, &batch, func(results pgx.BatchResults) (err error) {
		for range batch.Len() - 1 {
			if _, err = results.Exec(); err != nil {
				return err
			}
		}
		r, err = one[created](results.Query())
		return err
	})
	if err != nil {
		return c, err
	}
	if r.Known != nil {
		return c, &Answered{Result{*r.Known, r.KnownFiles}}
	}
	if r.CreatedAt == nil && r.ImportStatus == Succeeded && r.ImportError != nil && field != "" {
		return c, &GeometryFailed{Diagnosis: r.ImportError, Field: field, Why: why}
	}
	if full := n.Room.full(n.Class, r.Waiting, r.OfTenant, 1); r.CreatedAt == nil && full != nil && (r.ImportStatus == Succeeded || !r.ImportStatus.Final()) {
		return c, full
	}
	if r.CreatedAt == nil {
		d := r.ImportError
		if d == nil {
			d = diagnosis.New(diagnosis.Internal, "the import of the geometry was canceled")
		}
		return c, &GeometryFailed{Diagnosis: d}
	}
	return Created{
		Reused: r.Reused, Lacks: r.Lacks, Leader: r.Leader, LeaderRunning: r.LeaderStatus == Running, Holders: r.Holders,
		Waits: r.Leader != "" || r.ImportStatus != Succeeded && !r.Reused,
		Mesh: Mesh{
			ID: meshID, ProjectID: r.ProjectID, GeometryID: n.GeometryID, Spec: n.Spec, CreatedAt: *r.CreatedAt,
			Job: Job{ID: jobID, Kind: engine.Mesh, Status: Queued, QueuedAt: *r.CreatedAt},
		},
	}, nil
}
