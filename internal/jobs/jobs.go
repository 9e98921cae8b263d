package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// ErrFenced says that the claim is no longer held; see the package comment.
var ErrFenced = store.ErrFenced

// Config of the state machine. All processes of an installation should agree on it.
type Config struct {
	// Lease is how long a job stays with a worker that is not heard of.
	Lease time.Duration `env:"MESHGEN_LEASE" envDefault:"30s"`
	// MaxAttempts is how often a job whose worker was lost is started.
	MaxAttempts int `env:"MESHGEN_MAX_ATTEMPTS" envDefault:"3"`
	// ReconcileEvery is the mean pause between two passes of Reconcile.
	ReconcileEvery time.Duration `env:"MESHGEN_RECONCILE_EVERY" envDefault:"2s"`
	// OrphanAge is how old an object of a job has to be before it is deleted for having no artifact. It is also the mean pause
	// between two looks for such, each of which lists the bucket; 0 for none.
	OrphanAge time.Duration `env:"MESHGEN_ORPHAN_AGE" envDefault:"24h"`
	// AuditKeep is how long the audit log is kept, 30 days (720h) at least.
	AuditKeep time.Duration `env:"MESHGEN_AUDIT_KEEP" envDefault:"8760h"`
	// Affinity is how long a mesh is held at most for workers whose engines keep its part; it is never held longer than it took to
	// read the part. 0 for not at all.
	Affinity time.Duration `env:"MESHGEN_AFFINITY" envDefault:"300ms"`
	// MaxQueued is how many meshes may wait of each class, interactive and batch; what would be more is refused with 429. 0 for
	// no limit.
	MaxQueued int `env:"MESHGEN_MAX_QUEUED" envDefault:"10000"`
	// MaxQueuedOfTenant is the same of one tenant.
	MaxQueuedOfTenant int `env:"MESHGEN_MAX_QUEUED_OF_TENANT" envDefault:"2000"`
	// MaxRunningOfTenant is how many jobs of one tenant run at once, give or take workers that claim at the same moment: the rest
	// waits, though engines be idle. 0 for no limit.
	MaxRunningOfTenant int `env:"MESHGEN_MAX_RUNNING_OF_TENANT" envDefault:"0"`
}

// heartbeatsPerLease: five may be lost before the lease is.
const heartbeatsPerLease = 6

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Lease < heartbeatsPerLease*100*time.Millisecond {
		return fmt.Errorf("MESHGEN_LEASE must be at least %s", heartbeatsPerLease*100*time.Millisecond)
	}
	if c.MaxAttempts < 1 {
		return errors.New("MESHGEN_MAX_ATTEMPTS must be at least 1")
	}
	if c.OrphanAge < 0 {
		return errors.New("MESHGEN_ORPHAN_AGE must not be negative")
	}
	if c.AuditKeep < store.ShortestAudit {
		return fmt.Errorf("MESHGEN_AUDIT_KEEP must be at least %s", store.ShortestAudit)
	}
	if c.Affinity < 0 || c.Affinity > maxAffinity {
		return fmt.Errorf("MESHGEN_AFFINITY must be between 0 and %s", maxAffinity)
	}
	if c.MaxQueued < 0 || c.MaxQueuedOfTenant < 0 || c.MaxRunningOfTenant < 0 {
		return errors.New("MESHGEN_MAX_QUEUED, MESHGEN_MAX_QUEUED_OF_TENANT and MESHGEN_MAX_RUNNING_OF_TENANT must not be negative")
	}
	if c.ReconcileEvery <= 0 {
		return errors.New("MESHGEN_RECONCILE_EVERY must be positive")
	}
	return nil
}

// maxAffinity: a person should not notice that a job waits for a worker of its own.
const maxAffinity = 5 * time.Second

// HeartbeatEvery is the pause between two heartbeats.
func (c Config) HeartbeatEvery() time.Duration { return c.Lease / heartbeatsPerLease }

// Service runs the state machine on a database and a queue.
type Service struct {
	cfg   Config
	db    *store.DB
	queue *queue.Queue
	files Files
	log   *slog.Logger

	limits limits // of tenants

	patience patience
	tellings tellings
}

