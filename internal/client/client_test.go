package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
)

// These tests are about what a server cannot be made to do on demand: break a connection at a byte, be away for one call.
// The real API is spoken to by the tests of internal/cli.

const meshID = "msh_0190163d-8694-739b-aea5-966c26f8ad91"

// script answers the n-th request (from 0) with the n-th handler, and all further ones with the last.
type script struct {
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
	answers  []http.HandlerFunc
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := min(len(s.requests), len(s.answers)-1)
	s.requests = append(s.requests, r.Clone(context.Background()))
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	s.answers[n](w, r)
}

// seen returns the requests so far.
func (s *script) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *script) body(i int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bodies[i]
}

func serve(t *testing.T, answers ...http.HandlerFunc) (*script, *client.Client) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, connect(t, server.URL)
}

func connect(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Server: url, Patience: 10 * time.Second, UserAgent: "test"})
	require.NoError(t, err)
	return c
}

func answer(status int, body any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		media := "application/json"
		if status >= 400 {
			media = types.ProblemJSON
		}
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
}

func away(w http.ResponseWriter, _ *http.Request) {
	answer(http.StatusServiceUnavailable, types.Problem{Code: types.CodeUnavailable, Detail: "A server is away."})(w, nil)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

func ctx(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return c
}

func TestServerIsAwayForAMoment_CallIsRepeated(t *testing.T) {
	s, c := serve(t, hangUp, away, answer(200, types.Mesh{MeshSummary: types.MeshSummary{ID: meshID}}))
	m, err := c.Mesh(ctx(t), meshID)
	require.NoError(t, err)
	require.Equal(t, meshID, m.ID)
	require.Len(t, s.seen(), 3)
	require.Equal(t, "test", s.seen()[0].UserAgent())
}

func TestMeshIsCreatedOnABrokenConnection_RepetitionCarriesTheSameKeyAndBody(t *testing.T) {
	s, c := serve(t, hangUp, answer(202, types.Mesh{MeshSummary: types.MeshSummary{ID: meshID}}))
	m, err := c.CreateMesh(ctx(t), types.CreateMesh{GeometryID: "geo_x", Spec: spec.Spec{Order: 2}}, "key-1")
	require.NoError(t, err)
	require.Equal(t, meshID, m.ID)
	require.Len(t, s.seen(), 2)
	for i := range s.seen() {
		require.Equal(t, "key-1", s.seen()[i].Header.Get("Idempotency-Key"))
		require.JSONEq(t, `{"geometry_id":"geo_x","spec":{"order":2}}`, s.body(i))
	}
}

func TestServerSaysWhenToComeBack_ClientWaitsThatLong(t *testing.T) {
	_, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "1")
		away(w, r)
	}, answer(200, types.Pool{}))
	began := time.Now()
	_, err := c.Pool(ctx(t))
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), time.Second)
}

func TestProblemIsDecoded_WithFieldsAndDiagnosis(t *testing.T) {
	s, c := serve(t, answer(422, types.Problem{
		Title: "Unprocessable Entity", Status: 422, Code: "no_volume", Detail: "The file has no solid.",
		Errors:    []types.FieldError{{Location: "body.geometry_id", Message: "could not be imported", Value: "geo_x"}},
		Diagnosis: diagnosis.New(diagnosis.NoVolume, "The file has no solid.").At(diagnosis.Entity{Dim: 2, Tag: 3}),
	}))
	_, err := c.CreateMesh(ctx(t), types.CreateMesh{}, "key")
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok)
	require.Equal(t, 422, p.Status)
	require.Equal(t, "no_volume", p.Code)
	require.Equal(t, []types.FieldError{{Location: "body.geometry_id", Message: "could not be imported", Value: "geo_x"}}, p.Errors)
	require.Equal(t, 3, p.Diagnosis.Entities[0].Tag)
	require.False(t, client.IsTemporary(err))
	require.Len(t, s.seen(), 1, "a refusal is not asked for twice")
}

func TestAnotherServerAnswers_ProblemSaysSo(t *testing.T) {
	_, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		fmt.Fprint(w, "<h1>404</h1>")
	})
	_, err := c.Mesh(ctx(t), meshID)
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok)
	require.Equal(t, client.CodeNotMeshgen, p.Code)
	require.False(t, client.IsNotFound(err))

	_, c = serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>Welcome</h1>") })
	_, err = c.Mesh(ctx(t), meshID)
	p, ok = errors.AsType[*client.Problem](err)
	require.True(t, ok)
	require.Equal(t, client.CodeNotMeshgen, p.Code)
}

