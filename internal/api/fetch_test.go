package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/fetch"
)

// library is somebody's web server with CAD files, and what it was asked for.
func library(t *testing.T) (url string, asked func() []string) {
	var mu sync.Mutex
	var paths []string
	part := string(step(1000))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		switch r.URL.Path {
		case "/named":
			w.Header().Set("Content-Disposition", `attachment; filename="../gear.step"`)
			_, _ = io.WriteString(w, part)
		case "/moved.step":
			http.Redirect(w, r, "/part.step", http.StatusFound)
		case "/page.html":
			_, _ = io.WriteString(w, "<!doctype html><title>log in</title>")
		case "/huge.step":
			w.Header().Set("Content-Length", "9000000000")
		case "/endless.step":
			_, _ = io.WriteString(w, part)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, strings.Repeat(" ", 32<<10))
			}
		case "/cut.step":
			w.Header().Set("Content-Length", fmt.Sprint(len(part)+1))
			_, _ = io.WriteString(w, part)
		case "/slow.step":
			_, _ = io.WriteString(w, part)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/unbounded.step": // it ends where the connection does, as of HTTP/1.0
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = out.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + part[:len(part)/2])
			_ = out.Flush()
			_ = conn.Close()
		case "/chunked.step": // nobody knows how long until it is there
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, part)
		case "/plain.step":
			w.Header().Set("Content-Encoding", r.Header.Get("Accept-Encoding"))
			_, _ = io.WriteString(w, part)
		case "/packed.step":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, part)
		case "/part.step":
			_, _ = io.WriteString(w, part)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(paths)
	}
}

// loopback has files fetched from this machine, which is the one exception to the rule here.
func loopback() fetch.Config {
	return fetch.Config{Fetch: "on", HTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, TimeLimit: time.Minute}
}

