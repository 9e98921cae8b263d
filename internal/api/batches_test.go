package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/store"
)

// batchBody is the request for a batch of geometries by specs, the latter as JSON.
func batchBody(geometries []string, specs ...string) string {
	ids, _ := json.Marshal(geometries)
	return fmt.Sprintf(`{"geometry_ids": %s, "specs": [%s]}`, ids, strings.Join(specs, ","))
}

func (s *service) batch(geometries []string, specs ...string) types.Batch {
	s.t.Helper()
	return decode[types.Batch](s.post("/v1/batches", batchBody(geometries, specs...)), http.StatusAccepted)
}

func (s *service) batchNow(b types.Batch) types.Batch {
	s.t.Helper()
	return decode[types.Batch](s.get("/v1/batches/"+b.ID), http.StatusOK)
}

func (s *service) importedMany(n int) (ids []string) {
	for range n {
		ids = append(ids, s.imported().ID)
	}
	return ids
}

const coarse, fine = `{"name": "coarse", "spec": {"size": {"fineness": 2}}}`, `{"name": "fine", "spec": {"size": {"fineness": 7}}}`

func TestBatchOfTwentyPartsByThreeSpecs_IsSixtyMeshes(t *testing.T) {
	s := start(t)
	parts := s.importedMany(20)
	a := s.post("/v1/batches", batchBody(parts, coarse, fine, `{"spec": {"order": 2}}`))
	b := decode[types.Batch](a, http.StatusAccepted)
	require.Equal(t, "/v1/batches/"+b.ID, a.header.Get("Location"))
	require.Equal(t, types.BatchCounts{Queued: 60, Total: 60}, b.Counts)
	require.False(t, b.Done)
	require.Equal(t, []string{"coarse", "fine", "3"}, []string{b.Specs[0].Name, b.Specs[1].Name, b.Specs[2].Name})
	require.Equal(t, 2.0, b.Specs[0].Spec.Size.Fineness)
	require.Equal(t, "auto", b.Specs[2].Spec.Strategy, "as resolved")
	for i, item := range b.Items {
		require.Equal(t, []any{parts[i/3], i % 3, "queued", "bracket.step"}, []any{item.GeometryID, item.Spec, item.Status, item.Filename})
	}

	// They are meshes as any other.
	m := decode[types.Mesh](s.get("/v1/meshes/"+b.Items[5].MeshID), 200)
	require.Equal(t, 2, m.Spec.Order)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes?limit=200"), 200).Items, 60)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes?geometry_id="+parts[3]), 200).Items, 3)

	for i := range 60 {
		c := s.claim()
		require.Equal(t, b.Items[i].MeshID, *c.MeshID, "in the order of the batch")
		if i == 7 {
			require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: diagnosis.New(diagnosis.NotWatertight, "face 3 is missing")}))
			continue
		}
		s.succeed(c)
	}
	b = s.batchNow(b)
	require.True(t, b.Done)
	require.Equal(t, types.BatchCounts{Succeeded: 59, Failed: 1, Total: 60}, b.Counts)
	require.Equal(t, []any{"failed", "not_watertight", "face 3 is missing"}, []any{b.Items[7].Status, b.Items[7].ErrorCode, b.Items[7].Error})
	require.Equal(t, []any{400, 100, 0.4}, []any{b.Items[0].Elements, b.Items[0].Nodes, b.Items[0].MinSICN})
	require.Positive(t, b.Items[0].Seconds)
}

func TestBatches_AreListedNewestFirst(t *testing.T) {
	s := start(t)
	g := s.imported()
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	var made []string
	for i := range 3 {
		body := fmt.Sprintf(`{"name": "run %d", "geometry_ids": [%q]}`, i, g.ID)
		made = append(made, decode[types.Batch](s.post("/v1/batches", body), http.StatusAccepted).ID)
	}
	of := decode[types.Batch](s.post("/v1/batches", fmt.Sprintf(`{"project_id": %q, "geometry_ids": [%q]}`, project.ID, g.ID)), http.StatusAccepted)
	page := decode[types.BatchList](s.get("/v1/batches?limit=2"), 200)
	require.Equal(t, []string{of.ID, made[2]}, []string{page.Items[0].ID, page.Items[1].ID})
	require.Equal(t, []any{"run 2", 1}, []any{page.Items[1].Name, page.Items[1].Counts.Total})
	page = decode[types.BatchList](s.get("/v1/batches?limit=2&cursor="+page.NextCursor), 200)
	require.Equal(t, []string{made[1], made[0]}, []string{page.Items[0].ID, page.Items[1].ID})
	require.Empty(t, page.NextCursor)
	page = decode[types.BatchList](s.get("/v1/batches?project_id="+project.ID), 200)
	require.Len(t, page.Items, 1)
	require.Equal(t, of.ID, page.Items[0].ID)
	require.Equal(t, http.StatusNoContent, s.delete("/v1/projects/"+project.ID).status)
	s.get("/v1/batches/"+of.ID).problem(404, "not_found")
}

