package devservers

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
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
