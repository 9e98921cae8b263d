package serve_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// byLattice asks for about so many tetrahedra of a lattice.
func byLattice(elements int) func(*spec.Spec) {
	return func(s *spec.Spec) { s.Strategy, s.Size.TargetElements = spec.Lattice, elements }
}

func requireLattice(t *testing.T, a answer) {
	t.Helper()
	requireSound(t, a)
	requireOrderly(t, a)
	require.Equal(t, spec.Lattice, a.Mesh.Strategy)
	l := a.Mesh.Lattice
	require.NotNil(t, l)
	require.Positive(t, l.LeastEdge)
	require.LessOrEqual(t, l.LeastEdge, l.Edge)
	require.Equal(t, max(l.OfMesh.Max, l.OfSurface.Max), l.Deviation)
	require.Greater(t, a.Mesh.Quality["gamma"].Min, 0.05)
}

func TestLong_Lattice_FillsEveryTriangleSurfaceThatEnclosesSomething(t *testing.T) {
	t.Parallel()
	c := start(t)
	empty := []string{"surface1.stl", "single_triangle.stl"} // sheets that surround no place
	var hollow []string
	for _, folder := range []string{"stl", "bad"} {
		for _, f := range testenv.Corpus[known](t, folder) {
			name := filepath.Base(f.Path)
			if filepath.Ext(name) != ".stl" {
				continue
			}
			source := shared(t, f.Path)
			source.Units = "mm"
			if m := importOf(c, source).Model; m != nil && m.Defect != nil && m.Defect.NoInside {
				require.NotContains(t, m.Defect.Hint, "lattice", name)
				hollow = append(hollow, name)
			}
			a := c.mesh(source, byLattice(8_000))
			if a.Error != nil {
				switch {
				case slices.Contains(empty, name):
					require.Equal(t, diagnosis.NoVolume, a.Error.Code, name)
				case folder == "stl":
					require.Nil(t, a.Error, name)
				default: // nothing that could be read
					require.NotContains(t, diagnosis.Unclosed, a.Error.Code, name)
					require.True(t, f.Accepts(a.Error.Code), "%s: %s", name, a.Error)
				}
				continue
			}
			requireLattice(t, a)
			for _, truth := range []*float64{f.Volume, f.VolumeIfRepaired} {
				if truth != nil && math.Abs(a.Mesh.Volume / *truth - 1) > 0.01 { // thinner than so few tetrahedra can tell
					require.NotEmpty(t, a.Warnings, "%s is off without a word", name)
				}
			}
		}
	}
	require.ElementsMatch(t, empty, hollow, "their imports say so")
}

func TestLattice_FillsDirtySurfaces(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, d := range testenv.DirtySurfaces() {
		source := written(t, engine.STL, d.STL)
		source.Units = "mm"
		model := importOf(c, source).Model
		require.Equal(t, d.Mended, model.Defect == nil, d.Name)
		a := c.mesh(source, byLattice(60_000))
		require.Nil(t, a.Error, d.Name)
		requireLattice(t, a)
		if d.Overlap {
			require.Greater(t, a.Mesh.Volume, 1.2*d.Volume, d.Name)
			require.Less(t, a.Mesh.Volume, 2*d.Volume, d.Name)
		} else {
			require.InEpsilon(t, d.Volume, a.Mesh.Volume, d.Off, d.Name)
		}
	}
}

func TestTrianglesThatDoNotClose_AreDescribedWithTheirDefectAndKept(t *testing.T) {
	c, fresh := start(t), start(t)
	source := identified(t, written(t, engine.STL, testenv.DirtySurfaces()[0].STL))
	a := c.keeping(engine.Request{Kind: engine.Import, Source: source})
	require.Nil(t, a.Error)
	m := a.Model
	require.Equal(t, diagnosis.NotWatertight, m.Defect.Code)
	require.Len(t, m.Defect.Entities, 1)
	require.NotNil(t, m.Defect.Entities[0].Point)
	require.Equal(t, []engine.Body{{Tag: 1, Faces: []int{1}}}, m.Solids, "of a volume that nobody knows")
	require.InEpsilon(t, 4*math.Pi*math.Pi*3, m.Faces[0].Measure, 0.02)
	require.Len(t, a.artifacts, 1, "it is shown")
	require.Len(t, a.Kept, 1)

	ask := resolved(t, spec.Spec{Strategy: spec.Lattice, Size: spec.Size{TargetElements: 20_000}})
	for range 2 { // the second time with all that the first one made of the triangles
		hot := c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: ask})
		requireLattice(t, hot)
		require.Equal(t, []engine.Stage{engine.StageImport}, hot.Mesh.Reused)
		cold := fresh.do(engine.Request{Kind: engine.Mesh, Source: source, Spec: ask})
		require.Equal(t, hash(t, cold), hash(t, hot))
		require.Equal(t, cold.Warnings, hot.Warnings)
		require.Equal(t, diagnosis.NotWatertight, hot.Warnings[len(hot.Warnings)-1].Code)
	}
	refused := c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, spec.Spec{})})
	require.Equal(t, diagnosis.NotWatertight, refused.Error.Code)
	ask.Heal = spec.HealOff
	refused = c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: ask})
	require.Equal(t, diagnosis.NotWatertight, refused.Error.Code)
}

