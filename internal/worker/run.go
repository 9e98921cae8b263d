package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// run is one claimed job on its way.
type run struct {
	w       *Worker
	claim   store.Claim
	log     *slog.Logger
	place   string // in the worker's scratch folder, where the names of the rungs' folders and of a long log begin so
	began   time.Time
	jobLog  *jobLog
	events  *publisher
	uploads *uploads // of the files that the job keeps: those of the rung that succeeded, and the log
	puts    chan struct{}
	sets    atomic.Int64 // of uploads, so far
	leave   func()       // to be called when no engine is needed any more
	begun   func()       // called when an engine has begun; nil where nobody waits for that
	ends    atomic.Bool  // it is being finished, by which the claim ends

	mu       sync.Mutex
	stage    engine.Stage
	progress float64
	rungs    []*rung // that are in engines, in the order in which they began; the first is what is shown
}

// run brings a claimed job to its end. It calls leave once it needs no engine any more.
func (w *Worker) run(ctx context.Context, claim store.Claim, leave func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	look := make(chan struct{}, 1)
	release := w.adopt(claim.JobID, &held{ctx, cancel, look})
	defer release()
	ctx, span := w.traceJob(ctx, claim)
	defer span.End()

	r := &run{
		w: w, claim: claim, began: time.Now(), stage: engine.StageFetch,
		log:   w.log.With("job", claim.JobID, "attempt", claim.Attempt, "kind", claim.Kind, "tenant", claim.TenantID, "subject", claim.Subject()).With(traceOf(ctx)...),
		place: w.scratch.path(claim.JobID + "-" + claim.Token), // a claim that is lost with the database may be made again, here
		puts:  make(chan struct{}, maxUploads), leave: leave,
	}
	r.jobLog = newLog(r.place + ".log")
	r.events = newPublisher(ctx, w.jobs, claim)
	r.uploads = r.newUploads(ctx)
	r.events.add(jobs.StatusEvent(store.Running, claim.Attempt, nil))
	stopHeartbeat := r.heartbeat(ctx, cancel, look)

	outcome, err := r.work(ctx)
	w.tellParts(ctx) // before it is finished: meshes that wait for an import look for who has the part
	if err == nil {
		err = r.finish(ctx, &outcome)
	}
	r.uploads.abandon()
	w.jobs.AnnounceRest(ctx, claim.TenantID, r.events.close())
	stopHeartbeat()
	r.conclude(ctx, outcome, err)
	w.jobs.CallNext(ctx, claim)
	endJob(span, outcome, err)
	if err == nil {
		r.keepMesh(outcome)
		w.guessAfter(claim, outcome)
	}
	if err := r.tidy(); err != nil {
		r.log.Error("scratch folder not removed", "error", err)
	}
}

// folder is where the files of a set are that an engine makes. Most jobs have one, which is why it lies in no other.
func (r *run) folder(set int) string { return fmt.Sprintf("%s-%d", r.place, set) }

// tidy removes all that the job has on the local disk.
func (r *run) tidy() error {
	var failed error
	for set := range int(r.sets.Load()) {
		failed = errors.Join(failed, os.RemoveAll(r.folder(set+1)))
	}
	return errors.Join(failed, r.jobLog.remove())
}

