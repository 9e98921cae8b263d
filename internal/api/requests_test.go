package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/testenv"
)

func TestUnknownPath_IsAProblem(t *testing.T) {
	s := start(t)
	s.get("/v1/nothing").problem(404, "not_found")
	s.post("/", "{}").problem(405, "method_not_allowed")
}

func TestWrongMethod_NamesTheRightOnes(t *testing.T) {
	s := start(t)
	a := s.do(http.MethodPut, "/v1/meshes", nil)
	a.problem(405, "method_not_allowed")
	require.Equal(t, "GET, HEAD, POST", a.header.Get("Allow"))
	a = s.do(http.MethodPatch, "/v1/geometries/geo_x", nil)
	a.problem(405, "method_not_allowed")
	require.Equal(t, "GET, HEAD, DELETE", a.header.Get("Allow"))
}

func TestNamesThatCannotBe_AreNotFound(t *testing.T) {
	s := start(t)
	for _, name := range []string{"x", "msh_", "geo_0190163d-8694-739b-aea5-966c26f8ad91", "msh_0190163D-8694-739b-aea5-966c26f8ad91", "%00", "..%2f..", "msh_'--"} {
		s.get("/v1/meshes/"+name).problem(404, "not_found")
		s.get("/v1/meshes/"+name+"/events").problem(404, "not_found")
		s.get("/v1/meshes/"+name+"/log").problem(404, "not_found")
		s.get("/v1/meshes/"+name+"/download").problem(404, "not_found")
		s.post("/v1/meshes/"+name+"/cancel", "").problem(404, "not_found")
		s.delete("/v1/meshes/"+name).problem(404, "not_found")
	}
	for _, path := range []string{
		"/v1/geometries/geo_0190163d-8694-739b-aea5-966c26f8ad91", "/v1/geometries/geo_0190163d-8694-739b-aea5-966c26f8ad91/events",
		"/v1/projects/prj_0190163d-8694-739b-aea5-966c26f8ad91", "/v1/uploads/upl_0190163d-8694-739b-aea5-966c26f8ad91",
		"/v1/meshes/msh_0190163d-8694-739b-aea5-966c26f8ad91/download?format=vtk",
	} {
		s.get(path).problem(404, "not_found")
	}
	s.delete("/v1/geometries/geo_0190163d-8694-739b-aea5-966c26f8ad91").problem(404, "not_found")
	s.delete("/v1/projects/prj_0190163d-8694-739b-aea5-966c26f8ad91").problem(404, "not_found")
	s.post("/v1/geometries/geo_0190163d-8694-739b-aea5-966c26f8ad91/warm", "").problem(404, "not_found")
	s.post("/v1/uploads/upl_0190163d-8694-739b-aea5-966c26f8ad91/complete", "").problem(404, "not_found")
}

func TestEveryBadFieldIsNamedAtOnce(t *testing.T) {
	s := start(t)
	g := s.imported()
	p := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "class": "urgent", "colour": 1, "spec": {
		"strategy": "magic", "order": 7, "speed": 1, "time_limit": "forever",
		"size": {"fineness": 11, "max": 1, "min": 2, "curvature": -1}, "formats": ["msh", "doc"]}}`, g.ID)).problem(422, "validation_failed")
	require.ElementsMatch(t, []string{
		"body.class", "body.colour", "body.spec.strategy", "body.spec.order", "body.spec.speed", "body.spec.time_limit",
		"body.spec.size.fineness", "body.spec.size.min", "body.spec.size.curvature", "body.spec.formats[1]",
	}, locations(p))
	for _, e := range p.Errors {
		require.NotEmpty(t, e.Message, e.Location)
	}
}

// A size that somebody computed to be nothing is no wish for the default.
func TestSizesOfNothing_AreRefused(t *testing.T) {
	s := start(t)
	g := s.imported()
	p := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"order": 0, "size": {
		"fineness": 0, "max": 0, "min": 0.0, "curvature": 0, "growth": 0, "target_elements": 0, "wall_elements": 0}}}`, g.ID)).problem(422, "validation_failed")
	require.ElementsMatch(t, []string{
		"body.spec.order", "body.spec.size.fineness", "body.spec.size.max", "body.spec.size.min", "body.spec.size.curvature", "body.spec.size.growth",
		"body.spec.size.target_elements", "body.spec.size.wall_elements",
	}, locations(p))
}

func TestFieldsAreSpelledExactly(t *testing.T) {
	s := start(t)
	p := s.post("/v1/projects", `{"Name": "x"}`).problem(422, "validation_failed")
	require.Contains(t, locations(p), "body.Name")
	p = s.get("/v1/meshes?geometryid=1&limit=0&status=done").problem(422, "validation_failed")
	require.ElementsMatch(t, []string{"query.geometryid"}, locations(p))
	p = s.get("/v1/meshes?limit=0&status=done").problem(422, "validation_failed")
	require.ElementsMatch(t, []string{"query.limit", "query.status"}, locations(p))
}

