package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

type BatchPath struct {
	ID string `path:"id" doc:"batch" example:"bat_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addBatches() {
	tags := []string{tagBatches}
	add(s, huma.Operation{
		OperationID: "create-batch", Method: http.MethodPost, Path: "/v1/batches", Tags: tags,
		Summary: "Mesh many geometries by many specs",
		Description: "Makes a mesh of each geometry by each spec, all or none of them. They are meshes as any other, with events, logs and files; " +
			"work that somebody waits for goes before them. A geometry that cannot be imported gives meshes that have failed, and the others go on. " +
			"With an Idempotency-Key, a repetition of the same request within a day returns the same batch.",
		DefaultStatus: http.StatusAccepted, Errors: []int{422},
	}, s.createBatch)
	add(s, huma.Operation{
		OperationID: "list-batches", Method: http.MethodGet, Path: "/v1/batches", Tags: tags,
		Summary: "List batches", Description: "Newest first, without their meshes one by one.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listBatches)
	add(s, huma.Operation{
		OperationID: "get-batch", Method: http.MethodGet, Path: "/v1/batches/{id}", Tags: tags,
		Summary: "Get a batch", Description: "How many meshes are in each status, and a row for each. To follow the work: /v1/events.",
		Errors: []int{404},
	}, s.getBatch)
	add(s, huma.Operation{
		OperationID: "cancel-batch", Method: http.MethodPost, Path: "/v1/batches/{id}/cancel", Tags: tags,
		Summary: "Cancel a batch", Description: "Cancels every mesh that has not ended, at once. Returns the batch.",
		Errors: []int{404},
	}, s.cancelBatch)
	add(s, huma.Operation{
		OperationID: "delete-batch", Method: http.MethodDelete, Path: "/v1/batches/{id}", Tags: tags,
		Summary: "Delete a batch", Description: "Deletes its meshes too, but not their geometries; unfinished work is canceled. Rows go now, objects soon after.",
		Errors: []int{404},
	}, s.deleteBatch)
	s.addArchive()
}

func toBatchSummary(b store.MeshBatch) types.BatchSummary {
	t := types.BatchSummary{
		ID: b.ID, Name: b.Name, Done: b.Unfinished() == 0, CreatedAt: b.CreatedAt, Specs: []types.BatchSpec{},
		Counts: types.BatchCounts{
			Queued: b.Queued, Running: b.Running, Succeeded: b.Succeeded, Failed: b.Failed, Canceled: b.Canceled,
			Total: b.Unfinished() + b.Succeeded + b.Failed + b.Canceled,
		},
	}
	if b.ProjectID != nil {
		t.ProjectID = *b.ProjectID
	}
	for _, one := range b.Specs {
		t.Specs = append(t.Specs, types.BatchSpec(one))
	}
	return t
}

func toBatchItem(i store.BatchItem) types.BatchItem {
	t := types.BatchItem{
		ReusedFrom: i.ReusedFrom,
		MeshID:     i.MeshID, GeometryID: i.GeometryID, Filename: i.Filename, Spec: i.Spec,
		Status: string(i.Status), Stage: string(currentStage(i.Job)), Progress: i.Progress, Elements: volumeElements(i.Elements),
	}
	if i.Nodes != nil {
		t.Nodes = *i.Nodes
	}
	if i.MinSICN != nil {
		t.MinSICN = *i.MinSICN
	}
	if i.StartedAt != nil && i.FinishedAt != nil {
		t.Seconds = i.FinishedAt.Sub(*i.StartedAt).Seconds()
	}
	if i.Job.Error != nil {
		t.ErrorCode, t.Error = string(i.Job.Error.Code), i.Job.Error.Message
	}
	return t
}

// volumeElements counts the elements that fill space.
func volumeElements(byKind map[string]int) (n int) {
	for _, kind := range []string{"tetrahedron", "hexahedron", "prism", "pyramid", "trihedron"} {
		n += byKind[kind]
	}
	return n
}

type batchOutput struct{ Body types.Batch }

// batch returns a batch of the asking tenant by the id in a path.
func (s *Server) batch(ctx context.Context, batchID string) (store.MeshBatch, error) {
	if err := pathID(id.Batch, batchID); err != nil {
		return store.MeshBatch{}, err
	}
	b, err := s.db.Batch(ctx, tenant(ctx), batchID)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("batch")
	}
	return b, err
}

func (s *Server) wholeBatch(ctx context.Context, batchID string) (types.Batch, error) {
	b, err := s.batch(ctx, batchID)
	if err != nil {
		return types.Batch{}, err
	}
	items, err := s.db.BatchItems(ctx, tenant(ctx), b.ID)
	if err != nil {
		return types.Batch{}, err
	}
	t := types.Batch{BatchSummary: toBatchSummary(b), Items: make([]types.BatchItem, len(items))}
	for i, item := range items {
		t.Items[i] = toBatchItem(item)
	}
	return t, nil
}

func (s *Server) getBatch(ctx context.Context, in *BatchPath) (*batchOutput, error) {
	body, err := s.wholeBatch(ctx, in.ID)
	return &batchOutput{body}, err
}

type batchListOutput struct{ Body types.BatchList }

type batchListInput struct {
	Paging
	ProjectID string `query:"project_id" doc:"only those of this project"`
}

func (s *Server) listBatches(ctx context.Context, in *batchListInput) (*batchListOutput, error) {
	page, err := in.page(id.Batch)
	if err == nil {
		err = filterID("query.project_id", id.Project, in.ProjectID)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Batches(ctx, tenant(ctx), in.ProjectID, ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(b store.MeshBatch) string { return b.ID })
	out := &batchListOutput{types.BatchList{Items: make([]types.BatchSummary, len(rows)), NextCursor: next}}
	for i, b := range rows {
		out.Body.Items[i] = toBatchSummary(b)
	}
	return out, nil
}

func (s *Server) cancelBatch(ctx context.Context, in *BatchPath) (*batchOutput, error) {
	if err := pathID(id.Batch, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.CancelBatch(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("batch")
	}
	if err != nil {
		return nil, err
	}
	return s.getBatch(ctx, in)
}

func (s *Server) deleteBatch(ctx context.Context, in *BatchPath) (*struct{}, error) {
	if err := pathID(id.Batch, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.DeleteBatch(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("batch")
	}
	return nil, err
}