// conclude handles the ends that are not Finish, and logs all of them.
func (r *run) conclude(ctx context.Context, outcome store.Outcome, err error) {
	took := slog.Duration("took", time.Since(r.began))
	if err == nil {
		r.w.tally.count(outcome)
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	cause := context.Cause(ctx)
	switch {
	case err == nil && outcome.Error == nil:
		r.log.Info("job succeeded", took)
		return
	case err == nil:
		r.log.Info("job failed", "code", outcome.Error.Code, "message", outcome.Error.Message, took)
		return
	case errors.Is(err, jobs.ErrFenced), errors.Is(cause, jobs.ErrFenced), errors.Is(cause, errCanceled), errors.Is(cause, errLeaseOut):
		r.log.Info("job dropped", "error", err, "cause", cause, took)
	case errors.Is(cause, errDraining):
		r.log.Info("job given back", took)
		r.release(after, 0)
	case isForLater(err, r.claim.Attempt):
		r.log.Warn("job given back for later", "error", err, took)
		r.release(after, retryDelay)
	default:
		r.log.Error("job failed for a reason of ours", "error", err, took)
		failed := store.Outcome{Error: diagnosis.New(diagnosis.Internal, "the job could not be carried out").WithDetail(err.Error())}
		if err := r.w.jobs.Finish(after, r.claim, failed); err != nil {
			r.log.Error("job not finished; its lease will run out", "error", err)
		}
	}
	if err := r.w.jobs.Discard(after, r.claim); err != nil {
		r.log.Warn("what the job stored was not discarded", "error", err)
	}
}

// refusedAttempts is how many attempts S3 may refuse, or the disk of a worker: who runs them may be changing keys or making room, and another worker
// may have it, but that may also never come.
const refusedAttempts = 6

// isForLater reports whether a job whose attempt ended so is given back, since another may succeed.
func isForLater(err error, attempt int) bool {
	if blob.IsRefusal(err) || isOfDisk(err) {
		return attempt < refusedAttempts
	}
	return blob.IsTemporary(err) || store.IsTemporary(err)
}

// isOfDisk reports whether an error is of the local disk: no room, no right, no such file.
func isOfDisk(err error) bool {
	_, ofFile := errors.AsType[*fs.PathError](err)
	_, ofLink := errors.AsType[*os.LinkError](err)
	return ofFile || ofLink
}

// retryDelay is how long a job waits in the queue after something that it needs was away for StoragePatience.
const retryDelay = 10 * time.Second

func (r *run) release(ctx context.Context, delay time.Duration) {
	if err := r.w.jobs.Release(ctx, r.claim, delay); err != nil && !errors.Is(err, jobs.ErrFenced) {
		r.log.Warn("job not given back; its lease will run out", "error", err)
	}
}

// work fetches, runs and has the files on their way. A failure that is the job's own is in the outcome; an error means that the job is not
// to be finished by this claim.
func (r *run) work(ctx context.Context) (store.Outcome, error) {
	var none store.Outcome
	defer r.jobLog.close()

	work := r.make
	if r.claim.Kind == engine.Mesh && r.claim.Exports() {
		work = r.addFormats
	}
	outcome, err := work(ctx)
	if err != nil {
		return none, err
	}
	r.leave()
	return r.upload(ctx, outcome)
}

// make fetches the source and does the work on it.
func (r *run) make(ctx context.Context) (store.Outcome, error) {
	path, release, fetched, err := r.fetch(ctx)
	if err != nil {
		return store.Outcome{}, err
	}
	defer release()
	outcome, err := r.ladder(ctx, path)
	outcome.Timings = append([]engine.Timing{fetched}, outcome.Timings...)
	return outcome, err
}

// addFormats writes formats of another's result, while it is seen whether the files of that are there: nobody has looked. Where they are not, or
// cannot be seen to be, or the mesh does not do, it is made again.
func (r *run) addFormats(ctx context.Context) (store.Outcome, error) {
	looking, stop := context.WithCancel(ctx)
	defer stop()
	begun, seen := make(chan struct{}), make(chan error, 1)
	r.begun = sync.OnceFunc(func() { close(begun) })
	go func() {
		<-begun // the engine comes first: what is looked at meanwhile does not keep it waiting
		seen <- r.seeLent(looking)
	}()
	outcome, err := r.make(ctx)
	if blob.IsTemporary(err) {
		stop() // it was waited for S3 already, and the job is given back
	}
	r.begun()
	unseen := <-seen
	switch {
	case ctx.Err() != nil:
		return outcome, context.Cause(ctx)
	case blob.IsTemporary(err):
		return outcome, err
	case errors.Is(unseen, errLentUnknown):
		return outcome, errors.Join(err, unseen)
	case unseen != nil, errors.Is(err, blob.ErrNotFound), err == nil && outcome.Error != nil:
		return r.remesh(ctx, errors.Join(unseen, err, asError(outcome.Error)))
	}
	return outcome, err
}

// errLentUnknown says that Postgres has not told which files the job was given.
var errLentUnknown = errors.New("not known which files were given")

// lookPatience is how long it is tried to see files that were given, where S3 does not answer: the job has its engine's place meanwhile.
const lookPatience = 5 * time.Second

// seeLent returns nil if the files of another's result are there that the job was given.
func (r *run) seeLent(ctx context.Context) error {
	var files []store.Artifact
	err := r.retry(ctx, "look", store.IsTemporary, func(ctx context.Context) (err error) {
		files, err = r.w.jobs.Lent(ctx, r.claim)
		return err
	})
	if err != nil {
		return errors.Join(errLentUnknown, err)
	}
	ctx, cancel := context.WithTimeout(ctx, min(lookPatience, r.w.cfg.StoragePatience))
	defer cancel()
	return r.retry(ctx, "look", blob.IsTemporary, func(ctx context.Context) error { return r.w.jobs.SeeLent(ctx, r.claim, files) })
}

// keepMesh keeps the mesh that was made: a further format of it needs no fetch then.
func (r *run) keepMesh(outcome store.Outcome) {
	for _, a := range outcome.Artifacts {
		if a.Format != string(engine.MSH) {
			continue
		}
		s := source{Tenant: r.claim.TenantID, SHA256: a.SHA256, Format: engine.MSH, Size: a.Size}
		if err := r.w.cache.keep(s, r.uploads.paths[a.Name]); err != nil {
			r.log.Warn("the mesh is not kept on the local disk", "error", err)
		}
	}
}

// remesh makes the mesh that another's result did not do for.
func (r *run) remesh(ctx context.Context, cause error) (store.Outcome, error) {
	r.log.Warn("the mesh that was there does not do; it is made again", "error", cause)
	r.uploads.drop() // formats that were written of it
	r.uploads = r.newUploads(ctx)
	err := r.retry(ctx, "remesh", store.IsTemporary, func(ctx context.Context) (err error) {
		r.claim, err = r.w.jobs.Remesh(ctx, r.claim)
		return err
	})
	if err != nil {
		return store.Outcome{}, err
	}
	return r.make(ctx)
}

func asError(d *diagnosis.Diagnosis) error {
	if d == nil {
		return nil
	}
	return d
}

// kind is what an engine is to do for the claim.
func (r *run) kind() engine.Kind {
	if r.claim.Exports() {
		return engine.Export
	}
	return r.claim.Kind
}

// fetch brings the source to the local disk.
func (r *run) fetch(ctx context.Context) (path string, release func(), t engine.Timing, err error) {
	began := time.Now()
	ctx, end := r.traced(ctx, string(engine.StageFetch))
	defer func() { end(err) }()
	c := r.claim
	s := source{Tenant: c.TenantID, SHA256: c.SHA256, Format: c.Format, Size: c.Size}
	path, hit, release, err := r.w.cache.get(ctx, s, func(ctx context.Context, path string) error {
		return r.retry(ctx, "fetch", blob.IsTemporary, func(ctx context.Context) error {
			return r.w.blobs.GetToFile(ctx, c.ObjectKey, path)
		})
	})
	if err != nil {
		return "", nil, t, fmt.Errorf("fetch %s: %w", c.ObjectKey, err)
	}
	if !hit {
		r.say("info", "fetched %d bytes in %.3f s", c.Size, time.Since(began).Seconds())
	}
	return path, release, engine.Timing{Stage: engine.StageFetch, Seconds: engine.Seconds(time.Since(began))}, nil
}

func (r *run) setStage(e engine.StageEvent) {
	r.mu.Lock()
	changed := e.Stage != r.stage
	r.stage, r.progress = e.Stage, max(r.progress, e.Progress)
	e.Progress = r.progress
	r.mu.Unlock()
	r.events.stage(e, changed)
}

func (r *run) at() (engine.Stage, float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stage, r.progress
}

// say adds a line of the worker's own to the job's log.
func (r *run) say(level, format string, args ...any) {
	line := engine.LogLine{Level: level, Text: fmt.Sprintf(format, args...), Seconds: engine.Seconds(time.Since(r.began))}
	r.jobLog.add(line)
	r.events.lines(line)
}

// heartbeat keeps the lease until the returned function is called, records how far the job is, and sees whom it runs for. It ends the job when
// the claim is lost, or when the lease could not be extended until it ran out.
func (r *run) heartbeat(ctx context.Context, cancel context.CancelCauseFunc, look <-chan struct{}) (stop func()) {
	cfg, claim := r.w.jobs.Config(), r.claim
	ctx, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		kept := r.began // when the lease was extended last
		var recorded float64
		ticker := time.NewTicker(min(progressEvery, cfg.HeartbeatEvery()))
		defer ticker.Stop()
		for {
			asked := false
			select {
			case <-ctx.Done():
				return
			case <-look:
				asked = true
			case <-ticker.C:
			}
			stage, progress := r.at()
			if !asked && progress == recorded && time.Since(kept) < cfg.HeartbeatEvery() {
				continue
			}
			began := time.Now()
			hbCtx, hbEnd := context.WithTimeout(ctx, cfg.HeartbeatEvery())
			subjects, err := r.w.jobs.Heartbeat(hbCtx, claim, stage, progress)
			hbEnd()
			switch {
			case err == nil:
				kept, recorded = began, progress
				r.events.tell(subjects)
			case errors.Is(err, jobs.ErrFenced):
				// Whether the job was finished or is lost, Finish is told. To stop it would be to know of neither.
				if !r.ends.Load() {
					cancel(jobs.ErrFenced)
					return
				}
			case ctx.Err() == nil:
				r.log.Warn("heartbeat", "error", err)
				if time.Since(kept) > cfg.Lease {
					cancel(errLeaseOut)
					return
				}
			}
		}
	}()
	return func() { end(); <-done }
}

// progressEvery is how often progress that changed is written to Postgres; followers of the events see it at once.
const progressEvery = time.Second

// retry repeats f while its error is temporary, for Config.StoragePatience at most.
func (r *run) retry(ctx context.Context, what string, temporary func(error) bool, f func(context.Context) error) error {
	deadline := time.Now().Add(r.w.cfg.StoragePatience)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := f(ctx)
		if err == nil || ctx.Err() != nil || !temporary(err) || time.Now().After(deadline) {
			return err
		}
		r.log.Warn(what+" is tried again", "error", err)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
