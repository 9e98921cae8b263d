package mesher

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/export"
	"meshgen/internal/gmsh"
)

// benchEdge is the size of elements in a cube of edge 1: some 600 000 tetrahedra.
const benchEdge = 0.0189

// BenchmarkWriters writes one mesh with our writers and with Gmsh's, format by format in turn. Processor time is the figure
// to read: wall time on a shared machine says little. `bench/formats.sh` makes the table.
func BenchmarkWriters(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(b, gmsh.Initialize())
	defer func() { require.NoError(b, gmsh.Finalize()) }()
	require.NoError(b, set([]option{{"General.Terminal", 0}, {"Mesh.MeshSizeMax", benchEdge}, {"Mesh.Algorithm3D", hxt3D}, {"Mesh.Binary", 1}}))
	require.NoError(b, gmsh.AddModel("cube"))
	_, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	require.NoError(b, err)
	require.NoError(b, gmsh.OCCSynchronize())
	for i, g := range []struct {
		dim  int
		tags []int
		name string
	}{{3, []int{1}, "cube"}, {2, []int{1, 2}, "ends"}, {2, []int{3, 4, 5}, "walls"}} {
		_, err := gmsh.AddPhysicalGroup(g.dim, g.tags, i+1, g.name)
		require.NoError(b, err)
	}
	require.NoError(b, gmsh.Generate(3))
	require.NoError(b, renumber())
	s, err := (&job{}).snapshot()
	require.NoError(b, err)
	defer s.free()

	dir := b.TempDir()
	for _, f := range export.Formats() {
		ours := func(path string) error { return writeOwn(f, &s.Mesh, path) }
		if !f.Own() {
			ours = func(path string) error { return writeThroughGmsh(f, &s.Mesh, path) }
		}
		if f.Name != master {
			measureWriter(b, f.Name+"/ours", s.Shapes()["tetrahedron"], filepath.Join(dir, f.File), ours)
		}
		switch f.Name {
		case "vtu", "glb", "fluent", "openfoam": // Gmsh does not write these
			continue
		}
		version := 4.1
		if f.Name == "msh2" {
			version = 2.2
		}
		measureWriter(b, f.Name+"/gmsh", s.Shapes()["tetrahedron"], filepath.Join(dir, "gmsh-"+f.File), func(path string) error {
			if err := set([]option{{"Mesh.SaveAll", 1}, {"Mesh.Binary", 1}, {"Mesh.MshFileVersion", version}}); err != nil {
				return err
			}
			return gmsh.Write(path)
		})
	}
}

func measureWriter(b *testing.B, name string, tetrahedra int, path string, write func(path string) error) {
	b.Run(name, func(b *testing.B) {
		var size int64
		var spent float64
		for b.Loop() {
			b.StopTimer()
			os.Remove(path)
			before := processorTime(b)
			b.StartTimer()
			require.NoError(b, write(path))
			b.StopTimer()
			spent += processorTime(b) - before
			info, err := os.Stat(path)
			require.NoError(b, err)
			size = info.Size()
			b.StartTimer()
		}
		b.ReportMetric(1e3*spent/float64(b.N), "cpu-ms/op")
		b.ReportMetric(float64(size)/1e6, "MB")
		b.ReportMetric(float64(tetrahedra), "tetrahedra")
	})
}

// processorTime returns the seconds that this process has computed.
func processorTime(b *testing.B) float64 {
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
