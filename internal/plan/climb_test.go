package plan

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// scripted answers each rung with the next of the codes; "" succeeds.
func scripted(tries *[]Try, codes ...diagnosis.Code) func(Try) (engine.Result, error) {
	return func(t Try) (engine.Result, error) {
		*tries = append(*tries, t)
		code := codes[t.Number]
		if code == "" {
			return engine.Result{ID: t.Name}, nil
		}
		return engine.Result{ID: t.Name, Error: diagnosis.New(code, "it did not do")}, nil
	}
}

func auto(t *testing.T) []Rung {
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	return Ladder(s)
}

func TestFirstRungSucceeds_NoOtherIsTried(t *testing.T) {
	var tries []Try
	result, err := Climb(auto(t), time.Minute, scripted(&tries, ""))
	require.NoError(t, err)
	require.Nil(t, result.Error)
	require.Len(t, tries, 1)
	require.Equal(t, time.Minute, tries[0].Left)
	require.Empty(t, tries[0].Tried)
}

func TestRungKillsItsEngine_NextOneIsToldWhatFailed(t *testing.T) {
	var tries []Try
	result, err := Climb(auto(t), time.Minute, scripted(&tries, diagnosis.EngineCrashed, ""))
	require.NoError(t, err)
	require.Nil(t, result.Error)
	require.Len(t, tries, 2)
	require.Equal(t, spec.HXT, tries[1].Name)
	require.Equal(t, 1, tries[1].Number)
	require.Less(t, tries[1].Left, time.Minute)
	require.Len(t, tries[1].Tried, 1)
	require.Equal(t, spec.Delaunay, tries[1].Tried[0].Strategy)
	require.Equal(t, "engine_crashed: it did not do", tries[1].Tried[0].Error)
}

func TestEveryRungFails_LastResultSaysAllThatWasTried(t *testing.T) {
	var tries []Try
	result, err := Climb(auto(t), time.Minute, scripted(&tries, diagnosis.BoundaryRecoveryFailed, diagnosis.QualityBelowThreshold))
	require.NoError(t, err)
	require.Equal(t, diagnosis.QualityBelowThreshold, result.Error.Code)
	require.Len(t, result.Error.Tried, 2)
}

func TestFileIsAtFault_NothingElseIsTried(t *testing.T) {
	var tries []Try
	result, err := Climb(auto(t), time.Minute, scripted(&tries, diagnosis.NotWatertight))
	require.NoError(t, err)
	require.Equal(t, diagnosis.NotWatertight, result.Error.Code)
	require.Len(t, result.Error.Tried, 1)
}

func TestTimeIsOver_NoFurtherRungBegins(t *testing.T) {
	var tries []Try
	result, err := Climb(auto(t), time.Nanosecond, scripted(&tries, diagnosis.EngineCrashed))
	require.NoError(t, err)
	require.Equal(t, diagnosis.EngineCrashed, result.Error.Code)
	require.Len(t, tries, 1)
}

func TestRunGivesUp_ClimbReturnsItsError(t *testing.T) {
	full := errors.New("disk full")
	_, err := Climb(auto(t), time.Minute, func(Try) (engine.Result, error) { return engine.Result{}, full })
	require.ErrorIs(t, err, full)
}
