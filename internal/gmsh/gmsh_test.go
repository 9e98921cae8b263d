package gmsh_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
)

// listener is who hears the log: Capture lasts for the life of the process.
var listener struct {
	sync.Mutex
	console *gmsh.Console
	hear    func(gmsh.Line)
}

// library starts Gmsh for one test, and hands the log to hear.
func library(t *testing.T, hear func(gmsh.Line)) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	require.NoError(t, gmsh.Initialize())
	t.Cleanup(func() { require.NoError(t, gmsh.Finalize()) })
	if listener.console == nil {
		console, err := gmsh.Capture(func(l gmsh.Line) {
			listener.Lock()
			defer listener.Unlock()
			if listener.hear != nil {
				listener.hear(l)
			}
		})
		require.NoError(t, err)
		listener.console = console
	}
	listener.console.Sync()
	listener.Lock()
	listener.hear = hear
	listener.Unlock()
}

// box makes a box in the current model and returns its tag.
func box(t *testing.T, edge float64) int {
	t.Helper()
	require.NoError(t, gmsh.AddModel("box"))
	tag, err := gmsh.AddBox([3]float64{}, [3]float64{edge, edge, edge})
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	return tag
}

func TestFailedCall_IsAnErrorWithTheLibrarysWords(t *testing.T) {
	library(t, nil)
	_, err := gmsh.ImportShapes(filepath.Join(t.TempDir(), "missing.step"), "step", false)
	var failure *gmsh.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "model.occ.importShapes", failure.Call)
	require.Contains(t, failure.Message, "does not exist")

	err = gmsh.SetNumber("Mesh.NoSuchOption", 1)
	require.ErrorAs(t, err, &failure)
	require.ErrorContains(t, err, "Mesh.NoSuchOption")

	_, err = gmsh.Mass(gmsh.DimTag{Dim: 3, Tag: 99})
	require.Error(t, err)
}

func TestLog_ArrivesWhileTheLibraryWorks(t *testing.T) {
	var working atomic.Bool
	var during, all atomic.Int64
	library(t, func(gmsh.Line) {
		all.Add(1)
		if working.Load() {
			during.Add(1)
		}
	})
	box(t, 1)
	require.NoError(t, gmsh.SetNumber("Mesh.MeshSizeMax", 0.05))
	working.Store(true)
	require.NoError(t, gmsh.Generate(3))
	working.Store(false)
	listener.console.Sync()
	require.Greater(t, all.Load(), int64(20))
	require.Positive(t, during.Load(), "lines that were heard before Generate returned")
}

func TestLog_HasLevelsAndPercents(t *testing.T) {
	var lines []gmsh.Line
	library(t, func(l gmsh.Line) { lines = append(lines, l) })
	box(t, 1)
	require.NoError(t, gmsh.Generate(2))
	_, err := gmsh.ImportShapes("/nonexistent/file.step", "step", false)
	require.Error(t, err)
	listener.console.Sync()

	var curves int
	var fault bool
	last := -1
	for _, l := range lines {
		if strings.HasPrefix(l.Text, "Meshing curve") {
			curves++
			require.GreaterOrEqual(t, l.Percent, last)
			last = l.Percent
		}
		fault = fault || l.Level == gmsh.Fault && strings.Contains(l.Text, "does not exist")
		require.NotContains(t, l.Text, "\x1b", "no colours")
	}
	require.Equal(t, 12, curves)
	require.Equal(t, 100, last)
	require.True(t, fault, "errors are in the log too")
}

func TestSync_WaitsForEveryLine(t *testing.T) {
	var heard atomic.Int64
	library(t, func(gmsh.Line) { heard.Add(1) })
	for range 50 {
		require.NoError(t, gmsh.Clear())
		before := heard.Load()
		box(t, 1)
		require.NoError(t, gmsh.Generate(1))
		listener.console.Sync()
		require.GreaterOrEqual(t, heard.Load()-before, int64(15))
	}
}

func TestMesh_IsSeenAsSlices(t *testing.T) {
	library(t, nil)
	tag := box(t, 2)
	require.NoError(t, gmsh.SetNumber("Mesh.MeshSizeMax", 1))
	require.NoError(t, gmsh.Generate(3))

	tags, nodes, err := gmsh.Elements(gmsh.Tet4, tag)
	require.NoError(t, err)
	defer tags.Free()
	defer nodes.Free()
	require.Positive(t, tags.Len())
	require.Equal(t, 4*tags.Len(), nodes.Len())

	volumes, err := gmsh.Qualities(tags.View(), "volume")
	require.NoError(t, err)
	defer volumes.Free()
	sum := 0.
	for _, v := range volumes.View() {
		sum += v
	}
	require.InDelta(t, 8, sum, 1e-9)

	_, faces, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 3, Tag: tag})
	require.NoError(t, err)
	require.Len(t, faces, 6)
	mass, err := gmsh.Mass(gmsh.DimTag{Dim: 3, Tag: tag})
	require.NoError(t, err)
	require.InDelta(t, 8, mass, 1e-9)
	gmsh.Array[float64]{}.Free()
}

