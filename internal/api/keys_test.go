package api_test

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// guarded starts a service that asks for keys.
func guarded(t *testing.T, change ...func(*parts)) *service {
	t.Helper()
	p := parts{change: func(c *api.Config) { c.Auth, c.RequestsPerSecond = api.AuthOn, 0 }}
	for _, c := range change {
		c(&p)
	}
	return startWith(t, p)
}

// key makes a key of a tenant, as an operator does, and returns it as a header.
func (s *service) key(tenant string, scope auth.Scope) (header []string, row store.APIKey) {
	s.t.Helper()
	_, err := s.db.CreateTenant(s.t.Context(), tenant, "Tenant "+tenant)
	require.NoError(s.t, err)
	key := auth.NewKey()
	row, err = s.db.CreateKey(s.t.Context(), store.NewAPIKey{TenantID: tenant, Name: "test", Scope: scope, CreatedBy: "test"}, key)
	require.NoError(s.t, err)
	return bearer(key.Reveal()), row
}

func bearer(word string) []string { return []string{"Authorization", "Bearer " + word} }

func TestWithoutAKey_NothingIsAnswered(t *testing.T) {
	s := guarded(t)
	open := []string{"GET /", "GET /docs", "GET /openapi.json", "GET /openapi.yaml", "GET /healthz", "GET /readyz", "POST /v1/session"}
	for _, route := range s.server.Routes() {
		method, path, _ := strings.Cut(route, " ")
		a := s.do(method, strings.ReplaceAll(path, "{id}", "x"), nil)
		if contains(open, route) {
			require.NotEqual(t, http.StatusUnauthorized, a.status, route)
			continue
		}
		if method == http.MethodHead {
			require.Equal(t, http.StatusUnauthorized, a.status, route)
			continue
		}
		a.problem(http.StatusUnauthorized, "unauthenticated")
		require.Equal(t, `Bearer realm="meshgen"`, a.header.Get("Www-Authenticate"))
	}
	for _, wrong := range []string{"Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer " + auth.NewKey().Reveal()} {
		s.get("/v1/meshes", "Authorization", wrong).problem(http.StatusUnauthorized, "unauthenticated")
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

func TestScopes_AreThoseOfTheDocument(t *testing.T) {
	s := guarded(t)
	keys := map[auth.Scope][]string{}
	for _, scope := range auth.Scopes {
		keys[scope], _ = s.key("default", scope)
	}
	document := decode[struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Security    []map[string][]string
		}
	}](s.get("/openapi.json"), 200)
	checked := 0
	for path, operations := range document.Paths {
		for method, op := range operations {
			if len(op.Security) == 0 || strings.HasSuffix(path, "/events") { // streams answer well and do not end
				continue
			}
			if strings.HasPrefix(path, "/v1/shared") { // for links, whatever scope a key has
				require.Contains(t, op.Security[0], "share")
				for _, header := range keys {
					s.do(strings.ToUpper(method), path, nil, header...).problem(http.StatusNotFound, "not_found")
				}
				continue
			}
			require.Len(t, op.Security, 2, "%s: by key or by cookie", op.OperationID)
			asked := auth.Scope(op.Security[0]["key"][0])
			require.Equal(t, asked, auth.Scope(op.Security[1]["cookie"][0]))
			for have, header := range keys {
				a := s.do(strings.ToUpper(method), strings.ReplaceAll(path, "{id}", "x"), nil, header...)
				if have.Includes(asked) {
					require.NotEqual(t, http.StatusForbidden, a.status, "%s with %s", op.OperationID, have)
					require.NotEqual(t, http.StatusUnauthorized, a.status, "%s with %s", op.OperationID, have)
				} else {
					a.problem(http.StatusForbidden, "forbidden")
				}
				checked++
			}
		}
	}
	require.Greater(t, checked, 80)
}

