package plan

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// patience bounds every wait for what should come at once.
const patience = 30 * time.Second

// soon is after how long rungs race here, never that of a test in which they race since one has failed.
const (
	soon  = time.Millisecond
	never = time.Hour
)

// course is a climb whose rungs end when the test says so.
type course struct {
	t     *testing.T
	begun chan Try
	done  chan finish

	seen []Try // that the test has not asked for yet

	mu      sync.Mutex
	ends    map[string]chan ending
	stopped []string
}

type ending struct {
	code diagnosis.Code // "" for a mesh
	err  error
}

type finish struct {
	result engine.Result
	number int
	err    error
}

// run climbs the rungs.
func run(t *testing.T, ctx context.Context, rungs []Rung, raceAfter time.Duration) *course {
	c := &course{t: t, begun: make(chan Try, 10), done: make(chan finish, 1), ends: map[string]chan ending{}}
	go func() {
		var f finish
		f.result, f.number, f.err = Climb(ctx, rungs, Terms{Limit: time.Hour, RaceAfter: raceAfter}, c.rung)
		c.done <- f
	}()
	return c
}

func (c *course) end(name string) chan ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends[name] == nil {
		c.ends[name] = make(chan ending)
	}
	return c.ends[name]
}

func (c *course) rung(ctx context.Context, try Try) (engine.Result, error) {
	c.begun <- try
	select {
	case e := <-c.end(try.Name):
		r := engine.Result{ID: try.Name, Mesh: &engine.MeshReport{Tried: append(try.Tried, diagnosis.Attempt{Strategy: try.Name})}}
		if e.code != "" {
			r = engine.Result{Error: diagnosis.New(e.code, "it did not do")}
		}
		return r, e.err
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stopped = append(c.stopped, try.Name)
		return engine.Result{}, ctx.Err()
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

// begins waits until a rung begins, ahead of its turn beside another, or with "" in its turn.
func (c *course) begins(name, beside string) Try {
	c.t.Helper()
	for {
		for i, try := range c.seen {
			if try.Name == name {
				require.Equal(c.t, beside, try.Beside)
				c.seen = slices.Delete(c.seen, i, i+1)
				return try
			}
		}
		c.seen = append(c.seen, receive(c.t, c.begun))
	}
}

func (c *course) answers(name string, e ending) {
	c.t.Helper()
	select {
	case c.end(name) <- e:
	case <-time.After(patience):
		require.FailNow(c.t, name+" does not run")
	}
}

func (c *course) succeeds(name string) { c.t.Helper(); c.answers(name, ending{}) }

func (c *course) fails(name string, code diagnosis.Code) {
	c.t.Helper()
	c.answers(name, ending{code: code})
}

// wins requires that the climb has come to the mesh of a rung.
func (c *course) wins(try Try) *engine.MeshReport {
	c.t.Helper()
	f := receive(c.t, c.done)
	require.NoError(c.t, f.err)
	require.Nil(c.t, f.result.Error)
	require.Equal(c.t, try.Name, f.result.ID)
	require.Equal(c.t, try.Number, f.number)
	tried := f.result.Mesh.Tried
	require.Equal(c.t, try.Name, tried[len(tried)-1].Strategy)
	require.Empty(c.t, tried[len(tried)-1].Error)
	return f.result.Mesh
}

func errorsOf(tried []diagnosis.Attempt) (out []string) {
	for _, a := range tried {
		out = append(out, a.Strategy+": "+a.Error)
	}
	return out
}

const shape = diagnosis.BoundaryRecoveryFailed

func TestRace_RungTakesLong_AnotherStrategyMayComeInFirst(t *testing.T) {
	c := run(t, t.Context(), auto(t), soon)
	c.begins("delaunay", "")
	hxt := c.begins("hxt", "delaunay")
	c.succeeds("hxt")
	mesh := c.wins(hxt)
	require.Equal(t, []string{"delaunay"}, c.stopped)
	require.Equal(t, []string{"delaunay: stopped: hxt was first", "hxt: "}, errorsOf(mesh.Tried))
	require.Equal(t, []string{"hxt"}, mesh.Tried[0].Beside)
	require.Equal(t, []string{"delaunay"}, mesh.Tried[1].Beside)
	require.Equal(t, "hxt", mesh.Raced.Winner)
	require.Equal(t, []string{"hxt", "delaunay"}, mesh.Raced.Rungs)

	// The spec that it names makes the same request of an engine.
	require.Equal(t, spec.HXT, mesh.Raced.Spec.Strategy)
	again := Ladder(*mesh.Raced.Spec, engine.STEP)[0]
	require.Equal(t, hxt.Spec, again.Spec)
	require.Equal(t, hxt.Tuning, again.Tuning)
}

func TestRace_TheOneWhoseTurnItIsComesInFirst_ResultIsAsWithoutRace(t *testing.T) {
	c := run(t, t.Context(), auto(t), soon)
	first := c.begins("delaunay", "")
	c.begins("hxt", "delaunay")
	c.succeeds("delaunay")
	mesh := c.wins(first)
	require.Nil(t, mesh.Raced)
	require.Equal(t, []string{"hxt: stopped: delaunay was first", "delaunay: "}, errorsOf(mesh.Tried))
	require.Equal(t, []string{"hxt"}, c.stopped)
}

func TestRace_BothFail_TheLadderGoesOnAsWithoutRace(t *testing.T) {
	c := run(t, t.Context(), auto(t), never)
	c.begins("delaunay", "")
	c.fails("delaunay", shape)
	c.begins("delaunay, finer", "")
	c.begins("hxt", "delaunay, finer")
	c.fails("hxt", shape)
	mended := c.begins("delaunay, mended", "delaunay, finer")
	require.Len(t, mended.Tried, 2)
	c.fails("delaunay, finer", shape)
	c.begins("delaunay of the tessellation", "delaunay, mended")
	c.fails("delaunay of the tessellation", shape)
	c.begins("lattice", "delaunay, mended")
	c.fails("lattice", shape)
	c.fails("delaunay, mended", shape)
	f := receive(t, c.done)
	require.NoError(t, f.err)
	require.Equal(t, []string{"delaunay", "delaunay, finer", "hxt", "delaunay, mended", "delaunay of the tessellation", "lattice"}, strategies(f.result.Error.Tried))
	require.Empty(t, c.stopped)
}

func strategies(tried []diagnosis.Attempt) (out []string) {
	for _, a := range tried {
		out = append(out, a.Strategy)
	}
	return out
}

func TestRace_TurnOfTheOneAheadComes_ItIsNoRaceAnyMore(t *testing.T) {
	c := run(t, t.Context(), auto(t), never)
	c.begins("delaunay", "")
	c.fails("delaunay", diagnosis.EngineCrashed)
	c.begins("hxt", "")
	mended := c.begins("delaunay, mended", "hxt")
	c.fails("hxt", diagnosis.EngineCrashed)
	c.begins("delaunay of the tessellation", "delaunay, mended")
	c.succeeds("delaunay, mended")
	mesh := c.wins(mended)
	require.Nil(t, mesh.Raced, "one rung after the other comes to the same")
}

func TestRace_WhatDepartsFromTheSpecWaitsForItsTurn(t *testing.T) {
	c := run(t, t.Context(), ladder(t, spec.Spec{Strategy: spec.Delaunay}, engine.STEP), soon)
	c.begins("delaunay", "")
	coarser := c.begins("delaunay, coarser", "delaunay")
	c.succeeds("delaunay, coarser")
	select {
	case <-c.done:
		require.Fail(t, "the coarser mesh was taken")
	case try := <-c.begun:
		require.Fail(t, "a third began", try.Name)
	case <-time.After(50 * soon):
	}
	c.fails("delaunay", diagnosis.TimeLimit)
	mesh := c.wins(coarser)
	require.Nil(t, mesh.Raced)
}

func TestRace_WhatDepartsFromTheSpec_GivesWayToWhatDoesNot(t *testing.T) {
	c := run(t, t.Context(), ladder(t, spec.Spec{Strategy: spec.Delaunay}, engine.STEP), soon)
	first := c.begins("delaunay", "")
	c.begins("delaunay, coarser", "delaunay")
	c.succeeds("delaunay, coarser")
	c.succeeds("delaunay")
	mesh := c.wins(first)
	require.Nil(t, mesh.Raced)
	require.Equal(t, []string{"delaunay, coarser", "delaunay"}, strategies(mesh.Tried))
	require.NotEmpty(t, mesh.Tried[0].Error)
}

func TestRace_NothingElseComesToAnything_WhatDepartsIsBetterThanNone(t *testing.T) {
	c := run(t, t.Context(), ladder(t, spec.Spec{Strategy: spec.Delaunay, Heal: spec.HealOff}, engine.STEP), soon)
	c.begins("delaunay", "")
	coarser := c.begins("delaunay, coarser", "delaunay")
	c.succeeds("delaunay, coarser")
	c.fails("delaunay", shape)
	c.begins("delaunay, finer", "")
	c.fails("delaunay, finer", shape)
	mesh := c.wins(coarser)
	require.NotNil(t, mesh.Raced, "without the race there would be none")
	require.Nil(t, mesh.Raced.Spec)
}

func TestRace_LastRungFailsWhileOneAheadOfItRuns_ItIsWaitedFor(t *testing.T) {
	c := run(t, t.Context(), auto(t), soon)
	c.begins("delaunay", "")
	hxt := c.begins("hxt", "delaunay")
	c.fails("delaunay", diagnosis.OutOfMemory)
	c.begins("delaunay, coarser", "")
	c.fails("delaunay, coarser", diagnosis.OutOfMemory)
	c.begins("delaunay of the tessellation", "")
	c.fails("delaunay of the tessellation", diagnosis.OutOfMemory)
	c.begins("lattice", "")
	c.fails("lattice", diagnosis.OutOfMemory)
	c.succeeds("hxt")
	require.NotNil(t, c.wins(hxt).Raced)
}

func TestRace_FileIsAtFault_BothEnd(t *testing.T) {
	c := run(t, t.Context(), auto(t), soon)
	c.begins("delaunay", "")
	c.begins("hxt", "delaunay")
	c.fails("delaunay", diagnosis.NoVolume)
	f := receive(t, c.done)
	require.Equal(t, diagnosis.NoVolume, f.result.Error.Code)
	require.Equal(t, []string{"hxt"}, c.stopped)
}

func TestRace_Canceled_BothEndFirst(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := run(t, ctx, auto(t), soon)
	c.begins("delaunay", "")
	c.begins("hxt", "delaunay")
	cancel()
	require.ErrorIs(t, receive(t, c.done).err, context.Canceled)
	require.ElementsMatch(t, []string{"delaunay", "hxt"}, c.stopped)
}

func TestRace_DiskIsFull_BothEndFirst(t *testing.T) {
	full := errors.New("disk full")
	c := run(t, t.Context(), auto(t), soon)
	c.begins("delaunay", "")
	c.begins("hxt", "delaunay")
	c.answers("hxt", ending{err: full})
	require.ErrorIs(t, receive(t, c.done).err, full)
	require.Equal(t, []string{"delaunay"}, c.stopped)
}

func TestRace_NoEngine_ItIsAskedForAgainAndTheLadderGoesOn(t *testing.T) {
	c := run(t, t.Context(), auto(t), soon)
	c.begins("delaunay", "")
	c.begins("hxt", "delaunay")
	c.answers("hxt", ending{err: ErrNoEngine})
	hxt := c.begins("hxt", "delaunay")
	c.succeeds("hxt")
	require.Len(t, c.wins(hxt).Tried, 2)
}

func TestRace_EngineIsWantedForOtherWork_TheLadderGoesOnWithoutIt(t *testing.T) {
	c := run(t, t.Context(), auto(t), never)
	c.begins("delaunay", "")
	c.fails("delaunay", diagnosis.EngineCrashed)
	c.begins("hxt", "")
	c.begins("delaunay, mended", "hxt")
	c.answers("delaunay, mended", ending{err: ErrTaken})
	c.fails("hxt", diagnosis.EngineCrashed)
	mended := c.begins("delaunay, mended", "")
	c.succeeds("delaunay, mended")
	mesh := c.wins(mended)
	require.Nil(t, mesh.Raced)
	require.Contains(t, errorsOf(mesh.Tried), "delaunay, mended: stopped: its engine was wanted for other work")
}

func TestRace_NotAskedFor_NoneIsRun(t *testing.T) {
	c := run(t, t.Context(), auto(t), 0)
	c.begins("delaunay", "")
	c.fails("delaunay", shape)
	finer := c.begins("delaunay, finer", "")
	select {
	case try := <-c.begun:
		require.Fail(t, "it races", try.Name)
	case <-time.After(50 * soon):
	}
	c.succeeds("delaunay, finer")
	require.Nil(t, c.wins(finer).Raced)
}
