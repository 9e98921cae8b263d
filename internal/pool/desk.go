package pool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
)

// desk is the folder of one engine, all that it sees of the file system. Its sandbox is fixed when it starts, before anybody
// knows what it will work on; so each request's source is put on the desk when the engine is lent, and what the engine makes is
// taken from there to where the request wants it. Between requests the desk is empty.
//
//	in/   the source: the engine may read it, not change it
//	out/  a folder for each request
//	tmp/  the home of the libraries
type desk struct{ path string }

func (d desk) make() error {
	for _, folder := range []string{"", engine.FolderIn, engine.FolderOut, engine.FolderTmp} {
		if err := os.Mkdir(filepath.Join(d.path, folder), 0o700); err != nil {
			return errors.Join(err, os.RemoveAll(d.path))
		}
	}
	return nil
}

func (d desk) tmp() string { return filepath.Join(d.path, engine.FolderTmp) }

// lay puts the request's source on the desk and returns the request as the engine is to see it. serial tells requests apart.
func (d desk) lay(req engine.Request, serial int) (engine.Request, error) {
	name := strconv.Itoa(serial)
	if req.Source.Path != "" {
		path := filepath.Join(d.path, engine.FolderIn, name+filepath.Ext(req.Source.Path))
		if err := linkOrCopy(req.Source.Path, path); err != nil {
			return req, fmt.Errorf("put the source where the engine sees it: %w", err)
		}
		req.Source.Path = path
	}
	req.Dir = filepath.Join(d.path, engine.FolderOut, name)
	return req, os.Mkdir(req.Dir, 0o700)
}

// clear empties the desk.
func (d desk) clear() error {
	var failed []error
	for _, folder := range []string{engine.FolderIn, engine.FolderOut, engine.FolderTmp} {
		path := filepath.Join(d.path, folder)
		entries, err := os.ReadDir(path)
		failed = append(failed, err)
		for _, e := range entries {
			failed = append(failed, os.RemoveAll(filepath.Join(path, e.Name()))) // follows no link
		}
	}
	return errors.Join(failed...)
}

// take moves a file that the engine has made in from to a folder of the worker's. The engine is not trusted: what it names
// has to be a plain file there, and no link that leads elsewhere.
func take(from, name, to string) (string, error) {
	made, path := filepath.Join(from, name), filepath.Join(to, name)
	err := linkOrCopy(made, path)
	if errors.Is(err, os.ErrExist) { // made a second time
		if err = os.Remove(path); err == nil {
			err = linkOrCopy(made, path)
		}
	}
	if err != nil {
		return "", err
	}
	return path, nil
}

// linkOrCopy makes a plain file appear under a second name; where the two are on different file systems, a copy of it.
func linkOrCopy(from, to string) error {
	err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, to, 0) // a symbolic link is not followed
	if errors.Is(err, unix.EXDEV) || errors.Is(err, unix.EPERM) {
		return copyFile(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: err}
	}
	info, err := os.Lstat(to)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no plain file", from)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

func copyFile(from, to string) error {
	// O_NONBLOCK: the other end of a pipe, say, would be waited for
	source, err := os.OpenFile(from, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no plain file", from)
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
