package devservers

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestTempDir_HasTheDataOfAServerThatRunsAsAnotherUser(t *testing.T) {
	dir, err := TempDir("meshgen-test-")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	if !open(filepath.Dir(dir)) {
		t.Skip("temporary files lie where others may not pass through: ", filepath.Dir(dir))
	}
	data, err := dataFolder(dir, &syscall.Credential{Uid: 65534, Gid: 65534})
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "data"), data)
}

func TestTempDir_HasItsFoldersLieApart(t *testing.T) {
	dir, err := TempDir("meshgen-test-")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	var fs unix.Statfs_t
	require.NoError(t, unix.Statfs(dir, &fs))
	if fs.Type != unix.EXT4_SUPER_MAGIC {
		t.Skip("temporary files are on no ext4")
	}
	f, err := os.Open(dir)
	require.NoError(t, err)
	defer f.Close()
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	require.NoError(t, err)
	require.NotZero(t, flags&topDir)
}
