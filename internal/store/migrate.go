package store

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3/lock"

	"meshgen/migrations"
)

// newMigrationLock keeps two processes that start together from migrating together.
func newMigrationLock() (lock.SessionLocker, error) {
	l, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("migration lock: %w", err)
	}
	return l, nil
}

// latestMigration returns the highest version among the embedded steps.
func latestMigration() (int64, error) {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return 0, err
	}
	var latest int64
	for _, name := range names {
		number, _, ok := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil {
			return 0, fmt.Errorf("migration %q has no number", name)
		}
		latest = max(latest, v)
	}
	return latest, nil
}