// New returns a Service; files is where the results are that may be given again.
func New(cfg Config, db *store.DB, q *queue.Queue, files Files, log *slog.Logger) *Service {
	return &Service{cfg: cfg, db: db, queue: q, files: files, log: log, patience: usual}
}

// Config returns the configuration.
func (s *Service) Config() Config { return s.cfg }

// CreateGeometry records a geometry that is in S3 and queues its import.
func (s *Service) CreateGeometry(ctx context.Context, n store.NewGeometry) (store.Geometry, error) {
	n.MaxAttempts = s.cfg.MaxAttempts
	g, created, err := s.db.CreateGeometry(ctx, n)
	if err != nil {
		return g, err
	}
	if created {
		s.inform(ctx, 1, func(ctx context.Context) {
			s.announceAndRing(ctx, g.ID, n.TenantID, queuedEvent(), queue.Bell{JobID: g.Job.ID, Traceparent: n.Traceparent})
		})
	}
	return g, nil
}

// CreateMesh records a mesh and queues its job, unless the idempotency key names one that exists, or the mesh is to be had
// without (see reuse.go). It returns when the disk has them; a worker may begin before that. Should Postgres crash in
// between, nobody has been told of the mesh, and its worker, if there is one, is fenced.
func (s *Service) CreateMesh(ctx context.Context, n store.NewMesh) (store.Created, error) {
	n.MaxAttempts = s.cfg.MaxAttempts
	if n.Class == "" {
		n.Class = store.Interactive
	}
	var err error
	if n.Room, err = s.room(ctx, n.TenantID); err != nil {
		return store.Created{}, err
	}
	n.Hold, n.Look = s.cfg.Affinity, n.Reuse
	c, err := s.db.CreateMesh(ctx, n)
	if answered, ok := errors.AsType[*store.Answered](err); ok {
		n.From, n.Look = s.standing(ctx, answered.Result), false
		c, err = s.db.CreateMesh(ctx, n)
	}
	if err != nil {
		return c, s.refusal(ctx, n.TenantID, err)
	}
	durable := make(chan error, 1)
	go func() { durable <- s.db.Flush(ctx) }()
	if !c.Existed {
		c, err = s.begun(ctx, n.TenantID, n.Traceparent, c)
	}
	return c, errors.Join(err, <-durable)
}

// begun tells of a new mesh and returns what it is like.
func (s *Service) begun(ctx context.Context, tenant, traceparent string, c store.Created) (store.Created, error) {
	var err error
	if !c.Lacks {
		if c, err = s.read(ctx, tenant, c); err != nil {
			return c, err
		}
	}
	told := c
	s.inform(ctx, 1, func(ctx context.Context) { s.tell(ctx, tenant, traceparent, told) })
	if c.Lacks { // a worker can begin before the row is read
		c, err = s.read(ctx, tenant, c)
	}
	return c, err
}

// read returns what a new mesh is like that is another's result, or will be, with its files: creating it has not read that.
func (s *Service) read(ctx context.Context, tenant string, c store.Created) (store.Created, error) {
	if !c.Reused && c.Leader == "" {
		return c, nil
	}
	mesh, files, err := s.db.MeshWithFiles(ctx, tenant, c.Mesh.ID)
	if err == nil {
		c.Mesh, c.Files = mesh, files
	}
	return c, err
}

// tell says that a mesh is there, and rings for it where it is to be made.
func (s *Service) tell(ctx context.Context, tenant, traceparent string, c store.Created) {
	queued := queuedEvent()
	ring := func() {
		s.announceAndRing(ctx, c.Mesh.ID, tenant, queued, queue.Bell{JobID: c.Mesh.Job.ID, Traceparent: traceparent, Workers: c.Holders})
	}
	switch {
	case c.Lacks:
		ring()
	case c.Mesh.Status.Final():
		s.announce(ctx, c.Mesh.ID, tenant, DoneEvents(c.Mesh.Status, c.Mesh.Attempt, c.Mesh.Error)...)
	case c.Leader != "":
		s.announce(ctx, c.Mesh.ID, tenant, queued)
		s.followed(ctx, c)
	case c.Waits:
		s.announce(ctx, c.Mesh.ID, tenant, queued)
	default:
		ring()
	}
}

