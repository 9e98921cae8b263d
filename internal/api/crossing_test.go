package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/blob"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// owned are the things of a tenant, one of each kind and more.
type owned struct {
	*service
	tenant string
	cookie []string
	ids    []string
	names  []string // that they were given
	cursor string   // of a list
}

// possessions makes a tenant that has one of everything.
func (s *service) possessions(tenant string) owned {
	s.t.Helper()
	header, key := s.key(tenant, auth.Admin)
	o := owned{service: s.as(header), tenant: tenant, names: []string{tenant + "-part.step", tenant + " project", tenant + " batch", tenant + "@log"}}
	login := s.post("/v1/session", fmt.Sprintf(`{"key": %q}`, strings.TrimPrefix(header[1], "Bearer ")))
	o.cookie = append(jar(login), "X-Meshgen-Page", "1")

	project := decode[types.Project](o.post("/v1/projects", fmt.Sprintf(`{"name": %q}`, o.names[1])), 201)
	part := []field{{"project_id", "", project.ID}, {"file", o.names[0], string(step(1000))}}
	read := decode[types.Geometry](o.upload(part...), 201)
	next := func() store.Claim { // what is of others stays claimed
		for {
			if c := o.claim(); c.TenantID == tenant {
				return c
			}
		}
	}
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), next(), store.Outcome{Model: box()}))
	made := o.mesh(read.ID)
	o.succeed(next())
	unread := decode[types.Geometry](o.upload(part...), 201)
	queued := o.mesh(unread.ID)
	u := decode[types.Upload](o.post("/v1/uploads", fmt.Sprintf(`{"filename": %q, "size": 100, "project_id": %q}`, o.names[0], project.ID)), 201)
	batch := decode[types.Batch](o.post("/v1/batches",
		fmt.Sprintf(`{"name": %q, "project_id": %q, "geometry_ids": [%q], "specs": [%s]}`, o.names[2], project.ID, read.ID, coarse)), 202)
	delivery := id.New(id.Delivery)
	_, err := s.sql.Exec(s.t.Context(), `
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, url, payload, due_at) VALUES ($1, $2, $3, 'https://' || $2 || '.example/', '{}', now() + interval '1 hour')`,
		delivery, tenant, made.ID)
	require.NoError(s.t, err)
	endpoint, err := s.db.CreateEndpoint(store.ForTenant(s.t.Context(), tenant), tenant, "https://"+tenant+".example/", store.Events)
	require.NoError(s.t, err)
	share := decode[types.NewShare](o.post("/v1/shares", fmt.Sprintf(`{"mesh_id": %q}`, made.ID)), 201)
	o.ids = []string{project.ID, read.ID, made.ID, unread.ID, queued.ID, u.ID, batch.ID, batch.Items[0].MeshID, key.ID, delivery, share.ID, endpoint.ID}
	o.cursor = decode[types.GeometryList](o.get("/v1/geometries?limit=1"), 200).NextCursor
	return o
}

// everything is what a tenant sees.
func (o owned) everything() map[string]string {
	all := map[string]string{}
	for _, path := range []string{"geometries", "meshes", "projects", "batches", "shares", "webhooks/deliveries", "webhooks/endpoints", "uploads/" + o.ids[5]} {
		a := o.get("/v1/" + path)
		require.Equal(o.t, 200, a.status, "%s", a.body)
		body := string(a.body)
		if at := strings.Index(body, "X-Amz-"); at >= 0 { // presigned anew each time
			body = body[:at]
		}
		all[path] = body
	}
	return all
}

// notTheirs checks that an answer holds nothing of another tenant but the name that was asked for.
func notTheirs(t *testing.T, request string, a answer, theirs owned) {
	t.Helper()
	for _, word := range append(slices.Clone(theirs.names), theirs.ids...) {
		if !strings.Contains(request, word) {
			require.NotContains(t, string(a.body)+fmt.Sprint(a.header), word, "%s", request)
		}
	}
	require.NotContains(t, fmt.Sprint(a.header), "t/"+theirs.tenant, request)
}