func TestGeometryURL_IsFetchedAndImportedAsAnUploadIs(t *testing.T) {
	s := startWith(t, parts{fetch: fetch.New(loopback())})
	url, _ := library(t)
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	a := s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/part.step?token=x", "units": "cm", "project_id": %q}`, url, project.ID))
	g := decode[types.Geometry](a, 201)
	require.Equal(t, "/v1/geometries/"+g.ID, a.header.Get("Location"))
	require.Equal(t, []any{"part.step", "step", "queued", project.ID}, []any{g.Filename, g.Format, g.Status, g.ProjectID})
	require.EqualValues(t, len(step(1000)), g.Size)
	sent := decode[types.Geometry](s.upload(field{"file", "part.step", string(step(1000))}), 201)
	require.Equal(t, sent.SHA256, g.SHA256)
	c := s.claim()
	require.Equal(t, []any{g.ID, "cm"}, []any{c.GeometryID, c.Units})

	require.Equal(t, "plain.step", decode[types.Geometry](s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/plain.step"}`, url)), 201).Filename)
	require.Equal(t, "gear.step", decode[types.Geometry](s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/named"}`, url)), 201).Filename)
	require.Equal(t, "mine.step", decode[types.Geometry](s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/named", "filename": "mine.step"}`, url)), 201).Filename)
}

func TestGeometryURL_ThatGivesNoFileLeavesNothingAndSaysWhy(t *testing.T) {
	s := startWith(t, parts{fetch: fetch.New(loopback()), change: func(c *api.Config) { c.Auth, c.MaxUpload = api.AuthOff, 1<<20 }})
	url, asked := library(t)
	objects := s.objects()
	for path, want := range map[string]struct {
		status    int
		code, why string
	}{
		"/nothing.step":   {422, "validation_failed", "answers 404"},
		"/moved.step":     {422, "validation_failed", "redirects (302): name the address that it leads to"},
		"/cut.step":       {422, "validation_failed", "broke off before its end"},
		"/unbounded.step": {422, "validation_failed", "does not say how long it is"},
		"/packed.step":    {422, "validation_failed", "comes in an encoding"},
		"/page.html":      {422, "", "file"},
		"/huge.step":      {413, "too_large", "too large"},
		"/endless.step":   {413, "too_large", "too large"},
	} {
		a := s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": %q}`, url+path))
		require.Equal(t, want.status, a.status, "%s: %s", path, a.body)
		if want.why != "" {
			var p types.Problem
			require.NoError(t, json.Unmarshal(a.body, &p))
			require.Equal(t, []string{"body.geometry_url"}, locations(p), path)
			require.Contains(t, p.Errors[0].Message, want.why, path)
		}
		if want.code != "" {
			a.problem(want.status, want.code)
		}
	}
	require.NotContains(t, asked(), "/part.step", "no redirect was followed")
	require.Equal(t, objects, s.objects())
	require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items)
	p := s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/part.step", "project_id": "prj_0190163d-8694-739b-aea5-966c26f8ad91"}`, url)).problem(422, "not_found")
	require.Equal(t, []string{"body.project_id"}, locations(p))
}

func TestGeometryURL_OfAServerThatIsTooSlow_IsLeft(t *testing.T) {
	cfg := loopback()
	cfg.TimeLimit = 500 * time.Millisecond
	s := startWith(t, parts{fetch: fetch.New(cfg)})
	url, _ := library(t)
	p := s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/slow.step"}`, url)).problem(422, "validation_failed")
	require.Equal(t, "has not come within 500ms", p.Errors[0].Message)
	require.Zero(t, s.objects())
}

// Slow servers that one tenant names hold up it alone.
func TestGeometryURL_OfATenantThatFillsItsShare_LeavesTheOthersTheirs(t *testing.T) {
	s := guarded(t, func(p *parts) { p.fetch = fetch.New(loopback()) })
	acme, _ := s.key("acme", auth.Write)
	other, _ := s.key("other", auth.Write)
	came, goOn := make(chan bool), make(chan bool)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- true
		<-goOn
		_, _ = w.Write(step(1000))
	}))
	t.Cleanup(slow.Close)
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	var all sync.WaitGroup
	status := make([]int, fetch.Share)
	for i := range status {
		all.Go(func() {
			status[i] = s.as(acme).post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/x.step"}`, slow.URL)).status
		})
		<-came
	}
	url, _ := library(t)
	body := fmt.Sprintf(`{"geometry_url": "%s/part.step"}`, url)
	a := s.as(acme).post("/v1/geometries", body)
	require.Contains(t, a.problem(429, "too_many_requests").Detail, "4 files are being fetched for you")
	require.Equal(t, "5", a.header.Get("Retry-After"))
	require.Equal(t, 201, s.as(other).post("/v1/geometries", body).status)
	release()
	all.Wait()
	require.Equal(t, []int{201, 201, 201, 201}, status)
	require.Equal(t, 201, s.as(acme).post("/v1/geometries", body).status)
}

// Four tenants name servers that never end, and have all places. A fifth gets its file all the same, and of the others one is told why
// its file was given up.
func TestGeometryURL_IsFetchedThoughOthersHoldAllPlaces(t *testing.T) {
	s := guarded(t, func(p *parts) { p.fetch = fetch.New(loopback()) })
	came := make(chan bool)
	var over sync.WaitGroup
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(step(1000))
		_ = http.NewResponseController(w).Flush()
		came <- true
		<-r.Context().Done()
	}))
	t.Cleanup(func() { slow.CloseClientConnections(); slow.Close(); over.Wait() })
	const tenants = 4
	answers := make(chan answer, tenants*fetch.Share)
	for i := range tenants {
		key, _ := s.key(fmt.Sprintf("slow-%d", i), auth.Write)
		for range fetch.Share {
			over.Go(func() {
				answers <- s.as(key).post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/x.step"}`, slow.URL))
			})
			<-came
		}
	}
	url, _ := library(t)
	fifth, _ := s.key("fifth", auth.Write)
	require.Equal(t, 201, s.as(fifth).post("/v1/geometries", fmt.Sprintf(`{"geometry_url": "%s/part.step"}`, url)).status)
	given := <-answers
	require.Contains(t, given.problem(429, "too_many_requests").Detail, "given up so that somebody else's could be fetched")
	require.Equal(t, "5", given.header.Get("Retry-After"))
	require.Empty(t, answers, "nobody else's")
}

