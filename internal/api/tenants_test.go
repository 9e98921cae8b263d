package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

func TestThingsOfAnotherTenant_AreNotThere(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	u := s.announce("x.step", step(100))
	_, err := s.sql.Exec(t.Context(), `
		INSERT INTO tenants (id, name) VALUES ('other', 'Other');
		UPDATE projects SET tenant_id = 'other'; UPDATE uploads SET tenant_id = 'other'; UPDATE geometries SET tenant_id = 'other';
		UPDATE meshes SET tenant_id = 'other'; UPDATE jobs SET tenant_id = 'other'; UPDATE artifacts SET tenant_id = 'other';`)
	require.NoError(t, err)

	mesh, geometry := "/v1/meshes/"+m.ID, "/v1/geometries/"+m.GeometryID
	for _, path := range []string{
		mesh, mesh + "/events", mesh + "/log", mesh + "/download", mesh + "/download?format=stl",
		geometry, geometry + "/events", "/v1/projects/" + project.ID, "/v1/uploads/" + u.ID,
	} {
		s.get(path).problem(404, "not_found")
	}
	s.post(mesh+"/cancel", "").problem(404, "not_found")
	s.post(geometry+"/warm", "").problem(404, "not_found")
	s.complete(u).problem(404, "not_found")
	for _, path := range []string{mesh, geometry, "/v1/projects/" + project.ID} {
		s.delete(path).problem(404, "not_found")
	}
	s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, m.GeometryID)).problem(422, "not_found")
	s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"max": 1}}}`, m.GeometryID)).problem(422, "not_found")
	s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q}`, m.GeometryID)).problem(422, "not_found")
	s.post("/v1/uploads", fmt.Sprintf(`{"filename": "x", "size": 1, "project_id": %q}`, project.ID)).problem(422, "not_found")
	s.upload(field{"project_id", "", project.ID}, field{"file", "x.step", string(step(100))}).problem(422, "not_found")
	require.Empty(t, decode[types.MeshList](s.get("/v1/meshes"), 200).Items)
	require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items)
	require.Empty(t, decode[types.ProjectList](s.get("/v1/projects"), 200).Items)
}

func TestStreamOfEverything_IsOneTenants(t *testing.T) {
	s := start(t)
	events := s.follow("/v1/events", "")
	events.untilQuiet()
	_, err := s.queue.Publish(t.Context(), "geo_theirs", "other", jobs.StatusEvent(store.Queued, 0, nil))
	require.NoError(t, err)
	_, err = s.queue.Publish(t.Context(), "geo_ours", store.DefaultTenant, queue.NewEvent{Type: queue.EventStage, Data: jobs.StageData{}})
	require.NoError(t, err)
	e := events.next()
	require.Equal(t, "geo_ours", decodeEvent[types.StageEvent](e).Subject)
}

// What is asked for somebody is asked as the role of tenants, whom Postgres shows no more (internal/store, wall.go): who has not even the
// right to see projects is told nothing.
func TestRequests_AreBehindTheSecondWall(t *testing.T) {
	for _, s := range []*service{start(t), guarded(t)} {
		header, _ := s.key("default", auth.Read)
		require.Equal(t, 200, s.get("/v1/projects", header...).status)
		_, err := s.sql.Exec(t.Context(), `REVOKE SELECT ON projects FROM meshgen_tenant`)
		require.NoError(t, err)
		s.get("/v1/projects", header...).problem(500, "internal")
	}
}
