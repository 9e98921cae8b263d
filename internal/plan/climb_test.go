package plan

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// scripted answers each rung with the next of the codes; "" succeeds.
func scripted(tries *[]Try, codes ...diagnosis.Code) Run {
	return func(_ context.Context, t Try) (engine.Result, error) {
		*tries = append(*tries, t)
		code := codes[min(t.Number, len(codes)-1)]
		if code == "" {
			return engine.Result{ID: t.Name}, nil
		}
		return engine.Result{ID: t.Name, Error: diagnosis.New(code, "it did not do")}, nil
	}
}

func ladder(t *testing.T, s spec.Spec, format engine.Format) []Rung {
	s, err := s.Resolve()
	require.NoError(t, err)
	return Ladder(s, format)
}

func auto(t *testing.T) []Rung { return ladder(t, spec.Spec{}, engine.STEP) }

func names(tries []Try) (out []string) {
	for _, t := range tries {
		out = append(out, t.Name)
	}
	return out
}

// climb returns the rungs that are tried where each fails with the code.
func climb(t *testing.T, rungs []Rung, code diagnosis.Code) []string {
	var tries []Try
	result, _, err := Climb(t.Context(), rungs, Terms{Limit: time.Minute}, scripted(&tries, code))
	require.NoError(t, err)
	require.Equal(t, code, result.Error.Code)
	require.Len(t, result.Error.Tried, len(tries))
	return names(tries)
}

func TestFirstRungSucceeds_NoOtherIsTried(t *testing.T) {
	var tries []Try
	result, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, scripted(&tries, ""))
	require.NoError(t, err)
	require.Nil(t, result.Error)
	require.Len(t, tries, 1)
	require.Equal(t, 42*time.Second, tries[0].Limit, "some of the time is kept for the others")
	require.Empty(t, tries[0].Tried)
}

func TestRungKillsItsEngine_NextOneIsToldWhatFailed(t *testing.T) {
	var tries []Try
	result, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, scripted(&tries, diagnosis.EngineCrashed, ""))
	require.NoError(t, err)
	require.Nil(t, result.Error)
	require.Len(t, tries, 2)
	require.Equal(t, 1, tries[1].Number)
	require.Equal(t, spec.HXT, tries[1].Name)
	require.Less(t, tries[1].Limit, time.Minute)
	require.Len(t, tries[1].Tried, 1)
	require.Equal(t, spec.Delaunay, tries[1].Tried[0].Strategy)
	require.Equal(t, "engine_crashed: it did not do", tries[1].Tried[0].Error)
}

func TestRungsFail_OnlyThoseThatCanHelpFollow(t *testing.T) {
	require.Equal(t, []string{"delaunay", "delaunay, finer", "hxt", "delaunay, mended", "delaunay of the tessellation", "lattice"},
		climb(t, auto(t), diagnosis.BoundaryRecoveryFailed))
	require.Equal(t, []string{"delaunay", "hxt", "delaunay, mended", "delaunay of the tessellation", "lattice"},
		climb(t, auto(t), diagnosis.EngineCrashed))
	require.Equal(t, []string{"delaunay", "delaunay, coarser", "delaunay of the tessellation", "lattice"},
		climb(t, auto(t), diagnosis.TimeLimit))
	require.Equal(t, []string{"delaunay", "lattice"}, climb(t, auto(t), diagnosis.NotWatertight))
	require.Equal(t, []string{"delaunay"}, climb(t, auto(t), diagnosis.NoVolume), "the file is at fault")
}

