// Package store is Postgres: the truth about geometries, meshes, jobs and artifacts. It holds SQL and the Go types that
// the SQL fills, one file a resource; when to run which statement is for package jobs to decide.
//
// Two connection pools reach the same database. DB.pool commits durably. DB.relaxed runs with synchronous_commit=off,
// for claims, heartbeats, progress and previews: losing the last of them with a crashed server does no harm, since the fence
// (attempt and claim token, see jobs.go) makes a lost claim harmless and the next heartbeat repeats the last.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"

	"meshgen/migrations"
)

// DefaultTenant owns everything while authentication is off.
const DefaultTenant = "default"

var (
	// ErrNotFound says that there is no such row, or that it is somebody else's.
	ErrNotFound = errors.New("not found")
	// ErrTooLate says that an expected object took so long that it is swept.
	ErrTooLate = errors.New("the object came too late and is swept")
	// ErrFenced says that the job is no longer running under this claim: it was canceled, deleted, or its lease was
	// lost and it is another's now. Nothing was written.
	ErrFenced = errors.New("the job is no longer held by this claim")
)

// Config says where Postgres is.
type Config struct {
	// URL of the database.
	URL string `env:"MESHGEN_DATABASE_URL" envDefault:"postgres://meshgen:meshgen@127.0.0.1:5432/meshgen?sslmode=disable"`
	// MaxConnections of each of the process's two connection pools.
	MaxConnections int32 `env:"MESHGEN_DATABASE_CONNECTIONS" envDefault:"16"`
	// ConnectTimeout bounds the making of a connection.
	ConnectTimeout time.Duration `env:"MESHGEN_DATABASE_CONNECT_TIMEOUT" envDefault:"5s"`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.MaxConnections < 2 {
		return errors.New("MESHGEN_DATABASE_CONNECTIONS must be at least 2")
	}
	if c.ConnectTimeout <= 0 {
		return errors.New("MESHGEN_DATABASE_CONNECT_TIMEOUT must be positive")
	}
	if _, err := pgxpool.ParseConfig(c.URL); err != nil {
		return fmt.Errorf("MESHGEN_DATABASE_URL: %w", err)
	}
	return nil
}

// DB is a handle on the database.
type DB struct {
	pool    *pgxpool.Pool // commits wait for the disk
	relaxed *pgxpool.Pool // commits do not: see Flush
}

// Open connects lazily: it fails on a bad configuration only. Check tells whether the server can be used.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	open := func(synchronousCommit string) (*pgxpool.Pool, error) {
		pc, err := pgxpool.ParseConfig(cfg.URL)
		if err != nil {
			return nil, fmt.Errorf("database URL: %w", err)
		}
		pc.MaxConns = cfg.MaxConnections
		pc.ConnConfig.ConnectTimeout = cfg.ConnectTimeout
		pc.ConnConfig.RuntimeParams["application_name"] = "meshgen"
		pc.ConnConfig.RuntimeParams["synchronous_commit"] = synchronousCommit
		// A statement that waits this long waits for something that does not end.
		pc.ConnConfig.RuntimeParams["statement_timeout"] = "15000"
		// Who begins a transaction goes on with it at once. One that does not, on a machine that is lost or stands still, must not keep its rows from others.
		pc.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "5000"
		pc.PrepareConn = show
		return pgxpool.NewWithConfig(ctx, pc)
	}
	pool, err := open("on")
	if err != nil {
		return nil, err
	}
	relaxed, err := open("off")
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &DB{pool: pool, relaxed: relaxed}, nil
}

// Close ends all connections.
func (db *DB) Close() {
	db.relaxed.Close()
	db.pool.Close()
}

// Flush returns when all that was committed before, by whomever, is on the disk. It commits a message that nobody reads,
// and does so durably: the log of the database is written in order.
func (db *DB) Flush(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, `SELECT pg_logical_emit_message(true, 'meshgen', '')`)
	return err
}

