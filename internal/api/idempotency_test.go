package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/fetch"
)

// uploadAs sends a form under an Idempotency-Key.
func (s *service) uploadAs(key string, fields ...field) answer {
	s.t.Helper()
	body, contentType := form(s.t, fields...)
	return s.do(http.MethodPost, "/v1/upload", bytes.NewReader(body), "Content-Type", contentType, "Idempotency-Key", key)
}

func (s *service) geometries() []types.GeometrySummary {
	s.t.Helper()
	return decode[types.GeometryList](s.get("/v1/geometries"), 200).Items
}

func TestIdempotencyKey_OfAnUploadNamesOneGeometry(t *testing.T) {
	part := string(step(1000))
	s := startWith(t, parts{fetch: fetch.New(loopback()), change: func(c *api.Config) {
		c.Auth, c.MaxBytesOfTenant = api.AuthOff, int64(2*len(part)) // one and what a form has beside it, not two
	}})
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	file := field{"file", "part.step", part}
	units := field{"units", "", "cm"}
	a := s.uploadAs("k", file, units)
	first := decode[types.Geometry](a, 201)
	again := s.uploadAs("k", units, file) // the fields in another order, the boundary another
	require.Equal(t, first.ID, decode[types.Geometry](again, 201).ID)
	require.Equal(t, a.header.Get("Location"), again.header.Get("Location"))
	for what, other := range map[string][]field{
		"another name":       {{"file", "other.step", part}, units},
		"other units":        {file, {"units", "", "m"}},
		"no units":           {file},
		"a project":          {file, units, {"project_id", "", project.ID}},
		"a project before":   {{"project_id", "", project.ID}, file, units},
		"a byte that is not": {{"file", "part.step", strings.Replace(part, "0.", "1.", 1)}, units},
		"a shorter file":     {{"file", "part.step", part[1:]}, units},
		"a longer file":      {{"file", "part.step", part + " "}, units},
		"no CAD at all":      {{"file", "part.step", "?"}, units},
		"an empty file":      {{"file", "part.step", ""}, units},
	} {
		p := s.uploadAs("k", other...).problem(422, "idempotency_key_reused")
		require.Equal(t, []string{"header.Idempotency-Key"}, locations(p), what)
	}
	url, asked := library(t)
	s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/part.step", "units": "cm"}`, url), "Idempotency-Key", "k").problem(422, "idempotency_key_reused")
	require.Empty(t, asked())
	s.uploadAs("k", units).problem(422, "validation_failed") // no file: of no form
	require.Equal(t, 1, s.objects())
	require.Len(t, s.geometries(), 1)
	s.uploadAs("another", file, units).problem(403, types.CodeStorageFull)

	require.Equal(t, http.StatusNoContent, s.delete("/v1/geometries/"+first.ID).status)
	require.NotEqual(t, first.ID, decode[types.Geometry](s.uploadAs("k", file, units), 201).ID)
}

// The same upload, once more while the first is still on its way, as of a client that lost its connection: who is there first makes the geometry.
func TestIdempotencyKey_OfUploadsAtTheSameTime(t *testing.T) {
	s := start(t)
	body, contentType := form(t, field{"file", "part.step", string(step(100_000))})
	slow, more := io.Pipe()
	answered := make(chan answer)
	go func() {
		answered <- s.do(http.MethodPost, "/v1/upload", slow, "Content-Type", contentType, "Idempotency-Key", "k")
	}()
	_, err := more.Write(body[:len(body)/2])
	require.NoError(t, err)
	first := decode[types.Geometry](s.do(http.MethodPost, "/v1/upload", bytes.NewReader(body), "Content-Type", contentType, "Idempotency-Key", "k"), 201)
	_, err = more.Write(body[len(body)/2:])
	require.NoError(t, err)
	require.NoError(t, more.Close())
	require.Equal(t, first.ID, decode[types.Geometry](<-answered, 201).ID)
	require.Equal(t, 1, s.objects())
	require.Len(t, s.geometries(), 1)

	var all sync.WaitGroup
	names := make([]string, 8)
	other := make([]int, 8)
	for i := range names {
		all.Go(func() {
			names[i] = s.uploadAs("many", field{"file", "part.step", string(step(2000))}).header.Get("Location")
		})
		all.Go(func() { other[i] = s.uploadAs("either", field{"file", "part.step", string(step(3000 + i))}).status })
	}
	all.Wait()
	made := 0
	for i := range names {
		require.Equal(t, names[0], names[i])
		require.Contains(t, []int{201, 422}, other[i])
		if other[i] == 201 {
			made++
		}
	}
	require.Equal(t, 1, made)
	require.Equal(t, 3, s.objects())
	require.Len(t, s.geometries(), 3)
}

