package serve_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
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
			require.Less(t, a.took, time.Minute, "%s hangs", f.Path)
			if a.Error == nil && kind == engine.Import && a.Model.Defect != nil {
				require.True(t, f.Accepts(a.Model.Defect.Code), "%s: %s", f.Path, a.Model.Defect)
				require.NotEmpty(t, a.Model.Defect.Entities, f.Path)
				continue
			}
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

var (
	// refusable lists CAD that may be refused, and how. Every other file has to be meshed.
	refusable = map[string]diagnosis.Code{
		"bearing.iges":       diagnosis.NoVolume,
		"gen_tiny_part.step": diagnosis.BelowTolerance,
	}
	// overlapping lists assemblies and how many pairs of their solids overlap.
	overlapping = map[string]int{"Motor-c.brep": 2}
	// dear lists CAD that takes seconds with the default specification. Tests mesh it as coarsely as the fineness goes.
	dear = []string{
		"Ball.brep", "CrankArm.brep", "Motor-c.brep", "as1-oc-214.stp", "as1-tu-203.stp", "as1_pe_203.stp", "bottle.brep",
		"dm1-id-214.stp", "gen_scale_range.step", "gen_thin_tube.step", "hammer.iges", "io1-cm-214.stp", "linkrods.step",
	}
)

func TestLong_CAD_IsMeshedByTheDefaultSpec(t *testing.T) {
	engines := make(chan *child, 2)
	for range cap(engines) {
		engines <- start(t)
	}
	for _, f := range testenv.Corpus[known](t, "cad") {
		t.Run(filepath.Base(f.Path), func(t *testing.T) {
			t.Parallel()
			c := <-engines
			defer func() { engines <- c }()
			meshOrRefusal(t, c.on(t), f)
		})
	}
}

// meshOrRefusal meshes a file of CAD and holds the answer against what is known of it.
func meshOrRefusal(t *testing.T, c *child, f known) {
	name := filepath.Base(f.Path)
	coarse := slices.Contains(dear, name)
	a := c.mesh(shared(t, f.Path), func(s *spec.Spec) {
		if coarse {
			s.Size.Fineness = 1
		}
	})
	requireOrderly(t, a)
	if a.Error != nil {
		t.Logf("%.2f s, %s: %s", a.took.Seconds(), a.Error.Code, a.Error.Message)
		require.Equal(t, refusable[name], a.Error.Code, "%v", a.Error)
		require.NotEmpty(t, a.Error.Hint)
		return
	}
	requireSound(t, a)
	if overlaps, known := overlapping[name]; known {
		requireConformalElsewhere(t, overlaps, a)
	}
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
	if !coarse {
		volumeWithin(t, 0.01, a)
	}
	require.Less(t, a.Mesh.Elements["tetrahedron"], 250_000, "the cost has a bound")
	for _, s := range a.Mesh.Solids {
		if math.Abs(s.Deviation) > 0.01 {
			require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool {
				return len(w.Entities) == 1 && w.Entities[0].Tag == s.Tag && strings.Contains(w.Message, "%")
			}), "solid %d deviates by %.2g without a warning", s.Tag, s.Deviation)
		}
	}
}

func TestLong_Triangles_AreFilledWhereTheyAreClosed(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, f := range testenv.Corpus[known](t, "stl") {
		name := filepath.Base(f.Path)
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

func TestSolidsThatOverlap_AreMeshedWholeAndSaidTo(t *testing.T) {
	a := start(t).mesh(shared(t, "cad/gen_overlapping_solids.step"), func(s *spec.Spec) { s.Size.Fineness = 1 })
	requireSound(t, a)
	require.InEpsilon(t, 2000, a.Mesh.Volume, 1e-9)
	require.Len(t, a.Warnings, 1)
	require.Equal(t, diagnosis.OverlappingSolids, a.Warnings[0].Code)
	require.Len(t, a.Warnings[0].Entities, 2)
	require.InDelta(t, 7.5, a.Warnings[0].Entities[0].Point[0], 1e-6)
}

// requireConformalElsewhere checks that an assembly is told of so many overlaps, and shares its nodes where there is none.
func requireConformalElsewhere(t *testing.T, overlaps int, a answer) {
	t.Helper()
	told := 0
	for _, w := range a.Warnings {
		require.NotContains(t, w.Message, "meshed apart", "only what overlaps is")
		if w.Code == diagnosis.OverlappingSolids {
			told++
		}
	}
	require.Equal(t, overlaps, told)
}

func timedStages(a answer) (stages []engine.Stage) {
	for _, timing := range a.Timings {
		stages = append(stages, timing.Stage)
	}
	return stages
}