func TestKey_IsShownOnceAndStoredHashed(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	made := s.post("/v1/keys", `{"name": " nightly ", "expires_at": "2999-01-01T00:00:00Z"}`, admin...)
	k := decode[types.NewKey](made, 201)
	require.Equal(t, "no-store", made.header.Get("Cache-Control"))
	require.Equal(t, "write", k.Scope)
	require.Equal(t, "nightly", k.Name)
	require.True(t, strings.HasPrefix(k.Secret, k.Prefix+"_"))
	require.Nil(t, k.LastUsedAt)
	list := s.get("/v1/keys", admin...)
	require.NotContains(t, string(list.body), k.Secret)
	require.Len(t, decode[types.KeyList](list, 200).Items, 2)
	var rows string
	require.NoError(t, s.sql.QueryRow(t.Context(), `SELECT string_agg(k::text, ' ') FROM api_keys k`).Scan(&rows))
	require.NotContains(t, rows, k.Secret[len(k.Prefix)+1:])

	s.get("/v1/meshes", bearer(k.Secret)...)
	s.post("/v1/keys", `{"name": "more"}`, bearer(k.Secret)...).problem(403, "forbidden")
	used := decode[types.KeyList](s.get("/v1/keys", admin...), 200).Items[0]
	require.Equal(t, k.ID, used.ID)
	require.NotNil(t, used.LastUsedAt)

	s.post("/v1/keys", `{"name": " "}`, admin...).problem(422, "validation_failed")
	s.post("/v1/keys", `{"name": "x", "scope": "root"}`, admin...).problem(422, "validation_failed")
	s.post("/v1/keys", `{"name": "x", "expires_at": "2001-01-01T00:00:00Z"}`, admin...).problem(422, "validation_failed")
}

func TestKey_LastUsedIsWrittenSparingly(t *testing.T) {
	s := guarded(t)
	header, row := s.key("default", auth.Read)
	version := func() (xmin uint32) {
		require.NoError(t, s.sql.QueryRow(t.Context(), `SELECT xmin FROM api_keys WHERE id = $1`, row.ID).Scan(&xmin))
		return xmin
	}
	s.get("/v1/meshes", header...)
	written := version()
	for range 3 {
		s.get("/v1/meshes", header...)
	}
	require.Equal(t, written, version())
}

func TestKey_RevokedIsRefusedAtOnce(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	header, row := s.key("acme", auth.Write)
	require.Equal(t, 200, s.get("/v1/meshes", header...).status)
	require.Equal(t, 204, s.do(http.MethodDelete, "/v1/keys/"+row.ID, nil, admin...).status)
	s.get("/v1/meshes", header...).problem(401, "unauthenticated")
	require.Equal(t, 204, s.do(http.MethodDelete, "/v1/keys/"+row.ID, nil, admin...).status, "again")
	s.post("/v1/keys/"+row.ID+"/rotate", "", admin...).problem(409, "key_over")

	// Another process has revoked it.
	header, row = s.key("acme", auth.Write)
	require.Equal(t, 200, s.get("/v1/meshes", header...).status)
	_, err := s.db.RevokeKey(t.Context(), "acme", row.ID)
	require.NoError(t, err)
	s.get("/v1/meshes", header...).problem(401, "unauthenticated")
}

func TestKey_RevokedIsToldNoMoreEvents(t *testing.T) {
	s := guarded(t)
	header, row := s.key("acme", auth.Read)
	stream := s.follow("/v1/events", "", header...)
	tell := func(subject string) {
		_, err := s.queue.Publish(t.Context(), subject, "acme", jobs.StatusEvent(store.Queued, 0, nil))
		require.NoError(t, err)
	}
	stream.untilQuiet()
	tell("geo_first")
	require.Equal(t, "geo_first", decodeEvent[types.StatusEvent](stream.next()).Subject)
	_, err := s.db.RevokeKey(t.Context(), "acme", row.ID)
	require.NoError(t, err)
	time.Sleep(time.Second) // a busy stream asks again after a second (docs/security.md); before, it may tell what it holds
	tell("geo_second")
	select {
	case e, more := <-stream.events:
		require.False(t, more, "%s %s", e.kind, e.data)
	case <-time.After(patience):
		t.Fatal("the stream goes on")
	}
}

func TestKey_IsNotUsedByWhoKnowsItsPrefixOnly(t *testing.T) {
	s := guarded(t)
	_, row := s.key("acme", auth.Admin)
	other := auth.NewKey().Reveal()
	guess := auth.KeyMark + row.Prefix + other[len(auth.KeyMark)+len(row.Prefix):]
	s.get("/v1/meshes", bearer(guess)...).problem(401, "unauthenticated")
	rows, err := s.db.Keys(t.Context(), "acme", store.Page{Limit: 1})
	require.NoError(t, err)
	require.Nil(t, rows[0].LastUsedAt)
}

func TestKey_ExpiresInTime(t *testing.T) {
	s := guarded(t)
	_, row := s.key("acme", auth.Read)
	key := auth.NewKey()
	at := time.Now().Add(time.Hour)
	_, err := s.db.CreateKey(t.Context(), store.NewAPIKey{TenantID: "acme", Name: "short", Scope: auth.Read, CreatedBy: row.ID, ExpiresAt: &at}, key)
	require.NoError(t, err)
	require.Equal(t, 200, s.get("/v1/meshes", bearer(key.Reveal())...).status)
	_, err = s.sql.Exec(t.Context(), `UPDATE api_keys SET expires_at = now() - interval '1 ms' WHERE name = 'short'`)
	require.NoError(t, err)
	s.get("/v1/meshes", bearer(key.Reveal())...).problem(401, "unauthenticated")
}

