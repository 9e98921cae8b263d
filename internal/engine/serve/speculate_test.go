package serve_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// coarseSpec makes few elements: what is compared are stages.
func coarseSpec(t *testing.T, box engine.Box) spec.Spec {
	return resolved(t, spec.Spec{Size: spec.Size{Max: (box.Max[0] - box.Min[0]) / 8, Curvature: 8}})
}

// What was made before anybody asked is what a fresh engine makes, node for node, for every mesh that needs the same surface.
func TestLong_Speculation_ItsSurfaceIsThatOfAFreshMesh(t *testing.T) {
	for _, file := range []string{"testdata/t20_data.step", "testdata/two_solids.iges", "testdata/tee.step", "testdata/two_boxes.step"} {
		cold := start(t)
		for name, change := range map[string]func(*spec.Spec){
			"the same":         func(*spec.Spec) {},
			"another strategy": func(s *spec.Spec) { s.Strategy = spec.HXT },
			"order 2":          func(s *spec.Spec) { s.Order = 2 },
		} {
			t.Run(file+" "+name, func(t *testing.T) {
				hot := start(t).hurry()
				source := identified(t, named(t, file))
				model := hot.keeping(engine.Request{Kind: engine.Import, Source: source}).Model
				s := coarseSpec(t, model.Box)
				made := hot.keeping(engine.Request{Kind: engine.Speculate, Source: source, Spec: s, Known: model})
				require.Nil(t, made.Error)
				require.False(t, made.Dropped)
				require.Empty(t, made.artifacts, "nothing is written")
				require.Len(t, made.Kept, 1)

				change(&s)
				req := engine.Request{Kind: engine.Mesh, Source: source, Spec: s, Known: model}
				known, fresh := hot.keeping(req), cold.on(t).do(req)
				requireSame(t, fresh, known)
				require.Subset(t, known.Mesh.Reused, []engine.Stage{engine.Stage1D, engine.Stage2D})
				require.True(t, known.Speculated)
				require.False(t, hot.keeping(req).Speculated, "once")
			})
		}
	}
}

func TestSpeculation_OfTriangles(t *testing.T) {
	hot, cold := start(t).hurry(), start(t)
	source := identified(t, triangleCube(t, "mm", [4]float64{0, 0, 0, 10}))
	s := resolved(t, spec.Spec{})
	require.Nil(t, hot.keeping(engine.Request{Kind: engine.Import, Source: source}).Error)
	require.Nil(t, hot.keeping(engine.Request{Kind: engine.Speculate, Source: source, Spec: s}).Error)
	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: s}
	known := hot.keeping(req)
	requireSame(t, cold.do(req), known)
	require.True(t, known.Speculated)
}

// The drop may overtake its request, and both come in one go.
func TestSpeculationIsDroppedBeforeItBegins_ThePartIsAsItWas(t *testing.T) {
	source := identified(t, part(t))
	hot := start(t).hurry()
	require.Nil(t, hot.keeping(engine.Request{Kind: engine.Import, Source: source}).Error)
	s := resolved(t, spec.Spec{Size: spec.Size{Max: 30}})
	hot.send(engine.Request{ID: "guess", Kind: engine.Drop})
	end := hot.keeping(engine.Request{ID: "guess", Kind: engine.Speculate, Source: source, Spec: s})
	require.Nil(t, end.Error)
	require.True(t, end.Dropped)
	require.Len(t, end.Kept, 1)

	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: s}
	next := hot.keeping(req)
	requireSame(t, start(t).do(req), next)
	require.Equal(t, []engine.Stage{engine.StageImport}, next.Mesh.Reused)
	require.False(t, next.Speculated)
}

// What somebody asked for is worth more than what is guessed, and is not dropped by anybody.
func TestSpeculation_LeavesTheWorkOfOthers(t *testing.T) {
	c := start(t).hurry()
	source := identified(t, part(t))
	asked := resolved(t, spec.Spec{Size: spec.Size{Max: 30}})
	mesh := engine.Request{ID: "mesh", Kind: engine.Mesh, Source: source, Spec: asked}
	c.send(engine.Request{ID: "mesh", Kind: engine.Drop})
	first := c.keeping(mesh)
	require.Nil(t, first.Error)
	require.False(t, first.Dropped)

	require.Nil(t, c.keeping(engine.Request{Kind: engine.Speculate, Source: source, Spec: resolved(t, spec.Spec{})}).Error)
	mesh.Spec.Strategy = spec.HXT
	again := c.keeping(mesh)
	require.Contains(t, again.Mesh.Reused, engine.Stage2D)
	require.False(t, again.Speculated)
}

// Strips are no surface for layers: what was guessed does not do then, and is not taken.
func TestSpeculation_OfAPartWithStrips_IsNotTakenForLayers(t *testing.T) {
	c := start(t).hurry()
	source := identified(t, named(t, "testdata/rod.step"))
	guessed := c.keeping(engine.Request{Kind: engine.Speculate, Source: source, Spec: resolved(t, spec.Spec{})})
	require.Nil(t, guessed.Error)
	require.True(t, slices.ContainsFunc(guessed.log, func(l engine.LogLine) bool { return strings.Contains(l.Text, "bent across and long") }))
	next := func(s spec.Spec) engine.Stage {
		t.Helper()
		c.send(c.lay(engine.Request{ID: "mesh", Kind: engine.Mesh, Source: source, Spec: resolved(t, s), Tenant: "a", Keep: budget, Threads: 1}))
		for {
			if m := c.next(); m.Type == engine.TypeStage && m.Stage.Stage != engine.StageImport {
				return m.Stage.Stage
			}
		}
	}
	require.Equal(t, engine.Stage1D, next(spec.Spec{
		Groups: []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1}}},
		Layers: []spec.Layer{{Groups: []string{"some"}, FirstHeight: 0.01}},
	}))
}