func TestNobodyListens_UnreachableAfterThePatience(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	url := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	waits := 0
	c, err := client.New(client.Config{Server: url, Patience: 500 * time.Millisecond, Waiting: func(error) { waits++ }})
	require.NoError(t, err)
	began := time.Now()
	_, err = c.Pool(ctx(t))
	u, ok := errors.AsType[*client.Unreachable](err)
	require.True(t, ok)
	require.Equal(t, "nothing listens there (connection refused)", u.Reason())
	require.True(t, client.IsTemporary(err))
	require.Positive(t, waits)
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestDeletionIsAnsweredOnABrokenConnection_AbsenceThenIsSuccess(t *testing.T) {
	gone := answer(404, types.Problem{Status: 404, Code: types.CodeNotFound, Detail: "There is no such mesh."})
	_, c := serve(t, hangUp, gone)
	require.NoError(t, c.DeleteMesh(ctx(t), meshID))

	_, c = serve(t, gone)
	require.True(t, client.IsNotFound(c.DeleteMesh(ctx(t), meshID)), "what was never there is an error")
}

func TestContextEnds_ItsCauseIsReturned(t *testing.T) {
	_, c := serve(t, away)
	cause := errors.New("somebody pressed a key")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(200*time.Millisecond, func() { cancel(cause) })
	for _, err := range c.Follow(ctx, meshID, "") {
		require.ErrorIs(t, err, cause)
	}
}

// --- uploads

func TestUploadIsAForm_WithLengthFieldsAndBytes(t *testing.T) {
	content := strings.Repeat("ISO-10303-21;", 100_000)
	var sent int64
	s, c := serve(t, away, answer(201, types.Geometry{GeometrySummary: types.GeometrySummary{ID: "geo_1"}}))
	g, err := c.Upload(ctx(t), client.UploadFile{
		Name: "a/b/Kugel Ø12.step", Bytes: strings.NewReader(content), Size: int64(len(content)), Units: "mm", ProjectID: "prj_1",
		Sent: func(n int64) { sent = n },
	})
	require.NoError(t, err)
	require.Equal(t, "geo_1", g.ID)
	require.EqualValues(t, len(content), sent)
	require.Len(t, s.seen(), 2, "a server that says it could not take the file is asked again")

	r := s.seen()[1]
	require.EqualValues(t, len(s.body(1)), r.ContentLength)
	r.Body = io.NopCloser(strings.NewReader(s.body(1)))
	require.NoError(t, r.ParseMultipartForm(32<<20))
	require.Equal(t, "mm", r.FormValue("units"))
	require.Equal(t, "prj_1", r.FormValue("project_id"))
	f, head, err := r.FormFile("file")
	require.NoError(t, err)
	require.Equal(t, "Kugel Ø12.step", head.Filename)
	got, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, content, string(got))
}

func TestUploadBreaks_ItIsSentAgainUnderTheSameKey(t *testing.T) {
	s, c := serve(t, hangUp, answer(201, types.Geometry{GeometrySummary: types.GeometrySummary{ID: "geo_1"}}))
	f := client.UploadFile{Name: "a.step", Bytes: strings.NewReader("xyz"), Size: 3}
	g, err := c.Upload(ctx(t), f)
	require.NoError(t, err)
	require.Equal(t, "geo_1", g.ID)
	_, err = c.Upload(ctx(t), f)
	require.NoError(t, err)
	var keys []string
	for i, r := range s.seen() {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		require.Contains(t, s.body(i), "xyz", "from its beginning")
	}
	require.Len(t, keys, 3)
	require.NotEmpty(t, keys[0])
	require.Equal(t, keys[0], keys[1], "the server may have taken it")
	require.NotEqual(t, keys[0], keys[2], "another upload of the same file is another geometry")
}

// --- events

func event(id int, kind, data string) string {
	return fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", id, kind, data)
}

// stream sends chunks and then ends or breaks the connection.
func stream(end func(), chunks ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, c := range chunks {
			_, _ = io.WriteString(w, c)
			w.(http.Flusher).Flush()
		}
		end()
	}
}

func closed()  {}
func aborted() { panic(http.ErrAbortHandler) }

func TestStreamBreaks_FollowResumesBehindTheLastEvent(t *testing.T) {
	s, c := serve(t,
		stream(aborted, ": hello\n\n", event(1, "status", `{"status":"running","attempt":1,"progress":0}`), event(2, "stage", `{"stage":"mesh1d","progress":0.1}`), "id: 3\nevent: sta"),
		away,
		stream(closed, event(3, "stage", `{"stage":"mesh2d","progress":0.4}`)),
		stream(closed, "retry: 10\n\n", event(4, "status", `{"status":"succeeded","attempt":1,"progress":1}`), event(5, "done", `{"status":"succeeded","attempt":1,"progress":1}`), event(6, "log", `{}`)),
	)
	var got []string
	for e, err := range c.Follow(ctx(t), meshID, "") {
		require.NoError(t, err)
		got = append(got, e.ID+" "+e.Type)
	}
	require.Equal(t, []string{"1 status", "2 stage", "3 stage", "4 status", "5 done"}, got)
	var resumed []string
	for _, r := range s.seen() {
		resumed = append(resumed, r.Header.Get("Last-Event-ID"))
	}
	require.Equal(t, []string{"", "2", "2", "3"}, resumed)
	require.Equal(t, "/v1/meshes/"+meshID+"/events", s.seen()[0].URL.Path)
}