func TestBatchThatMakesNoSense_IsRefusedByField_AndNothingIsMade(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxBatch, c.MaxElements = 5, 100_000 }})
	g := s.importedMany(2)
	const nobody, noProject = "geo_0190163d-8694-739b-aea5-966c26f8ad91", "prj_0190163d-8694-739b-aea5-966c26f8ad91"
	for _, c := range []struct {
		name, body, code string
		at               []string
	}{
		{"no geometry", batchBody(nil), "validation_failed", []string{"body.geometry_ids"}},
		{"no such geometry", batchBody([]string{g[0], nobody}), "not_found", []string{"body.geometry_ids[1]"}},
		{"no such geometry, where sizes are compared", batchBody([]string{nobody}, `{"spec": {"size": {"max": 1}}}`), "not_found", []string{"body.geometry_ids[0]"}},
		{"not an id", batchBody([]string{g[0], "x"}), "validation_failed", []string{"body.geometry_ids[1]"}},
		{"twice", batchBody([]string{g[0], g[1], g[0]}), "validation_failed", []string{"body.geometry_ids[2]"}},
		{"two specs of a name", batchBody(g, fine, fine), "validation_failed", []string{"body.specs[1].name"}},
		{"a name that is a number", batchBody(g, `{"name": "2"}`, `{}`), "validation_failed", []string{"body.specs[1].name"}},
		{"bad specs", batchBody(g, `{"spec": {"order": 9}}`, `{"spec": {"size": {"min": 3, "max": 2}}}`), "validation_failed",
			[]string{"body.specs[0].spec.order", "body.specs[1].spec.size.min"}},
		{"unknown field", batchBody(g, `{"spec": {"colour": 1}}`), "validation_failed", []string{"body.specs[0].spec.colour"}},
		{"no such group", batchBody(g, `{}`, `{"spec": {"refine": [{"group": "inlet", "size": 0.1}]}}`), "validation_failed",
			[]string{"body.specs[1].spec.refine[0].group", "body.specs[1].spec.refine[0].group"}},
		{"too many elements", batchBody(g[:1], `{"spec": {"size": {"max": 0.01}}}`), "too_large", []string{"body.specs[0].spec.size.max"}},
		{"too many meshes", batchBody(g, `{}`, `{}`, `{}`), "validation_failed", []string{"body.geometry_ids"}},
		{"no such project", fmt.Sprintf(`{"project_id": %q, "geometry_ids": [%q]}`, noProject, g[0]), "not_found", []string{"body.project_id"}},
	} {
		p := s.post("/v1/batches", c.body).problem(422, c.code)
		require.Equal(t, c.at, locations(p), c.name)
	}
	require.Empty(t, decode[types.BatchList](s.get("/v1/batches"), 200).Items)
	require.Empty(t, decode[types.MeshList](s.get("/v1/meshes"), 200).Items)
	require.Equal(t, 1, s.batch(g[:1]).Counts.Total, "without a spec it is one mesh each")
}

func TestBatchOfPartsThatCannotBeImported_FailsForThoseAlone(t *testing.T) {
	s := start(t)
	good := s.imported()
	failed, later := s.geometry(), s.geometry()
	d := diagnosis.New(diagnosis.EmptyModel, "the file holds no shape")
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Error: d}))
	b := s.batch([]string{good.ID, failed.ID, later.ID})
	require.Equal(t, types.BatchCounts{Queued: 2, Failed: 1, Total: 3}, b.Counts)
	require.Equal(t, "empty_model", b.Items[1].ErrorCode, "its import failed before")
	require.Equal(t, d, decode[types.Mesh](s.get("/v1/meshes/"+b.Items[1].MeshID), 200).Error)
	c := s.claim()
	require.Equal(t, later.ID, c.GeometryID)
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: d}))
	s.succeed(s.claim())
	b = s.batchNow(b)
	require.Equal(t, types.BatchCounts{Succeeded: 1, Failed: 2, Total: 3}, b.Counts, "the other failed after")
	require.Equal(t, "empty_model", b.Items[2].ErrorCode)
}

func TestBatchOfTheSameKey_IsMadeOnce(t *testing.T) {
	s := start(t)
	g := s.importedMany(3)
	names := sync.Map{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var b types.Batch
			a := s.post("/v1/batches", batchBody(g, coarse, fine), "Idempotency-Key", "k")
			if a.status == http.StatusAccepted && json.Unmarshal(a.body, &b) == nil {
				names.Store(b.ID, true)
			} else {
				names.Store(string(a.body), true)
			}
		})
	}
	all.Wait()
	var seen []any
	names.Range(func(k, _ any) bool { seen = append(seen, k); return true })
	require.Len(t, seen, 1, "%v", seen)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes"), 200).Items, 6)
	p := s.post("/v1/batches", batchBody(g, coarse), "Idempotency-Key", "k").problem(422, "idempotency_key_reused")
	require.Equal(t, []string{"header.Idempotency-Key"}, locations(p))

	_, err := s.sql.Exec(t.Context(), `UPDATE batches SET created_at = now() - interval '25 hours'`)
	require.NoError(t, err)
	require.NoError(t, s.db.Expire(t.Context()))
	again := decode[types.Batch](s.post("/v1/batches", batchBody(g, coarse), "Idempotency-Key", "k"), http.StatusAccepted)
	require.NotEqual(t, seen[0], again.ID, "a key holds for a day")
}

