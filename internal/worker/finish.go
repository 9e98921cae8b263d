package worker

import (
	"context"
	"errors"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// upload sends the log, and completes the outcome by the files, which may still be on their way. Of a failed job only
// the log is kept, and of an import nothing: its log lives in its events.
func (r *run) upload(ctx context.Context, outcome store.Outcome) (_ store.Outcome, err error) {
	began := time.Now()
	_, end := r.traced(ctx, string(engine.StageUpload))
	defer func() { end(err) }()
	r.setStage(engine.StageEvent{Stage: engine.StageUpload, Progress: 0.99})
	if outcome.Error != nil {
		r.say("error", "%s", outcome.Error)
	}
	if r.kind() == engine.Mesh { // a mesh of which formats are written has the log of when it was made
		if err := r.uploads.startLog(); err != nil {
			return outcome, err
		}
	}
	if err := r.jobLog.close(); err != nil {
		return outcome, err
	}
	artifacts, err := r.uploads.expect()
	if err != nil {
		return outcome, err
	}
	outcome.Artifacts = artifacts
	outcome.Timings = append(outcome.Timings, engine.Timing{Stage: engine.StageUpload, Seconds: engine.Seconds(time.Since(began))})
	return outcome, nil
}

// finish makes the end known. What it says of the job is written while the last files are on their way, and committed when they have arrived. Where
// they take longer, it is written anew after that: the row of the job is locked meanwhile, for who cancels it too.
//
// The upload lasts until the files have arrived. Of what the job is told to have taken it is that which came before the end was written.
func (r *run) finish(ctx context.Context, outcome *store.Outcome) (err error) {
	lasting, enough := outlive(ctx, finishGrace)
	defer enough()
	finishing, end := r.traced(lasting, "finish")
	defer func() { end(err) }()
	began := time.Now()
	uploaded := &outcome.Timings[len(outcome.Timings)-1] // which upload has added
	before := uploaded.Seconds
	arrived := func() { uploaded.Seconds = before + engine.Seconds(time.Since(began)) }
	if err := r.finishOnce(finishing, *outcome, arrived); !errors.Is(err, errLate) {
		return err
	}
	r.ends.Store(false)
	if err := r.uploads.wait(); err != nil {
		return err
	}
	arrived()
	return r.finishOnce(finishing, *outcome, func() {})
}

// lockedFor is how long the row of a job may be locked for files that are on their way.
const lockedFor = 250 * time.Millisecond

// finishOnce returns errLate if files have not arrived for lockedFor.
func (r *run) finishOnce(ctx context.Context, outcome store.Outcome, arrived func()) error {
	r.ends.Store(true)
	mayTry := func(err error) bool {
		return r.uploads.failed() == nil && !errors.Is(err, errLate) && store.IsTemporary(err)
	}
	return r.retry(ctx, "finish", mayTry, func(ctx context.Context) error {
		var rest *jobs.Rest
		err := r.w.jobs.FinishWhen(ctx, r.claim, outcome, func() (*jobs.Rest, error) {
			if err := r.uploads.arrive(lockedFor); err != nil {
				return nil, err
			}
			arrived()
			rest = r.events.close()
			return rest, nil
		})
		if err != nil && rest != nil { // the end comes later, or is not ours
			r.w.jobs.AnnounceRest(ctx, r.claim.TenantID, rest)
		}
		return err
	})
}

// finishGrace is how long the answer to a Finish is waited for when the job is to stop: the end that it makes may be in Postgres by
// then, and is not told, nor counted, by who does not know. It is far more than a commit takes.
const finishGrace = 2 * time.Second

// outlive returns a context that ends as ctx does, but by d later.
func outlive(ctx context.Context, d time.Duration) (longer context.Context, end func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(d):
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}