func TestStreamWasDoneBefore_FollowEndsWithoutEvents(t *testing.T) {
	s, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	for range c.Follow(ctx(t), "geo_0190163d-8694-739b-aea5-966c26f8ad91", "7") {
		t.Fatal("there is nothing to yield")
	}
	require.Equal(t, "7", s.seen()[0].Header.Get("Last-Event-ID"))
	require.Equal(t, "/v1/geometries/geo_0190163d-8694-739b-aea5-966c26f8ad91/events", s.seen()[0].URL.Path)
}

func TestFollowedMeshIsUnknown_FollowYieldsTheProblem(t *testing.T) {
	s, c := serve(t, answer(404, types.Problem{Code: types.CodeNotFound}))
	var last error
	for _, err := range c.Follow(ctx(t), meshID, "") {
		last = err
	}
	require.True(t, client.IsNotFound(last))
	require.Len(t, s.seen(), 1)
}

func TestStreamHoldsOneHugeEvent_ItArrivesWhole(t *testing.T) {
	huge := `{"text":"` + strings.Repeat("x", 1<<20) + `"}`
	_, c := serve(t, stream(closed, event(1, "log", huge), event(2, "done", `{"status":"failed","attempt":3,"progress":0.5}`)))
	var data []json.RawMessage
	for e, err := range c.Follow(ctx(t), meshID, "") {
		require.NoError(t, err)
		data = append(data, e.Data)
	}
	require.Len(t, data, 2)
	require.Equal(t, huge, string(data[0]))
}

// --- downloads

// store serves a mesh whose file breaks off after each of the given numbers of bytes.
func store(t *testing.T, content []byte, record types.Artifact, ranges bool, breaks ...int) *client.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/meshes/"+meshID+"/download", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/bucket/key?signature=s")
		w.WriteHeader(302)
	})
	mux.HandleFunc("/v1/meshes/"+meshID, func(w http.ResponseWriter, r *http.Request) {
		answer(200, types.Mesh{Artifacts: []types.Artifact{record}})(w, r)
	})
	mux.HandleFunc("/bucket/key", func(w http.ResponseWriter, r *http.Request) {
		if !ranges {
			r.Header.Del("Range")
		}
		if len(breaks) == 0 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			return
		}
		n := breaks[0]
		breaks = breaks[1:]
		http.ServeContent(&breaking{ResponseWriter: w, left: n}, r, "", time.Time{}, bytes.NewReader(content))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return connect(t, server.URL)
}

// breaking hangs up after a number of bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	_, _ = b.ResponseWriter.Write(p[:n])
	if b.left -= n; b.left == 0 {
		b.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, nil
}

func record(content []byte) types.Artifact {
	sum := sha256.Sum256(content)
	return types.Artifact{Name: "mesh.msh", Format: "msh", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

func TestDownloadBreaks_ItGoesOnWhereItBroke(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	for name, ranges := range map[string]bool{"store knows ranges": true, "store sends all again": false} {
		t.Run(name, func(t *testing.T) {
			c := store(t, content, record(content), ranges, 1000, 40_000, 150_000)
			var file bytes.Buffer
			var last int64
			a, err := c.Download(ctx(t), meshID, "msh", &file, func(done, all int64) {
				require.Greater(t, done, last)
				require.EqualValues(t, len(content), all)
				last = done
			})
			require.NoError(t, err)
			require.Equal(t, "mesh.msh", a.Name)
			require.True(t, bytes.Equal(content, file.Bytes()))
		})
	}
}

func TestDownloadedBytesAreNotThoseOfTheRecord_DownloadFails(t *testing.T) {
	content := []byte("the mesh as it is in the store")
	other := record([]byte("the mesh as it was when stored"))
	_, err := store(t, content, other, true).Download(ctx(t), meshID, "msh", io.Discard, nil)
	require.ErrorIs(t, err, client.ErrDamaged)

	longer := record(content[:10])
	_, err = store(t, content, longer, true).Download(ctx(t), meshID, "msh", io.Discard, nil)
	require.ErrorIs(t, err, client.ErrDamaged)
}

func TestFormatIsBeingWritten_DownloadWaitsForIt(t *testing.T) {
	content := []byte("a mesh")
	s, c := serve(t,
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "0")
			answer(503, types.Problem{Code: types.CodeExportPending})(w, r)
		},
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/bucket/key")
			w.WriteHeader(302)
		},
		answer(200, types.Mesh{Artifacts: []types.Artifact{record(content)}}),
		func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(content) },
	)
	var file bytes.Buffer
	_, err := c.Download(ctx(t), meshID, "msh", &file, nil)
	require.NoError(t, err)
	require.Equal(t, content, file.Bytes())
	require.Equal(t, "msh", s.seen()[0].URL.Query().Get("format"))
}

func TestServerAddressMakesNoSense_NewRefuses(t *testing.T) {
	for _, address := range []string{"", "localhost:8080", "ftp://host", "http://"} {
		_, err := client.New(client.Config{Server: address})
		require.ErrorContains(t, err, "MESHGEN_SERVER", address)
	}
}
