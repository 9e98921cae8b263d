package serve_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// known is what the manifest of the shared test data says of a file.
type known struct {
	Path       string
	Solids     *int
	Volume     *float64
	SewnVolume *float64 `json:"sewn_volume"`
	Watertight *bool
	Triangles  int
	Diagonal   float64
	testenv.Expected
	VolumeIfRepaired *float64 `json:"volume_if_repaired"`
}

func TestBadFiles_AnswerQuicklyWithTheirCauseOrAValidMesh(t *testing.T) {
	pwned := []string{"/tmp/pwned", "/tmp/pwned-by-printf"}
	for _, path := range pwned {
		require.NoFileExists(t, path)
	}
	c := start(t)
	for _, f := range testenv.Corpus[known](t, "bad") {
		for _, kind := range []engine.Kind{engine.Import, engine.Mesh} {
			s, err := spec.Spec{Size: spec.Size{Fineness: 1}}.Resolve()
			require.NoError(t, err)
			a := c.do(engine.Request{Kind: kind, Source: shared(t, f.Path), Spec: s})
			require.Less(t, a.took, 10*time.Second, f.Path)
			if a.Error == nil {
				require.NotNil(t, f.VolumeIfRepaired, "%s is accepted", f.Path)
				require.NotEmpty(t, a.Warnings, "%s was repaired without a word", f.Path)
				if kind == engine.Mesh {
					requireSound(t, a)
					require.InEpsilon(t, *f.VolumeIfRepaired, a.Mesh.CADVolume, 1e-6, f.Path)
					require.InEpsilon(t, *f.VolumeIfRepaired, a.Mesh.Volume, 1e-3, f.Path)
				}
				continue
			}
			require.True(t, f.Accepts(a.Error.Code), "%s as %s: %s", f.Path, kind, a.Error)
			require.NotEmpty(t, a.Error.Message)
			require.NotEmpty(t, a.Error.Hint)
			require.Empty(t, a.artifacts)
			require.False(t, a.Tainted)
		}
	}
	for _, path := range pwned {
		require.NoFileExists(t, path)
	}
	requireSound(t, c.mesh(part(t), coarse))
}

// must lists CAD that has to succeed with the default specification, within one per cent of its volume.
var must = []string{
	"t20_data.step", "cube-in.step", "cube-m.step", "cube-mm.step", "gen_filleted_bracket.step", "gen_filleted_bracket.brep",
	"gen_filleted_bracket.iges", "rounded-cube.step", "gen_disjoint_solids.step", "gen_sphere_void.step", "conical-surface.step",
	"gen_far_from_origin.step", "gen_named_coloured.step", "gen_sphere_in_box.step", "gen_small_part.step", "gen_sliver_edge.step",
	"gen_thin_plate.step", "gen_touching_boxes.step", "mal_vis.brep", "screw.step", "step_boundary_colors.stp",
}

func TestCAD_IsMeshedOrHonestlyRefused(t *testing.T) {
	engines := make(chan *child, 2)
	for range cap(engines) {
		engines <- start(t)
	}
	var passed atomic.Int32
	t.Run("files", func(t *testing.T) {
		for _, f := range testenv.Corpus[known](t, "cad") {
			t.Run(filepath.Base(f.Path), func(t *testing.T) {
				t.Parallel()
				c := <-engines
				defer func() { engines <- c }()
				if meshOrRefusal(t, c.on(t), f) {
					passed.Add(1)
				}
			})
		}
	})
	require.GreaterOrEqual(t, passed.Load(), int32(32))
}

