package mesher

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/export"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

func TestFormatThatCannotHoldTheMesh_IsAWarningBesideTheOthers(t *testing.T) {
	s := &snapshot{Mesh: mesh.Mesh{
		XYZ:    make([]float64, 3*6),
		Blocks: []mesh.Block{{Dim: 3, Entity: 1, Kind: mesh.Pyramid5, Tags: []uint64{1}, Nodes: []uint64{1, 2, 3, 4, 5}}},
	}}
	j := &job{req: engine.Request{Dir: t.TempDir()}}
	require.NoError(t, j.writeFurther(s, "unv"))
	require.Len(t, j.warnings, 1)
	require.Equal(t, diagnosis.UnsupportedFormat, j.warnings[0].Code)
	require.NoFileExists(t, filepath.Join(j.req.Dir, "mesh.unv"))
	require.Error(t, j.writeFile(s, "unv"), "who asked for it alone is told so")
}

func TestFileOfGmshsThatIsCutOff_IsSeen(t *testing.T) {
	library(t)
	box(t)
	s, err := (&job{}).snapshot()
	require.NoError(t, err)
	defer s.free()
	before, err := gmsh.Entities(-1)
	require.NoError(t, err)
	for _, name := range []string{"med", "cgns"} {
		f, _ := export.Named(name)
		path := filepath.Join(t.TempDir(), f.File)
		require.NoError(t, writeThroughGmsh(f, &s.Mesh, path))
		require.NoError(t, f.LooksWhole(path, &s.Mesh))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, n := range []int{0, 20, len(data) / 2, len(data) - 1} {
			require.NoError(t, os.WriteFile(path, data[:n], 0o600))
			require.Error(t, f.LooksWhole(path, &s.Mesh), "%s of %d bytes instead of %d", name, n, len(data))
		}
	}
	after, err := gmsh.Entities(-1)
	require.NoError(t, err)
	require.Equal(t, before, after, "the model that was meshed is the current one again")
}

// roomOf is how many bytes of the disk a file has.
func roomOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Sys().(*syscall.Stat_t).Blocks * 512
}

func TestWriteOwnFile_TakesRoomBeforehand_AndHoldsWhatIsWritten(t *testing.T) {
	dir := t.TempDir()
	probe, err := os.Create(filepath.Join(dir, "probe"))
	require.NoError(t, err)
	defer probe.Close()
	can := unix.Fallocate(int(probe.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, worthRoom) == nil
	for least, took := range map[int64]bool{worthRoom - 1: false, 3 * worthRoom: can, 1 << 60: false} { // no disk has room for the last
		path := filepath.Join(dir, "file")
		err := writeOwnFile(path, least, func(w io.Writer) error {
			if took {
				require.GreaterOrEqual(t, roomOf(t, path), least)
			} else if least < worthRoom {
				require.Zero(t, roomOf(t, path))
			}
			_, err := w.Write([]byte("all that there is"))
			return err
		})
		require.NoError(t, err)
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "all that there is", string(got))
		require.NoError(t, os.Remove(path))
	}
	full := errors.New("no space left on device")
	require.ErrorIs(t, writeOwnFile(filepath.Join(dir, "file"), worthRoom, func(io.Writer) error { return full }), full)
}
