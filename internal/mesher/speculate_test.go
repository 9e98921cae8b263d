package mesher

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// dropper gives a speculation up when its n-th stage begins, or with a line of its log.
type dropper struct {
	m     *Mesher
	id    string
	left  int
	lines int
	seen  []engine.Stage
}

func (d *dropper) Stage(s engine.StageEvent) {
	if n := len(d.seen); n > 0 && d.seen[n-1] == s.Stage { // progress within a stage
		return
	}
	d.seen = append(d.seen, s.Stage)
	if d.left--; d.left == 0 {
		d.m.Drop(d.id)
	}
}

func (d *dropper) Log(engine.LogLine) {
	if d.lines--; d.lines == 0 {
		d.m.Drop(d.id)
	}
}

func (*dropper) Artifact(engine.Artifact) { panic("a speculation writes nothing") }

// meshed returns the file of a mesh that tells its nodes and elements, and nothing else.
func meshed(t *testing.T, m *Mesher, req engine.Request) []byte {
	t.Helper()
	req.Kind, req.ID, req.Dir = engine.Mesh, "mesh", t.TempDir()
	result := m.Run(req, &silent{})
	require.Nil(t, result.Error)
	require.False(t, result.Speculated)
	text, err := os.ReadFile(filepath.Join(req.Dir, "mesh.vtk"))
	require.NoError(t, err)
	return text
}

type silent struct{}

func (*silent) Stage(engine.StageEvent)  {}
func (*silent) Log(engine.LogLine)       {}
func (*silent) Artifact(engine.Artifact) {}

// A part of which faces are divided again for its volume while the others are put aside: whatever had been done by the time, nothing of it
// is left.
func TestSpeculationIsDroppedAtAnyLineOfItsLog_ThePartIsAsItWas(t *testing.T) {
	m := opened(t)
	s, err := spec.Spec{Size: spec.Size{Max: 12, Curvature: 5}, Formats: []string{"vtk"}}.Resolve()
	require.NoError(t, err)
	req := engine.Request{
		Kind: engine.Mesh, Tenant: "a", Keep: 1 << 30, Threads: 1, Spec: s,
		Source: engine.Source{Path: "../engine/serve/testdata/tee.step", Format: engine.STEP, SHA256: "tee"},
	}
	fresh := meshed(t, m, req)
	for line := 1; ; line += 5 {
		req.Kind, req.Tenant, req.Dir = engine.Import, fmt.Sprint("b", line), t.TempDir() // forget what was
		require.Nil(t, m.Run(req, &silent{}).Error)
		d := &dropper{m: m, id: "guess", lines: line}
		req.Kind, req.ID, req.Dir = engine.Speculate, d.id, ""
		result := m.Run(req, d)
		require.Nil(t, result.Error)
		m.Tidy()
		require.Len(t, m.Kept(), 1)
		if d.lines > 0 {
			require.Greater(t, line, 20, "it says something")
			break
		}
		m.drop = ""
		req.Kind, req.ID, req.Dir = engine.Mesh, "mesh", t.TempDir()
		require.Nil(t, m.Run(req, &silent{}).Error)
		text, err := os.ReadFile(filepath.Join(req.Dir, "mesh.vtk"))
		require.NoError(t, err)
		require.True(t, bytes.Equal(fresh, text), "dropped at line %d, in %v", line, d.seen)
	}
}

// At whatever stage a speculation is given up, the library goes on with the part that it holds, and meshes it as if nothing had been.
func TestSpeculationIsDroppedAtEachStage_ThePartIsAsItWas(t *testing.T) {
	m := opened(t)
	s, err := spec.Spec{Size: spec.Size{Max: 12}, Formats: []string{"vtk"}}.Resolve()
	require.NoError(t, err)
	req := engine.Request{
		Kind: engine.Import, Tenant: "a", Keep: 1 << 30, Threads: 1, Spec: s, Dir: t.TempDir(),
		Source: engine.Source{Path: "../engine/serve/testdata/t20_data.step", Format: engine.STEP, SHA256: "t20"},
	}
	imported := m.Run(req, &silent{})
	require.Nil(t, imported.Error)
	fresh := meshed(t, m, req)

	var seen []engine.Stage
	for n := 1; ; n++ {
		req.Kind, req.Tenant, req.Dir = engine.Import, fmt.Sprint("b", n), t.TempDir() // forget what was
		require.Nil(t, m.Run(req, &silent{}).Error)
		d := &dropper{m: m, id: "guess", left: n}
		req.Kind, req.ID, req.Dir = engine.Speculate, d.id, ""
		result := m.Run(req, d)
		require.Nil(t, result.Error)
		m.Tidy()
		require.Len(t, m.Kept(), 1, "the part stays")
		require.False(t, m.broken)
		if !result.Dropped {
			break // it has fewer stages
		}
		seen = append(seen, d.seen[len(d.seen)-1])
		m.drop = ""
		require.True(t, bytes.Equal(fresh, meshed(t, m, req)), "dropped at %v", d.seen)
	}
	require.Subset(t, seen, []engine.Stage{engine.StageImport, engine.Stage1D, engine.Stage2D})
}

// What a speculation is left by was there once before the first request, and has left nothing.
func TestWarmth_HasLeftAMeshOnce(t *testing.T) {
	m := opened(t)
	require.NoError(t, m.fresh(false))
	require.NoError(t, gmsh.AddModel("box"))
	_, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	require.NoError(t, leaveOnce())
	tags, places, err := gmsh.Nodes(-1, -1)
	require.NoError(t, err)
	require.Zero(t, tags.Len())
	tags.Free()
	places.Free()
	require.NoError(t, m.Warm())
	require.False(t, m.broken)
}
