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
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

type geometryPath struct {
	ID string `path:"id" doc:"geometry" example:"geo_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addGeometries() {
	tags := []string{tagGeometries}
	add(s, huma.Operation{
		OperationID: "list-geometries", Method: http.MethodGet, Path: "/v1/geometries", Tags: tags,
		Summary: "List geometries", Description: "Newest first, without their solids and faces one by one.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listGeometries)
	add(s, huma.Operation{
		OperationID: "get-geometry", Method: http.MethodGet, Path: "/v1/geometries/{id}", Tags: tags,
		Summary:     "Get a geometry",
		Description: "Where its import stands and, once imported, what the file holds: bounding box, solids and faces with names and colours.",
		Errors:      []int{404},
	}, s.getGeometry)
	add(s, huma.Operation{
		OperationID: "delete-geometry", Method: http.MethodDelete, Path: "/v1/geometries/{id}", Tags: tags,
		Summary: "Delete a geometry", Description: "Deletes its meshes too; unfinished work is canceled. Rows go now, objects soon after.",
		Errors: []int{404},
	}, s.deleteGeometry)
	add(s, huma.Operation{
		OperationID: "warm-geometry", Method: http.MethodPost, Path: "/v1/geometries/{id}/warm", Tags: tags,
		Summary:       "Have workers hold a geometry",
		Description:   "Asks the workers to fetch the file ahead of a mesh. An upload does it by itself; this is for a geometry that was not used for a while. It promises nothing.",
		DefaultStatus: http.StatusAccepted, Errors: []int{404, 409},
	}, s.warmGeometry)
}

// toGeometrySummary says what a row says.
func toGeometrySummary(g store.Geometry) types.GeometrySummary {
	t := types.GeometrySummary{
		ID: g.ID, Filename: g.Filename, Format: string(g.Format), Size: g.Size, SHA256: g.SHA256,
		Status: string(g.Status), Stage: string(currentStage(g.Job)), Progress: g.Progress, Attempt: g.Attempt,
		Units: g.Units, Error: g.Error, Warnings: list(g.Warnings),
		CreatedAt: g.CreatedAt, StartedAt: g.StartedAt, FinishedAt: g.FinishedAt,
	}
	if g.ProjectID != nil {
		t.ProjectID = *g.ProjectID
	}
	if m := g.Model; m != nil {
		t.Units, t.DeclaredUnits, t.BoundingBox = m.Units, m.DeclaredUnits, &m.Box
		t.SolidCount, t.FaceCount, t.CurveCount, t.TriangleCount = len(m.Solids), len(m.Faces), m.Curves, m.Triangles
		t.Volume, t.Area, t.Defect = sum(m.Solids), sum(m.Faces), m.Defect
	}
	return t
}

func toGeometry(g store.Geometry) types.Geometry {
	t := types.Geometry{
		GeometrySummary: toGeometrySummary(g), Timings: list(g.Timings), Groups: []engine.FileGroup{},
		Solids: []engine.Body{}, Faces: []engine.Body{}, Estimates: []types.FinenessEstimate{},
	}
	if g.Model != nil {
		t.Solids, t.Faces, t.Groups = list(g.Model.Solids), list(g.Model.Faces), list(g.Model.Groups)
		t.Estimates = finenesses(g.Model)
	}
	return t
}

// currentStage is the stage of work that is under way.
func currentStage(j store.Job) engine.Stage {
	if j.Status != store.Running {
		return ""
	}
	return j.Stage
}

func sum(bodies []engine.Body) float64 {
	total := 0.0
	for _, b := range bodies {
		total += b.Measure
	}
	return total
}

// list makes a list that is there of one that may not be.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

type geometryListOutput struct{ Body types.GeometryList }

type geometryListInput struct {
	Paging
	ProjectID string `query:"project_id" doc:"only those of this project"`
}

func (s *Server) listGeometries(ctx context.Context, in *geometryListInput) (*geometryListOutput, error) {
	page, err := in.page(id.Geometry)
	if err == nil {
		err = filterID("query.project_id", id.Project, in.ProjectID)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Geometries(ctx, tenant(ctx), in.ProjectID, ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(g store.Geometry) string { return g.ID })
	out := &geometryListOutput{types.GeometryList{Items: make([]types.GeometrySummary, len(rows)), NextCursor: next}}
	for i, g := range rows {
		out.Body.Items[i] = toGeometrySummary(g)
	}
	return out, nil
}

// geometry returns a geometry of the asking tenant by the id in a path, and remembers what a mesh of it needs.
func (s *Server) geometry(ctx context.Context, geometryID string) (store.Geometry, error) {
	if err := pathID(id.Geometry, geometryID); err != nil {
		return store.Geometry{}, err
	}
	g, err := s.db.Geometry(ctx, tenant(ctx), geometryID)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("geometry")
	}
	if err == nil {
		s.remember(ctx, g)
	}
	return g, err
}

// bodyGeometry is geometry for an id in a body, which is a field that can be wrong.
func (s *Server) bodyGeometry(ctx context.Context, geometryID string) (store.Geometry, error) {
	g, err := s.db.Geometry(ctx, tenant(ctx), geometryID)
	if errors.Is(err, store.ErrNotFound) {
		err = unknown("body.geometry_id", geometryID, "geometry")
	}
	return g, err
}

type geometryOutput struct{ Body types.Geometry }

func (s *Server) getGeometry(ctx context.Context, in *geometryPath) (*geometryOutput, error) {
	g, err := s.geometry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &geometryOutput{toGeometry(g)}
	artifacts, err := s.db.GeometryArtifacts(ctx, tenant(ctx), g.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range artifacts {
		if a.Preview {
			preview, err := s.artifact(ctx, a, g.Filename)
			if err != nil {
				return nil, err
			}
			out.Body.Preview = &preview
		}
	}
	return out, nil
}

func (s *Server) deleteGeometry(ctx context.Context, in *geometryPath) (*struct{}, error) {
	if err := pathID(id.Geometry, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.DeleteGeometry(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("geometry")
	}
	return nil, err
}

func (s *Server) warmGeometry(ctx context.Context, in *geometryPath) (*geometryOutput, error) {
	g, err := s.geometry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if g.Status == store.Failed || g.Status == store.Canceled {
		return nil, noModel(http.StatusConflict, g)
	}
	if err := s.queue.PublishWarm(ctx, source(tenant(ctx), g)); err != nil {
		return nil, err
	}
	return &geometryOutput{toGeometry(g)}, nil
}

func source(tenant string, g store.Geometry) queue.Source {
	return queue.Source{Tenant: tenant, SHA256: g.SHA256, Format: g.Format, Size: g.Size, ObjectKey: g.ObjectKey}
}

// noModel is the problem of a geometry whose import has not succeeded.
func noModel(status int, g store.Geometry) *types.Problem {
	if g.Error != nil {
		return diagnosed(status, g.Error)
	}
	if g.Status == store.Canceled {
		return diagnosed(status, diagnosis.New(diagnosis.Internal, "The import of the geometry was canceled."))
	}
	return refuse(status, types.CodeNotReady, "The geometry is not imported yet: its import is "+string(g.Status)+".")
}