// RequestExport returns the job that writes a further format of a mesh, queueing it if need be.
func (s *Service) RequestExport(ctx context.Context, tenant, meshID, format string) (store.Export, error) {
	e, created, err := s.db.RequestExport(ctx, tenant, meshID, format)
	if err == nil && created {
		s.inform(ctx, 1, func(ctx context.Context) { s.ring(ctx, queue.Bell{JobID: e.ID}) })
	}
	return e, err
}

// Claim takes the job that ranks first for this worker, if any waits that is not held for others. The worker announces that it
// runs.
func (s *Service) Claim(ctx context.Context, worker string) (store.Claim, bool, error) {
	return s.db.Claim(ctx, worker, uuid.NewString(), s.cfg.Lease, s.cfg.MaxRunningOfTenant)
}

// HeldFor returns how long it is until the first of the jobs that are held for some workers is anybody's; ok is false if none is.
func (s *Service) HeldFor(ctx context.Context) (d time.Duration, ok bool, err error) {
	return s.db.HeldFor(ctx)
}

// SetParts records which parts the engines of a worker keep, until it says so again; for ttl at most.
func (s *Service) SetParts(ctx context.Context, worker string, parts []store.Part, ttl time.Duration) error {
	return s.db.SetParts(ctx, worker, parts, ttl)
}

// Heartbeat keeps the claim, and tells whom to announce its work to. ErrFenced tells that it is lost, or the job canceled.
func (s *Service) Heartbeat(ctx context.Context, c store.Claim, stage engine.Stage, progress float64) (subjects []string, err error) {
	return s.db.Heartbeat(ctx, c, s.cfg.Lease, stage, progress)
}

// AddPreview makes a file visible while its job still runs.
func (s *Service) AddPreview(ctx context.Context, c store.Claim, a store.Artifact) error {
	return s.db.AddPreview(ctx, c, a)
}

// DropPreviews hides files again that AddPreview made visible.
func (s *Service) DropPreviews(ctx context.Context, c store.Claim, ids ...string) error {
	return s.db.DropPreviews(ctx, c, ids)
}

// Finish makes the job final and tells everybody who waits for it.
func (s *Service) Finish(ctx context.Context, c store.Claim, o store.Outcome) error {
	return s.FinishWhen(ctx, c, o, func() (*Rest, error) { return nil, nil })
}

// FinishWhen is Finish for a claim whose last files are on their way and that still announces events. ready is called when all is written, and nothing
// is committed: its error, with which nothing is, is returned. It may be called again, and has to be short, since who else needs the job waits meanwhile.
// What it returns is left of the events and goes with the end, and what that tells waits for those before, so that done is the last. Where
// FinishWhen fails, nothing of the rest is announced.
func (s *Service) FinishWhen(ctx context.Context, c store.Claim, o store.Outcome, ready func() (*Rest, error)) error {
	status := store.Succeeded
	if o.Error != nil {
		status = store.Failed
	}
	o.ReusableAs, o.Shared = reusableAs(o), isShared(o.Error)
	subject := c.Subject()
	var f store.Finished
	var rest *Rest
	asked := false
	isReady := func() (err error) {
		asked = true
		rest, err = ready()
		return err
	}
	var err error
	if c.Kind == engine.Import {
		f, err = s.db.FinishImport(ctx, c, o, s.cfg.Affinity, isReady)
	} else {
		f, err = s.db.Finish(ctx, c, o, isReady)
		if c.Kind == engine.Mesh {
			subject = f.MeshID
		}
	}
	if err != nil {
		return err
	}
	if c.Kind == engine.Import { // who waits for it need not wait for what is told of it
		s.courtesy(ctx, len(f.Waiters), func(ctx context.Context) { s.settled(ctx, f.Waiters, f.Holders...) })
		f.Waiters = nil
	}
	if !asked { // an earlier call had made the end, and its answer was lost; it was ready then, and an error now changes nothing
		_ = isReady()
	}
	if rest == nil {
		rest = &Rest{}
	} else {
		<-rest.Before
	}
	s.courtesy(ctx, 1+len(rest.Subjects)+len(f.Waiters), func(ctx context.Context) {
		s.announceEnd(ctx, subject, c.TenantID, rest, DoneEvents(status, c.Attempt, o.Error))
		s.settled(ctx, f.Waiters)
	})
	return nil
}

