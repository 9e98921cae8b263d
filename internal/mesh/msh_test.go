package mesh_test

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
	"meshgen/internal/mesh"
)

type option struct {
	name  string
	value float64
}

// boxFile writes the mesh of a box as Gmsh does and returns the file's bytes.
func boxFile(t *testing.T, options ...option) []byte {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	for _, o := range append([]option{{"General.Terminal", 0}, {"Mesh.Binary", 1}, {"Mesh.SaveAll", 1}, {"Mesh.MeshSizeMax", 0.4}}, options...) {
		require.NoError(t, gmsh.SetNumber(o.name, o.value))
	}
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

// readBytes reads a file of these bytes in both ways, which have to agree on whether it is one.
func readBytes(t *testing.T, data []byte) (*mesh.Mesh, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.msh")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	found, err := mesh.ReadMSH(path)
	contents, checkErr := mesh.CheckMSH(path)
	if err != nil {
		require.Error(t, checkErr)
		return nil, err
	}
	require.NoError(t, checkErr)
	require.Equal(t, found.Nodes(), contents.Nodes)
	require.Equal(t, found.Counts(), contents.Counts)
	return found, nil
}

func TestMeshFile_ReadsBackWithItsGroups(t *testing.T) {
	m, err := readBytes(t, boxFile(t))
	require.NoError(t, err)
	require.Greater(t, m.Nodes(), 20)
	require.Len(t, m.In(3, 1), 1)
	require.Greater(t, m.In(3, 1)[0].Len(), 50)
	for face := 1; face <= 6; face++ {
		require.Greater(t, m.In(2, face)[0].Len(), 5)
	}
	require.Equal(t, 8, m.Shapes()["point"], "the corners")
	require.Equal(t, []mesh.Group{{Dim: 3, Tag: 1, Name: "box Ø", Entities: []int{1}}}, m.Groups)
	require.Equal(t, 1, m.Order())

	volume := 0.
	for e := range m.In(3, 1)[0].Len() {
		n := m.In(3, 1)[0].Element(e)
		volume += det(m.At(n[0]), m.At(n[1]), m.At(n[2]), m.At(n[3])) / 6
	}
	require.InDelta(t, 1, volume, 1e-9, "nodes have their places")

	m, err = readBytes(t, boxFile(t, option{"Mesh.ElementOrder", 3}, option{"Mesh.SaveParametric", 1}))
	require.NoError(t, err)
	require.Equal(t, mesh.Tet20, m.In(3, 1)[0].Kind)
	require.Greater(t, m.In(3, 1)[0].Len(), 50)
	for node := range m.Nodes() {
		for _, x := range m.At(uint64(node + 1)) {
			require.GreaterOrEqual(t, x, -1e-9)
			require.LessOrEqual(t, x, 1+1e-9)
		}
	}
}

func det(a, b, c, d [3]float64) float64 {
	var u, v, w [3]float64
	for k := range 3 {
		u[k], v[k], w[k] = b[k]-a[k], c[k]-a[k], d[k]-a[k]
	}
	return u[0]*(v[1]*w[2]-v[2]*w[1]) - u[1]*(v[0]*w[2]-v[2]*w[0]) + u[2]*(v[0]*w[1]-v[1]*w[0])
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
