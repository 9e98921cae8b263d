package mesher

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// breaking panics when the mesh file is there. Until then, what is written for the eye is held up.
type breaking struct {
	silent
	broke chan struct{}
	told  atomic.Bool
}

func (b *breaking) Artifact(a engine.Artifact) {
	switch a.Name {
	case "mesh.msh":
		close(b.broke)
		panic("a bug")
	case "surface.glb":
		<-b.broke
		b.told.Store(true)
	}
}

// A mesh is given back, and the result told, only when nothing reads it any more: no less where a bug ends the job.
func TestBugWhileFilesAreWritten_LeavesNothingRunning(t *testing.T) {
	m := opened(t)
	for _, strategy := range []string{spec.Lattice, spec.Delaunay} {
		s, err := spec.Spec{Strategy: strategy, Size: spec.Size{Max: 4}}.Resolve()
		require.NoError(t, err)
		b := &breaking{broke: make(chan struct{})}
		require.PanicsWithValue(t, "a bug", func() {
			m.Run(engine.Request{
				Kind: engine.Mesh, ID: "mesh", Tenant: "a", Threads: 2, Spec: s, Dir: t.TempDir(),
				Source: engine.Source{Path: "../engine/serve/testdata/two_boxes.step", Format: engine.STEP, Units: "mm", SHA256: "boxes"},
			}, b)
		}, strategy)
		require.True(t, b.told.Load(), "%s: the surface was still being written", strategy)
	}
}
