package serve_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// triangleTorus is an STL of a ring with a radius of 10 and a thickness of 6.
func triangleTorus(t *testing.T) engine.Source {
	const around, across = 24, 12
	vertex := func(i, k int) string {
		a, b := 2*math.Pi*float64(i%around)/around, 2*math.Pi*float64(k%across)/across
		r := 10 + 3*math.Cos(b)
		return fmt.Sprintf("vertex %v %v %v\n", r*math.Cos(a), r*math.Sin(a), 3*math.Sin(b))
	}
	var text strings.Builder
	text.WriteString("solid ring\n")
	for i := range around {
		for k := range across {
			for _, corners := range [2][3]string{{vertex(i, k), vertex(i+1, k), vertex(i+1, k+1)}, {vertex(i, k), vertex(i+1, k+1), vertex(i, k+1)}} {
				text.WriteString("facet normal 0 0 0\nouter loop\n" + strings.Join(corners[:], "") + "endloop\nendfacet\n")
			}
		}
	}
	text.WriteString("endsolid ring\n")
	source := written(t, engine.STL, []byte(text.String()))
	source.Units = "mm"
	return source
}

// A change of a mesh of triangles, too, is meshed from the stage on that depends on it, and gives what a fresh engine makes of the same spec.
func TestLong_KeptStages_OfTriangles(t *testing.T) {
	t.Parallel()
	surface := []engine.Stage{engine.StageImport, engine.Stage2D}
	volume := append(surface[:2:2], engine.Stage3D, engine.StageOptimize)
	none := surface[:1]
	hot, cold := start(t), start(t)
	source := identified(t, triangleCube(t, "mm", [4]float64{0, 0, 0, 10}, [4]float64{3, 3, 3, 4}, [4]float64{20, 0, 0, 10}))
	s := spec.Spec{Size: spec.Size{Max: 2.5}}
	for _, step := range []struct {
		name   string
		change func(s *spec.Spec)
		reused []engine.Stage
	}{
		{"first", func(*spec.Spec) {}, nil},
		{"order", func(s *spec.Spec) { s.Order = 2 }, volume},
		{"groups", func(s *spec.Spec) { s.Groups = []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1}}} }, volume},
		{"strategy", func(s *spec.Spec) { s.Order, s.Strategy = 1, spec.HXT }, surface},
		{"order of another strategy", func(s *spec.Spec) { s.Order = 2 }, volume},
		{"layers", func(s *spec.Spec) {
			s.Order, s.Strategy = 1, spec.Auto
			s.Layers = []spec.Layer{{Groups: []string{"some"}, FirstHeight: 0.05}}
		}, surface},
		{"frontal", func(s *spec.Spec) { s.Layers, s.Strategy = nil, spec.Frontal }, surface},
		{"hexahedra", func(s *spec.Spec) { s.Strategy, s.Element = spec.Auto, spec.HexDominant }, surface},
		{"a number of elements", func(s *spec.Spec) { s.Element, s.Size = spec.Tet, spec.Size{TargetElements: 1500} }, none},
		{"order of that number", func(s *spec.Spec) { s.Order = 2 }, volume},
		{"growth", func(s *spec.Spec) { s.Order, s.Size = 1, spec.Size{Max: 2.4, Growth: 1.4} }, none},
		{"another strategy with growth", func(s *spec.Spec) { s.Strategy = spec.HXT }, surface},
		{"a refinement", func(s *spec.Spec) {
			s.Strategy, s.Size.Growth = spec.Auto, 0
			s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: 1.2}}
		}, none},
		{"another strategy, refined", func(s *spec.Spec) { s.Strategy = spec.HXT }, surface},
		{"the last digit of the refinement", func(s *spec.Spec) { s.Refine[0].Size *= 1 + 1e-15 }, none},
		{"subdivided", func(s *spec.Spec) { s.Strategy, s.Refine = spec.Hex, nil }, none},
		{"subdivided, in other groups", func(s *spec.Spec) { s.Groups = nil }, surface},
	} {
		step.change(&s)
		t.Run(step.name, func(t *testing.T) {
			req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, s), Threads: 1}
			known, fresh := hot.on(t).keeping(req), cold.on(t).do(req)
			requireSame(t, fresh, known)
			require.Nil(t, known.Error)
			require.Equal(t, fresh.Mesh.Surface, known.Mesh.Surface)
			require.ElementsMatch(t, known.Mesh.Reused, step.reused)
			t.Log(fresh.took, known.took)
		})
	}
}

func TestLong_KeptStages_OfTrianglesByRandomSpecs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	hot, cold := start(t), start(t)
	source := identified(t, triangleTorus(t))
	box := hot.keeping(engine.Request{Kind: engine.Import, Source: source}).Model.Box
	some := func() spec.Spec {
		s := randomSpec(t, r, box)
		if s.Size.TargetElements == 0 {
			s.Size.Max = max(s.Size.Max, box.Max[0]/3)
		}
		return s
	}
	s := some()
	for round := range 8 {
		if round > 0 && r.IntN(2) == 0 {
			s = some()
		} else { // what needs no other surface
			s.Strategy, s.Order = []string{spec.Delaunay, spec.HXT, spec.Frontal}[r.IntN(3)], 1+r.IntN(2)
		}
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			req := engine.Request{Kind: engine.Mesh, Source: source, Spec: s, Threads: 1}
			known, fresh := hot.on(t).keeping(req), cold.on(t).do(req)
			requireSame(t, fresh, known)
			if known.Error == nil {
				t.Log(known.Mesh.Reused, known.took, fresh.took)
			}
		})
	}
}
