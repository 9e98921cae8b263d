package serve_test

import (
	"crypto/sha256"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// requireSound checks what every successful mesh has to be.
func requireSound(t *testing.T, a answer) {
	t.Helper()
	require.Nil(t, a.Error)
	require.NotNil(t, a.Mesh)
	require.Len(t, a.Mesh.Checks, 6)
	for _, check := range a.Mesh.Checks {
		require.True(t, check.Passed, "%+v", check)
	}
	for _, s := range a.Mesh.Solids {
		require.Positive(t, s.Elements, "solid %d", s.Tag)
		require.InEpsilon(t, s.Enclosed, s.Volume, 1e-6, "solid %d", s.Tag)
	}
	require.Positive(t, a.Mesh.Quality["sicn"].Min)
	requireOrderly(t, a)
}

// requireOrderly checks what every answer has to be: progress that never falls, stages once each.
func requireOrderly(t *testing.T, a answer) {
	t.Helper()
	last := 0.
	for _, s := range a.stages {
		require.GreaterOrEqual(t, s.Progress, last, "%+v", s)
		require.LessOrEqual(t, s.Progress, 1.)
		require.Contains(t, engine.Stages, s.Stage)
		last = s.Progress
	}
	seen := map[engine.Stage]bool{}
	for _, timing := range a.Timings {
		require.False(t, seen[timing.Stage], "stage %s twice", timing.Stage)
		require.GreaterOrEqual(t, timing.Seconds, 0.)
		seen[timing.Stage] = true
	}
}

// volumeWithin requires the volume of the elements to agree with the CAD's.
func volumeWithin(t *testing.T, share float64, a answer) {
	t.Helper()
	require.LessOrEqual(t, math.Abs(a.Mesh.Volume-a.Mesh.CADVolume), share*a.Mesh.CADVolume)
}

func artifactNames(a answer) (names []string) {
	for _, artifact := range a.artifacts {
		names = append(names, artifact.Name)
	}
	return names
}

func TestPart_BecomesAMeshWithItsFilesAndReport(t *testing.T) {
	c := start(t)
	a := c.mesh(part(t), func(s *spec.Spec) { s.Formats = []string{"msh", "msh2", "vtk", "stl"} })
	requireSound(t, a)
	require.InEpsilon(t, partVolume, a.Mesh.CADVolume, 1e-6)
	volumeWithin(t, 0.01, a)

	require.ElementsMatch(t, []string{"mesh.msh", "mesh.vtk", "mesh.v2.msh", "mesh.stl", "surface.glb", "volume.glb", "report.json"}, artifactNames(a))
	heads := map[string]string{"mesh.msh": "$MeshFormat\n4.1 1 8\n", "mesh.v2.msh": "$MeshFormat\n2.2 1 8\n", "mesh.vtk": "# vtk DataFile"}
	for _, artifact := range a.artifacts {
		require.Equal(t, filepath.Join(a.dir, artifact.Name), artifact.Path)
		require.NotEmpty(t, artifact.MediaType)
		data, err := os.ReadFile(artifact.Path)
		require.NoError(t, err)
		require.NotEmpty(t, data)
		if head := heads[artifact.Name]; head != "" {
			require.Equal(t, head, string(data[:len(head)]))
		}
	}

	var written engine.MeshReport
	data, err := os.ReadFile(filepath.Join(a.dir, "report.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &written))
	require.Equal(t, a.Mesh.Solids, written.Solids)
	require.Equal(t, a.Mesh.Quality, written.Quality)
	require.Equal(t, a.Mesh.Measured, written.Measured)
	require.Equal(t, a.Mesh.Quality["gamma"].Min, a.Mesh.Measured.Volume.Measures["gamma"].Min)
	require.Equal(t, a.Mesh.Solids[0].Elements, a.Mesh.Measured.Volume.Elements)
	require.Nil(t, a.Mesh.Detail, "in the file alone")
	require.Positive(t, a.Mesh.Measured.CFD.InternalFaces)
	require.Len(t, written.Detail.Worst, 100)
	require.Len(t, written.Detail.Solids, 1)
	require.Len(t, written.Detail.Groups, 1)
	require.Equal(t, "gmsh-4.15.2+meshgen-20", written.Versions["engine"])
	require.Equal(t, "7.8.1", written.Versions["opencascade"])
	require.Equal(t, []diagnosis.Attempt{{Strategy: spec.Delaunay, Seconds: written.Tried[0].Seconds}}, written.Tried)
	require.Equal(t, 28, written.Elements["point"])
	require.Equal(t, written.Solids[0].Elements, written.Elements["tetrahedron"])

	var stages []engine.Stage
	for _, s := range a.stages {
		if !slices.Contains(stages, s.Stage) {
			stages = append(stages, s.Stage)
		}
	}
	require.Equal(t, []engine.Stage{engine.StageImport, engine.Stage1D, engine.Stage2D, engine.Stage3D, engine.StageOptimize,
		engine.StageExport, engine.StageQuality}, stages)
	require.Len(t, a.Timings, len(stages))
	require.Greater(t, len(a.log), 50)
	require.Positive(t, a.RSS)
}

func TestMeshFileOfGmsh_IsWrittenThoughNotAskedFor(t *testing.T) {
	// Other formats are made from it later.
	a := start(t).mesh(part(t), func(s *spec.Spec) { coarse(s); s.Formats = []string{"stl"} })
	requireSound(t, a)
	require.ElementsMatch(t, []string{"mesh.msh", "mesh.stl", "surface.glb", "volume.glb", "report.json"}, artifactNames(a))
}

func TestStrategies_AllFillThePart(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, strategy := range []string{spec.Delaunay, spec.Frontal, spec.HXT, spec.MMG} {
		a := c.mesh(part(t), func(s *spec.Spec) { coarse(s); s.Strategy = strategy })
		requireSound(t, a)
		require.Equal(t, strategy, a.Mesh.Strategy)
		require.Equal(t, strategy, a.Mesh.Tried[0].Strategy)
		require.NotNil(t, a.Mesh.Optimized, "whatever made the tetrahedra")
		require.GreaterOrEqual(t, a.Mesh.Optimized.After, a.Mesh.Optimized.Before)
		require.InDelta(t, a.Mesh.Optimized.After, a.Mesh.Quality["gamma"].Min, 1e-6)
	}
}

func TestLong_MMG_FillsSolidsThatTouchOneAfterTheOther(t *testing.T) {
	t.Parallel()
	a := start(t).mesh(named(t, "testdata/two_boxes.step"), func(s *spec.Spec) {
		s.Size.Fineness, s.Strategy, s.Formats = 1, spec.MMG, []string{"msh"}
	})
	requireSound(t, a)
	require.Len(t, a.Mesh.Solids, 2)
	m, err := mesh.ReadMSH(a.dir + "/mesh.msh")
	require.NoError(t, err)
	of := map[[3]uint64]int{} // tetrahedra at each triangle
	for _, b := range m.Of(3) {
		for e := range b.Len() {
			for _, face := range b.Kind.Shape().Faces() {
				n := b.Element(e)
				corners := [3]uint64{n[face[0]], n[face[1]], n[face[2]]}
				slices.Sort(corners[:])
				of[corners]++
			}
		}
	}
	between := 0
	for _, b := range m.Of(2) {
		for e := range b.Len() {
			corners := [3]uint64(b.Element(e))
			slices.Sort(corners[:])
			require.Contains(t, []int{1, 2}, of[corners])
			between += of[corners] - 1
		}
	}
	require.Positive(t, between, "the boxes share triangles")
}

func TestHigherOrders_FollowTheCurves(t *testing.T) {
	t.Parallel()
	c := start(t)
	missing := map[int]float64{}
	for order := 1; order <= spec.MaxOrder; order++ {
		a := c.mesh(part(t), func(s *spec.Spec) { coarse(s); s.Order = order })
		requireSound(t, a)
		require.Equal(t, order, a.Mesh.Order)
		missing[order] = math.Abs(a.Mesh.Volume/a.Mesh.CADVolume - 1)
	}
	require.Less(t, missing[2], missing[1]/10)
	require.Less(t, missing[3], missing[1]/10)
}

func TestSize_DecidesTheNumberOfElements(t *testing.T) {
	c := start(t)
	count := func(change func(*spec.Spec)) int {
		a := c.mesh(part(t), change)
		requireSound(t, a)
		return a.Mesh.Elements["tetrahedron"]
	}
	large := count(coarse)
	small := count(func(s *spec.Spec) { coarse(s); s.Size.Max /= 2 })
	require.Greater(t, small, 2*large)
	curved := count(func(s *spec.Spec) { coarse(s); s.Size.Curvature = 24 })
	require.Greater(t, curved, large)
	bounded := count(func(s *spec.Spec) { coarse(s); s.Size.Curvature = 24; s.Size.Min = s.Size.Max })
	require.Less(t, bounded, curved)
}

func TestCurvature_ThatIsAskedForHoldsEverywhere(t *testing.T) {
	t.Parallel()
	c := start(t)
	count := func(change func(*spec.Spec)) int {
		a := c.mesh(named(t, "../../../examples/filleted-bracket.step"), change)
		requireSound(t, a)
		return a.Mesh.Elements["tetrahedron"]
	}
	usual := count(func(s *spec.Spec) { s.Size.Fineness = 4 })
	asked := count(func(s *spec.Spec) { s.Size.Fineness, s.Size.Curvature = 4, 30 })
	require.Greater(t, float64(asked), 1.05*float64(usual), "30 that are asked for go around each fillet, too")
}

func hash(t *testing.T, a answer) [32]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(a.dir, "mesh.msh"))
	require.NoError(t, err)
	return sha256.Sum256(data)
}

func TestSameRequest_GivesTheSameMesh_OnAnyThreadsAndAfterAnything(t *testing.T) {
	t.Parallel()
	c := start(t)
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	coarse(&s)
	first := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Threads: 1})
	requireSound(t, first)
	other := c.mesh(part(t), func(s *spec.Spec) { s.Size.Max, s.Order = 20, 2 })
	requireSound(t, other)
	for _, threads := range []int{2, 1} {
		again := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Threads: threads})
		requireSound(t, again)
		require.Equal(t, hash(t, first), hash(t, again), "on %d threads", threads)
	}
	fresh := start(t).do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Threads: 1})
	require.Equal(t, hash(t, first), hash(t, fresh), "in another process")
}