func TestCanceledBatch_LeavesWhatHasEnded(t *testing.T) {
	s := start(t)
	g := s.importedMany(2)
	waiting := s.geometry()
	b := s.batch(append(g, waiting.ID), coarse, fine)
	imports := s.claim()
	require.Equal(t, waiting.ID, imports.GeometryID)
	s.succeed(s.claim())
	running := s.claim()
	for range 2 {
		b = decode[types.Batch](s.post("/v1/batches/"+b.ID+"/cancel", ""), 200)
		require.Equal(t, types.BatchCounts{Succeeded: 1, Canceled: 5, Total: 6}, b.Counts)
		require.True(t, b.Done)
	}
	require.ErrorIs(t, s.jobs.Finish(t.Context(), running, store.Outcome{}), store.ErrFenced)
	require.NoError(t, s.jobs.Finish(t.Context(), imports, store.Outcome{Model: box()}), "the import of a geometry is not the batch's")
	_, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestDeletedBatch_TakesItsMeshesAndLeavesTheGeometries(t *testing.T) {
	s := start(t)
	g := s.importedMany(2)
	b := s.batch(g)
	other := s.mesh(g[0])
	s.succeed(s.claim())
	for range 2 {
		s.succeed(s.claim())
	}
	require.Equal(t, http.StatusNoContent, s.delete("/v1/meshes/"+b.Items[0].MeshID).status)
	b = s.batchNow(b)
	require.Equal(t, 1, b.Counts.Total, "a mesh that was deleted is not of the batch any more")
	require.Len(t, b.Items, 1)
	require.Equal(t, http.StatusNoContent, s.delete("/v1/batches/"+b.ID).status)
	s.delete("/v1/batches/"+b.ID).problem(404, "not_found")
	s.get("/v1/meshes/"+b.Items[0].MeshID).problem(404, "not_found")
	require.Equal(t, "succeeded", decode[types.Mesh](s.get("/v1/meshes/"+other.ID), 200).Status)
	require.Equal(t, "succeeded", decode[types.Geometry](s.get("/v1/geometries/"+g[1]), 200).Status)
	for found := true; found; {
		var err error
		found, err = s.db.SweepGarbage(t.Context(), func(ctx context.Context, g store.Garbage) error { return s.blobs.DeletePrefix(ctx, g.Prefix) })
		require.NoError(t, err)
	}
	require.Equal(t, 4, s.objects(), "two parts, and the two files of the other mesh")
}

func TestInteractiveWorkGoesBeforeABatch_WhichDoesNotStarve(t *testing.T) {
	s := start(t)
	g := s.importedMany(3)
	b := s.batch(g, coarse, fine)
	// As if all of it had been asked for some time ago: by then its first mesh ranks with what is asked for now.
	_, err := s.sql.Exec(t.Context(), `UPDATE jobs SET rank_at = rank_at - interval '90 seconds', queued_at = queued_at - interval '90 seconds' WHERE status = 'queued'`)
	require.NoError(t, err)
	hurry := s.mesh(g[0])
	small := s.batch(g[:1], `{"spec": {"order": 2}}`)
	require.Equal(t, b.Items[0].MeshID, *s.claim().MeshID, "the first of the batch has waited long enough")
	require.Equal(t, hurry.ID, *s.claim().MeshID, "the rest of it lets others go first")
	require.Equal(t, b.Items[1].MeshID, *s.claim().MeshID)
	require.Equal(t, small.Items[0].MeshID, *s.claim().MeshID, "a small batch goes before the rest of a large one")
	require.Equal(t, b.Items[2].MeshID, *s.claim().MeshID)
}

func TestBatchOfAnotherTenant_IsNotThere(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	b := s.batch([]string{m.GeometryID})
	s.succeed(s.claim())
	_, err := s.sql.Exec(t.Context(), `
		INSERT INTO tenants (id, name) VALUES ('other', 'Other');
		UPDATE batches SET tenant_id = 'other'; UPDATE geometries SET tenant_id = 'other'; UPDATE meshes SET tenant_id = 'other';
		UPDATE jobs SET tenant_id = 'other'; UPDATE artifacts SET tenant_id = 'other';`)
	require.NoError(t, err)
	path := "/v1/batches/" + b.ID
	s.get(path).problem(404, "not_found")
	s.get(path+"/archive").problem(404, "not_found")
	s.post(path+"/cancel", "").problem(404, "not_found")
	s.delete(path).problem(404, "not_found")
	s.post("/v1/batches", batchBody([]string{m.GeometryID})).problem(422, "not_found")
	require.Empty(t, decode[types.BatchList](s.get("/v1/batches"), 200).Items)
	for _, path := range []string{"/v1/batches/bat_7", "/v1/batches/bat_7/archive"} {
		s.get(path).problem(404, "not_found")
	}
}
