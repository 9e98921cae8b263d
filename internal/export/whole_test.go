package export

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFileThatIsCutOff_IsSeen(t *testing.T) {
	m := tetrahedra()
	for _, f := range Formats() {
		if !f.Own() {
			continue
		}
		var whole bytes.Buffer
		require.NoError(t, f.Write(&whole, m))
		path := filepath.Join(t.TempDir(), f.File)
		write := func(data []byte) { require.NoError(t, os.WriteFile(path, data, 0o600)) }
		write(whole.Bytes())
		require.NoError(t, f.LooksWhole(path, m), f.Name)
		for _, n := range []int{0, 1, 40, whole.Len() / 2, whole.Len() - 1} {
			write(whole.Bytes()[:n])
			require.Error(t, f.LooksWhole(path, m), "%s of %d bytes instead of %d", f.Name, n, whole.Len())
		}
	}
}

// full is a disk that has room for some bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (d *full) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestDiskThatIsFull_IsReportedByEveryWriter(t *testing.T) {
	m := tetrahedra()
	for _, f := range Formats() {
		if f.Own() {
			require.ErrorIs(t, f.Write(&full{room: 100}, m), errFull, f.Name)
		}
	}
}