// What an import has kept knows the entities that a spec speaks of.
func TestTrianglesKeptByTheirImport_HaveTheirFaces(t *testing.T) {
	c := start(t)
	source := identified(t, triangleCube(t, "mm"))
	for _, strategy := range []string{spec.Lattice, spec.Delaunay} {
		require.Nil(t, c.keeping(engine.Request{Kind: engine.Import, Source: source}).Error)
		a := c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, spec.Spec{
			Strategy: strategy, Groups: []spec.Group{{Name: "side", Dim: dim(2), Entities: []int{6}}},
		})})
		requireSound(t, a)
		require.Equal(t, []engine.Stage{engine.StageImport}, a.Mesh.Reused)
		require.Equal(t, []int{6}, groups(t, readMesh(t, a))["side"].Entities)
	}
}

func TestLatticeOfCAD_HasTheFacesOfThePart(t *testing.T) {
	t.Parallel()
	c := start(t)
	model := importOf(c, part(t)).Model
	a := c.mesh(part(t), func(s *spec.Spec) {
		s.Strategy, s.Formats = spec.Lattice, []string{"msh", "msh2", "vtk", "vtu", "stl", "inp", "su2", "cgns", "med", "openfoam"}
		s.Groups = []spec.Group{{Name: "inlet", Dim: dim(2), Entities: []int{1, 2}}}
	})
	requireLattice(t, a)
	volumeWithin(t, 0.01, a)
	require.Less(t, a.Mesh.Elements["tetrahedron"], 250_000, "the cost has a bound")
	target := c.mesh(part(t), byLattice(40_000))
	requireLattice(t, target)
	require.InEpsilon(t, 40_000, target.Mesh.Elements["tetrahedron"], 0.1)
	require.Less(t, a.Mesh.Lattice.Deviation, a.Mesh.Lattice.Edge)
	require.Zero(t, a.Mesh.Lattice.LostFaces)
	require.Len(t, a.artifacts, 10+3)
	m := readMesh(t, a)
	features := a.Mesh.Lattice.Features
	require.Equal(t, features.Corners, features.CornersKept)
	require.Less(t, features.Lost, 0.01*features.Length)
	for _, f := range model.Faces {
		// a node may lie on either side of an edge that is not sharp: faces of few triangles feel that
		within := 0.02 + 0.5*a.Mesh.Lattice.Edge*a.Mesh.Lattice.Edge/f.Measure
		require.InEpsilon(t, f.Measure, area(m, []int{f.Tag}), within, "face %d", f.Tag)
	}
	require.Equal(t, []int{1, 2}, groups(t, m)["inlet"].Entities)
	require.Len(t, groups(t, m), 2)

	// the writers that have it from the file later say the same
	source := engine.Source{Path: filepath.Join(a.dir, "mesh.msh"), Format: engine.MSH}
	require.Nil(t, c.do(engine.Request{Kind: engine.Export, Source: source, Formats: []string{"unv", "bdf", "msh2"}}).Error)
}

func TestLattice_FillsSolidsForThemselves(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, file := range []struct {
		path   string
		solids int
	}{{"cad/gen_disjoint_solids.step", 5}, {"cad/gen_overlapping_solids.step", 2}} {
		a := c.mesh(shared(t, file.path), byLattice(60_000))
		requireLattice(t, a)
		require.Len(t, a.Mesh.Solids, file.solids)
		for _, s := range a.Mesh.Solids {
			require.InDelta(t, 0, s.Deviation, 0.05, "solid %d of %s", s.Tag, file.path)
		}
		require.Zero(t, interfaces(t, readMesh(t, a)), file.path)
		require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool { return w.Code == diagnosis.Repaired }), "no nodes in common: said")
	}
}

