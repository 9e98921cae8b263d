package worker

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/export/view"
	"meshgen/internal/mesh"
	"meshgen/internal/store"
)

// waves is a grid of n×n places on a wave, jittered as a mesher's nodes are, as one face of triangles.
func waves(n int) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: make([]float64, 3)}
	random := rand.New(rand.NewPCG(1, 2))
	for y := range n {
		for x := range n {
			u, v := (float64(x)+0.5*random.Float64())/float64(n), (float64(y)+0.5*random.Float64())/float64(n)
			m.XYZ = append(m.XYZ, 100*u, 100*v, 20*math.Sin(7*u)*math.Cos(5*v))
		}
	}
	b := mesh.Block{Dim: 2, Entity: 1, Kind: mesh.Triangle3}
	at := func(x, y int) uint64 { return uint64(1 + y*n + x) }
	for y := range n - 1 {
		for x := range n - 1 {
			b.Nodes = append(b.Nodes, at(x, y), at(x+1, y), at(x+1, y+1), at(x, y), at(x+1, y+1), at(x, y+1))
		}
	}
	m.Blocks = []mesh.Block{b}
	return m
}

// surfaceFile writes the surface of a million triangles with its face and one measure.
func surfaceFile(t *testing.T, dir string, n int) (a engine.Artifact, triangles int) {
	t.Helper()
	s := view.SurfaceOf(waves(n), nil)
	s.Elements = nil
	triangles = len(s.Corners) / 3
	values := make([]float32, triangles) // spread as the quality of a good mesh is
	random := rand.New(rand.NewPCG(3, 4))
	for i := range values {
		values[i] = float32(0.75 + 0.12*random.NormFloat64())
	}
	s.Values = []view.Values{{Name: "gamma", Low: 0, High: 1, Of: values}}
	a = engine.Artifact{Name: "surface.glb", Format: "surface", Path: filepath.Join(dir, "surface.glb"), MediaType: "model/gltf-binary"}
	f, err := os.Create(a.Path)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, s.WriteGLB(f))
	return a, triangles
}

// get fetches what a presigned URL holds, as it comes.
func (r *run) get(t *testing.T, a store.Artifact) (body []byte, header http.Header) {
	t.Helper()
	url, err := r.w.blobs.PresignGet(t.Context(), a.ObjectKey, "surface.glb", a.MediaType)
	require.NoError(t, err)
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	res, err := plain.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	return body, res.Header
}

func TestSurfaceOfAMillionTriangles_TakesThreeBytesEachOnTheWire(t *testing.T) {
	r := newRun(t)
	file, triangles := surfaceFile(t, r.files(), 709)
	require.Greater(t, triangles, 1_000_000)
	r.uploads.start(file, whole)
	sent, err := r.uploads.kept()
	require.NoError(t, err)
	require.Len(t, sent, 1)

	body, header := r.get(t, sent[0])
	require.Equal(t, "gzip", header.Get("Content-Encoding"), "a browser unpacks it by itself")
	require.Equal(t, "model/gltf-binary", header.Get("Content-Type"))
	each := float64(len(body)) / float64(triangles)
	t.Logf("%.2f bytes a triangle", each)
	require.LessOrEqual(t, each, 3.)
	sum := sha256.Sum256(body)
	require.Equal(t, []any{int64(len(body)), hex.EncodeToString(sum[:])}, []any{sent[0].Size, sent[0].SHA256}, "of the bytes as they come")
	z, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	unpacked, err := io.ReadAll(z)
	require.NoError(t, err)
	want, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, unpacked))
}

func TestSmallSurfacesAndWhatIsDownloaded_AreSentAsTheyAre(t *testing.T) {
	r := newRun(t)
	small, _ := surfaceFile(t, r.files(), 50)
	large := r.artifact(t, "mesh.msh", strings.Repeat("a mesh that could be smaller ", 50_000))
	large.Format = "msh"
	r.uploads.start(small, whole)
	r.uploads.start(large, whole)
	sent, err := r.uploads.kept()
	require.NoError(t, err)
	require.Len(t, sent, 2)
	for _, a := range sent {
		require.Empty(t, blob.Encoding(a.ObjectKey))
		body, header := r.get(t, a)
		require.Empty(t, header.Get("Content-Encoding"))
		want, err := os.ReadFile(filepath.Join(r.files(), a.Name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, body), "a plain download is the file")
	}
}

// viewFile is a file for viewing of size bytes, of which a share of one in random is any byte and the rest repeat.
func viewFile(t *testing.T, dir, name string, size, random int) engine.Artifact {
	t.Helper()
	body, of := make([]byte, size), rand.New(rand.NewPCG(5, 6))
	for from := 0; from < size; from += random * 1024 {
		for i := from; i < min(from+1024, size); i++ {
			body[i] = byte(of.Uint32())
		}
	}
	a := engine.Artifact{Name: name, Format: "volume", Path: filepath.Join(dir, name), MediaType: "model/gltf-binary"}
	require.NoError(t, os.WriteFile(a.Path, body, 0o600))
	return a
}

func TestFilesForViewing_AreZippedWhereThatSavesAnEighth(t *testing.T) {
	r := newRun(t)
	packed := viewFile(t, r.files(), "packed.glb", worthZipping, 1)
	loose := viewFile(t, r.files(), "loose.glb", worthZipping, 4)
	r.uploads.start(packed, whole)
	r.uploads.start(loose, whole)
	sent, err := r.uploads.kept()
	require.NoError(t, err)
	require.Len(t, sent, 2)
	for _, a := range sent {
		want, err := os.ReadFile(filepath.Join(r.files(), a.Name))
		require.NoError(t, err)
		body, header := r.get(t, a)
		if a.Name == packed.Name {
			require.Empty(t, blob.Encoding(a.ObjectKey))
			require.Empty(t, header.Get("Content-Encoding"))
			require.True(t, bytes.Equal(want, body))
			require.NoFileExists(t, packed.Path+".gz")
			continue
		}
		require.Equal(t, "gzip", header.Get("Content-Encoding"))
		z, err := gzip.NewReader(bytes.NewReader(body))
		require.NoError(t, err)
		unpacked, err := io.ReadAll(z)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, unpacked))
	}
}

func TestShrinks_LooksAtAllOfAFile(t *testing.T) {
	dir := t.TempDir()
	const size = 1 << 20
	shrinkable := func(body []byte) bool {
		t.Helper()
		worth, err := shrinks(bytes.NewReader(body), int64(len(body)))
		require.NoError(t, err)
		return worth
	}
	random, err := os.ReadFile(viewFile(t, dir, "random", size, 1).Path)
	require.NoError(t, err)
	require.False(t, shrinkable(random))
	require.False(t, shrinkable(append(make([]byte, size/32), random[size/32:]...)), "a head that shrinks is no reason")
	for half := range 2 { // either half of zeros is half of the file saved
		body := bytes.Clone(random)
		clear(body[half*size/2 : (half+1)*size/2])
		require.True(t, shrinkable(body))
	}
	_, err = shrinks(bytes.NewReader(random[:size/2]), size)
	require.ErrorIs(t, err, io.EOF, "cut off meanwhile")
}
