package mesher

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
)

// boxFile writes the mesh of a box as Gmsh does and returns the file's bytes.
func boxFile(t *testing.T, options ...option) []byte {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	require.NoError(t, set(append([]option{{"General.Terminal", 0}, {"Mesh.Binary", 1}, {"Mesh.SaveAll", 1}, {"Mesh.MeshSizeMax", 0.4}}, options...)))
	require.NoError(t, gmsh.AddModel("box"))
	tag, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	_, err = gmsh.AddPhysicalGroup(3, []int{tag}, 1, "box Ø")
	require.NoError(t, err)
	require.NoError(t, gmsh.Generate(3))
	path := filepath.Join(t.TempDir(), "mesh.msh")
	require.NoError(t, gmsh.Write(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func readBytes(t *testing.T, data []byte) (contents, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.msh")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return readMSH(path)
}

func TestMeshFile_ReadsBack(t *testing.T) {
	data := boxFile(t)
	found, err := readBytes(t, data)
	require.NoError(t, err)
	require.Greater(t, found.nodes, 20)
	require.Greater(t, found.counts[block{3, 1, gmsh.Tet4}], 50)
	for face := 1; face <= 6; face++ {
		require.Greater(t, found.counts[block{2, face, gmsh.Triangle3}], 5)
	}
	require.Equal(t, 8, found.counts[block{0, 0, 15}], "the corners")

	found, err = readBytes(t, boxFile(t, option{"Mesh.ElementOrder", 3}, option{"Mesh.SaveParametric", 1}))
	require.NoError(t, err)
	require.Greater(t, found.counts[block{3, 1, gmsh.Tet20}], 50)
}

func TestMeshFileThatIsCutOff_IsRefused(t *testing.T) {
	data := boxFile(t)
	for cut := range 200 {
		n := len(data) * cut / 200
		_, err := readBytes(t, data[:n])
		require.Error(t, err, "cut at %d of %d bytes", n, len(data))
	}
	_, err := readBytes(t, data[:len(data)-1])
	require.Error(t, err)
}

func TestMeshFileOfNonsense_IsRefused(t *testing.T) {
	data := boxFile(t)
	nodes := bytes.Index(data, []byte("$Nodes\n")) + len("$Nodes\n")
	elements := bytes.Index(data, []byte("$Elements\n")) + len("$Elements\n")
	damage := func(at int, bytes ...byte) []byte {
		out := append([]byte(nil), data...)
		copy(out[at:], bytes)
		return out
	}
	word := func(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
	nan := word(math.Float64bits(math.NaN()))

	for name, bad := range map[string][]byte{
		"a script":                  []byte("SystemCall \"touch /tmp/pwned\";\n"),
		"a script after the header": append(append([]byte(nil), data[:nodes-7]...), []byte("SystemCall \"touch /tmp/pwned\";\n")...),
		"text format":               bytes.Replace(data, []byte("4.1 1 8"), []byte("4.1 0 8"), 1),
		"format 2.2":                bytes.Replace(data, []byte("4.1 1 8"), []byte("2.2 1 8"), 1),
		"huge count of blocks":      damage(nodes, word(math.MaxUint64)...),
		"more nodes than there are": damage(nodes+8, word(1<<40)...),
		"huge highest number":       damage(nodes+24, word(1<<50)...),
		"NaN for a coordinate":      damage(nodes+32+20+8, nan...), // of the first block, which holds one corner
		"node that is not there":    damage(elements+32+20+8, word(123456)...),
		"unknown type of element":   damage(elements+32+8, 99),
		"huge count of elements":    damage(elements+32+12, word(1<<60)...),
		"nothing":                   {},
	} {
		_, err := readBytes(t, bad)
		require.Error(t, err, name)
	}
}

func TestMeshFileThatLacksElements_DoesNotMatchTheMesh(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mesh.msh")
	require.NoError(t, os.WriteFile(path, boxFile(t), 0o600))
	found, err := readMSH(path)
	require.NoError(t, err)

	s := &snapshot{nodes: found.nodes, counts: found.counts}
	require.NoError(t, s.readsBack(path))
	s.counts[block{3, 1, gmsh.Tet4}]++
	require.ErrorContains(t, s.readsBack(path), "elements of type 4 in entity 1 of dimension 3")
	s.counts[block{3, 1, gmsh.Tet4}]--
	s.nodes++
	require.ErrorContains(t, s.readsBack(path), "nodes")
}