func TestLattice_IsTheLastResortWhereItGivesAllThatIsAskedFor(t *testing.T) {
	last := func(s spec.Spec, format engine.Format) Rung {
		rungs := ladder(t, s, format)
		return rungs[len(rungs)-1]
	}
	two, one := 2, 1
	box := [][]float64{{0, 0, 0}, {1, 1, 1}}
	for _, format := range []engine.Format{engine.STEP, engine.STL} {
		for _, s := range []spec.Spec{{}, {Size: spec.Size{Max: 2}}, {Groups: []spec.Group{{Name: "wall", Dim: &two, Entities: []int{1}}}},
			{Size: spec.Size{Growth: 1.2}}, {Refine: []spec.Refinement{{Box: box, Size: 0.2}}},
			{Refine: []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: 0.2}}}} {
			require.Equal(t, spec.Lattice, last(s, format).Spec.Strategy, "%+v", s)
			require.Equal(t, engine.Tuning{Rung: spec.Lattice, LastResort: true}, last(s, format).Tuning)
			require.False(t, last(s, format).asAsked(), "it wins no race before its turn")
		}
		for _, s := range []spec.Spec{{Order: 2}, {Heal: spec.HealOff}, {Strategy: spec.Delaunay}, {Element: spec.HexDominant},
			{Refine: []spec.Refinement{{Entities: spec.Entities{Edges: []int{1}}, Size: 0.2}}},
			{Refine: []spec.Refinement{{Near: &spec.Near{Entities: spec.Entities{Points: []int{1}}, To: 1}, Size: 0.2}}},
			{Groups: []spec.Group{{Name: "edge", Dim: &one, Entities: []int{1}}}}} {
			require.NotEqual(t, spec.Lattice, last(s, format).Spec.Strategy, "%+v", s)
		}
	}
}

func TestLastResortFails_TheAnswerIsWhatTheOthersMet(t *testing.T) {
	run := func(_ context.Context, try Try) (engine.Result, error) {
		d := diagnosis.New(diagnosis.BoundaryRecoveryFailed, "it did not do")
		if try.Tuning.LastResort {
			d = diagnosis.New(diagnosis.QualityBelowThreshold, "the walls are too thin")
		}
		return engine.Result{Error: d}, nil
	}
	result, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, run)
	require.NoError(t, err)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, result.Error.Code)
	tried := result.Error.Tried
	require.Equal(t, spec.Lattice, tried[len(tried)-1].Strategy)
	require.Contains(t, tried[len(tried)-1].Error, "the walls are too thin")
}

func TestStrategyThatTheUserNamed_IsTheOnlyOne(t *testing.T) {
	rungs := ladder(t, spec.Spec{Strategy: spec.HXT}, engine.STEP)
	for _, r := range rungs {
		require.Equal(t, spec.HXT, r.Spec.Strategy)
		require.Equal(t, r.Name, r.Tuning.Rung)
	}
	require.Equal(t, []string{"hxt", "hxt, again", "hxt, mended"}, climb(t, rungs, diagnosis.EngineCrashed))
}

func TestSpecThatNamesEntities_HasAnAnchorInPlaceOfTheTessellation(t *testing.T) {
	dim := 2
	rungs := ladder(t, spec.Spec{Groups: []spec.Group{{Name: "wall", Dim: &dim, Entities: []int{1}}}}, engine.STEP)
	require.Equal(t, []string{"delaunay", "delaunay, finer", "delaunay, mended", "delaunay, anchored", "lattice"},
		climb(t, rungs, diagnosis.SurfaceMeshingFailed), "hxt would mesh the same faces")
	require.NotContains(t, climb(t, rungs, diagnosis.BoundaryRecoveryFailed), "delaunay, anchored")
}

func TestSizesThatTheUserNamed_StayAsTheyAre(t *testing.T) {
	for _, r := range ladder(t, spec.Spec{Size: spec.Size{Max: 2}}, engine.STEP) {
		require.Zero(t, r.Tuning.Scale, r.Name)
	}
}

func TestDraftOfWallsThatAreTooThinForALattice_IsMadeByDelaunayAtOnce(t *testing.T) {
	for _, format := range []engine.Format{engine.STEP, engine.STL} {
		rungs := ladder(t, spec.Spec{Draft: true}, format)
		require.Equal(t, []string{"lattice", "delaunay"}, climb(t, rungs, diagnosis.QualityBelowThreshold))
		require.Equal(t, []string{"lattice", "lattice, again"}, climb(t, rungs, diagnosis.EngineCrashed))
		last := rungs[len(rungs)-1]
		require.Equal(t, spec.Delaunay, last.Spec.Strategy)
		require.Equal(t, 2., last.Tuning.Scale)
		require.True(t, last.Spec.Draft)
	}
	sized := ladder(t, spec.Spec{Draft: true, Size: spec.Size{Max: 3}}, engine.STEP)
	require.Zero(t, sized[len(sized)-1].Tuning.Scale)
	require.Equal(t, []string{"lattice"}, climb(t, sized, diagnosis.TooLarge), "delaunay's would be no smaller")
}

