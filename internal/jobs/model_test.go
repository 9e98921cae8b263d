package jobs_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// The state machine of a job as docs/architecture.md tells it, without a database: what each call has to answer, and what a job is like
// afterwards. Random schedules of calls, by workers that are fenced and by those that hold the job, are held against the real thing.
//
//	queued ──claim──▶ running ──finish──▶ succeeded, failed
//	   ▲                │  └──cancel──▶ canceled ◀──cancel── queued
//	   └──release, lease over──┘  └──lease over once too often──▶ failed

// modelJob is what the model knows of a mesh's job.
type modelJob struct {
	made      int // which it is
	mesh, job string
	status    store.Status
	attempt   int
	allowed   int          // attempts; one that was given back does not count
	holder    *store.Claim // of a running job
	over      bool         // its lease
	ended     *store.Claim // whose Finish made it final
	again     int          // how often that was repeated: each time it is told of once more, for the first may have died before it did
}

// model is all jobs and all claims that there ever were.
type model struct {
	jobs   map[string]*modelJob // by job
	claims []store.Claim
}

// holds reports whether a claim is the one under which its job runs.
func (m *model) holds(c store.Claim) bool {
	j := m.jobs[c.JobID]
	return j.status == store.Running && j.holder.Token == c.Token
}

func (m *model) in(status store.Status) (found []*modelJob) {
	for _, j := range m.jobs {
		if j.status == status {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b *modelJob) int { return a.made - b.made })
	return found
}

// schedule is one run of the model beside the real thing.
type schedule struct {
	bench
	model
	t      *testing.T
	random *rand.Rand
	sql    *pgx.Conn
	part   store.Geometry
	told   []string // what was done, for whoever has to find out why
}

func pick[T any](s *schedule, of []T) (one T, ok bool) {
	if len(of) == 0 {
		return one, false
	}
	return of[s.random.IntN(len(of))], true
}

// anyClaim is one that holds its job or, as often, one that may have lost it.
func (s *schedule) anyClaim() (store.Claim, bool) {
	if j, ok := pick(s, s.in(store.Running)); ok && s.random.IntN(2) == 0 {
		return *j.holder, true
	}
	return pick(s, s.claims)
}