// contract is what the OpenAPI document says of requests.
type contract struct {
	Paths map[string]map[string]struct {
		OperationID string
		Parameters  []struct{ Name, In string }
		RequestBody struct {
			Content map[string]struct {
				Schema struct {
					Ref        string `json:"$ref"`
					Properties map[string]any
				}
			}
		}
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]any
		}
	}
}

// Every operation of the document that takes the name of a thing, in its path, its query or its body, is called with every thing of
// another tenant.
func TestThingsOfAnotherTenant_CannotBeReachedByAnyRequestOfTheDocument(t *testing.T) {
	s := guarded(t)
	document := decode[contract](s.get("/openapi.json"), 200)
	theirs, mine := s.possessions("acme"), s.possessions("other")
	before := []map[string]string{theirs.everything(), mine.everything()}
	requests := 0
	check := func(request string, a answer, status int) {
		t.Helper()
		requests++
		require.Equal(t, status, a.status, "%s: %s", request, a.body)
		if status != http.StatusOK && len(a.body) > 0 {
			require.Equal(t, "not_found", a.problem(status, "not_found").Code, request)
		}
		notTheirs(t, request, a, theirs)
	}
	for path, operations := range document.Paths {
		for method, op := range operations {
			method = strings.ToUpper(method)
			if strings.Contains(path, "{id}") {
				methods := []string{method}
				if method == http.MethodGet {
					methods = append(methods, http.MethodHead)
				}
				for _, id := range theirs.ids {
					for _, method := range methods {
						for _, header := range [][]string{mine.header, mine.cookie} {
							where := strings.ReplaceAll(path, "{id}", id)
							check(method+" "+where, s.do(method, where, nil, header...), 404)
						}
					}
				}
			}
			for _, parameter := range op.Parameters {
				if parameter.In != "query" || !strings.HasSuffix(parameter.Name, "_id") || parameter.Name == "last_event_id" {
					continue
				}
				for _, id := range theirs.ids {
					where := path + "?" + parameter.Name + "=" + id
					if a := mine.get(where); a.status == 422 { // of another kind
						notTheirs(t, where, a, theirs)
					} else {
						check(where, a, 200)
						require.Empty(t, decode[types.GeometryList](a, 200).Items, where)
					}
				}
			}
			for kind, content := range op.RequestBody.Content {
				properties := content.Schema.Properties
				if _, name, found := strings.Cut(content.Schema.Ref, "schemas/"); found {
					properties = document.Components.Schemas[name].Properties
				}
				for name := range properties {
					if !strings.HasSuffix(name, "_id") && !strings.HasSuffix(name, "_ids") {
						continue
					}
					for _, id := range theirs.ids {
						request, a := mine.naming(op.OperationID, path, kind, name, id)
						if a.status == 422 && !bytes.Contains(a.body, []byte("not_found")) { // of another kind
							notTheirs(t, request, a, theirs)
						} else {
							check(request, a, 422)
						}
					}
				}
			}
			for _, parameter := range op.Parameters {
				if parameter.Name == "cursor" {
					where := path + "?limit=100&cursor=" + theirs.cursor
					a := mine.get(where)
					requests++
					notTheirs(t, where, a, theirs)
				}
			}
		}
	}
	require.Greater(t, requests, 200)
	t.Logf("%d requests", requests)
	require.Equal(t, before, []map[string]string{theirs.everything(), mine.everything()}, "nothing has changed, nor was anything made")
}