func TestGeometryThatIsToStay_IsNeitherMendedNorTessellated(t *testing.T) {
	var rungs []Rung
	for _, format := range []engine.Format{engine.STEP, engine.STL} {
		s := spec.Spec{Strategy: spec.Auto, Heal: spec.HealOff}
		rungs = append(rungs, Ladder(s, format)...)
	}
	for _, r := range append(rungs, ladder(t, spec.Spec{}, engine.STL)...) {
		require.False(t, r.Tuning.Mend || r.Tuning.Tessellate, r.Name)
	}
}

func TestRungThatHangs_LeavesTimeForThoseThatFollow(t *testing.T) {
	var tries []Try
	_, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, scripted(&tries, diagnosis.TimeLimit))
	require.NoError(t, err)
	require.Len(t, tries, 4)
	require.InDelta(t, 42, tries[0].Limit.Seconds(), 0.1)
	require.InDelta(t, 30, tries[1].Limit.Seconds(), 0.1)
	require.InDelta(t, 60, tries[3].Limit.Seconds(), 0.1, "the last one may take what is left")
}

func TestMeshAdaptMayNotEnd_TheRungAfterItHasMostOfTheTime(t *testing.T) {
	var tries []Try
	_, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, scripted(&tries, diagnosis.BoundaryRecoveryFailed))
	require.NoError(t, err)
	require.Equal(t, "delaunay, mended", tries[3].Name)
	require.InDelta(t, 12, tries[3].Limit.Seconds(), 0.1)
	require.InDelta(t, 30, tries[4].Limit.Seconds(), 0.1)
}

func TestTimeIsOver_NoFurtherRungBegins(t *testing.T) {
	var tries []Try
	result, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Nanosecond}, scripted(&tries, diagnosis.EngineCrashed))
	require.NoError(t, err)
	require.Equal(t, diagnosis.EngineCrashed, result.Error.Code)
	require.Len(t, tries, 1)
}

func TestRunGivesUp_ClimbReturnsItsError(t *testing.T) {
	full := errors.New("disk full")
	_, _, err := Climb(t.Context(), auto(t), Terms{Limit: time.Minute}, func(context.Context, Try) (engine.Result, error) { return engine.Result{}, full })
	require.ErrorIs(t, err, full)
}

func TestImport_IsDoneAgainOnlyIfItsEngineDied(t *testing.T) {
	require.Len(t, climb(t, Again("import"), diagnosis.EngineCrashed), 2)
	require.Len(t, climb(t, Again("import"), diagnosis.TimeLimit), 1)
	var tries []Try
	_, _, err := Climb(t.Context(), Again("import"), Terms{Limit: time.Minute}, scripted(&tries, ""))
	require.NoError(t, err)
	require.Equal(t, time.Minute, tries[0].Limit)
}

func TestFileIsKnownToFail_WhatCanHelpIsTriedAtOnce(t *testing.T) {
	names := func(rungs []Rung) (out []string) {
		for _, r := range rungs {
			out = append(out, r.Name)
		}
		return out
	}
	all := ladder(t, spec.Spec{}, engine.STL)
	left := Past(all, diagnosis.NotWatertight)
	require.Equal(t, []string{"lattice", "lattice, again"}, names(left))
	require.Equal(t, engine.Tuning{Rung: "lattice, again", LastResort: true}, left[1].Tuning)
	next, ok := Next(left, 0, diagnosis.EngineCrashed)
	require.True(t, ok)
	require.Equal(t, 1, next)
	_, ok = Next(left, 0, diagnosis.NoVolume)
	require.False(t, ok)
	require.Equal(t, all, Past(all, diagnosis.NoVolume), "nothing can: the first says so")
}