// settled rings for the waiters that may run now, for workers by name too, and tells of those that ended with what they waited for.
func (s *Service) settled(ctx context.Context, waiters []store.Waiter, workers ...string) {
	for _, w := range waiters {
		switch {
		case w.Status.Final():
			s.announce(ctx, w.MeshID, w.TenantID, DoneEvents(w.Status, w.Attempt, w.Error)...)
		case !w.Waits:
			s.ring(ctx, queue.Bell{JobID: w.JobID, Workers: workers})
		}
	}
}

// Release gives the job back to the queue, to be claimed after delay, without counting the attempt.
func (s *Service) Release(ctx context.Context, c store.Claim, delay time.Duration) error {
	subjects, err := s.db.Release(ctx, c, delay)
	if err != nil {
		return err
	}
	s.courtesy(ctx, 1+len(subjects), func(ctx context.Context) {
		for _, subject := range subjects {
			s.announce(ctx, subject, c.TenantID, StatusEvent(store.Queued, c.Attempt, nil))
		}
		if delay <= 0 {
			s.ring(ctx, queue.Bell{JobID: c.JobID, Traceparent: c.Traceparent})
		}
	})
	return nil
}

// CancelMesh makes the mesh's unfinished jobs canceled and has their engines killed. It is idempotent.
func (s *Service) CancelMesh(ctx context.Context, tenant, meshID string) error {
	canceled, err := s.db.CancelMesh(ctx, tenant, meshID, claimPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// DeleteMesh removes a mesh, canceling what is not finished.
func (s *Service) DeleteMesh(ctx context.Context, tenant, meshID string) error {
	canceled, err := s.db.DeleteMesh(ctx, tenant, meshID, claimPrefix, blob.JobPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// DeleteGeometry removes a geometry and its meshes, canceling what is not finished.
func (s *Service) DeleteGeometry(ctx context.Context, tenant, geometryID string) error {
	canceled, err := s.db.DeleteGeometry(ctx, tenant, geometryID, claimPrefix, blob.JobPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// DeleteProject removes a project with all that it holds, canceling what is not finished.
func (s *Service) DeleteProject(ctx context.Context, tenant, projectID string) error {
	canceled, err := s.db.DeleteProject(ctx, tenant, projectID, claimPrefix, blob.JobPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// canceled has the engines of canceled jobs killed, tells who follows them, and rings for those that go on without.
func (s *Service) canceled(ctx context.Context, c store.Cancellation) {
	s.inform(ctx, len(c.Jobs)+len(c.Moved)+len(c.Left), func(ctx context.Context) {
		for _, h := range c.Jobs { // first what has others act, should there not be time for all
			if h.Status == store.Running {
				s.kill(ctx, h.JobID)
			}
		}
		for _, jobID := range c.Moved {
			s.look(ctx, jobID)
		}
		s.settled(ctx, c.Left)
		for _, h := range c.Jobs {
			for _, subject := range h.Subjects() {
				s.announce(ctx, subject, h.TenantID, DoneEvents(store.Canceled, h.Attempt, nil)...)
			}
		}
	})
}

// Discard has what the claim stored swept, after it was lost.
func (s *Service) Discard(ctx context.Context, c store.Claim) error {
	return s.db.Discard(ctx, c, blob.AttemptPrefix(c.TenantID, c.JobID, c.Attempt, c.Token))
}

func claimPrefix(h store.Held) string {
	return blob.AttemptPrefix(h.TenantID, h.JobID, h.Attempt, h.Token)
}
