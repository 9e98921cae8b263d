package e2e

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/client"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

func TestWorkerIsKilledMidJob_AnotherFinishesItAndNoEngineIsLeft(t *testing.T) {
	s := newSite(t)
	first := s.hire(testenv.FaultyEngine(t))
	m := s.mesh(part(t, "sleep mesh2d"), spec.Spec{})
	s.follow(m.ID, stage("mesh2d"))
	require.NotEmpty(t, s.engines())
	require.NoError(t, first.Kill())
	require.Eventually(t, func() bool { return len(s.engines()) == 0 }, patience, 20*time.Millisecond, "engines outlive their worker")

	s.hire(testenv.Engine(t))
	m = s.succeeded(m)
	require.Equal(t, 2, m.Attempt)
}

func TestWorkerIsToldToStopMidJob_AnotherFinishesItAtOnce(t *testing.T) {
	s := newSite(t)
	first := s.hire(testenv.FaultyEngine(t))
	m := s.mesh(part(t, "sleep mesh2d"), spec.Spec{})
	s.follow(m.ID, stage("mesh2d"))
	s.hire(testenv.Engine(t))
	require.NoError(t, first.Stop())
	m = s.succeeded(m)
	require.Equal(t, 2, m.Attempt)
}

// outage is how long a server stays away.
const outage = 10 * time.Second

func TestLong_ServerIsAwayForTenSecondsMidJob_JobSucceedsOnce(t *testing.T) {
	type server interface {
		Kill() error
		Start(context.Context) error
	}
	for name, of := range map[string]func(*site) server{
		"postgres": func(s *site) server { return s.postgres.Server },
		"s3":       func(s *site) server { return s.s3.Server },
		"redis":    func(s *site) server { return s.redis.Server },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()                         // nearly all of it is waiting
			s := newSite(t, "MESHGEN_LEASE=30s") // as by default: longer than the outage
			s.hire(testenv.Engine(t))
			m := s.mesh(part(t, ""), spec.Spec{Size: spec.Size{Fineness: 7}})
			s.follow(m.ID, stage("mesh1d"))
			require.NoError(t, of(s).Kill())
			away := time.NewTimer(outage)
			defer away.Stop()
			select {
			case <-away.C:
			case <-t.Context().Done():
			}
			require.NoError(t, of(s).Start(t.Context()))
			m = s.succeeded(m)
			require.Equal(t, 1, m.Attempt, "the worker was there all the time")
		})
	}
}

func TestLong_ServerHangsMidJob_JobSucceeds(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	m := s.mesh(part(t, ""), spec.Spec{Size: spec.Size{Fineness: 7}})
	s.follow(m.ID, stage("mesh1d"))
	require.NoError(t, s.postgres.Server.Pause())
	hung := time.NewTimer(3 * time.Second) // heartbeats run into their time limits
	defer hung.Stop()
	<-hung.C
	require.NoError(t, s.postgres.Server.Resume())
	s.succeeded(m)
}

func TestRedisForgetsEverythingMidJob_TheStreamStillEnds(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	m := s.mesh(part(t, ""), spec.Spec{Size: spec.Size{Fineness: 7}})
	flushed := false
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var done int
	for e, err := range s.Follow(ctx, m.ID, "") {
		require.NoError(t, err)
		if !flushed && stage("mesh1d")(e) {
			flushed = true
			require.NoError(t, s.redis.Server.Flush(ctx))
		}
		if isDone(e) {
			done++
		}
	}
	require.True(t, flushed)
	require.Equal(t, 1, done)
	s.succeeded(m)
}

func TestRedisForgetsAQueuedJob_ItRuns(t *testing.T) {
	s := newSite(t)
	m := s.mesh(part(t, ""), spec.Spec{}) // nobody is there to take it
	require.NoError(t, s.redis.Server.Flush(t.Context()))
	s.hire(testenv.Engine(t))
	s.succeeded(m)
}

func TestAPIIsKilledMidJob_ClientResumesWhereItWas(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	m := s.mesh(part(t, ""), spec.Spec{Size: spec.Size{Fineness: 7}})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	killed := false
	seen := map[string]bool{}
	var done int
	for e, err := range s.Follow(ctx, m.ID, "") {
		require.NoError(t, err)
		if e.ID != "" && e.Type != client.EventStatus {
			require.False(t, seen[e.ID], "event %s came twice", e.ID)
			seen[e.ID] = true
		}
		if !killed && stage("mesh1d")(e) {
			killed = true
			require.NoError(t, errors.Join(s.api.Kill(), s.api.Start(ctx)))
		}
		if isDone(e) {
			done++
		}
	}
	require.True(t, killed)
	require.Equal(t, 1, done)
	s.succeeded(m)
}

func TestTwoWorkersManyJobs_EachEndsOnce(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t))
	s.hire(testenv.Engine(t))
	g, err := s.upload("part.step", part(t, ""))
	require.NoError(t, err)
	var ids []string
	for range 12 {
		m, err := s.CreateMesh(t.Context(), createMesh(g.ID, spec.Spec{Formats: []string{"msh"}, Size: spec.Size{Fineness: 3}}), "")
		require.NoError(t, err)
		ids = append(ids, m.ID)
	}
	for _, name := range ids {
		m, err := s.Mesh(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, 1, s.succeeded(m).Attempt)
	}
}
