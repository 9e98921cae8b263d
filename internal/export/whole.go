package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"meshgen/internal/mesh"
)

var errCutOff = errors.New("the file is cut off")

// LooksWhole makes sure that a file just written begins and ends as it should and is no smaller than its contents: a
// writer that runs out of disk, or that does not know an element, may say nothing.
func (f Format) LooksWhole(path string, m *mesh.Mesh) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	head, tail := make([]byte, min(size, 512)), make([]byte, min(size, 64))
	if _, err := io.ReadFull(file, head); err != nil {
		return err
	}
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return err
	}
	begins := func(text string) bool { return bytes.HasPrefix(head, []byte(text)) }
	ends := func(text string) bool { return bytes.HasSuffix(tail, []byte(text)) }
	// what the corners of all volumes take at least
	least := func(bytesPerCorner int) bool {
		corners := 0
		for _, b := range m.Of(3) {
			corners += b.Len() * b.Kind.Corners()
		}
		return size >= int64(bytesPerCorner*corners)
	}
	whole := false
	switch f.Name {
	case "msh":
		whole = begins("$MeshFormat\n4.1 ") && bytes.Contains(tail, []byte("\n$End")) && size >= int64(32*m.Nodes())
	case "msh2":
		whole = begins("$MeshFormat\n2.2 ") && ends("\n$EndElements\n") && size >= int64(28*m.Nodes()) && least(4)
	case "vtk":
		whole = begins("# vtk DataFile") && ends("\n") && least(4)
	case "vtu":
		whole = begins("<?xml") && ends("</VTKFile>\n")
	case "stl":
		if len(head) < 84 {
			return errCutOff
		}
		count := binary.LittleEndian.Uint32(head[80:])
		if whole = count > 0 && size == 84+50*int64(count); !whole {
			return fmt.Errorf("the file does not hold %d triangles", count)
		}
	case "unv":
		whole = begins("    -1\n   164\n") && ends("    -1\n") && least(10)
	case "inp":
		whole = begins("*HEADING\n") && ends("\n") && least(2)
	case "bdf":
		whole = begins("$") && ends("ENDDATA\n") && least(8)
	case "su2":
		whole = begins("NDIME= 3\n") && ends("\n") && least(2)
	case "fluent":
		whole = begins("(0 ") && ends(")())\n") && least(2)
	case "glb":
		whole = begins("glTF") && len(head) > 12 && int64(binary.LittleEndian.Uint32(head[8:])) == size
	case "openfoam":
		archive, err := zip.NewReader(file, size)
		if err != nil {
			return err
		}
		whole = len(archive.File) >= 6
	case "med", "cgns":
		end, err := hdf5End(head)
		if err != nil {
			return err
		}
		whole = end == size && least(4)
	}
	if !whole {
		return errCutOff
	}
	return nil
}

// hdf5End returns where an HDF5 file says that it ends. Source: HDF5 file format specification, "Superblock".
func hdf5End(head []byte) (int64, error) {
	if len(head) < 48 || !bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")) {
		return 0, errors.New("the file is no HDF5")
	}
	at := 40
	if head[8] >= 2 { // the version of the superblock
		at = 28
	}
	return int64(binary.LittleEndian.Uint64(head[at:])), nil
}
