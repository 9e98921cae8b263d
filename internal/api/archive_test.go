package api_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// uploadedAs uploads and imports a part under a name.
func (s *service) uploadedAs(filename string) string {
	s.t.Helper()
	g := decode[types.Geometry](s.upload(field{"file", filename, string(step(500 + int(uploaded.Add(1))))}), http.StatusCreated)
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), s.claim(), store.Outcome{Model: box()}))
	return g.ID
}

// unzip returns the content of an archive by name.
func unzip(t *testing.T, body []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	require.NoError(t, err)
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NotContains(t, files, f.Name)
		files[f.Name] = string(text)
	}
	return files
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestArchive_HoldsEveryFileAndSaysWhatIsMissing(t *testing.T) {
	s := start(t)
	g := []string{s.uploadedAs("bracket.step"), s.uploadedAs("Bracket.stp"), s.uploadedAs("../=CON.step"), s.uploadedAs("Welle Größe 3.step")}
	b := s.batch(g, coarse, `{"name": "very fine/2"}`)
	for i := range 8 {
		c := s.claim()
		if i == 3 {
			require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: diagnosis.New(diagnosis.TimeLimit, "it took, too \"long\"")}))
			continue
		}
		require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{
			Report: &engine.MeshReport{Nodes: 9, Elements: map[string]int{"tetrahedron": 7, "triangle": 12}},
			Artifacts: []store.Artifact{
				s.file(c, "mesh.msh", "msh", strings.Repeat("a mesh ", i+1)), s.file(c, "mesh.vtk", "vtk", "vtk "+*c.MeshID), s.file(c, "log.txt", "log", "l"),
			},
		}))
	}
	a := s.get("/v1/batches/" + b.ID + "/archive?format=msh,vtk")
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Equal(t, "application/zip", a.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="`+b.ID+`.zip"`, a.header.Get("Content-Disposition"))
	files := unzip(t, a.body)
	require.Equal(t, strings.Repeat("a mesh ", 1), files["bracket-coarse.msh"])
	require.Equal(t, strings.Repeat("a mesh ", 3), files["Bracket-coarse-2.msh"], "capitals tell no two files apart")
	require.Contains(t, files, "CON_-very_fine_2.vtk")
	require.Contains(t, files, "Welle_Größe_3-coarse.msh")
	require.Len(t, files, 2+7*2)

	var manifest types.BatchManifest
	require.NoError(t, json.Unmarshal([]byte(files["manifest.json"]), &manifest))
	require.Len(t, manifest.Items, 8)
	for i, item := range manifest.Items {
		if i == 3 {
			require.Equal(t, []any{"failed", "time_limit", 0}, []any{item.Status, item.ErrorCode, len(item.Files)})
			continue
		}
		require.Equal(t, map[string]int{"tetrahedron": 7, "triangle": 12}, item.Counts)
		m := decode[types.Mesh](s.get("/v1/meshes/"+item.MeshID), 200)
		for j, file := range item.Files {
			content, there := files[file.Name]
			require.True(t, there, file.Name)
			require.Equal(t, []any{hashOf(content), int64(len(content))}, []any{file.SHA256, file.Size})
			require.Equal(t, m.Artifacts[j].SHA256, file.SHA256)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(files["manifest.csv"])).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+7*2+1)
	require.Equal(t, `time_limit: it took, too "long"`, rows[7][11])
	require.Equal(t, []string{"'=CON.step", "coarse", "succeeded", "7"}, rows[8][:4], "no spreadsheet runs it")

	a = s.get("/v1/batches/" + b.ID + "/archive?format=log")
	require.Len(t, unzip(t, a.body), 2+7)
	require.Len(t, unzip(t, s.get("/v1/batches/"+b.ID+"/archive").body), 2+7, "msh alone")
	require.Empty(t, s.do(http.MethodHead, "/v1/batches/"+b.ID+"/archive", nil).body)
	p := s.get("/v1/batches/"+b.ID+"/archive?format=msh,doc").problem(422, "validation_failed")
	require.Equal(t, []string{"query.format"}, locations(p))
}

func TestArchiveOfABatchThatGoesOn_IsNotReady(t *testing.T) {
	s := start(t)
	b := s.batch([]string{s.imported().ID}, coarse, fine)
	s.succeed(s.claim())
	p := s.get("/v1/batches/"+b.ID+"/archive").problem(409, "not_ready")
	require.Contains(t, p.Detail, "1 of its meshes")
	s.post("/v1/batches/"+b.ID+"/cancel", "")
	require.Contains(t, unzip(t, s.get("/v1/batches/"+b.ID+"/archive").body), "bracket-coarse.msh")
}

func TestArchiveOfAFormatNotYetMade_HasItExportedOnce(t *testing.T) {
	s := start(t)
	b := s.batch([]string{s.imported().ID}, coarse, fine)
	for range 2 {
		s.succeed(s.claim())
	}
	path := "/v1/batches/" + b.ID + "/archive?format=msh,stl"
	answers := make(chan answer, 2)
	for range 2 {
		go func() { answers <- s.get(path) }()
	}
	next := func() (c store.Claim) {
		require.Eventually(t, func() (ok bool) {
			var err error
			c, ok, err = s.jobs.Claim(t.Context(), "wrk_test")
			return err == nil && ok
		}, patience, 5*time.Millisecond)
		return c
	}
	first := next()
	require.Equal(t, []any{engine.Export, store.Batch, []string{"stl"}}, []any{first.Kind, first.Class, first.Formats})
	require.NoError(t, s.jobs.Finish(t.Context(), first, store.Outcome{Artifacts: []store.Artifact{s.file(first, "mesh.stl", "stl", "a surface")}}))
	require.NoError(t, s.jobs.Finish(t.Context(), next(), store.Outcome{Error: diagnosis.New(diagnosis.OutOfMemory, "too large for it")}))
	for range 2 {
		a := <-answers
		require.Equal(t, http.StatusOK, a.status, "%s", a.body)
		files := unzip(t, a.body)
		require.Equal(t, "a surface", files["bracket-coarse.stl"])
		require.NotContains(t, files, "bracket-fine.stl")
		require.Contains(t, files["manifest.csv"], "too large for it")
	}
	_, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
	require.NoError(t, err)
	require.False(t, ok, "two requests are one export each mesh")
}

func TestLong_ArchiveWhoseExportsTakeLong_AsksToComeBack(t *testing.T) {
	s := start(t)
	b := s.batch([]string{s.imported().ID})
	s.succeed(s.claim())
	answered := make(chan answer, 1)
	go func() { answered <- s.get("/v1/batches/" + b.ID + "/archive?format=stl") }()
	require.Eventually(t, func() bool {
		c, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
		return err == nil && ok && c.Kind == engine.Export
	}, patience, 5*time.Millisecond)
	s.server.Drain() // which ends every wait, as 20 s would
	a := <-answered
	a.problem(503, "export_pending")
	require.Equal(t, "5", a.header.Get("Retry-After"))
}

// noise is what no compressor makes smaller.
type noise struct{ r *rand.ChaCha8 }

func (n noise) Read(p []byte) (int, error) { return n.r.Read(p) }

// large finishes a mesh with a file of many bytes.
func (s *service) large(c store.Claim, size int) {
	s.t.Helper()
	content, err := io.ReadAll(io.LimitReader(noise{rand.NewChaCha8([32]byte{1})}, int64(size)))
	require.NoError(s.t, err)
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), c, store.Outcome{
		Report: &engine.MeshReport{}, Artifacts: []store.Artifact{s.file(c, "mesh.msh", "msh", string(content))},
	}))
}

func TestLong_Archive_IsNotHeldInMemory_AndEndsWithItsClient(t *testing.T) {
	s := start(t)
	b := s.batch([]string{s.imported().ID})
	s.large(s.claim(), 96<<20)
	get := func() *http.Response {
		r, err := client().Get(s.url + "/v1/batches/" + b.ID + "/archive")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.StatusCode)
		return r
	}
	peak := peakHeap(t)
	r := get()
	n, err := io.Copy(io.Discard, r.Body)
	require.NoError(t, err)
	r.Body.Close()
	require.Less(t, peak(), uint64(32<<20), "of the whole archive")
	require.Greater(t, n, int64(96<<20))

	const route = "/v1/batches/{id}/archive"
	before := requestsDone(t, s, route)
	r = get()
	_, err = io.CopyN(io.Discard, r.Body, 1<<20)
	require.NoError(t, err)
	r.Body.Close()
	require.Eventually(t, func() bool { return requestsDone(t, s, route) == before+1 }, patience, 20*time.Millisecond, "the work ends with its client")
}

func TestArchiveOfAnObjectThatIsGoneOrDamaged_BreaksOff(t *testing.T) {
	s := start(t)
	b := s.batch([]string{s.imported().ID})
	c := s.claim()
	file := s.file(c, "mesh.msh", "msh", "a mesh")
	file.SHA256 = hashOf("another")
	file.ID = id.New(id.Artifact)
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Report: &engine.MeshReport{}, Artifacts: []store.Artifact{file}}))
	for range 2 {
		r, err := client().Get(s.url + "/v1/batches/" + b.ID + "/archive")
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		require.Error(t, err, "no client takes it for whole")
		require.NoError(t, s.blobs.Delete(t.Context(), file.ObjectKey))
	}
}
