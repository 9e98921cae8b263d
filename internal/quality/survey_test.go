package quality_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
)

// boxes meshes two boxes that share a face with tetrahedra, and returns the mesh and the path of its file.
func boxes(t testing.TB, size float64, version float64) (*mesh.Mesh, string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	for _, o := range []struct {
		name  string
		value float64
	}{{"General.Terminal", 0}, {"Mesh.Binary", 1}, {"Mesh.MeshSizeMax", size}, {"Mesh.Algorithm3D", 10}, {"Mesh.MeshSizeExtendFromBoundary", 1}} {
		require.NoError(t, gmsh.SetNumber(o.name, o.value))
	}
	require.NoError(t, gmsh.AddModel("boxes"))
	a, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	require.NoError(t, err)
	b, err := gmsh.AddBox([3]float64{1, 0, 0}, [3]float64{1, 1, 1})
	require.NoError(t, err)
	_, _, err = gmsh.Fragment([]gmsh.DimTag{{Dim: 3, Tag: a}}, []gmsh.DimTag{{Dim: 3, Tag: b}})
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	_, err = gmsh.AddPhysicalGroup(3, []int{a, b}, 1, "both")
	require.NoError(t, err)
	faces, err := gmsh.Entities(2)
	require.NoError(t, err)
	_, err = gmsh.AddPhysicalGroup(2, []int{faces[0].Tag}, 2, "side")
	require.NoError(t, err)
	require.NoError(t, gmsh.SetNumber("Mesh.SaveAll", 1))
	require.NoError(t, gmsh.Generate(3))
	require.NoError(t, gmsh.RenumberNodes())
	require.NoError(t, gmsh.RenumberElements())
	path := filepath.Join(t.TempDir(), "boxes.msh")
	require.NoError(t, gmsh.SetNumber("Mesh.MshFileVersion", 4.1))
	require.NoError(t, gmsh.Write(path))
	m, err := mesh.ReadMSH(path)
	require.NoError(t, err)
	if version != 4.1 {
		require.NoError(t, gmsh.SetNumber("Mesh.MshFileVersion", version))
		require.NoError(t, gmsh.SetNumber("Mesh.Binary", 0))
		require.NoError(t, gmsh.SetNumber("Mesh.SaveAll", 0))
		path += ".v2.msh"
		require.NoError(t, gmsh.Write(path))
	}
	for _, measure := range []string{"minSICN", "gamma"} {
		tags, nodes, err := gmsh.Elements(gmsh.Tet4, -1)
		require.NoError(t, err)
		values, err := gmsh.Qualities(tags.View(), measure)
		require.NoError(t, err)
		s := quality.Look(m, quality.Options{}).Volume.Measures[map[string]string{"minSICN": "sicn", "gamma": "gamma"}[measure]]
		sorted := slices.Sorted(slices.Values(values.View()))
		require.InDelta(t, sorted[0], s.Min, 1e-9, measure)
		require.InDelta(t, sorted[len(sorted)-1], s.Max, 1e-9, measure)
		require.InDelta(t, sorted[len(sorted)/2], s.Percentiles.P50, 2e-3, measure)
		require.InDelta(t, sorted[len(sorted)/100], s.Percentiles.P1, 5e-3, measure)
		values.Free()
		tags.Free()
		nodes.Free()
	}
	return m, path
}

