package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/blob"
	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

type postgres = *devservers.Postgres

func startPostgres(ctx context.Context, dir string) (postgres, error) {
	return devservers.NewPostgres(ctx, devservers.Options{Dir: filepath.Join(dir, "postgres"), Volatile: true}) // nothing is timed
}

var databases atomic.Int64

// book is a database of jobs whose statements take the time from the simulation: a function now() that is found before Postgres' own.
type book struct {
	db    *store.DB
	clock *pgx.Conn
	began time.Time
	parts []string // a geometry of each tenant
	asked int
}

// owners is how many tenants ask.
const owners = 5

func openBook(ctx context.Context, server postgres) (*book, error) {
	name := fmt.Sprint("run", databases.Add(1))
	if err := server.CreateDatabase(ctx, name, ""); err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, server.URL(name)); err != nil {
		return nil, err
	}
	// Columns have the machine's clock as default: the simulation's is ahead of it, so that nothing seems to come from the future.
	b := &book{began: time.Now().Add(24 * time.Hour)}
	var err error
	if b.clock, err = pgx.Connect(ctx, server.URL(name)); err != nil {
		return nil, err
	}
	if _, err := b.clock.Exec(ctx, `
		CREATE SCHEMA clock;
		CREATE TABLE clock.time (at timestamptz NOT NULL);
		INSERT INTO clock.time VALUES (now() + interval '1 day');
		CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.time'`); err != nil {
		return nil, err
	}
	if b.db, err = store.Open(ctx, store.Config{
		URL: server.URL(name) + "&search_path=clock,pg_catalog,public", MaxConnections: 2, ConnectTimeout: 5 * time.Second,
	}); err != nil {
		return nil, err
	}
	for i := range owners {
		if _, err := b.db.CreateTenant(ctx, owner(i), owner(i)); err != nil {
			return nil, err
		}
		g := id.New(id.Geometry)
		if _, _, err := b.db.CreateGeometry(ctx, store.NewGeometry{
			ID: g, TenantID: owner(i), Filename: "part.step", Format: engine.STEP, Size: 1, SHA256: g, ObjectKey: blob.GeometryKey(owner(i), g), MaxAttempts: 3,
		}); err != nil {
			return nil, err
		}
		c, err := b.claim(ctx, "import")
		if err != nil {
			return nil, err
		}
		if _, err := b.db.FinishImport(ctx, c, store.Outcome{Model: &engine.Model{}}, 0, nil); err != nil {
			return nil, err
		}
		b.parts = append(b.parts, g)
	}
	return b, nil
}

func owner(i int) string { return fmt.Sprint("tenant", i) }

func (b *book) close(ctx context.Context) {
	b.db.Close()
	_ = b.clock.Close(ctx)
}

// set moves the clock.
func (b *book) set(ctx context.Context, at time.Duration) error {
	_, err := b.clock.Exec(ctx, `UPDATE clock.time SET at = $1`, b.began.Add(at))
	return err
}

// tidy is what autovacuum would do.
func (b *book) tidy(ctx context.Context) error {
	_, err := b.clock.Exec(ctx, `VACUUM ANALYZE jobs, meshes, clock.time`)
	return err
}

// ask queues a mesh, and returns its id.
func (b *book) ask(ctx context.Context, of int) (string, error) {
	b.asked++
	wanted, err := spec.Spec{Size: spec.Size{Max: float64(b.asked)}}.Resolve()
	if err != nil {
		return "", err
	}
	c, err := b.db.CreateMesh(ctx, store.NewMesh{TenantID: owner(of), GeometryID: b.parts[of], Spec: wanted, Class: store.Interactive, MaxAttempts: 3})
	return c.Mesh.ID, err
}

// claim takes the next job; there has to be one.
func (b *book) claim(ctx context.Context, worker string) (store.Claim, error) {
	c, ok, err := b.db.Claim(ctx, worker, id.New(id.Job), time.Hour, 0)
	if err == nil && !ok {
		err = fmt.Errorf("a job that is queued is not given out")
	}
	return c, err
}

func (b *book) finish(ctx context.Context, c store.Claim) error {
	_, err := b.db.Finish(ctx, c, store.Outcome{Report: &engine.MeshReport{}}, nil)
	return err
}