func (s *schedule) say(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// fenced checks the answer to a call under a claim, and reports whether it counts.
func (s *schedule) fenced(c store.Claim, err error) bool {
	if s.holds(c) {
		require.NoError(s.t, err)
		return true
	}
	require.ErrorIs(s.t, err, jobs.ErrFenced)
	return false
}

// The steps of a schedule. Each does one thing to both.

func (s *schedule) create() {
	n := newMesh(s.t, s.part, store.Interactive)
	n.Spec.Size.Max = float64(len(s.jobs) + 1)
	c, err := s.CreateMesh(s.t.Context(), n)
	require.NoError(s.t, err)
	s.say("create %s", c.Mesh.Job.ID)
	s.model.jobs[c.Mesh.Job.ID] = &modelJob{made: len(s.model.jobs), mesh: c.Mesh.ID, job: c.Mesh.Job.ID, status: store.Queued, allowed: 3}
}

func (s *schedule) claimNext() {
	c, ok, err := s.Claim(s.t.Context(), "worker")
	require.NoError(s.t, err)
	require.Equal(s.t, len(s.in(store.Queued)) > 0, ok, "what waits is claimed")
	if !ok {
		return
	}
	s.say("claim %s %d", c.JobID, c.Attempt)
	j := s.model.jobs[c.JobID]
	require.Equal(s.t, store.Queued, j.status)
	j.status, j.holder, j.over = store.Running, &c, false
	j.attempt++
	require.Equal(s.t, j.attempt, c.Attempt)
	s.claims = append(s.claims, c)
}

func (s *schedule) heartbeat() {
	c, ok := s.anyClaim()
	if !ok {
		return
	}
	s.say("heartbeat %s %d", c.JobID, c.Attempt)
	_, err := s.Heartbeat(s.t.Context(), c, "mesh2d", 0.5)
	if s.fenced(c, err) {
		s.model.jobs[c.JobID].over = false
	}
}

func (s *schedule) finish() {
	c, ok := s.anyClaim()
	if !ok {
		return
	}
	outcome, status := succeeded(), store.Succeeded
	if s.random.IntN(3) == 0 {
		outcome, status = store.Outcome{Error: diagnosis.New(diagnosis.EngineCrashed, "")}, store.Failed
	}
	s.say("finish %s %d %s", c.JobID, c.Attempt, status)
	err := s.Finish(s.t.Context(), c, outcome)
	j := s.model.jobs[c.JobID]
	if j.ended != nil && j.ended.Token == c.Token && j.status == status {
		require.NoError(s.t, err, "the answer to the first may have been lost")
		j.again++
		return
	}
	if s.fenced(c, err) {
		j.status, j.holder, j.ended = status, nil, &c
	}
}

func (s *schedule) release() {
	c, ok := s.anyClaim()
	if !ok {
		return
	}
	s.say("release %s %d", c.JobID, c.Attempt)
	err := s.Release(s.t.Context(), c, 0)
	if !s.holds(c) {
		require.Error(s.t, err)
		return
	}
	require.NoError(s.t, err)
	j := s.model.jobs[c.JobID]
	j.status, j.holder = store.Queued, nil
	j.allowed++
}

func (s *schedule) cancel() {
	var all []*modelJob
	for _, status := range []store.Status{store.Queued, store.Running, store.Succeeded, store.Failed, store.Canceled} {
		all = append(all, s.in(status)...)
	}
	j, ok := pick(s, all)
	if !ok {
		return
	}
	s.say("cancel %s", j.job)
	require.NoError(s.t, s.CancelMesh(s.t.Context(), tenant, j.mesh))
	if !j.status.Final() {
		j.status, j.holder = store.Canceled, nil
	}
}

// expire has the lease of a running job run out, as it does when its worker is gone.
func (s *schedule) expire() {
	j, ok := pick(s, s.in(store.Running))
	if !ok {
		return
	}
	s.say("lease over %s", j.job)
	_, err := s.sql.Exec(s.t.Context(), `UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, j.job)
	require.NoError(s.t, err)
	j.over = true
}

func (s *schedule) reconcile() {
	s.say("reconcile")
	require.NoError(s.t, s.Reconcile(s.t.Context()))
	for _, j := range s.in(store.Running) {
		if !j.over {
			continue
		}
		j.status, j.holder = store.Queued, nil
		if j.attempt >= j.allowed {
			j.status = store.Failed
		}
	}
}

// agree holds the database against the model.
func (s *schedule) agree() {
	s.t.Helper()
	rows, err := s.sql.Query(s.t.Context(), `SELECT id, status, attempt, claim FROM jobs WHERE kind = 'mesh'`)
	require.NoError(s.t, err)
	found := 0
	var name, status, claim string
	var attempt int
	_, err = pgx.ForEachRow(rows, []any{&name, &status, &attempt, &claim}, func() error {
		found++
		j := s.model.jobs[name]
		if string(j.status) != status || j.attempt != attempt || j.status == store.Running && j.holder.Token != claim {
			return fmt.Errorf("%s is %s in attempt %d; the model has it %s in %d", name, status, attempt, j.status, j.attempt)
		}
		return nil
	})
	require.NoError(s.t, err)
	require.Equal(s.t, len(s.model.jobs), found)
}

func (s *schedule) run(steps int) {
	kinds := []struct {
		weight int
		do     func()
	}{{4, s.create}, {8, s.claimNext}, {5, s.heartbeat}, {4, s.finish}, {2, s.release}, {2, s.cancel}, {5, s.expire}, {3, s.reconcile}}
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	for range steps {
		at := s.random.IntN(total)
		for _, k := range kinds {
			if at -= k.weight; at < 0 {
				k.do()
				break
			}
		}
		s.agree()
	}
	// What is left is done by workers that nothing happens to.
	for len(s.in(store.Queued))+len(s.in(store.Running)) > 0 {
		for _, j := range s.in(store.Running) {
			require.NoError(s.t, s.Finish(s.t.Context(), *j.holder, succeeded()))
			j.status, j.ended = store.Succeeded, j.holder
		}
		s.claimNext()
	}
	s.agree()
}

func TestRandomSchedules_AreAsTheModelSays(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			b := newBench(t, time.Hour)
			sql, err := pgx.Connect(t.Context(), b.url)
			require.NoError(t, err)
			defer sql.Close(t.Context())
			s := &schedule{bench: b, model: model{jobs: map[string]*modelJob{}}, t: t, random: rand.New(rand.NewPCG(1, seed)), sql: sql, part: b.imported()}
			defer func() {
				if t.Failed() {
					t.Logf("the last steps: %v", s.told[max(0, len(s.told)-20):])
				}
			}()
			s.run(500)
			for _, j := range s.model.jobs {
				require.Equal(t, 1+j.again, count(b.events(j.mesh), "done"), "%s is told of", j.mesh)
				files, err := b.db.MeshArtifacts(t.Context(), tenant, j.mesh)
				require.NoError(t, err)
				require.Equal(t, j.status == store.Succeeded, len(files) == 1, "files are those of the claim that finished it: %s %d", j.status, len(files))
				seen[string(j.status)]++
				seen["again"] += min(1, max(0, j.attempt-1))
			}
		})
	}
	t.Logf("%v", seen)
	for _, end := range []string{"succeeded", "failed", "canceled", "again"} {
		require.Greater(t, seen[end], 10, "the schedules are to reach every end: %v", seen)
	}
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}
