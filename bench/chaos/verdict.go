package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/blob"
	"meshgen/internal/devservers"
)

// verdict is what became of the jobs, and what was left behind.
type verdict struct {
	known map[string]string // the last status that a client saw, by mesh

	asked     int
	statuses  tally // as the clients saw them in the end
	failures  tally // by code, of jobs that should have succeeded
	unfit     int   // jobs that should have failed and succeeded
	clientErr []string
	cancels   []cancel

	lost    int // acknowledged, and not there any more
	doubled int // there twice for one key, or with a file twice
	stuck   int // not at an end

	files      int // whose bytes were read and hashed
	wrongFiles []string
	leaked     int // objects that nothing names, and that nobody will sweep
	awaited    int // objects that are to be swept
	attempts   tally
	processes  int // engines that outlived their workers
	leftovers  []string
}

// cancel is a call of cancel whose answer was final.
type cancel struct {
	took   time.Duration
	faults []string // were under way meanwhile
}

// canceled returns how long cancels took, of those whose faults are as wanted.
func (v verdict) canceled(wanted func(faults []string) bool) (took []time.Duration) {
	for _, c := range v.cancels {
		if wanted(c.faults) {
			took = append(took, c.took)
		}
	}
	return took
}

// needed are what a cancel cannot do without: who answers it, and what keeps it.
func needed(fault string) bool {
	return strings.HasPrefix(fault, "API ") || strings.HasPrefix(fault, "PostgreSQL ")
}

func (v verdict) good() bool {
	return v.lost+v.doubled+v.stuck+v.unfit+v.leaked+v.processes+len(v.wrongFiles)+len(v.leftovers)+len(v.clientErr) == 0
}

func (l *load) verdict() verdict {
	v := verdict{asked: len(l.orders), known: map[string]string{}, statuses: tally{}, failures: tally{}, attempts: tally{}}
	for _, w := range l.orders {
		if w.mesh.ID != "" {
			v.known[w.mesh.ID] = w.mesh.Status
		}
		switch {
		case w.err != nil:
			v.clientErr = append(v.clientErr, fmt.Sprintf("%s: %v", w.key, w.err))
			continue
		case !ended(w.mesh):
			v.stuck++
		case w.mesh.Status == "failed" && !w.fault:
			v.failures[string(w.mesh.Error.Code)]++
		case w.mesh.Status == "succeeded" && w.fault:
			v.unfit++
		}
		v.statuses[w.mesh.Status]++
		if w.canceled > 0 {
			v.cancels = append(v.cancels, cancel{w.canceled, w.faults})
		}
	}
	return v
}

// inspect looks into the database, the store, the processes and the disk.
func (s *site) inspect(ctx context.Context, v *verdict) error {
	if err := s.leave(); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, s.postgres.URL("meshgen"))
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	if err := s.inspectJobs(ctx, db, v); err != nil {
		return err
	}
	if err := s.inspectFiles(ctx, db, v); err != nil {
		return err
	}
	v.processes = len(s.engines())
	return filepath.WalkDir(filepath.Join(s.dir, "scratch"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			v.leftovers = append(v.leftovers, strings.TrimPrefix(path, s.dir))
		}
		return err
	})
}

func (s *site) inspectJobs(ctx context.Context, db *pgx.Conn, v *verdict) error {
	rows, err := db.Query(ctx, `SELECT m.id, j.status, j.attempt FROM meshes m JOIN jobs j ON j.mesh_id = m.id AND j.kind = 'mesh'`)
	if err != nil {
		return err
	}
	there := map[string]string{}
	var id, status string
	var attempt int
	_, err = pgx.ForEachRow(rows, []any{&id, &status, &attempt}, func() error {
		there[id] = status
		v.attempts[fmt.Sprint(attempt)]++
		if status == "queued" || status == "running" {
			v.stuck++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, status := range v.known {
		if there[id] == "" || ((status == "succeeded" || status == "failed" || status == "canceled") && there[id] != status) {
			v.lost++
		}
	}
	v.doubled += max(0, len(there)-v.asked)
	var twice int
	err = db.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM artifacts WHERE NOT preview AND mesh_id IS NOT NULL GROUP BY mesh_id, name HAVING count(*) > 1) AS twice`).Scan(&twice)
	v.doubled += twice
	return err
}

// file is an object with what its record says.
type file struct {
	key, sum string
	size     int64
}

func (s *site) inspectFiles(ctx context.Context, db *pgx.Conn, v *verdict) error {
	store, err := blob.New(ctx, blob.Config{
		Endpoint: s.s3.Endpoint(), Region: devservers.S3Region, Bucket: "meshgen", AccessKey: devservers.S3AccessKey, SecretKey: devservers.S3SecretKey,
		PresignTTL: time.Hour, Timeout: 30 * time.Second, Attempts: 3,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, `SELECT DISTINCT object_key, sha256, size_bytes FROM artifacts`)
	if err != nil {
		return err
	}
	files, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f file, err error) {
		return f, row.Scan(&f.key, &f.sum, &f.size)
	})
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, f := range files {
		named[f.key] = true
	}
	v.files, v.wrongFiles = len(files), check(ctx, store, files)

	rows, err = db.Query(ctx, `SELECT prefix FROM garbage`)
	if err != nil {
		return err
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	rows, err = db.Query(ctx, `SELECT tenant_id, id FROM geometries`)
	if err != nil {
		return err
	}
	var tenant, geometry string
	_, err = pgx.ForEachRow(rows, []any{&tenant, &geometry}, func() error {
		due = append(due, blob.GeometryPrefix(tenant, geometry)) // of those that are there
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(due)
	for object, err := range store.List(ctx, "") {
		if err != nil {
			return err
		}
		if named[object.Key] {
			continue
		}
		if slices.ContainsFunc(due, func(prefix string) bool { return strings.HasPrefix(object.Key, prefix) }) {
			v.awaited++
		} else {
			v.leaked++
			say("nothing names %s", object.Key)
		}
	}
	return nil
}

// check reads every file and compares it with its record.
func check(ctx context.Context, store *blob.Store, files []file) (wrong []string) {
	var mu sync.Mutex
	var next atomic.Int64
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				if err := compare(ctx, store, files[i]); err != nil {
					mu.Lock()
					wrong = append(wrong, fmt.Sprintf("%s: %v", files[i].key, err))
					mu.Unlock()
				}
			}
		})
	}
	readers.Wait()
	return wrong
}

func compare(ctx context.Context, store *blob.Store, f file) error {
	content, _, err := store.Get(ctx, f.key)
	if err != nil {
		return err
	}
	defer content.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, content)
	if err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); n != f.size || sum != f.sum {
		return fmt.Errorf("%d bytes with sha256 %s instead of %d with %s", n, sum, f.size, f.sum)
	}
	return nil
}

// engines returns the processes of this run's engine that live.
func (s *site) engines() (alive []string) {
	paths, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, path := range paths {
		if exe, err := os.Readlink(path); err == nil && exe == s.engine {
			alive = append(alive, path)
		}
	}
	return alive
}
