package mesher

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// recorder keeps what a tracker tells.
type recorder struct {
	mu     sync.Mutex
	stages []engine.StageEvent
	log    []engine.LogLine
}

func (r *recorder) Stage(s engine.StageEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stages = append(r.stages, s)
}

func (r *recorder) Log(l engine.LogLine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, l)
}

func (r *recorder) Artifact(engine.Artifact) {}

func info(text string) gmsh.Line { return gmsh.Line{Level: gmsh.Info, Percent: -1, Text: text} }

func TestProgress_FollowsTheLogAndNeverFalls(t *testing.T) {
	r := &recorder{}
	track := newTracker(engine.Mesh, r)
	say := func(lines ...gmsh.Line) {
		for _, l := range lines {
			track.sent = time.Time{} // as if the last message were long ago
			track.line(l)
		}
	}
	track.begin(engine.StageImport)
	track.begin(engine.Stage1D)
	say(gmsh.Line{Percent: 50, Text: "Meshing curve 5 (Line)"})
	track.begin(engine.Stage2D)
	say(gmsh.Line{Percent: 0, Text: "Meshing surface 1"}, gmsh.Line{Percent: 90, Text: "Meshing surface 9"},
		gmsh.Line{Percent: 10, Text: "Meshing surface 1 again"})
	track.begin(engine.Stage3D)
	say(info("3D Meshing 2 volumes with 2 connected components"), info("Done tetrahedrizing 9 nodes"),
		info("Done reconstructing mesh"), info("It. 0 - 0 nodes created - worst tet radius 16 (nodes removed 0 0)"),
		info("It. 500 - 500 nodes created - worst tet radius 4 (nodes removed 0 0)"), info("3D refinement terminated (100 nodes total):"))
	half := track.progress
	say(info("Done tetrahedrizing 9 nodes"), info("It. 0 - 0 nodes created - worst tet radius 2 (nodes removed 0 0)"),
		info("3D refinement terminated (100 nodes total):"))
	track.begin(engine.StageOptimize)
	track.begin(engine.StageExport)
	track.begin(engine.StageQuality)
	timings := track.end()

	require.InDelta(t, 0.675, half, 1e-9, "one of two components is half of 3D")
	last := 0.
	for _, s := range r.stages {
		require.GreaterOrEqual(t, s.Progress, last, "%+v", s)
		require.LessOrEqual(t, s.Progress, 1.)
		last = s.Progress
	}
	require.Greater(t, len(r.stages), 12)
	require.Len(t, timings, 7, "each stage once")
	require.Len(t, r.log, 13, "every line is in the log")
}

func TestProgressWithinAStage_IsToldTwentyTimesASecondAtMost(t *testing.T) {
	r := &recorder{}
	track := newTracker(engine.Mesh, r)
	track.begin(engine.Stage1D)
	begin := time.Now()
	for i := range 10000 {
		track.line(gmsh.Line{Level: gmsh.Info, Percent: i / 100, Text: fmt.Sprintf("Meshing curve %d", i)})
	}
	require.LessOrEqual(t, len(r.stages), 2+int(time.Since(begin)/notOften))
	require.Len(t, r.log, 10000)
}

func TestFoldersOfTheMachine_AreInNoLine(t *testing.T) {
	r := &recorder{}
	track := newTracker(engine.Mesh, r, "/scratch/job-1", "/scratch/cache", "")
	track.line(info("Writing '/scratch/job-1/mesh.msh'..."))
	track.line(gmsh.Line{Level: gmsh.Fault, Percent: -1, Text: "Could not read '/scratch/cache/part.step'"})
	require.Equal(t, "Writing 'mesh.msh'...", r.log[0].Text)
	require.Equal(t, "Could not read 'part.step'", r.log[1].Text)
	require.Equal(t, "error: Could not read 'part.step'", track.lastWords())
}

func TestWarningsAndErrors_AreKeptForTheDiagnosis(t *testing.T) {
	track := newTracker(engine.Mesh, &recorder{})
	track.begin(engine.Stage2D)
	for i := range 20 {
		track.line(gmsh.Line{Level: gmsh.Warning, Percent: -1, Text: fmt.Sprintf("warning %d", i)})
	}
	for _, text := range []string{"-----", "Mesh generation error summary", "1 warning", "2 errors", "Check the full log for details"} {
		track.line(gmsh.Line{Level: gmsh.Fault, Percent: -1, Text: text})
	}
	track.begin(engine.Stage3D)
	track.line(gmsh.Line{Level: gmsh.Fault, Percent: -1, Text: "Invalid boundary mesh (overlapping facets) on surface 2 surface 3"})

	require.Len(t, track.troubles(), 1, "of this stage")
	require.Contains(t, track.lastWords(), "warning: warning 19\nerror: Invalid boundary mesh")
	require.NotContains(t, track.lastWords(), "warning 1\n", "the oldest are forgotten")
	require.NotContains(t, track.lastWords(), "summary")
}
