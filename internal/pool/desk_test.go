package pool

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

func TestDesk_BringsWhatAnEngineMadeToWhereItIsWanted(t *testing.T) {
	p, _ := startPool(t, nil)
	for _, path := range []string{"mesh.msh", "sub/../mesh.msh"} {
		req := steps("write:mesh.msh=first", "artifact:"+path, "write:mesh.msh=again", "artifact:"+path)
		req.Dir = t.TempDir()
		var got []string
		_, err := p.Run(within(t), req, Limits{}, func(m engine.Message) { got = append(got, m.Artifact.Path) })
		require.NoError(t, err)
		want := filepath.Join(req.Dir, "mesh.msh")
		require.Equal(t, []string{want, want}, got)
		text, err := os.ReadFile(want)
		require.NoError(t, err)
		require.Equal(t, "again", string(text), "it outlives the engine's own folder, and the last one counts")
	}
}

func TestDesk_GivesTheSourceWithoutItsName(t *testing.T) {
	p, _ := startPool(t, nil)
	req := steps("source")
	req.Source.Path = filepath.Join(t.TempDir(), "secret project.step")
	require.NoError(t, os.WriteFile(req.Source.Path, []byte("ISO-10303-21;"), 0o600))
	var said string
	_, err := p.Run(within(t), req, Limits{}, func(m engine.Message) { said = m.Log[0].Text })
	require.NoError(t, err)
	require.Equal(t, "in/1.step ISO-10303-21;<nil>", said)

	req.Source.Path += ".gone"
	_, err = p.Run(within(t), req, Limits{}, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Equal(t, 2, inState(p, Warm), "the engine was not given the request")
}

func TestDesk_IsEmptyForTheNextRequest(t *testing.T) {
	p, _ := startPool(t, nil)
	source := filepath.Join(t.TempDir(), "source.step")
	require.NoError(t, os.WriteFile(source, nil, 0o600))
	first := steps("write:mesh.msh=x", "symlink:link=/etc/passwd", "mkdir:folder", "write:folder/deep=x", "litter")
	first.Source.Path = source
	_, err := p.Run(within(t), first, Limits{}, nil)
	require.NoError(t, err)

	var found string
	_, err = p.Run(within(t), steps("look"), Limits{}, func(m engine.Message) { found = m.Log[0].Text })
	require.NoError(t, err)
	require.Equal(t, "out/2", found)
	require.FileExists(t, source)
}

// What an engine names may have been put there by a file that took it over.
func TestDesk_TakesPlainFilesOfTheRequestOnly(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("of another tenant"), 0o600))
	for _, c := range []struct {
		name string
		do   []string
		says string
	}{
		{"outside", []string{"artifact:/etc/passwd"}, "not in the request's folder"},
		{"above", []string{"artifact:../1/mesh.msh", "artifact:../other/mesh.msh"}, ""},
		{"the folder", []string{"artifact:."}, "not in the request's folder"},
		{"in a folder", []string{"mkdir:a", "write:a/b=x", "artifact:a/b"}, "not in the request's folder"},
		{"a symbolic link", []string{"symlink:mesh.msh=" + secret, "artifact:mesh.msh"}, "no plain file"},
		{"a link to a folder", []string{"symlink:a=" + filepath.Dir(secret), "artifact:a/secret"}, "not in the request's folder"},
		{"a pipe", []string{"fifo:mesh.msh", "artifact:mesh.msh"}, "no plain file"},
		{"a folder as a file", []string{"mkdir:mesh.msh", "artifact:mesh.msh"}, ""},
		{"nothing", []string{"artifact:mesh.msh"}, "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := startPool(t, nil)
			req := steps(c.do...)
			req.Dir = t.TempDir()
			_, err := p.Run(within(t), req, Limits{}, nil)
			require.ErrorIs(t, err, ErrProtocol)
			require.ErrorContains(t, err, c.says)
			left, err := os.ReadDir(req.Dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// The worker's folder and the engines' may be on different disks.
func TestDesk_CopiesAcrossFileSystems(t *testing.T) {
	other, err := os.MkdirTemp("/dev/shm", "meshgen-test-")
	if err != nil {
		t.Skip("no second file system at /dev/shm")
	}
	defer os.RemoveAll(other)
	here := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(here, "a"), []byte("text"), 0o600))
	require.NoError(t, os.Symlink("a", filepath.Join(here, "b")))

	path, err := take(here, "a", other)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
	require.ErrorContains(t, copyFile(filepath.Join(here, "b"), filepath.Join(other, "b")), "too many levels of symbolic links")
}

func TestDesk_AFileThatIsMadeAgainTakesThePlaceOfTheFirst(t *testing.T) {
	others := []string{t.TempDir()}
	if other, err := os.MkdirTemp("/dev/shm", "meshgen-test-"); err == nil {
		defer os.RemoveAll(other)
		others = append(others, other)
	}
	for _, other := range others {
		here := t.TempDir()
		for _, text := range []string{"first", "second"} {
			require.NoError(t, os.RemoveAll(filepath.Join(here, "a")))
			require.NoError(t, os.WriteFile(filepath.Join(here, "a"), []byte(text), 0o600))
			path, err := take(here, "a", other)
			require.NoError(t, err)
			taken, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, text, string(taken))
		}
		require.NoError(t, os.Mkdir(filepath.Join(other, "full"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(other, "full", "b"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(here, "full"), nil, 0o600))
		_, err := take(here, "full", other)
		require.Error(t, err, "a folder is nothing that was made")
	}
}