func TestBodyThatIsNotJSON(t *testing.T) {
	s := start(t)
	s.post("/v1/projects", `{"name": `).problem(400, "malformed_request")
	s.post("/v1/projects", `{"name": "x"} trailing`).problem(400, "malformed_request")
	s.post("/v1/projects", ``).problem(400, "malformed_request")
	s.post("/v1/projects", `[]`).problem(422, "validation_failed")
	s.post("/v1/projects", `null`).problem(422, "validation_failed")
	s.do(http.MethodPost, "/v1/projects", strings.NewReader("<name/>"), "Content-Type", "application/xml").problem(415, "unsupported_media_type")
	s.post("/v1/projects", `{"name": "`+strings.Repeat("x", 201)+`"}`).problem(422, "validation_failed")
	s.post("/v1/projects", `{"name": "\u0000"}`).problem(422, "validation_failed")
}

func TestBodyThatEndsEarly(t *testing.T) {
	s := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\":")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, 400, response.StatusCode)
}

// What nobody needs is told of like anything else: with what is wrong, and the headers of every answer.
func TestBodyThatNobodyNeeds(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.CORSOrigins = []string{"https://app.example"} }})
	for _, c := range []struct {
		name, headers, body string
		status              int
	}{
		{"small", "Content-Length: 2\r\n", "{}", 200},
		{"in chunks", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 200},
		{"beyond 1 MiB", "Content-Length: 1048577\r\n", strings.Repeat("x", 1<<20+1), 413},
		{"no chunks", "Transfer-Encoding: chunked\r\n", "no size\r\n", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			require.NoError(t, err)
			defer conn.Close()
			_, err = fmt.Fprintf(conn, "GET /v1/meshes HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n%s\r\n%s", c.headers, c.body)
			require.NoError(t, err)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.Equal(t, "https://app.example", response.Header.Get("Access-Control-Allow-Origin"))
		})
	}
}

func TestRequestHasAName_InHeaderAndProblem(t *testing.T) {
	s := start(t)
	p := s.get("/v1/nothing", "X-Request-Id", "from-the-proxy-1").problem(404, "not_found")
	require.Equal(t, "from-the-proxy-1", p.RequestID)
	p = s.get("/v1/nothing", "X-Request-Id", "bad name\t<script>").problem(404, "not_found")
	require.Len(t, p.RequestID, 36)
}

func TestAnswersCarryTheHeadersThatGuardThem(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/v1/meshes", "/v1/nothing", "/docs"} {
		h := s.get(path).header
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
	}
	require.Equal(t, "no-store", s.get("/v1/meshes").header.Get("Cache-Control"))
}

func TestPageOfAnotherSite_ChangesNothing(t *testing.T) {
	s := start(t)
	body, contentType := form(t, field{"file", "x.step", string(step(100))})
	a := s.do(http.MethodPost, "/v1/upload", strings.NewReader(string(body)), "Content-Type", contentType,
		"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	a.problem(403, "cross_origin")
	require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	require.Zero(t, s.objects())
}

func TestPageOfAConfiguredOrigin_MayCallTheAPI(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.CORSOrigins = []string{"https://app.example"} }})
	a := s.do(http.MethodOptions, "/v1/meshes", nil, "Origin", "https://app.example", "Access-Control-Request-Method", "POST")
	require.Equal(t, http.StatusNoContent, a.status)
	require.Contains(t, a.header.Get("Access-Control-Allow-Headers"), "Idempotency-Key")
	a = s.post("/v1/projects", `{"name": "x"}`, "Origin", "https://app.example", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusCreated, a.status)
	require.Equal(t, "https://app.example", a.header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, a.header.Get("Access-Control-Expose-Headers"), "Location")
	s.post("/v1/projects", `{"name": "x"}`, "Origin", "https://other.example", "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")
}

func TestHEAD_AnswersAsGETWithoutABody(t *testing.T) {
	s := start(t)
	m := s.mesh(s.geometry().ID)
	for _, path := range []string{"/v1/meshes", "/v1/meshes/" + m.ID, "/v1/meshes/" + m.ID + "/events", "/v1/events", "/healthz", "/docs"} {
		a := s.do(http.MethodHead, path, nil)
		require.Equal(t, http.StatusOK, a.status, path)
		require.Empty(t, a.body, path)
	}
}

func TestPostgresIsAway_TheProblemSaysSoAndItComesBack(t *testing.T) {
	pg := testenv.NewPostgres(t)
	s := startWith(t, parts{postgres: pg})
	s.geometry()
	require.NoError(t, pg.Server.Kill())
	a := s.get("/v1/geometries")
	p := a.problem(503, "temporarily_unavailable")
	require.NotContains(t, p.Detail, "127.0.0.1", "no address for strangers")
	require.Equal(t, "2", a.header.Get("Retry-After"))
	require.NoError(t, pg.Server.Start(t.Context()))
	require.Eventually(t, func() bool { return s.get("/v1/geometries").status == http.StatusOK }, patience, 20*time.Millisecond)
	require.Len(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items, 1)
}

func TestRequestThatIsTooLarge_IsRefused(t *testing.T) {
	s := start(t)
	s.post("/v1/projects", `{"name": "`+strings.Repeat("x", 1<<20)+`"}`).problem(413, "body_too_large")
	require.Equal(t, http.StatusOK, s.get("/v1/projects", "X-Filler", strings.Repeat("x", 60<<10)).status)
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, s.get("/v1/projects", "X-Filler", strings.Repeat("x", 70<<10)).status)
}