func TestIdempotencyKey_OfAFileByItsAddress(t *testing.T) {
	s := startWith(t, parts{fetch: fetch.New(loopback())})
	url, asked := library(t)
	body := fmt.Sprintf(`{"geometry_url": "%s/part.step", "units": "cm"}`, url)
	first := decode[types.Geometry](s.post("/v1/geometries", body, "Idempotency-Key", "k"), 201)
	again := s.post("/v1/geometries", fmt.Sprintf(`{"units": "cm", "geometry_url": "%s/part.step"}`, url), "Idempotency-Key", "k")
	require.Equal(t, first.ID, decode[types.Geometry](again, 201).ID)
	require.Equal(t, "/v1/geometries/"+first.ID, again.header.Get("Location"))
	p := s.post("/v1/geometries", strings.Replace(body, "cm", "mm", 1), "Idempotency-Key", "k").problem(422, "idempotency_key_reused")
	require.Equal(t, []string{"header.Idempotency-Key"}, locations(p))
	require.Equal(t, []string{"/part.step"}, asked(), "fetched once")

	// One that gave no file leaves its key free.
	s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/nothing"}`, url), "Idempotency-Key", "free").problem(422, "validation_failed")
	require.Equal(t, 201, s.post("/v1/geometries", body, "Idempotency-Key", "free").status)

	// Two at once: both are on their way before either is there.
	came, goOn := make(chan bool), make(chan bool)
	held := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- true
		<-goOn
		_, _ = w.Write(step(1000))
	}))
	t.Cleanup(held.Close)
	answers := make(chan answer, 2)
	for range cap(answers) {
		go func() {
			answers <- s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/x.step"}`, held.URL), "Idempotency-Key", "both")
		}()
		<-came
	}
	close(goOn)
	require.Equal(t, decode[types.Geometry](<-answers, 201).ID, decode[types.Geometry](<-answers, 201).ID)
	require.Equal(t, 3, s.objects())
	require.Len(t, s.geometries(), 3)
}

func TestIdempotencyKey_IsForgottenAfterADay(t *testing.T) {
	s := start(t)
	file := field{"file", "part.step", string(step(1000))}
	first := decode[types.Geometry](s.uploadAs("k", file), 201)
	require.NoError(t, s.db.Expire(t.Context()))
	require.Equal(t, first.ID, decode[types.Geometry](s.uploadAs("k", file), 201).ID)
	_, err := s.sql.Exec(t.Context(), `UPDATE geometries SET created_at = now() - interval '25 hours'`)
	require.NoError(t, err)
	require.NoError(t, s.db.Expire(t.Context()))
	require.NotEqual(t, first.ID, decode[types.Geometry](s.uploadAs("k", file), 201).ID)
}

func TestIdempotencyKey_ThatIsNone(t *testing.T) {
	s := startWith(t, parts{fetch: fetch.New(loopback())})
	g := s.imported()
	before := len(s.geometries())
	for _, key := range []string{strings.Repeat("k", 256), "\xff"} {
		for path, body := range map[string]string{
			"/v1/meshes":     fmt.Sprintf(`{"geometry_id": %q}`, g.ID),
			"/v1/batches":    fmt.Sprintf(`{"geometry_ids": [%q]}`, g.ID),
			"/v1/geometries": `{"geometry_url": "https://example.com/x.step"}`,
		} {
			p := s.post(path, body, "Idempotency-Key", key).problem(422, "validation_failed")
			require.Equal(t, []string{"header.Idempotency-Key"}, locations(p), path)
		}
		p := s.uploadAs(key, field{"file", "part.step", string(step(1000))}).problem(422, "validation_failed")
		require.Equal(t, []string{"header.Idempotency-Key"}, locations(p))
	}
	require.Len(t, s.geometries(), before)
}
