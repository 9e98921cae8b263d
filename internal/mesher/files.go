package mesher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// file is how a format is written. The names are ours: Gmsh decides by them.
type file struct {
	name    string
	media   string
	options []option
}

var files = map[string]file{
	"msh":  {"mesh.msh", "application/octet-stream", []option{{"Mesh.MshFileVersion", 4.1}}},
	"msh2": {"mesh.v2.msh", "application/octet-stream", []option{{"Mesh.MshFileVersion", 2.2}}},
	"vtk":  {"mesh.vtk", "application/octet-stream", nil},
	"stl":  {"mesh.stl", "model/stl", nil},
}

// master is the format that is always written, asked for or not: others are made from it later, and it is read back.
const master = "msh"

// writingOrder is the order in which formats are written, the largest files first: their upload takes longest.
var writingOrder = []string{master, "vtk", "msh2", "stl"}

// writeFile writes the mesh s in a format and, once the file is seen to be whole, tells so.
func (j *job) writeFile(s *snapshot, format string) error {
	f, ok := files[format]
	if !ok {
		return fmt.Errorf("no such format to write: %q", format)
	}
	if err := set(append([]option{{"Mesh.SaveAll", 1}, {"Mesh.Binary", 1}}, f.options...)); err != nil {
		return err
	}
	path := filepath.Join(j.req.Dir, f.name)
	if err := gmsh.Write(path); err != nil {
		return err
	}
	if err := s.looksWhole(format, path); err != nil {
		return fmt.Errorf("write %s: %w\n%s", f.name, err, j.lastWords())
	}
	j.events.Artifact(engine.Artifact{Name: f.name, Format: format, Path: path, MediaType: f.media})
	return nil
}

// export reads a mesh file of ours and writes it in other formats.
func (j *job) export() error {
	j.begin(engine.StageImport)
	if j.req.Source.Format != engine.MSH {
		return diagnosis.New(diagnosis.UnsupportedFormat, "Only meshes are exported, not %s.", j.req.Source.Format)
	}
	// Gmsh runs a file with this extension as a script where it does not begin as a mesh; so it is read here first.
	contents, err := mesh.ReadMSH(j.req.Source.Path)
	if err != nil {
		return diagnosis.New(diagnosis.UnreadableFile, "The file is not a whole mesh of format 4.1.").WithDetail(err.Error())
	}
	if err := set(j.readingOptions()); err != nil {
		return err
	}
	if err := gmsh.AddModel("model"); err != nil {
		return err
	}
	if err := gmsh.Merge(j.req.Source.Path); err != nil {
		return err
	}
	j.begin(engine.StageExport)
	s := &snapshot{Mesh: *contents}
	for _, format := range writingOrder {
		if !slices.Contains(j.req.Formats, format) {
			continue
		}
		if err := j.writeFile(s, format); err != nil {
			return err
		}
	}
	return nil
}

// looksWhole makes sure that a file just written has the size or the counts that it should have: a writer that runs out of
// disk says nothing.
func (s *snapshot) looksWhole(format, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, min(info.Size(), 512))
	tail := make([]byte, min(info.Size(), 64))
	if _, err := io.ReadFull(f, head); err != nil {
		return err
	}
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil {
		return err
	}
	switch format {
	case "msh", "msh2":
		if !bytes.HasPrefix(head, []byte("$MeshFormat\n")) || !bytes.Contains(tail, []byte("\n$End")) {
			return errors.New("the file is cut off")
		}
	case "vtk":
		want := fmt.Sprintf("\nPOINTS %d double\n", s.Nodes())
		// coordinates alone are this long
		if !bytes.Contains(head, []byte(want)) || info.Size() < int64(24*s.Nodes()) {
			return errors.New("the file is cut off")
		}
	case "stl":
		count := s.Shapes()["triangle"]
		if len(head) < 84 || int(binary.LittleEndian.Uint32(head[80:])) < count || info.Size() != 84+50*int64(binary.LittleEndian.Uint32(head[80:])) {
			return fmt.Errorf("the file does not hold %d triangles", count)
		}
	}
	return nil
}