func TestHXT_GivesTheSameMeshOnAnyThreads(t *testing.T) {
	c := start(t)
	request := engine.Request{Kind: engine.Mesh, Source: named(t, "testdata/t20_data.step"), Threads: 1}
	request.Spec = resolved(t, spec.Spec{Strategy: spec.HXT, Size: spec.Size{Max: 2}}) // so many that several threads share them
	one := c.do(request)
	requireSound(t, one)
	request.Threads = 3
	require.Equal(t, hash(t, one), hash(t, c.do(request)))
}

func TestOtherModels_DoNotInfluenceEachOther(t *testing.T) {
	t.Parallel()
	c := start(t)
	cube := func() answer {
		a := c.mesh(shared(t, "cad/cube-mm.step"), nil)
		requireSound(t, a)
		require.InEpsilon(t, 1e9, a.Mesh.Volume, 1e-9)
		return a
	}
	first := cube()
	// far smaller and larger parts, triangles, a failure: sizes, tolerances and locks must not stay
	require.Nil(t, c.mesh(part(t), coarse).Error)
	require.Nil(t, c.mesh(shared(t, "cad/gen_small_part.step"), func(s *spec.Spec) { s.Size.Fineness = 1 }).Error)
	require.Nil(t, c.mesh(shared(t, "stl/gen_two_spheres.stl"), nil).Error)
	require.NotNil(t, c.mesh(shared(t, "cad/gen_thin_tube.step"), longEdges).Error)
	require.Equal(t, hash(t, first), hash(t, cube()))
}

