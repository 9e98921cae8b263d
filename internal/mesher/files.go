package mesher

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/export"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// master is the format that is always written, asked for or not: others are made from it later, and it is read back. The
// names of files are ours: Gmsh decides by them how to write.
const (
	master     = "msh"
	masterFile = "mesh.msh"
)

var masterOptions = []option{{"Mesh.SaveAll", 1}, {"Mesh.Binary", 1}, {"Mesh.MshFileVersion", 4.1}}

// writingOrder is the order in which formats are written.
var writingOrder = func() (names []string) {
	for _, f := range export.Formats() {
		names = append(names, f.Name)
	}
	return names
}()

// writeFile writes the mesh s in a format and, once the file is seen to be whole, tells so.
func (j *job) writeFile(s *snapshot, format string) error {
	f, ok := export.Named(format)
	if !ok {
		return fmt.Errorf("no such format to write: %q", format)
	}
	if d := f.Refuse(&s.Mesh); d != nil {
		return d
	}
	path := filepath.Join(j.req.Dir, f.File)
	var err error
	switch {
	case format == master && s.ours:
		err = writeOwnFile(path, s.Mesh.LeastMSH(), s.Mesh.WriteMSH)
	case format == master:
		if err = set(masterOptions); err == nil {
			err = gmsh.Write(path)
		}
	case f.Own():
		err = writeOwn(f, &s.Mesh, path)
	default:
		err = writeThroughGmsh(f, &s.Mesh, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.File, err)
	}
	if err := f.LooksWhole(path, &s.Mesh); err != nil {
		return fmt.Errorf("write %s: %w\n%s", f.File, err, j.lastWords())
	}
	j.warn(f.Remarks(&s.Mesh)...)
	j.events.Artifact(engine.Artifact{Name: f.File, Format: format, Path: path, MediaType: f.MediaType})
	return nil
}

// writeFurther writes the mesh in a format beside the master. A format that cannot hold the mesh is no reason to lose it: the
// file is left out, and a warning says why.
func (j *job) writeFurther(s *snapshot, format string) error {
	if f, ok := export.Named(format); ok {
		if d := f.Refuse(&s.Mesh); d != nil {
			j.warn(*d)
			return nil
		}
	}
	return j.writeFile(s, format)
}

// worthRoom is the size from which room for a file is taken beforehand.
const worthRoom = 1 << 20

func writeOwn(f export.Format, m *mesh.Mesh, path string) error {
	return writeOwnFile(path, 0, func(w io.Writer) error { return f.Write(w, m) })
}

// writeOwnFile has a new file written, which will have so many bytes at least. Room for them is taken at once where the file system can: to find it for
// one piece after the other takes longer. Where there is no room, the writer is told.
func writeOwnFile(path string, least int64, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if least >= worthRoom {
		_ = takeRoom(file, least)
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// takeRoom has the file system keep so many bytes for a file, which stays as long as it is. Tests put another in its place: a disk that is asked for
// more than it has may be full for a moment, for all that write to it.
var takeRoom = func(file *os.File, bytes int64) error {
	return unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, bytes)
}

// export reads a mesh file of ours and writes it in other formats. Gmsh never sees the file.
func (j *job) export() error {
	j.begin(engine.StageImport)
	if j.req.Source.Format != engine.MSH {
		return diagnosis.New(diagnosis.UnsupportedFormat, "Only meshes are exported, not %s.", j.req.Source.Format)
	}
	contents, err := mesh.ReadMSH(j.req.Source.Path)
	if err != nil {
		return diagnosis.New(diagnosis.UnreadableFile, "The file is not a whole mesh of format 4.1.").WithDetail(err.Error())
	}
	if err := set(j.readingOptions()); err != nil {
		return err
	}
	j.begin(engine.StageExport)
	s := &snapshot{Mesh: *contents}
	for _, format := range writingOrder {
		if format == master || !slices.Contains(j.req.Formats, format) {
			continue
		}
		if err := j.writeFile(s, format); err != nil {
			return err
		}
	}
	return nil
}

// physicalGroups returns the physical groups of the current model.
func physicalGroups() ([]mesh.Group, error) {
	groups, err := gmsh.PhysicalGroups()
	if err != nil {
		return nil, err
	}
	var out []mesh.Group
	for _, g := range groups {
		name, entities, err := gmsh.PhysicalGroup(g)
		if err != nil {
			return nil, err
		}
		out = append(out, mesh.Group{Dim: g.Dim, Tag: g.Tag, Name: name, Entities: entities})
	}
	return out, nil
}

// writeThroughGmsh has Gmsh write a format, from a model of its own that holds what export.Pieces says: Gmsh's writers take
// names as they are, and some of them lose elements that are in no group.
func writeThroughGmsh(f export.Format, m *mesh.Mesh, path string) error {
	if err := gmsh.AddModel("mesh"); err != nil {
		return err
	}
	err := fill(f.Pieces(m), m)
	if err == nil {
		err = set([]option{{"Mesh.SaveAll", 0}, {"Mesh.Binary", 1}})
	}
	if err == nil {
		err = gmsh.Write(path)
	}
	if removeErr := gmsh.RemoveModel(); err == nil {
		err = removeErr
	}
	return err
}

// fill puts pieces of a mesh into the current, empty model.
func fill(pieces []export.Piece, m *mesh.Mesh) error {
	placed := make([]bool, m.Nodes()+1)
	groups := map[export.Label][]int{}
	var order []export.Label
	for _, p := range pieces {
		tag, err := gmsh.AddDiscreteEntity(p.Dim, nil)
		if err != nil {
			return err
		}
		if err := gmsh.SetEntityName(gmsh.DimTag{Dim: p.Dim, Tag: tag}, p.Name); err != nil {
			return err
		}
		var nodes []uint64
		var places []float64
		for _, b := range p.Blocks {
			for _, n := range b.Nodes {
				if !placed[n] {
					placed[n] = true
					nodes = append(nodes, n)
					places = append(places, m.XYZ[3*n:3*n+3]...)
				}
			}
		}
		if err := gmsh.AddNodes(p.Dim, tag, nodes, places); err != nil {
			return err
		}
		for _, b := range p.Blocks {
			if err := gmsh.AddElements(tag, int(b.Kind), b.Nodes); err != nil {
				return err
			}
		}
		for _, l := range p.Labels {
			if _, known := groups[l]; !known {
				order = append(order, l)
			}
			groups[l] = append(groups[l], tag)
		}
	}
	for _, l := range order {
		if _, err := gmsh.AddPhysicalGroup(l.Dim, groups[l], -1, l.Name); err != nil {
			return err
		}
	}
	return nil
}