// Who has no room troubles nobody else's server, and what is sent beyond the room that there is, is cut off.
func TestGeometryURL_StoresNoMoreThanThereIsRoomFor(t *testing.T) {
	part := len(step(1000))
	s := startWith(t, parts{fetch: fetch.New(loopback()), change: func(c *api.Config) { c.Auth, c.MaxBytesOfTenant = api.AuthOff, int64(3*part-1) }})
	url, asked := library(t)
	fetched := func(path string) answer {
		return s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": %q}`, url+path))
	}
	require.Equal(t, 201, fetched("/part.step").status)
	require.Equal(t, 201, fetched("/chunked.step").status)
	fetched("/chunked.step").problem(403, types.CodeStorageFull)
	fetched("/part.step").problem(403, types.CodeStorageFull)
	fetched("/huge.step").problem(413, "too_large")
	require.Equal(t, 2, s.objects())
	_, err := s.sql.Exec(t.Context(), `UPDATE geometries SET size_bytes = $1`, 2*part)
	require.NoError(t, err)
	before := asked()
	fetched("/part.step").problem(403, types.CodeStorageFull)
	require.Equal(t, before, asked())
}

// By default nothing of this network is spoken to, whatever an address looks like and whatever its name turns out to be, nor without TLS.
func TestGeometryURL_OfThisNetworkIsNotAskedFor(t *testing.T) {
	url, asked := library(t)
	local := strings.Replace(url, "127.0.0.1", "localhost", 1)
	refused := func(s *service, address, why string) {
		t.Helper()
		p := s.post("/v1/geometries", fmt.Sprintf(`{"geometry_url": %q}`, address)).problem(422, "validation_failed")
		require.Contains(t, p.Errors[0].Message, why, address)
		require.NotContains(t, p.Errors[0].Message, "127.0.0.1")
	}
	s := startWith(t, parts{fetch: fetch.New(fetch.Config{Fetch: "on", TimeLimit: time.Minute})})
	for _, address := range []string{"https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/x", strings.Replace(local, "http:", "https:", 1)} {
		refused(s, address, "not of the public internet")
	}
	refused(s, "http://example.com/x.step", "must begin with https://")
	refused(s, "https://me:secret@example.com/x.step", "name or password")
	refused(s, "file:///etc/passwd", "must be the address of a web server")
	open := startWith(t, parts{fetch: fetch.New(fetch.Config{Fetch: "on", HTTP: true, TimeLimit: time.Minute})})
	refused(open, local+"/part.step", "not of the public internet")
	require.Empty(t, asked())
	refused(start(t), "https://example.com/x.step", "MESHGEN_FETCH")
	require.Nil(t, fetch.New(fetch.Config{Fetch: "off", TimeLimit: time.Minute}))
	require.Error(t, fetch.Config{Fetch: "yes", TimeLimit: time.Minute}.Validate())
	require.Error(t, fetch.Config{Fetch: "on"}.Validate())
}

func TestGeometryURL_NeedsWriteAndIsAudited(t *testing.T) {
	s := guarded(t, func(p *parts) { p.fetch = fetch.New(loopback()) })
	url, _ := library(t)
	body := fmt.Sprintf(`{"geometry_url": "%s/part.step"}`, url)
	admin, key := s.key("acme", auth.Admin)
	reader, _ := s.key("acme", auth.Read)
	s.as(reader).post("/v1/geometries", body).problem(403, "forbidden")
	g := decode[types.Geometry](s.as(admin).post("/v1/geometries", body), 201)
	require.Contains(t, s.as(admin).audit(""), key.ID+" key fetch-geometry "+g.ID+" ok")
	for _, path := range []string{"/nothing?token=secret", "/nothing/secret", "/nothing.step"} { // once a minute, and no secret
		s.as(admin).post("/v1/geometries", fmt.Sprintf(`{"geometry_url": %q}`, url+path))
	}
	require.Equal(t, []string{key.ID + " key fetch-geometry 127.0.0.1 validation_failed"}, s.as(admin).audit("&object=127.0.0.1"))
	log := string(s.as(admin).get("/v1/audit").body)
	require.NotContains(t, log, "secret")
	require.NotContains(t, log, "nothing")
}