// longEdges asks for edges a hundred times as long as the wall of a tube is thick, and allows no shorter ones.
func longEdges(s *spec.Spec) { s.Size.Min = 10 }

func TestRequestAfterAFailedMesh_Works(t *testing.T) {
	c := start(t)
	a := c.mesh(shared(t, "cad/gen_thin_tube.step"), longEdges)
	require.NotNil(t, a.Error, "a wall a hundredth of the edges: 3D fails, and the library is locked")
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, a.Error.Code)
	require.NotEmpty(t, a.Error.Entities)
	require.NotNil(t, a.Error.Entities[0].Point)
	require.Contains(t, a.Error.Detail, "PLC Error")
	require.False(t, a.Tainted)
	requireOrderly(t, a)
	requireSound(t, c.mesh(part(t), coarse))
}

func TestImport_DescribesAPart(t *testing.T) {
	a := start(t).do(engine.Request{Kind: engine.Import, Source: part(t)})
	require.Nil(t, a.Error)
	requireOrderly(t, a)
	m := a.Model
	require.Equal(t, engine.STEP, m.Format)
	require.Equal(t, "mm", m.Units)
	require.Equal(t, "mm", m.DeclaredUnits)
	require.Len(t, m.Solids, 1)
	require.InEpsilon(t, partVolume, m.Solids[0].Measure, 1e-6)
	require.Len(t, m.Solids[0].Faces, 21)
	require.Len(t, m.Faces, 21)
	require.Equal(t, []int{48, 28}, []int{m.Curves, m.Points})
	for _, f := range m.Faces {
		require.Positive(t, f.Measure)
	}
	require.Less(t, m.Box.Min[0], m.Box.Max[0])
}