func TestLattice_IsTheSameHotAndColdAndOnAnyNumberOfThreads(t *testing.T) {
	t.Parallel()
	c := start(t)
	s, err := spec.Spec{Strategy: spec.Lattice}.Resolve()
	require.NoError(t, err)
	for _, source := range []engine.Source{part(t), triangleCube(t, "mm")} {
		source.SHA256 = "of " + source.Path
		request := engine.Request{Kind: engine.Mesh, Source: source, Spec: s, Threads: 1, Keep: 1 << 30}
		cold := c.do(request)
		requireLattice(t, cold)
		request.Threads = 2
		hot := c.do(request)
		requireLattice(t, hot)
		require.Equal(t, []engine.Stage{engine.StageImport}, hot.Mesh.Reused)
		require.Equal(t, hash(t, cold), hash(t, hot))
		// and what it leaves behind is good for others
		request.Spec.Strategy = spec.Delaunay
		other, fresh := c.do(request), start(t).do(request)
		requireSound(t, other)
		require.Equal(t, hash(t, fresh), hash(t, other))
	}
}

func TestDraft_IsSmallAndSaysSo(t *testing.T) {
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Draft = true })
	requireLattice(t, a)
	require.True(t, a.Mesh.Lattice.Draft)
	require.Nil(t, a.Mesh.Measured.CFD, "what takes longest is left out")
	require.Positive(t, a.Mesh.Measured.FEA.MinJacobian)
	require.Less(t, a.Mesh.Elements["tetrahedron"], 100_000)
	require.ElementsMatch(t, []string{"msh", "surface", "volume", "report"}, formatsOf(a))
	a = start(t).mesh(part(t), func(s *spec.Spec) { s.Draft, s.Size.TargetElements = true, 130_000 })
	requireLattice(t, a)
	require.ElementsMatch(t, []string{"msh", "surface", "report"}, formatsOf(a), "nothing that takes longer than the mesh")
}

func TestLatticeAsLastResort_KeepsTheVolumeAndSaysWhatItIs(t *testing.T) {
	c := start(t)
	s, err := spec.Spec{Strategy: spec.Lattice, Size: spec.Size{Max: partDiagonal / 4}}.Resolve()
	require.NoError(t, err)
	tried := []diagnosis.Attempt{{Strategy: spec.Delaunay, Error: "boundary_recovery_failed: no"}}
	a := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Tried: tried, Tuning: engine.Tuning{Rung: spec.Lattice, LastResort: true}})
	requireLattice(t, a)
	volumeWithin(t, 0.02, a)
	require.Len(t, a.Mesh.Tried, 2)
	require.Equal(t, spec.Lattice, a.Mesh.Tried[1].Strategy)
	require.Equal(t, diagnosis.Repaired, a.Warnings[len(a.Warnings)-1].Code)
	require.Contains(t, a.Warnings[len(a.Warnings)-1].Message, "Nothing else could mesh the part")

	a = c.do(engine.Request{Kind: engine.Mesh, Source: shared(t, "cad/gen_thin_plate.step"), Spec: s, Tuning: engine.Tuning{LastResort: true}})
	require.Equal(t, diagnosis.QualityBelowThreshold, a.Error.Code, "thinner than any lattice that can be paid for")
}

func formatsOf(a answer) (formats []string) {
	for _, f := range a.artifacts {
		formats = append(formats, f.Format)
	}
	return formats
}

func TestLattice_IsFinerWhereRefinedAndCoarserInside(t *testing.T) {
	t.Parallel()
	c := start(t)
	const longest, size = partDiagonal / 20, partDiagonal / 45
	coarse := c.mesh(part(t), func(s *spec.Spec) { s.Strategy, s.Size.Max = spec.Lattice, longest })
	requireLattice(t, coarse)
	require.Equal(t, coarse.Mesh.Lattice.Edge, coarse.Mesh.Lattice.LongestEdge, "no edge is to be longer")
	for _, place := range []spec.Refinement{
		{Sphere: &spec.Sphere{Center: []float64{0, 0, 0}, Radius: 2}, Size: size},
		{Entities: spec.Entities{Faces: []int{3}}, Size: size},
	} {
		a := c.mesh(part(t), func(s *spec.Spec) {
			s.Strategy, s.Size.Max, s.Refine = spec.Lattice, longest, []spec.Refinement{place}
		})
		requireLattice(t, a)
		require.Equal(t, size, a.Mesh.Lattice.Edge, "the whole surface is as fine")
		require.LessOrEqual(t, a.Mesh.Lattice.LongestEdge, longest)
		require.Greater(t, a.Mesh.Elements["tetrahedron"], 2*coarse.Mesh.Elements["tetrahedron"])
	}
	a := c.mesh(part(t), func(s *spec.Spec) {
		s.Strategy, s.Size.Max, s.Refine = spec.Lattice, longest, []spec.Refinement{{Entities: spec.Entities{Points: []int{1}}, Size: size}}
	})
	requireLattice(t, a)
	require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool { return w.Code == diagnosis.UnfitSpec }), "left out: said")
}

