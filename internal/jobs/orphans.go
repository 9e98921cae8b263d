package jobs

import (
	"context"
	"time"

	"meshgen/internal/blob"
)

// lookAtOnce is how many objects are looked up in one question.
const lookAtOnce = 1000

// SweepOrphans deletes objects of jobs that no artifact names, once they are older than age, and returns how many. Every
// known way of leaving one has its entry in the table of garbage; this is for the ways that leave no trace, such as a claim
// that a crash of Postgres made it forget, by a worker that was killed in the same moment. What a job that is not at
// its end has stored is left alone.
func (s *Service) SweepOrphans(ctx context.Context, blobs *blob.Store, age time.Duration) (swept int, err error) {
	before := time.Now().Add(-age)
	var keys, of []string
	look := func() error {
		orphans, err := s.db.Orphans(ctx, keys, of)
		if err != nil {
			return err
		}
		swept += len(orphans)
		keys, of = keys[:0], of[:0]
		return blobs.Delete(ctx, orphans...)
	}
	for object, err := range blobs.List(ctx, blob.TenantsPrefix) {
		if err != nil {
			return swept, err
		}
		job, ok := blob.JobOf(object.Key)
		if !ok || object.Modified.After(before) {
			continue
		}
		if keys, of = append(keys, object.Key), append(of, job); len(keys) == lookAtOnce {
			if err := look(); err != nil {
				return swept, err
			}
		}
	}
	return swept, look()
}