// naming sends a request that would be answered well if the thing that a field of its body names were the sender's.
func (o owned) naming(operation, path, kind, name, id string) (request string, a answer) {
	o.t.Helper()
	if kind == "multipart/form-data" {
		return "POST " + path + " " + name + "=" + id, o.upload(field{name, "", id}, field{"file", "x.step", string(step(100))})
	}
	fields := map[string]map[string]string{
		"create-mesh":    {"geometry_id": ""},
		"estimate-mesh":  {"geometry_id": ""},
		"create-share":   {"mesh_id": ""},
		"create-upload":  {"filename": `"x.step"`, "size": "100", "project_id": ""},
		"fetch-geometry": {"geometry_url": `"https://192.0.2.1/x.step"`, "project_id": ""},
		"create-batch":   {"geometry_ids": fmt.Sprintf("[%q]", o.ids[1]), "specs": "[" + coarse + "]", "project_id": ""},
	}[operation]
	require.Contains(o.t, fields, name, "an operation that this test does not know names a thing: %s", operation)
	fields[name] = fmt.Sprintf("%q", id)
	if strings.HasSuffix(name, "_ids") {
		fields[name] = fmt.Sprintf("[%q, %q]", o.ids[1], id)
	}
	var body []string
	for k, v := range fields {
		if v != "" {
			body = append(body, fmt.Sprintf("%q: %s", k, v))
		}
	}
	text := "{" + strings.Join(body, ", ") + "}"
	return "POST " + path + " " + text, o.post(path, text)
}

// What two tenants ask for alike is done for each: no result, key of idempotency, object or event of one serves the other.
func TestTenants_ShareNothing(t *testing.T) {
	s := guarded(t)
	require.NoError(t, s.jobs.SeeEngine(t.Context(), "e1"))
	admin := map[string]*service{}
	for _, tenant := range []string{"acme", "other"} {
		header, _ := s.key(tenant, auth.Admin)
		admin[tenant] = s.as(header)
	}
	acme, other := admin["acme"], admin["other"]
	streams := map[string]*followed{"acme": s.follow("/v1/events", "", acme.header...), "other": s.follow("/v1/events", "", other.header...)}
	ask := func(o *service, geometry string) answer {
		return o.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, geometry), "Idempotency-Key", "the same")
	}
	imported := func(o *service) types.Geometry {
		g := decode[types.Geometry](o.uploadAs("the same", field{"file", "part.step", string(step(1000))}), 201)
		require.NoError(t, s.jobs.Finish(t.Context(), o.claim(), store.Outcome{Model: box()}))
		return g
	}
	theirs := imported(acme)
	first := decode[types.Mesh](ask(acme, theirs.ID), 202)
	acme.succeed(acme.claim())
	require.Equal(t, first.ID, decode[types.Mesh](ask(acme, theirs.ID), 200).ID)

	ours := imported(other)
	require.Equal(t, theirs.SHA256, ours.SHA256)
	second := decode[types.Mesh](ask(other, ours.ID), 202)
	require.NotEqual(t, first.ID, second.ID)
	require.Empty(t, second.ReusedFrom)
	require.Equal(t, "queued", second.Status)
	c := other.claim()
	require.Equal(t, "other", c.TenantID)
	other.succeed(c)

	// A second of one tenant's own is answered from the first.
	again := decode[types.Mesh](other.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, ours.ID)), 200)
	require.Equal(t, second.ID, again.ReusedFrom)

	streams["acme"].untilDone(first.ID, ours.ID, second.ID)
	streams["other"].untilDone(again.ID, theirs.ID, first.ID)
	for object, err := range s.blobs.List(t.Context(), blob.TenantsPrefix) {
		require.NoError(t, err)
		require.Regexp(t, "^t/(acme|other)/", object.Key)
	}
	var strays int
	require.NoError(t, s.sql.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM artifacts a WHERE a.object_key NOT LIKE 't/' || a.tenant_id || '/%')
			+ (SELECT count(*) FROM geometries g WHERE g.object_key NOT LIKE 't/' || g.tenant_id || '/%')`).Scan(&strays))
	require.Zero(t, strays, "objects of one tenant under the prefix of another")
}

// untilDone reads a stream until something has ended, and sees that it does not name what it must not.
func (f *followed) untilDone(subject string, never ...string) {
	f.t.Helper()
	for {
		e := f.next()
		for _, id := range never {
			require.NotContains(f.t, string(e.data), id)
		}
		if e.kind == "done" && strings.Contains(string(e.data), subject) {
			return
		}
	}
}