func TestFragment_TellsWhatBecameOfEachSolid(t *testing.T) {
	library(t, nil)
	require.NoError(t, gmsh.AddModel("two"))
	a, err := gmsh.AddBox([3]float64{0, 0, 0}, [3]float64{2, 1, 1})
	require.NoError(t, err)
	b, err := gmsh.AddBox([3]float64{1, 0, 0}, [3]float64{2, 1, 1})
	require.NoError(t, err)
	_, pieces, err := gmsh.Fragment([]gmsh.DimTag{{Dim: 3, Tag: a}}, []gmsh.DimTag{{Dim: 3, Tag: b}})
	require.NoError(t, err)
	require.Len(t, pieces, 2)
	require.Len(t, pieces[0], 2)
	require.Len(t, pieces[1], 2)
	require.Contains(t, pieces[1], pieces[0][1], "the common part is in both")
}

func TestAfterFailure_FinalizeAndInitializeStartAfresh(t *testing.T) {
	library(t, nil)
	require.NoError(t, gmsh.SetNumber("Mesh.MeshSizeMax", 0.123))
	require.NoError(t, gmsh.Finalize())
	require.False(t, gmsh.Initialized())
	require.NoError(t, gmsh.Initialize())
	require.True(t, gmsh.Initialized())
	value, err := gmsh.Number("Mesh.MeshSizeMax")
	require.NoError(t, err)
	require.Greater(t, value, 1e20)
	options, err := gmsh.String("General.BuildOptions")
	require.NoError(t, err)
	require.Contains(t, options, "OpenCASCADE")
}

func TestNilPointerInGo_StaysAPanicOnceTheLibraryRuns(t *testing.T) {
	library(t, nil)
	require.Panics(t, func() {
		var line *gmsh.Line
		_ = line.Text
	})
}

func TestFilesOfTheMesh_AreWritten(t *testing.T) {
	library(t, nil)
	box(t, 1)
	require.NoError(t, gmsh.Generate(3))
	for _, name := range []string{"a.msh", "a.vtk", "a.stl"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, gmsh.Write(path))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Positive(t, info.Size())
	}
	require.Error(t, gmsh.Write(filepath.Join(t.TempDir(), "missing", "a.msh")))
}

// An interrupted mesh leaves no lock: the next is the same as if there had been none. It is left at each place of some, on curves and faces.
func TestInterruptedMesh_TheNextIsWhole(t *testing.T) {
	library(t, nil)
	box(t, 1)
	asked, stopAt := map[int]int{}, 0
	total := func() int { return asked[0] + asked[1] + asked[2] }
	require.NoError(t, gmsh.SetSizes(func(dim, _ int, p [3]float64, size float64) float64 {
		if asked[dim]++; total() == stopAt {
			gmsh.Interrupt()
		}
		return 0.1 + 0.2*p[0]
	}))
	mesh := func() (int, error) {
		clear(asked)
		require.NoError(t, gmsh.ClearMesh())
		err := gmsh.Generate(2)
		tags, nodes, listErr := gmsh.Elements(gmsh.Triangle3, -1)
		require.NoError(t, listErr)
		defer tags.Free()
		defer nodes.Free()
		return tags.Len(), err
	}
	whole, err := mesh()
	require.NoError(t, err)
	all, onCurves := total(), asked[0]+asked[1]
	require.Positive(t, asked[2])
	for _, at := range []int{1, onCurves / 2, onCurves - 1, onCurves + 1, onCurves + asked[2]/2, all - 1} {
		stopAt = at
		_, err := mesh()
		require.ErrorIs(t, err, gmsh.ErrInterrupted)
		require.Equal(t, at, total(), "it was left there and then")
		gmsh.Resume()
		stopAt = 0
		again, err := mesh()
		require.NoError(t, err)
		require.Equal(t, whole, again)
		require.Equal(t, all, total())
	}
}

// What fails for another reason while it is to be left may leave a lock, and is no interruption.
func TestMeshFailsBeforeItIsLeft_ThatIsNoInterruption(t *testing.T) {
	library(t, nil)
	box(t, 1)
	gmsh.Interrupt()
	t.Cleanup(gmsh.Resume)
	leave := func() error {
		require.NoError(t, gmsh.ClearMesh())
		require.NoError(t, gmsh.SetSizes(func(int, int, [3]float64, float64) float64 { return 1 }))
		defer func() { require.NoError(t, gmsh.RemoveSizes()) }()
		return gmsh.Generate(1)
	}
	require.ErrorIs(t, leave(), gmsh.ErrInterrupted)
	require.NoError(t, gmsh.ClearMesh())
	require.NoError(t, gmsh.SetNumber("Mesh.MeshSizeMax", -1))
	err := gmsh.Generate(1) // asks nobody for sizes
	require.Error(t, err)
	require.NotErrorIs(t, err, gmsh.ErrInterrupted)
	require.ErrorContains(t, err, "size")
}
