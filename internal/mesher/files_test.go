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

// takingRoom has room for files taken in this way while the test runs.
func takingRoom(t *testing.T, take func(file *os.File, bytes int64) error) {
	t.Helper()
	before := takeRoom
	t.Cleanup(func() { takeRoom = before })
	takeRoom = take
}

func TestWriteOwnFile_TakesRoomBeforehand(t *testing.T) {
	dir := t.TempDir()
	probe, err := os.Create(filepath.Join(dir, "probe"))
	require.NoError(t, err)
	defer probe.Close()
	can := takeRoom(probe, worthRoom) == nil
	for least, took := range map[int64]bool{worthRoom - 1: false, worthRoom: can, 3 * worthRoom: can} {
		path := filepath.Join(dir, "file")
		writeWords(t, path, least, func() {
			if took {
				require.GreaterOrEqual(t, roomOf(t, path), least)
			} else {
				require.Zero(t, roomOf(t, path))
			}
		})
		require.NoError(t, os.Remove(path))
	}
}

func TestWriteOwnFile_WritesWhereNoRoomIsToBeHadBeforehand(t *testing.T) {
	for _, refusal := range []error{unix.ENOSPC, unix.EOPNOTSUPP} {
		asked := false
		takingRoom(t, func(*os.File, int64) error {
			asked = true
			return refusal
		})
		writeWords(t, filepath.Join(t.TempDir(), "file"), worthRoom, func() { require.True(t, asked, "before anything is written") })
	}
}

func TestWriteOwnFile_TellsWhatTheWriterMet(t *testing.T) {
	full := errors.New("no space left on device")
	require.ErrorIs(t, writeOwnFile(filepath.Join(t.TempDir(), "file"), 0, func(io.Writer) error { return full }), full)
}

// writeWords has a file of a few words written that is to have so many bytes, and looks at what there is before they are written.
func writeWords(t *testing.T, path string, least int64, look func()) {
	t.Helper()
	require.NoError(t, writeOwnFile(path, least, func(w io.Writer) error {
		look()
		_, err := w.Write([]byte("all that there is"))
		return err
	}))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "all that there is", string(got))
}

// A mesh file of ours has room taken for all of its nodes and elements, before it has any.
func TestMeshFile_HasRoomTakenBeforehand(t *testing.T) {
	const tetrahedra = 20_000
	b := mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
	for i := range uint64(tetrahedra) {
		b.Tags = append(b.Tags, i+1)
		b.Nodes = append(b.Nodes, i+1, i+2, i+3, i+4)
	}
	s := &snapshot{Mesh: mesh.Mesh{XYZ: make([]float64, 3*(tetrahedra+4)), Blocks: []mesh.Block{b}}, ours: true}
	var taken []int64
	takingRoom(t, func(file *os.File, bytes int64) error {
		info, err := file.Stat()
		require.NoError(t, err)
		require.Zero(t, info.Size())
		require.Equal(t, masterFile, filepath.Base(file.Name()))
		taken = append(taken, bytes)
		return nil
	})
	j := &job{req: engine.Request{Dir: t.TempDir()}, events: deaf{}}
	require.NoError(t, j.writeFile(s, master))
	require.Equal(t, []int64{20_003*(8+3*8) + tetrahedra*(8+4*8)}, taken)
}
