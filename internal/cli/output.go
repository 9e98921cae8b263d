package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"meshgen/internal/spec"
)

// output is a file to write, and what it is to hold.
type output struct {
	Path   string `json:"path"`
	Format string `json:"format"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
}

// others are extensions that are in use beside those of package spec.
var others = map[string]string{".zip": "openfoam", ".nas": "bdf"}

// formatOf returns the format that a file name's extension stands for, empty where it stands for none. The longest decides:
// part.fluent.msh is Fluent's, part.msh is Gmsh's.
func formatOf(path string) string {
	name := strings.ToLower(filepath.Base(path))
	format, longest := others[filepath.Ext(name)], 0
	for _, f := range spec.FileFormats {
		if n := len(f.Extension); n > longest && strings.HasSuffix(name, f.Extension) {
			format, longest = f.Name, n
		}
	}
	return format
}

// known lists the extensions.
func known() (out []string) {
	for _, f := range spec.FileFormats {
		out = append(out, f.Extension)
	}
	return out
}

// outputs pairs paths with formats: the i-th format belongs to the i-th path; without formats, extensions decide.
func outputs(paths, formats []string) ([]output, error) {
	if len(formats) > 0 && len(formats) != len(paths) {
		return nil, usage("give one --format for each -o, in the same order, or none (%d for %d)", len(formats), len(paths))
	}
	var out []output
	seen := map[string]bool{}
	for i, path := range paths {
		o := output{Path: path}
		if len(formats) > 0 {
			o.Format = formats[i]
		} else if o.Format = formatOf(path); o.Format == "" {
			return nil, usage("-o %s: the extension has to be one of %s; or say --format (%s)", path, strings.Join(known(), " "), strings.Join(spec.Formats, ", "))
		}
		if seen[filepath.Clean(path)] {
			return nil, usage("-o %s was given twice", path)
		}
		seen[filepath.Clean(path)] = true
		out = append(out, o)
	}
	return out, nil
}

// named is a file, and what it was given as; none where it has no path.
type named struct{ as, path string }

// writable reports why one of the files could not be written, or must not be: it would take the place of one that is read, or of another one.
// Each is looked at once: a study has thousands.
func writable(written []named, read ...named) error {
	seen := map[fileID]named{}
	for _, file := range read {
		if id, ok := identify(file.path); ok {
			seen[id] = file
		}
	}
	for _, file := range written {
		if file.path == "" {
			continue
		}
		if err := writableFile(file.path); err != nil {
			return err
		}
		id, ok := identify(file.path)
		if !ok {
			continue
		}
		if other, ok := seen[id]; ok {
			return usage("%s %s is the file of %s: name another", file.as, file.path, other.as)
		}
		seen[id] = file
	}
	return nil
}

// fileID tells files apart: one that is there by its device and number, one that is not by those of its folder and its name.
type fileID struct {
	device, number uint64
	name           string
}

// maxLinks is how many links that lead to each other are followed, as by Linux.
const maxLinks = 40

// identify returns which file a path names, there already or not. Devices and pipes are none.
func identify(path string) (id fileID, ok bool) {
	if path == "" {
		return id, false
	}
	var stat unix.Stat_t
	for range maxLinks {
		if unix.Stat(path, &stat) == nil {
			return fileID{device: stat.Dev, number: stat.Ino}, stat.Mode&unix.S_IFMT == unix.S_IFREG
		}
		target, err := os.Readlink(path) // one that leads to what is not there yet
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if unix.Stat(filepath.Dir(path), &stat) != nil {
		return id, false
	}
	return fileID{device: stat.Dev, number: stat.Ino, name: filepath.Base(path)}, true
}

// writableFile reports why a file could not be written: better before the work than after it.
func writableFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return usage("%s is a folder; name a file", path)
	case err == nil && !info.Mode().IsRegular(): // a device or pipe is opened when there is something to write
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return usage("%s", err)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil {
		return usage("%s cannot be written: there is no folder %s", path, dir)
	} else if !info.IsDir() {
		return usage("%s cannot be written: %s is no folder", path, dir)
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return usage("%s cannot be written: folder %s: %s", path, dir, err)
	}
	return nil
}

// replace writes a file as a whole: what path held stays until all of the new is on the disk, whatever happens. A device
// or pipe is written to directly.
func replace(path string, write func(io.Writer) error) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays a link
	}
	mode := fs.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return direct(path, write)
		}
		mode = info.Mode().Perm()
	}
	dir, base := filepath.Split(path)
	temporary := filepath.Join(dir, fmt.Sprintf(".%.100s.%08x", base, rand.Uint32()))
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(temporary)
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func direct(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(write(f), f.Close())
}

// copyFile replaces path with the bytes of a file, and returns their number.
func copyFile(path, from string) (n int64, err error) {
	source, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	err = replace(path, func(w io.Writer) error {
		n, err = io.Copy(w, source)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		return nil
	})
	return n, err
}