func TestImport_TellsNamesAndColours(t *testing.T) {
	a := start(t).do(engine.Request{Kind: engine.Import, Source: shared(t, "cad/gen_named_coloured.step")})
	require.Nil(t, a.Error)
	type label struct{ name, color string }
	var labels []label
	for _, s := range a.Model.Solids {
		labels = append(labels, label{s.Name, s.Color})
	}
	require.Equal(t, []label{{"base plate", "#cc1919"}, {"pin", "#199933"}, {"Kugel Ø12", "#1933e5"}}, labels)
}

func TestWhatAnImportSaid_NeedNotBeMeasuredAgain(t *testing.T) {
	c := start(t)
	model := c.do(engine.Request{Kind: engine.Import, Source: part(t)}).Model
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	coarse(&s)
	model.Solids[0].Name = "as known"
	a := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Known: model})
	requireSound(t, a)
	require.Equal(t, "as known", a.Mesh.Solids[0].Name)

	// of another part: not believed
	model.Box.Max[0]++
	a = c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Known: model})
	requireSound(t, a)
	require.NotEqual(t, "as known", a.Mesh.Solids[0].Name)
}

func TestExport_WritesOtherFormatsOfAMesh(t *testing.T) {
	c := start(t)
	made := c.mesh(part(t), coarse)
	requireSound(t, made)
	source := engine.Source{Path: filepath.Join(made.dir, "mesh.msh"), Format: engine.MSH}
	a := c.do(engine.Request{Kind: engine.Export, Source: source, Formats: []string{"vtk", "stl", "msh2"}})
	require.Nil(t, a.Error)
	requireOrderly(t, a)
	require.Equal(t, []string{"mesh.vtk", "mesh.v2.msh", "mesh.stl"}, artifactNames(a))
	stl, err := os.Stat(filepath.Join(a.dir, "mesh.stl"))
	require.NoError(t, err)
	require.Equal(t, int64(84+50*made.Mesh.Elements["triangle"]), stl.Size())
	for _, name := range []string{"mesh.vtk"} {
		direct, err := os.ReadFile(filepath.Join(made.dir, name))
		require.NoError(t, err)
		later, err := os.ReadFile(filepath.Join(a.dir, name))
		require.NoError(t, err)
		require.Equal(t, len(direct), len(later))
	}
}

func TestExportOfWhatIsNoMesh_IsRefusedUnread(t *testing.T) {
	c := start(t)
	marker := filepath.Join(t.TempDir(), "pwned")
	script := []byte("SystemCall \"touch " + marker + "\";\n")
	for _, data := range [][]byte{script, append([]byte("$MeshFormat\n4.1 1 8\n\x01\x00\x00\x00\n$EndMeshFormat\n"), script...), {}} {
		a := c.do(engine.Request{Kind: engine.Export, Source: written(t, engine.MSH, data), Formats: []string{"vtk"}})
		require.NotNil(t, a.Error)
		require.Equal(t, diagnosis.UnreadableFile, a.Error.Code)
		require.Empty(t, a.artifacts)
	}
	require.NoFileExists(t, marker)
}

func TestLog_ComesWithLevelsAndTimes(t *testing.T) {
	a := start(t).mesh(part(t), coarse)
	require.Nil(t, a.Error)
	last := 0.
	found := false
	for _, l := range a.log {
		require.Contains(t, []string{"info", "warning", "error"}, l.Level)
		require.GreaterOrEqual(t, l.Seconds, last)
		last = l.Seconds
		found = found || l.Text == "Meshing curve 12 (BSpline)"
	}
	require.True(t, found)
}

func TestFolderThatCannotBeWritten_IsTold(t *testing.T) {
	c := start(t)
	dir := filepath.Join(t.TempDir(), "missing")
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	coarse(&s)
	a := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Dir: dir})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.Internal, a.Error.Code)
	require.Contains(t, a.Error.Detail, "mesh.msh")
	requireSound(t, c.mesh(part(t), coarse))
}