// Balls smaller than the cubes inside are met by none of their middles.
func TestLattice_IsRefinedInBallsSmallerThanItsCubes(t *testing.T) {
	c := start(t)
	const size, radius = 4, 3
	places := [][3]float64{{5, 10, 1}, {-13, 7, 9}, {0, 0, 0}, {21, -22, -5}}
	a := c.mesh(shared(t, "cad/step_boundary_colors.stp"), func(s *spec.Spec) { // a cube, 100 wide
		s.Strategy, s.Size.Max = spec.Lattice, 32
		for _, p := range places {
			s.Refine = append(s.Refine, spec.Refinement{Sphere: &spec.Sphere{Center: p[:], Radius: radius}, Size: size})
		}
	})
	requireLattice(t, a)
	require.InEpsilon(t, size, a.Mesh.Lattice.Edge, 1e-9)
	require.Greater(t, a.Mesh.Lattice.LongestEdge, 2.*radius, "there are such cubes")
	m := readMesh(t, a)
	all := edges(m, m.Of(3), 4)
	for _, p := range places {
		longest := 0.
		for _, e := range all {
			if between(e.middle(), p) < radius {
				longest = max(longest, e.length)
			}
		}
		require.InDelta(t, size, longest, 0.01, "%v", p)
	}
	// and of what was asked for, the report knows where
	asked := a.Mesh.Measured.Volume.Measures["size_ratio"]
	require.LessOrEqual(t, asked.Max, 1.5)
	require.Less(t, a.Mesh.Measured.Surface.Measures["size_ratio"].Max, 1.5)
}

func TestSizeRatioOfALattice_IsOfWhatWasAskedForThere(t *testing.T) {
	c := start(t)
	ratio := func(change func(*spec.Spec)) (volume, surface float64) {
		a := c.mesh(shared(t, "cad/step_boundary_colors.stp"), func(s *spec.Spec) {
			s.Strategy, s.Size.Max = spec.Lattice, 12
			change(s)
		})
		requireLattice(t, a)
		require.Less(t, a.Mesh.Measured.Volume.Measures["size_ratio"].Max, 1.5)
		return a.Mesh.Measured.Volume.Measures["size_ratio"].Percentiles.P50, a.Mesh.Measured.Surface.Measures["size_ratio"].Percentiles.P50
	}
	volume, surface := ratio(func(*spec.Spec) {})
	require.InDelta(t, 0.91, volume, 0.02, "of two long edges and four short ones")
	require.InDelta(t, 0.9, surface, 0.15)
	// half of the cube is to be a third as long: so is the surface, and inside one half of it is
	volume, surface = ratio(func(s *spec.Spec) {
		s.Refine = []spec.Refinement{{Box: [][]float64{{-50, -50, -50}, {0, 50, 50}}, Size: 4}}
	})
	require.InDelta(t, 0.85, volume, 0.1, "cubes are doubled, not stretched")
	require.InDelta(t, 0.9, surface, 0.15)
	// refined as a whole
	volume, _ = ratio(func(s *spec.Spec) {
		s.Refine = []spec.Refinement{{Entities: spec.Entities{Solids: []int{1}}, Size: 6}}
	})
	require.InDelta(t, 0.91, volume, 0.02)
}

func TestDraft_StaysSmallWhateverIsRefined(t *testing.T) {
	c := start(t)
	for name, r := range map[string]spec.Refinement{
		"a face":  {Entities: spec.Entities{Faces: []int{4}}, Size: 0.5},
		"inside":  {Box: [][]float64{{-40, -40, -40}, {40, 40, 40}}, Size: 1},
		"a solid": {Entities: spec.Entities{Solids: []int{1}}, Size: 1},
	} {
		a := c.mesh(shared(t, "cad/step_boundary_colors.stp"), func(s *spec.Spec) { s.Draft, s.Refine = true, []spec.Refinement{r} })
		requireLattice(t, a)
		require.LessOrEqual(t, a.Mesh.Elements["tetrahedron"], 100_000, name)
		require.Contains(t, formatsOf(a), "volume", "%s: small enough to be cut open", name)
		require.Greater(t, a.Mesh.Elements["tetrahedron"], 30_000, name)
		require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool {
			return w.Code == diagnosis.UnfitSpec && strings.Contains(w.Message, "A draft")
		}), name)
	}
}
