package devservers

import (
	"errors"
	"os"
)

// TempDir makes a folder in the system's place for temporary files, for servers that are thrown away with it. Others may pass
// through it but see nothing: PostgreSQL, which runs as another user when we are root, then keeps its data there, where the
// folder's removal finds them, and not in the system's place for databases.
func TempDir(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	return dir, nil
}
