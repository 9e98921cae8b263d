package devservers

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// installed finds a server's binary: in the folders given, the newest first, else in PATH.
func installed(name string, folders ...string) (string, error) {
	for _, dir := range folders {
		found, _ := filepath.Glob(filepath.Join(dir, name))
		if len(found) > 0 {
			return filepath.Abs(found[len(found)-1]) // the newest version sorts last
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: run scripts/setup", name)
	}
	return filepath.Abs(path)
}

// unprivileged returns what makes a child run as the user postgres, which PostgreSQL asks for when we are root; nil
// when we are not.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres: run scripts/setup: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
