package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/testenv"
)

// share makes a link to a mesh and returns it, and the header of whoever has it.
func (s *service) share(meshID string) (types.NewShare, []string) {
	s.t.Helper()
	made := decode[types.NewShare](s.post("/v1/shares", fmt.Sprintf(`{"mesh_id": %q}`, meshID)), http.StatusCreated)
	return made, bearer(made.Secret)
}

// sharing returns a service for somebody of a tenant that has a mesh in a project, made of it a link, and the link's header.
func sharing(t *testing.T, change ...func(*parts)) (o owned, mesh types.Mesh, link types.NewShare, visitor []string) {
	t.Helper()
	s := guarded(t, change...)
	o = s.possessions("acme")
	mesh = decode[types.Mesh](o.get("/v1/meshes/"+o.ids[2]), 200)
	link, visitor = o.share(mesh.ID)
	return o, mesh, link, visitor
}

func TestShare_ShowsItsMeshToWhoeverHasIt(t *testing.T) {
	o, mesh, link, visitor := sharing(t)
	require.Equal(t, "/shared#"+link.Secret, link.Path)
	require.WithinDuration(t, time.Now().Add(30*24*time.Hour), link.ExpiresAt, time.Minute)
	anybody := o.as(nil)
	shown := decode[types.Shared](anybody.get("/v1/shared", visitor...), 200)
	require.Equal(t, mesh.ID, shown.Mesh.ID)
	require.Equal(t, mesh.GeometryID, shown.Geometry.ID)
	require.WithinDuration(t, link.ExpiresAt, shown.ExpiresAt, time.Second)
	require.Equal(t, 400, shown.Mesh.Counts.Elements["tetrahedron"])
	require.Len(t, shown.Mesh.Artifacts, 1, "without the log")
	content, _ := anybody.download(shown.Mesh.Artifacts[0].URL)
	require.Equal(t, "a mesh", content)

	a := anybody.get("/v1/shared/download", visitor...)
	require.Equal(t, http.StatusFound, a.status)
	content, header := anybody.download(a.header.Get("Location"))
	require.Equal(t, "a mesh", content)
	require.Contains(t, header.Get("Content-Disposition"), "acme-part.msh")
	header = anybody.askAbout("/v1/shared/download", len("a mesh"), visitor...)
	require.Contains(t, header.Get("Content-Disposition"), "acme-part.msh")
	for _, format := range []string{"log", "vtk", "nothing"} { // nothing is written for a link
		anybody.get("/v1/shared/download?format="+format, visitor...).problem(404, "not_found")
	}
}

// What a link shows tells nothing of the tenant's other things, and every other operation answers 404, whatever it is asked for.
func TestShare_ShowsNothingElse(t *testing.T) {
	o, mesh, link, visitor := sharing(t)
	anybody := o.as(nil)
	body := string(anybody.get("/v1/shared", visitor...).body)
	before := o.everything()
	for _, other := range o.ids {
		if other != mesh.ID && other != mesh.GeometryID {
			require.NotContains(t, body, other)
		}
	}
	require.NotContains(t, body, `"log"`)
	document := decode[contract](anybody.get("/openapi.json"), 200)
	asked := 0
	for path, operations := range document.Paths {
		for method, op := range operations {
			if strings.HasPrefix(path, "/v1/shared") || !strings.HasPrefix(path, "/v1/") || op.OperationID == "log-in" {
				continue
			}
			for _, id := range append([]string{mesh.ID, link.ID}, o.ids...) {
				anybody.do(strings.ToUpper(method), strings.ReplaceAll(path, "{id}", id), nil, visitor...).problem(404, "not_found")
				asked++
				if !strings.Contains(path, "{id}") {
					break
				}
			}
		}
	}
	require.Greater(t, asked, 100)
	anybody.post("/v1/session", fmt.Sprintf(`{"key": %q}`, link.Secret)).problem(401, "unauthenticated")
	require.Equal(t, before, o.everything())
}

func TestShare_WithoutItsWordThereIsNothing(t *testing.T) {
	o, _, link, _ := sharing(t)
	anybody := o.as(nil)
	anybody.get("/v1/shared").problem(401, "unauthenticated")
	anybody.get("/v1/shared", o.cookie...).problem(401, "unauthenticated")
	other := auth.NewShareWord().Reveal()
	for _, word := range []string{
		other, link.Prefix, link.Secret[:len(link.Secret)-1], link.Secret + "0",
		link.Prefix + other[len(link.Prefix):], // the right prefix, and another's secret
		strings.TrimPrefix(o.header[1], "Bearer "),
	} {
		anybody.get("/v1/shared", bearer(word)...).problem(404, "not_found")
	}
}

