package devservers

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// TempDir makes a folder in the system's place for temporary files, for servers that are thrown away with it. Others may pass
// through it but see nothing: PostgreSQL, which runs as another user when we are root, then keeps its data there, where the
// folder's removal finds them, and not in the system's place for databases. What is in it lies apart on the disk, folder by folder.
func TempDir(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	spread(dir)
	return dir, nil
}

// topDir is FS_TOPDIR_FL of Linux: ext4 looks for a place of its own for each folder in one that has it.
const topDir = 0x20000

// spread has the folders in one lie apart, as if each were on a machine of its own, where the file system can do that. ext4 keeps what is in
// neighbouring folders together, and without a journal passes over each inode there that was deleted in the last minutes when it makes a new one:
// S3 would take longer for a file the more the worker beside it has removed.
func spread(dir string) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	if flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS); err == nil {
		_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|topDir)
	}
}