// meshOrRefusal meshes a file of CAD and holds the answer against what is known of it. It reports whether there was a mesh.
func meshOrRefusal(t *testing.T, c *child, f known) bool {
	name := filepath.Base(f.Path)
	required := slices.Contains(must, name)
	a := c.mesh(shared(t, f.Path), func(s *spec.Spec) {
		if !required { // quick, for what takes long
			s.Size.Fineness, s.Size.Curvature = 1, 6
		}
	})
	requireOrderly(t, a)
	if a.Error != nil {
		t.Logf("%.2f s, %s: %s", a.took.Seconds(), a.Error.Code, a.Error.Message)
		require.False(t, required, "%v", a.Error)
		require.NotContains(t, []diagnosis.Code{diagnosis.Internal, diagnosis.EngineCrashed}, a.Error.Code)
		require.NotEmpty(t, a.Error.Hint)
		return false
	}
	requireSound(t, a)
	t.Logf("%.2f s, %d tetrahedra, volume %+.2f %%", a.took.Seconds(), a.Mesh.Elements["tetrahedron"],
		100*(a.Mesh.Volume/a.Mesh.CADVolume-1))

	truth := f.Volume
	if truth == nil {
		truth = f.SewnVolume
	}
	require.NotNil(t, truth, "a file without a volume")
	require.InEpsilon(t, *truth, a.Mesh.CADVolume, 1e-5)
	if f.Solids != nil && *f.Solids > 0 {
		require.Len(t, a.Mesh.Solids, *f.Solids)
	}
	if required {
		volumeWithin(t, 0.01, a)
	}
	for _, s := range a.Mesh.Solids {
		if math.Abs(s.Deviation) > 0.01 {
			require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool {
				return len(w.Entities) == 1 && w.Entities[0].Tag == s.Tag && strings.Contains(w.Message, "%")
			}), "solid %d deviates by %.2g without a warning", s.Tag, s.Deviation)
		}
	}
	return true
}

func TestTriangles_AreFilledWhereTheyAreClosed(t *testing.T) {
	c := start(t)
	for _, f := range testenv.Corpus[known](t, "stl") {
		name := filepath.Base(f.Path)
		if name == "TR12J_OCC.stl" && testing.Short() {
			continue
		}
		source := shared(t, f.Path)
		source.Units = "mm"
		a := c.mesh(source, func(s *spec.Spec) {
			if f.Triangles > 5000 { // quick, for what takes long
				s.Size.Fineness, s.Size.Curvature = 1, 12
			}
		})
		requireOrderly(t, a)
		if !*f.Watertight && a.Error != nil {
			require.Equal(t, diagnosis.NotWatertight, a.Error.Code, name)
			require.NotEmpty(t, a.Error.Entities, name)
			continue
		}
		require.Nil(t, a.Error, name)
		requireSound(t, a)
		if f.Volume == nil {
			require.NotEmpty(t, a.Warnings, "%s was repaired without a word", name)
			continue
		}
		require.Len(t, a.Mesh.Solids, *f.Solids, name)
		require.InEpsilon(t, *f.Volume, a.Mesh.CADVolume, 1e-6, name)
		volumeWithin(t, 0.01, a)
		require.False(t, a.Mesh.Surface.Kept, name)
		require.Less(t, a.Mesh.Surface.Deviation, 0.015*f.Diagonal, name)
	}
}

func TestSolidsThatTouch_ShareNodes(t *testing.T) {
	c := start(t)
	// Twelve boxes in partial contact: apart, their faces would carry two layers of nodes.
	a := c.mesh(shared(t, "cad/gen_touching_boxes.step"), func(s *spec.Spec) { s.Size.Fineness = 1 })
	requireSound(t, a)
	require.Empty(t, a.Warnings)
	require.Len(t, a.Mesh.Solids, 12)
	require.InEpsilon(t, 12000, a.Mesh.Volume, 1e-9)
	require.Contains(t, timedStages(a), engine.StageHeal)

	// Solids that are apart are not cut.
	a = c.mesh(shared(t, "cad/gen_disjoint_solids.step"), func(s *spec.Spec) { s.Size.Fineness = 1 })
	requireSound(t, a)
	require.NotContains(t, timedStages(a), engine.StageHeal)
}

func TestSolidsThatOverlap_AreRefusedWithThePlace(t *testing.T) {
	a := start(t).mesh(shared(t, "cad/gen_overlapping_solids.step"), nil)
	require.Equal(t, diagnosis.OverlappingSolids, a.Error.Code)
	require.Len(t, a.Error.Entities, 2)
	require.InDelta(t, 7.5, a.Error.Entities[0].Point[0], 1e-6)
}

func timedStages(a answer) (stages []engine.Stage) {
	for _, timing := range a.Timings {
		stages = append(stages, timing.Stage)
	}
	return stages
}
