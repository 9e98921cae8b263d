package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

// countingLoop is a program that stands in for the Python of a loop: it notes each request, counts and answers.
func countingLoop(t *testing.T) (path, notes string) {
	dir := t.TempDir()
	path, notes = filepath.Join(dir, "loop"), filepath.Join(dir, "notes")
	text := "#!/bin/sh\nwhile read -r q; do i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo \"$q\" >>'" + notes + "'; echo hello; echo done; done\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
	return path, notes
}

func TestLoopsDoEachJobOnceAndAreBilledForIt(t *testing.T) {
	program, notes := countingLoop(t)
	s, end, err := loopsSide(t.Context(), options{python: program}, filepath.Join(t.TempDir(), "loops"), 2)
	require.NoError(t, err)
	defer end()
	require.Equal(t, 2, s.atOnce)
	var bag []job
	wanted := map[float64]bool{}
	for i := range 6 {
		sp, err := spec.Spec{Size: spec.Size{Max: float64(i + 1)}}.Resolve()
		require.NoError(t, err)
		bag = append(bag, job{part: &part{path: "part.step"}, spec: sp})
		wanted[sp.Size.Max] = true
	}
	before := total(s.used())
	kept, err := inTurns(s.atOnce, bag, s.do)
	require.NoError(t, err)
	require.Zero(t, kept, "a loop keeps nothing")
	require.Greater(t, total(s.used())-before, 10*time.Millisecond)

	text, err := os.ReadFile(notes)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var q struct{ Edge float64 }
		require.NoError(t, json.Unmarshal([]byte(line), &q))
		require.True(t, wanted[q.Edge], "edge %g", q.Edge)
		delete(wanted, q.Edge)
	}
	require.Empty(t, wanted)
}

func TestALoopThatEndsIsAnError(t *testing.T) {
	s, end, err := loopsSide(t.Context(), options{python: "true"}, filepath.Join(t.TempDir(), "loops"), 1)
	require.NoError(t, err)
	defer end()
	sp, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	_, err = s.do(job{part: &part{path: "part.step"}, spec: sp})
	require.Error(t, err)
}

func TestJobsThatAnEarlierResultAnsweredAreCounted(t *testing.T) {
	kept, err := inTurns(2, make([]job, 5), func(j job) (bool, error) { return true, nil })
	require.NoError(t, err)
	require.Equal(t, 5, kept)
}
