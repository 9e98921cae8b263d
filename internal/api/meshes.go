package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

type MeshPath struct {
	ID string `path:"id" doc:"mesh" example:"msh_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addMeshes() {
	tags := []string{tagMeshes}
	add(s, huma.Operation{
		OperationID: "create-mesh", Method: http.MethodPost, Path: "/v1/meshes", Tags: tags,
		Summary: "Mesh a geometry",
		Description: "Queues the work and answers at once (202), or when it has ended if Prefer: wait=N allows it (200). " +
			"The geometry's import need not have ended. A mesh that was made before of the same file, with the same spec and engine, is " +
			"answered at once (200, reused_from), and one that is being made is shared (follows). With an Idempotency-Key, a repetition of the same request within a day returns the same mesh.",
		DefaultStatus: http.StatusAccepted, Errors: []int{422},
		Responses: map[string]*huma.Response{"200": {
			Description: "The work has ended: succeeded, failed or canceled",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema[types.Mesh](s)}},
		}},
	}, s.createMesh)
	add(s, huma.Operation{
		OperationID: "list-meshes", Method: http.MethodGet, Path: "/v1/meshes", Tags: tags,
		Summary: "List meshes", Description: "Newest first, without their artifacts.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listMeshes)
	add(s, huma.Operation{
		OperationID: "get-mesh", Method: http.MethodGet, Path: "/v1/meshes/{id}", Tags: tags,
		Summary:     "Get a mesh",
		Description: "Where it stands and, once succeeded, its counts, quality, checks and files.",
		Errors:      []int{404},
	}, s.getMesh)
	add(s, huma.Operation{
		OperationID: "cancel-mesh", Method: http.MethodPost, Path: "/v1/meshes/{id}/cancel", Tags: tags,
		Summary: "Cancel a mesh", Description: "Final at once, and without effect on a mesh that has ended. Returns the mesh.",
		Errors: []int{404},
	}, s.cancelMesh)
	add(s, huma.Operation{
		OperationID: "delete-mesh", Method: http.MethodDelete, Path: "/v1/meshes/{id}", Tags: tags,
		Summary: "Delete a mesh", Description: "Unfinished work is canceled. The row goes now, objects soon after.",
		Errors: []int{404},
	}, s.deleteMesh)
}

// toMeshSummary says what a row says.
func toMeshSummary(m store.Mesh) types.MeshSummary {
	t := types.MeshSummary{
		ID: m.ID, GeometryID: m.GeometryID,
		Status: string(m.Status), Stage: string(currentStage(m.Job)), Progress: m.Progress, Attempt: m.Attempt,
		ReusedFrom: m.ReusedFrom, Follows: m.Follows, Spec: m.Spec, Error: m.Error, Warnings: list(m.Warnings),
		CreatedAt: m.CreatedAt, StartedAt: m.StartedAt, FinishedAt: m.FinishedAt,
	}
	if m.ProjectID != nil {
		t.ProjectID = *m.ProjectID
	}
	if r := m.Report; r != nil {
		t.Counts = &types.Counts{Nodes: r.Nodes, Elements: r.Elements}
		t.Strategy, t.Volume, t.CADVolume, t.Quality = r.Strategy, r.Volume, r.CADVolume, r.Quality
	}
	return t
}

// toMesh adds what a list leaves out; the artifacts are added by whoever has them.
func toMesh(m store.Mesh) types.Mesh {
	t := types.Mesh{
		MeshSummary: toMeshSummary(m), Timings: list(m.Timings), Artifacts: []types.Artifact{},
		Solids: []engine.SolidReport{}, Checks: []engine.Check{}, Tried: []diagnosis.Attempt{},
	}
	if r := m.Report; r != nil {
		t.Solids, t.Checks, t.Tried, t.Versions = list(r.Solids), list(r.Checks), list(r.Tried), r.Versions
		t.Measured = r.Measured
		t.Layers = r.Layers
		t.Straightened = r.Straightened
		t.Raced = r.Raced
	} else if m.Error != nil {
		t.Tried = list(m.Error.Tried)
	}
	return t
}

type meshListOutput struct{ Body types.MeshList }

type meshListInput struct {
	Paging
	GeometryID string `query:"geometry_id" doc:"only those of this geometry"`
	ProjectID  string `query:"project_id" doc:"only those of this project"`
	Status     string `query:"status" enum:"queued,running,succeeded,failed,canceled" doc:"only those in this status"`
}

func (s *Server) listMeshes(ctx context.Context, in *meshListInput) (*meshListOutput, error) {
	page, err := in.page(id.Mesh)
	if err == nil {
		err = filterID("query.geometry_id", id.Geometry, in.GeometryID)
	}
	if err == nil {
		err = filterID("query.project_id", id.Project, in.ProjectID)
	}
	if err != nil {
		return nil, err
	}
	filter := store.MeshFilter{ProjectID: in.ProjectID, GeometryID: in.GeometryID, Status: store.Status(in.Status)}
	rows, err := s.db.Meshes(ctx, tenant(ctx), filter, ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(m store.Mesh) string { return m.ID })
	out := &meshListOutput{types.MeshList{Items: make([]types.MeshSummary, len(rows)), NextCursor: next}}
	for i, m := range rows {
		out.Body.Items[i] = toMeshSummary(m)
	}
	return out, nil
}

// mesh returns a mesh of the asking tenant by the id in a path.
func (s *Server) mesh(ctx context.Context, meshID string) (store.Mesh, error) {
	if err := pathID(id.Mesh, meshID); err != nil {
		return store.Mesh{}, err
	}
	m, err := s.db.Mesh(ctx, tenant(ctx), meshID)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("mesh")
	}
	return m, err
}

// meshJob returns the job of a mesh as mesh does: streams ask twice for each client.
func (s *Server) meshJob(ctx context.Context, meshID string) (store.Job, error) {
	if err := pathID(id.Mesh, meshID); err != nil {
		return store.Job{}, err
	}
	j, err := s.db.MeshJob(ctx, tenant(ctx), meshID)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("mesh")
	}
	return j, err
}

// whole returns a mesh with its artifacts.
func (s *Server) whole(ctx context.Context, m store.Mesh) (types.Mesh, error) {
	if m.Status == store.Queued && m.Attempt == 0 && m.ReusedFrom == "" {
		return toMesh(m), nil // it cannot have any
	}
	files, err := s.db.MeshArtifacts(ctx, tenant(ctx), m.ID)
	if err != nil {
		return toMesh(m), err
	}
	return s.withFiles(ctx, m, files)
}

// withFiles returns a mesh with the artifacts given.
func (s *Server) withFiles(ctx context.Context, m store.Mesh, files []store.Artifact) (t types.Mesh, err error) {
	t = toMesh(m)
	t.Artifacts, err = s.artifacts(ctx, files, m.Filename)
	return t, err
}

type meshOutput struct{ Body types.Mesh }

func (s *Server) getMesh(ctx context.Context, in *MeshPath) (*meshOutput, error) {
	if err := pathID(id.Mesh, in.ID); err != nil {
		return nil, err
	}
	m, files, err := s.db.MeshWithFiles(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("mesh")
	}
	if err != nil {
		return nil, err
	}
	body, err := s.withFiles(ctx, m, files)
	if err != nil {
		return nil, err
	}
	return &meshOutput{body}, nil
}

func (s *Server) cancelMesh(ctx context.Context, in *MeshPath) (*meshOutput, error) {
	if err := pathID(id.Mesh, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.CancelMesh(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("mesh")
	}
	if err != nil {
		return nil, err
	}
	return s.getMesh(ctx, in)
}

func (s *Server) deleteMesh(ctx context.Context, in *MeshPath) (*struct{}, error) {
	if err := pathID(id.Mesh, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.DeleteMesh(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("mesh")
	}
	return nil, err
}