func TestKey_IsRotatedWithOverlap(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	old := decode[types.NewKey](s.post("/v1/keys", `{"name": "ci", "scope": "read"}`, admin...), 201)
	fresh := decode[types.NewKey](s.post("/v1/keys/"+old.ID+"/rotate", "", admin...), 201)
	require.Equal(t, "ci", fresh.Name)
	require.Equal(t, "read", fresh.Scope)
	require.Nil(t, fresh.ExpiresAt)
	for _, k := range []types.NewKey{old, fresh} {
		require.Equal(t, 200, s.get("/v1/meshes", bearer(k.Secret)...).status)
	}
	for _, k := range decode[types.KeyList](s.get("/v1/keys", admin...), 200).Items {
		if k.ID == old.ID {
			require.Equal(t, fresh.ID, k.ReplacedBy)
			require.WithinDuration(t, time.Now().Add(24*time.Hour), *k.ExpiresAt, time.Minute)
		}
	}
	s.post("/v1/keys/"+fresh.ID+"/rotate", `{"overlap_seconds": 0}`, admin...)
	s.get("/v1/meshes", bearer(fresh.Secret)...).problem(401, "unauthenticated")
	stranger, _ := s.key("other", auth.Admin)
	s.post("/v1/keys/"+old.ID+"/rotate", "", stranger...).problem(404, "not_found")
	s.do(http.MethodDelete, "/v1/keys/"+old.ID, nil, stranger...).problem(404, "not_found")
}

// jar keeps the cookie of an answer.
func jar(a answer) []string {
	cookies := (&http.Response{Header: a.header}).Cookies()
	require.Len(a.t, cookies, 1)
	return []string{"Cookie", cookies[0].Name + "=" + cookies[0].Value}
}

func TestSession_OfABrowser(t *testing.T) {
	s := guarded(t)
	key := auth.NewKey()
	_, err := s.db.CreateKey(t.Context(), store.NewAPIKey{TenantID: "default", Name: "me", Scope: auth.Write, CreatedBy: "test"}, key)
	require.NoError(t, err)
	body := fmt.Sprintf(`{"key": %q}`, key.Reveal())
	a := s.post("/v1/session", body)
	session := decode[types.Session](a, 201)
	require.Equal(t, "cookie", session.By)
	require.Equal(t, "Default", session.TenantName)
	set := a.header.Get("Set-Cookie")
	for _, attribute := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "meshgen="} {
		require.Contains(t, set, attribute)
	}
	require.NotContains(t, set, key.Reveal())
	cookie := jar(a)

	// Reading needs the cookie, and changing something a header that other sites cannot send.
	require.Equal(t, "cookie", decode[types.Session](s.get("/v1/session", cookie...), 200).By)
	s.post("/v1/projects", `{"name": "p"}`, cookie...).problem(403, "cross_origin")
	ours := append([]string{"X-Meshgen-Page", "1"}, cookie...)
	require.Equal(t, 201, s.post("/v1/projects", `{"name": "p"}`, ours...).status)
	s.post("/v1/projects", `{"name": "p"}`, append([]string{"Sec-Fetch-Site", "cross-site"}, ours...)...).problem(403, "cross_origin")
	s.post("/v1/projects", `{"name": "p"}`, append([]string{"Origin", "https://evil.example"}, ours...)...).problem(403, "cross_origin")
	s.post("/v1/keys", `{"name": "p"}`, ours...).problem(403, "forbidden")

	require.Equal(t, 204, s.do(http.MethodDelete, "/v1/session", nil, ours...).status)
	s.get("/v1/session", cookie...).problem(401, "unauthenticated")
	s.post("/v1/session", `{"key": "msh_live_nothing"}`).problem(401, "unauthenticated")
	s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, auth.NewKey().Reveal())).problem(401, "unauthenticated")
	s.post("/v1/session", body, "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")

	// The cookie of HTTPS goes to this host alone.
	request, err := http.NewRequest(http.MethodPost, s.url+"/v1/session", strings.NewReader(body))
	require.NoError(t, err)
	request.Host = "mesh.example.com"
	request.Header.Set("Content-Type", "application/json")
	set = s.send(request).header.Get("Set-Cookie")
	require.Contains(t, set, "__Host-meshgen=")
	require.Contains(t, set, "Secure")
}