func TestSurvey_SaysTheSameOfARealMeshAsGmshDoes(t *testing.T) {
	m, _ := boxes(t, 0.2, 4.1) // compares itself
	s := quality.Look(m, quality.Options{Asked: func(int, int) quality.Size { return quality.Size{Same: 0.2} }})
	require.InDelta(t, 2, s.Volume.Content, 1e-9)
	require.InDelta(t, 11, s.Surface.Content, 1e-9, "eleven sides, the shared one once")
	require.Len(t, s.Solids, 2)
	require.InDelta(t, 1, s.Solids[0].Content, 1e-9)
	require.Len(t, s.Groups, 2)
	require.Equal(t, "side", s.Groups[0].Name)
	require.InDelta(t, 1, s.Groups[0].Content, 1e-9)
	require.Equal(t, "both", s.Groups[1].Name)
	require.Equal(t, s.Volume.Measures, s.Groups[1].Measures)
	require.InDelta(t, 1, s.Volume.Measures["size_ratio"].Mean, 0.35)
	for name, d := range s.Volume.Measures {
		total := 0
		for _, n := range d.Histogram.Counts {
			total += n
		}
		require.Equal(t, s.Volume.Elements, total, name)
		require.Len(t, d.Histogram.Edges, len(d.Histogram.Counts)+1)
		p := d.Percentiles
		require.True(t, slices.IsSorted([]float64{d.Min, p.P1, p.P5, p.P25, p.P50, p.P75, p.P95, p.P99, d.Max}), "%s %+v", name, d)
	}
	require.Len(t, s.Worst, 100)
	require.Equal(t, s.Volume.Measures["gamma"].Min, s.Worst[0].Score)
	require.True(t, slices.IsSortedFunc(s.Worst, func(a, b quality.Element) int {
		return int(math.Copysign(1, a.Score-b.Score))
	}))
}

func TestSurvey_DoesNotDependOnHowManyThreadsThereAre(t *testing.T) {
	m, _ := boxes(t, 0.06, 4.1)
	several := quality.Look(m, quality.Options{})
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	require.Equal(t, quality.Look(m, quality.Options{}), several)
}

// TestFoam_ComesToTheSameNumbers compares with OpenFOAM's own checkMesh, where it is installed.
func TestFoam_ComesToTheSameNumbers(t *testing.T) {
	for _, tool := range []string{"gmshToFoam", "checkMesh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs OpenFOAM's " + tool)
		}
	}
	m, path := boxes(t, 0.12, 2.2)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "system"), 0o700))
	for name, text := range map[string]string{
		"controlDict": "application none; startFrom startTime; startTime 0; stopAt endTime; endTime 1; deltaT 1; writeControl timeStep; " +
			"writeInterval 1; writePrecision 17;",
		"fvSchemes":  "ddtSchemes {} gradSchemes {} divSchemes {} laplacianSchemes {} interpolationSchemes {} snGradSchemes {}",
		"fvSolution": "solvers {}",
	} {
		head := "FoamFile { version 2.0; format ascii; class dictionary; object " + name + "; }\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, "system", name), []byte(head+text+"\n"), 0o600))
	}
	run := func(name string, args ...string) string {
		c := exec.Command(name, append(args, "-case", dir)...)
		if os.Getenv("WM_PROJECT_DIR") == "" {
			c.Env = append(os.Environ(), "WM_PROJECT_DIR=/usr/share/openfoam")
		}
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	run("gmshToFoam", path)
	said := run("checkMesh")
	number := func(pattern string) float64 {
		found := regexp.MustCompile(pattern).FindStringSubmatch(said)
		require.NotNil(t, found, "%s in\n%s", pattern, said)
		x, err := strconv.ParseFloat(found[1], 64)
		require.NoError(t, err)
		return x
	}
	ours := quality.Look(m, quality.Options{}).CFD
	require.EqualValues(t, number(`internal faces:\s+(\d+)`), ours.InternalFaces)
	for pattern, got := range map[string]float64{
		`non-orthogonality Max: (\S+)`:                   ours.MaxNonOrthogonality,
		`non-orthogonality Max: \S+ average: (\S+)`:      ours.MeanNonOrthogonality,
		`Max skewness = ([0-9.e+-]+)`:                    math.Max(ours.MaxSkewness, ours.MaxBoundarySkewness),
		`Max aspect ratio = ([0-9.e+-]+)`:                ours.MaxAspect,
		`Min volume = ([0-9]\.?[0-9]*(?:e[+-]?[0-9]+)?)`: ours.MinVolume,
	} {
		require.InEpsilon(t, number(pattern), got, 1e-4, pattern)
	}
	t.Logf("checkMesh:\n%s", said)
}

func BenchmarkLook(b *testing.B) {
	m, _ := boxes(b, 0.03, 4.1)
	elements := m.Shapes()["tetrahedron"]
	used := func() time.Duration {
		var u unix.Rusage
		require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano())
	}
	before := used()
	for b.Loop() {
		quality.Look(m, quality.Options{})
	}
	b.ReportMetric(float64((used()-before).Nanoseconds())/float64(b.N)/float64(elements), "cpu-ns/element")
}