// Ping asks the server for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// Check says whether the database can be reached and has the schema that this binary needs.
func (db *DB) Check(ctx context.Context) error {
	want, err := latestMigration()
	if err != nil {
		return err
	}
	var have int64
	err = db.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &pgErr) && pgErr.Code == "42P01": // undefined_table
		return errors.New("the database has no schema yet: run `api migrate`")
	case err != nil:
		return fmt.Errorf("the database cannot be used: %w", err)
	case have < want:
		return fmt.Errorf("the database's schema is at version %d, this binary needs %d: run `api migrate`", have, want)
	}
	// A newer schema is fine: migrations are forward-only and run beside the old version.
	var hidden bool
	if err := db.pool.QueryRow(ctx, `SELECT row_security_active('jobs')`).Scan(&hidden); err != nil {
		return fmt.Errorf("the database cannot be used: %w", err)
	}
	if hidden {
		return errors.New("row-level security hides the tables: the database user has to be their owner, the one that `api migrate` ran as")
	}
	return nil
}

// Migrate brings the schema of the database at a URL to the version of this binary. It is safe to run twice at once.
func Migrate(ctx context.Context, url string) error {
	conn, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("database URL: %w", err)
	}
	defer conn.Close()
	locker, err := newMigrationLock()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// inTx runs f in a transaction that commits durably. It may run f again.
func (db *DB) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return unlocked(func() error { return pgx.BeginFunc(ctx, db.pool, f) })
}

// inTxWhen does as inTx does, and commits when ready, if it is not nil, has returned nil.
func (db *DB) inTxWhen(ctx context.Context, ready func() error, f func(pgx.Tx) error) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		err := f(tx)
		if err == nil && ready != nil {
			err = ready()
		}
		return err
	})
}

// sendWhen does as send does on the pool whose commits are durable, and commits when ready, which may send more in the transaction, has returned nil: what
// inTxWhen does with a round trip less. It may do all of that again.
func (db *DB) sendWhen(ctx context.Context, queue func(*pgx.Batch), read func(pgx.BatchResults) error, ready func(batcher) error) error {
	return unlocked(func() error {
		conn, err := db.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release() // which closes one whose transaction has not ended
		var batch pgx.Batch
		batch.Queue("BEGIN")
		queue(&batch)
		err = send(ctx, conn, &batch, func(results pgx.BatchResults) error {
			if _, err := results.Exec(); err != nil {
				return err
			}
			return read(results)
		})
		if err == nil {
			err = ready(conn)
		}
		if err != nil {
			_, _ = conn.Exec(ctx, "ROLLBACK") // the first error tells more
			return err
		}
		_, err = conn.Exec(ctx, "COMMIT")
		return err
	})
}

// unlocked runs a transaction, once more if it was rolled back to end a deadlock: locks are taken job before mesh before geometry,
// but not by foreign keys.
func unlocked(transaction func() error) error {
	for try := 1; ; try++ {
		err := transaction()
		var pgErr *pgconn.PgError
		if try == maxDeadlocks || !errors.As(err, &pgErr) || pgErr.Code != "40P01" { // deadlock_detected
			return err
		}
	}
}

// maxDeadlocks is how often a transaction may be the victim.
const maxDeadlocks = 5

// batcher is a connection pool or a transaction.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send makes statements in one round trip, and in one transaction of their own where q is a pool, and has their results read. Each of them
// sees what was committed by when it began: of two, the second sees what the first has waited for.
func send(ctx context.Context, q batcher, b *pgx.Batch, read func(pgx.BatchResults) error) error {
	results := q.SendBatch(ctx, b)
	err := read(results)
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

// one turns "no rows" into ErrNotFound.
func one[T any](rows pgx.Rows, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return zero, ErrNotFound
	}
	return v, err
}

func many[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Page asks for a part of a list, newest first.
type Page struct {
	Limit int    // rows at most
	After string // id of the last row of the page before; "" for the first page
}

// IsTemporary reports whether the same call may succeed later: the server was away, restarting, or too busy.
func IsTemporary(err error) bool {
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrFenced) || errors.Is(err, ErrTooLate) || errors.Is(err, context.Canceled) {
		return false
	}
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		switch pgErr.Code[:2] {
		case "08", "53", "57", "40": // connection, resources, operator intervention, serialization
			return true
		}
		return pgErr.Code == "25P03" // a transaction stood still for too long: this process may have, with its machine
	}
	return true // not an answer of the server: the connection failed
}