func TestShare_RevokedShowsNothingFromThenOn(t *testing.T) {
	o, _, link, visitor := sharing(t)
	anybody := o.as(nil)
	require.Equal(t, 200, anybody.get("/v1/shared", visitor...).status)
	require.NotNil(t, decode[types.ShareList](o.get("/v1/shares"), 200).Items[0].LastUsedAt)
	require.Equal(t, 204, o.delete("/v1/shares/"+link.ID).status)
	anybody.get("/v1/shared", visitor...).problem(404, "not_found")
	anybody.get("/v1/shared/download", visitor...).problem(404, "not_found")
	require.Equal(t, 204, o.delete("/v1/shares/"+link.ID).status, "again")
	require.Equal(t, "revoked", decode[types.ShareList](o.get("/v1/shares"), 200).Items[0].Status)

	another, visitor := o.share(link.MeshID)
	require.Equal(t, 200, anybody.get("/v1/shared", visitor...).status)
	_, err := o.sql.Exec(t.Context(), `UPDATE shares SET expires_at = now() - interval '1 ms' WHERE id = $1`, another.ID)
	require.NoError(t, err)
	anybody.get("/v1/shared", visitor...).problem(404, "not_found")
	require.Equal(t, "expired", decode[types.ShareList](o.get("/v1/shares"), 200).Items[0].Status)

	_, visitor = o.share(link.MeshID)
	require.Equal(t, 204, o.delete("/v1/meshes/"+link.MeshID).status)
	anybody.get("/v1/shared", visitor...).problem(404, "not_found")
	require.Empty(t, decode[types.ShareList](o.get("/v1/shares"), 200).Items, "a link goes with its mesh")
}

func TestShares_AreListedAndSwept(t *testing.T) {
	o, mesh, link, _ := sharing(t)
	of := decode[types.ShareList](o.get("/v1/shares?mesh_id="+mesh.ID), 200).Items
	require.Equal(t, link.ID, of[0].ID, "newest first")
	require.Len(t, of, 2)
	require.NotContains(t, string(o.get("/v1/shares").body), link.Secret)
	require.Empty(t, decode[types.ShareList](o.get("/v1/shares?mesh_id="+o.ids[4]), 200).Items)
	page := decode[types.ShareList](o.get("/v1/shares?limit=1"), 200)
	require.Equal(t, of[1:], decode[types.ShareList](o.get("/v1/shares?limit=1&cursor="+page.NextCursor), 200).Items)

	for _, at := range []string{"2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"} {
		p := o.post("/v1/shares", fmt.Sprintf(`{"mesh_id": %q, "expires_at": %q}`, mesh.ID, at)).problem(422, "validation_failed")
		require.Equal(t, []string{"body.expires_at"}, locations(p))
	}
	p := o.post("/v1/shares", `{"mesh_id": "msh_nothing"}`).problem(422, "not_found")
	require.Equal(t, []string{"body.mesh_id"}, locations(p))
	reader, _ := o.key("acme", auth.Read)
	o.as(reader).post("/v1/shares", fmt.Sprintf(`{"mesh_id": %q}`, mesh.ID)).problem(403, "forbidden")

	_, err := o.sql.Exec(t.Context(), `UPDATE shares SET expires_at = now() - interval '31 days' WHERE id = $1`, link.ID)
	require.NoError(t, err)
	require.NoError(t, o.db.Expire(t.Context()))
	require.Equal(t, of[1:], decode[types.ShareList](o.get("/v1/shares"), 200).Items)
}

func TestShare_ItsWordIsInNoLogAndNoTable(t *testing.T) {
	log := &testenv.Log{}
	o, _, link, visitor := sharing(t, func(p *parts) { p.log = log })
	anybody := o.as(nil)
	anybody.get("/v1/shared", visitor...)
	anybody.get("/v1/shared/download?format=nothing", visitor...)
	anybody.get("/v1/meshes", visitor...)
	a := anybody.get("/shared")
	require.Equal(t, "no-referrer", a.header.Get("Referrer-Policy"))
	require.Contains(t, log.String(), link.ID, "which link was used is there")
	secret := link.Secret[len(link.Prefix)+1:]
	require.NotContains(t, log.String(), secret)
	var rows string
	require.NoError(t, o.sql.QueryRow(t.Context(), `SELECT string_agg(s::text, ' ') FROM shares s`).Scan(&rows))
	require.NotContains(t, rows, secret)
}

// Whoever has a link may ask so often that it is refused, and the tenant goes on working.
func TestShare_HasAPaceOfItsOwn(t *testing.T) {
	o, _, _, visitor := sharing(t, func(p *parts) {
		p.change = func(c *api.Config) { c.Auth, c.RequestsPerSecond = api.AuthOn, 10 }
	})
	anybody := o.as(nil)
	refused := false
	for range 600 { // far more than a machine that is busy answers while the limit refills
		if a := anybody.get("/v1/shared", visitor...); a.status == http.StatusTooManyRequests {
			refused = true
			break
		}
	}
	require.True(t, refused)
	require.Equal(t, 200, o.get("/v1/shares").status)
}