func TestSession_EndsWithItsKey(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	k := decode[types.NewKey](s.post("/v1/keys", `{"name": "me"}`, admin...), 201)
	cookie := jar(s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, k.Secret)))
	require.Equal(t, 200, s.get("/v1/meshes", cookie...).status)
	require.Equal(t, 204, s.do(http.MethodDelete, "/v1/keys/"+k.ID, nil, admin...).status)
	s.get("/v1/meshes", cookie...).problem(401, "unauthenticated")

	cookie = jar(s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, strings.TrimPrefix(admin[1], "Bearer "))))
	_, err := s.sql.Exec(t.Context(), `UPDATE sessions SET expires_at = now() - interval '1 second'`)
	require.NoError(t, err)
	s.get("/v1/meshes", cookie...).problem(401, "unauthenticated")
	require.NoError(t, s.db.Expire(t.Context()))
	var left int
	require.NoError(t, s.sql.QueryRow(t.Context(), `SELECT count(*) FROM sessions`).Scan(&left))
	require.Zero(t, left)
}

func TestSession_WithoutKeys(t *testing.T) {
	s := start(t)
	require.Equal(t, "nothing", decode[types.Session](s.get("/v1/session"), 200).By)
	s.post("/v1/session", `{"key": "x"}`).problem(409, "no_login")
}

func TestKeys_AreNeverInTheLog(t *testing.T) {
	log := &testenv.Log{}
	s := guarded(t, func(p *parts) { p.log = log })
	admin, row := s.key("acme", auth.Admin)
	secrets := []string{strings.TrimPrefix(admin[1], "Bearer ")}
	made := decode[types.NewKey](s.post("/v1/keys", `{"name": "x"}`, admin...), 201)
	fresh := decode[types.NewKey](s.post("/v1/keys/"+made.ID+"/rotate", "", admin...), 201)
	cookie := jar(s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, fresh.Secret)))
	unknown := auth.NewKey().Reveal()
	secrets = append(secrets, made.Secret, fresh.Secret, unknown, strings.TrimPrefix(cookie[1], "meshgen="))
	for _, secret := range secrets {
		s.get("/v1/meshes", bearer(secret)...)
		s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, secret))
		s.post("/v1/meshes", fmt.Sprintf(`{"key": %q}`, secret), bearer(secret)...)
		s.get("/v1/meshes/"+made.ID, bearer(secret)...)
		a := s.post("/v1/session", fmt.Sprintf(`{"key": [%q]}`, secret))
		require.NotContains(t, string(a.body), secret)
	}
	s.get("/v1/meshes", cookie...)
	require.Contains(t, log.String(), row.ID, "who asked is there")
	require.Contains(t, log.String(), `"tenant":"acme"`)
	for _, secret := range secrets {
		require.NotContains(t, log.String(), secret[len(secret)-40:])
	}
}

// A page of another site may have its own name resolve to this machine.
func TestWithoutKeys_OnlyThisMachineIsAnswered(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.CORSOrigins = []string{"https://mesh.example.com"} }})
	ask := func(host string) int {
		r := httptest.NewRequest(http.MethodGet, "http://"+host+"/v1/geometries", nil)
		w := httptest.NewRecorder()
		s.server.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for _, here := range []string{"localhost:8080", "localhost", "127.0.0.1:8080", "[::1]:8080", "[::1]", "mesh.example.com"} {
		require.Equal(t, http.StatusOK, ask(here), here)
	}
	for _, other := range []string{"rebound.example.net:8080", "localhost.example.net", "10.0.0.1", "mesh.example.com.net"} {
		require.Equal(t, http.StatusForbidden, ask(other), other)
	}
}

// Anybody can make the checksum of anything: a word of bytes that Postgres does not take is no key, and no fault of ours.
func TestKey_OfBytesThatAreNoLetters_IsRefused(t *testing.T) {
	s := guarded(t)
	for _, prefix := range []string{"\xff\xfe0000000000", "00000000000\xc3", "00000000000Ä"[:12]} {
		secret := strings.Repeat("0", 40)
		sum := sha256.Sum256([]byte(auth.KeyMark + prefix + "_" + secret))
		checksum := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").EncodeToString(sum[:])[:4]
		s.do(http.MethodGet, "/v1/meshes", nil, "Authorization", "Bearer "+auth.KeyMark+prefix+"_"+secret+checksum).problem(401, "unauthenticated")
	}
}
