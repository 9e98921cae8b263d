package serve_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// A change is meshed from the stage on that depends on it, and gives what a fresh engine makes of the same spec.
func TestKeptStages_AChangeCostsWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	surface := []engine.Stage{engine.StageImport, engine.Stage1D, engine.Stage2D}
	volume := append(surface[:3:3], engine.Stage3D, engine.StageOptimize)
	none := surface[:1]
	files := []string{"testdata/t20_data.step", "testdata/two_solids.iges"}
	names := os.Getenv("MESHGEN_KEPT")
	corpus := names != ""
	if corpus {
		var err error
		files, err = filepath.Glob(names)
		require.NoError(t, err)
	}
	for _, file := range files {
		hot, cold := start(t), start(t)
		source := identified(t, named(t, file))
		box := hot.keeping(engine.Request{Kind: engine.Import, Source: source}).Model.Box
		s := spec.Spec{Size: spec.Size{Max: (box.Max[0] - box.Min[0]) / 4, Curvature: 5}} // few elements: what is compared are stages
		for _, step := range []struct {
			name   string
			change func(s *spec.Spec)
			reused []engine.Stage
		}{
			{"first", func(*spec.Spec) {}, none},
			{"order", func(s *spec.Spec) { s.Order = 2 }, volume},
			{"groups", func(s *spec.Spec) { s.Groups = []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1, 2}}} }, volume},
			{"strategy", func(s *spec.Spec) { s.Order, s.Strategy = 1, spec.HXT }, surface},
			{"order of another strategy", func(s *spec.Spec) { s.Order = 2 }, volume},
			{"layers", func(s *spec.Spec) {
				s.Order, s.Strategy = 1, spec.Auto
				s.Layers = []spec.Layer{{Groups: []string{"some"}, FirstHeight: s.Size.Max / 50}}
			}, surface},
			{"thinner layers", func(s *spec.Spec) { s.Layers[0].FirstHeight /= 2 }, surface},
			{"order of layers", func(s *spec.Spec) { s.Order = 2 }, none},
			{"frontal", func(s *spec.Spec) { s.Order, s.Layers, s.Strategy = 1, nil, spec.Frontal }, surface},
			{"hexahedra", func(s *spec.Spec) { s.Strategy, s.Element = spec.Auto, spec.HexDominant }, surface},
			{"order of hexahedra", func(s *spec.Spec) { s.Order = 2 }, nil},
			{"a number of elements", func(s *spec.Spec) { s.Order, s.Element, s.Size.TargetElements = 1, spec.Tet, 1500 }, none},
			{"order of that number", func(s *spec.Spec) { s.Order = 2 }, volume},
			{"the size before", func(s *spec.Spec) { s.Order, s.Size.TargetElements = 1, 0 }, surface},
			{"the last digit of a size", func(s *spec.Spec) { s.Element, s.Size.Max = spec.Tet, s.Size.Max*(1+1e-15) }, none},
			{"growth", func(s *spec.Spec) { s.Size.Growth = 1.4 }, none},
			{"frontal with growth", func(s *spec.Spec) { s.Strategy = spec.Frontal }, surface},
			{"a refinement", func(s *spec.Spec) {
				s.Strategy, s.Refine = spec.Auto, []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: s.Size.Max / 2}}
			}, none},
			{"another strategy, refined", func(s *spec.Spec) { s.Strategy = spec.HXT }, surface},
			{"subdivided", func(s *spec.Spec) { s.Strategy, s.Refine = spec.Hex, nil }, none},
			{"order of the subdivided", func(s *spec.Spec) { s.Order = 2 }, none},
			{"subdivided, in other groups", func(s *spec.Spec) { s.Order, s.Groups = 1, nil }, surface},
		} {
			step.change(&s)
			t.Run(filepath.Base(file)+" "+step.name, func(t *testing.T) {
				req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, s), Threads: 1}
				known, fresh := hot.on(t).keeping(req), cold.on(t).do(req)
				requireSame(t, fresh, known)
				if known.Error != nil && corpus {
					return // the same refusal is all that there is to compare
				}
				require.Nil(t, known.Error)
				got := known.Mesh.Reused
				for len(got) > 0 && got[0] != engine.StageImport { // solids that were cut
					got = got[1:]
				}
				require.Subset(t, got, step.reused)
				require.Len(t, dropHeal(got), len(step.reused))
				t.Log(fresh.took, known.took)
			})
		}
	}
}

func dropHeal(stages []engine.Stage) (out []engine.Stage) {
	for _, s := range stages {
		if s != engine.StageHeal {
			out = append(out, s)
		}
	}
	return out
}
