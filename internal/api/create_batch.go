package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

type createBatchInput struct {
	Idempotent
	Body types.CreateBatch

	specs []store.BatchSpec
}

// Resolve finds what the schema cannot say, so that the answer lists every bad field at once.
func (in *createBatchInput) Resolve(ctx huma.Context) []error {
	bad := in.Idempotent.Resolve(ctx)
	refuse := func(location string, value any, format string, args ...any) {
		bad = append(bad, &huma.ErrorDetail{Location: location, Message: fmt.Sprintf(format, args...), Value: value})
	}
	first := map[string]int{}
	for i, geometryID := range in.Body.GeometryIDs {
		at := fmt.Sprintf("body.geometry_ids[%d]", i)
		if before, twice := first[geometryID]; twice {
			refuse(at, geometryID, "is geometry_ids[%d] again", before)
		} else if !id.Valid(id.Geometry, geometryID) {
			refuse(at, geometryID, "is not the id of a geometry")
		}
		first[geometryID] = i
	}
	if err := bodyID(id.Project, "body.project_id", in.Body.ProjectID); err != nil {
		bad = append(bad, err)
	}
	if unprintable(in.Body.Name) {
		refuse("body.name", nil, "must be a name")
	}
	asked := in.Body.Specs
	if len(asked) == 0 {
		asked = []types.BatchSpec{{}}
	}
	named := map[string]int{}
	for i, one := range asked {
		at := fmt.Sprintf("body.specs[%d]", i)
		name := strings.TrimSpace(one.Name)
		if name == "" && len(asked) > 1 {
			name = fmt.Sprint(i + 1)
		}
		if before, twice := named[name]; twice {
			refuse(at+".name", one.Name, "is the name of specs[%d] too", before)
		}
		if unprintable(name) {
			refuse(at+".name", nil, "must be a name")
		}
		named[name] = i
		resolved, errs := resolveSpec(one.Spec)
		for _, err := range errs {
			refuse(strings.Replace(fieldError(err).Location, "body.spec", at+".spec", 1), fieldError(err).Value, "%s", fieldError(err).Message)
		}
		in.specs = append(in.specs, store.BatchSpec{Name: name, Spec: resolved})
	}
	return bad
}

// unprintable reports whether a name holds what no name holds: control characters, of which Postgres takes not all.
func unprintable(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
}

type createBatchOutput struct {
	Location string `header:"Location" doc:"path of the batch"`
	Body     types.Batch
}

func (s *Server) createBatch(ctx context.Context, in *createBatchInput) (*createBatchOutput, error) {
	if err := s.storable(ctx, 0); err != nil {
		return nil, err
	}
	most, err := s.mostInBatch(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(in.Body.GeometryIDs) * len(in.specs); n > most {
		return nil, invalid(types.FieldError{Location: "body.geometry_ids", Value: len(in.Body.GeometryIDs), Message: fmt.Sprintf(
			"%d geometries by %d specs are %d meshes; a batch may have %d", len(in.Body.GeometryIDs), len(in.specs), n, most)})
	}
	if err := s.checkWebhook(in.Body.WebhookURL); err != nil {
		return nil, err
	}
	if err := s.refuseUnfitBatch(ctx, in); err != nil {
		return nil, err
	}
	hash, err := requestHash(in.Body)
	if err != nil {
		return nil, err
	}
	batchID, err := s.jobs.CreateBatch(ctx, store.NewBatch{
		TenantID: tenant(ctx), ProjectID: in.Body.ProjectID, Name: strings.TrimSpace(in.Body.Name),
		GeometryIDs: in.Body.GeometryIDs, Specs: in.specs, Traceparent: traceOf(ctx),
		IdempotencyKey: in.IdempotencyKey, RequestHash: hash, Reuse: in.Body.Reuse == nil || *in.Body.Reuse,
		WebhookURL: in.Body.WebhookURL,
	})
	var unknownGeometries *store.UnknownGeometries
	switch {
	case errors.As(err, &unknownGeometries):
		return nil, noGeometries(in.Body.GeometryIDs, unknownGeometries.Indices)
	case errors.Is(err, store.ErrNoProject):
		return nil, unknown("body.project_id", in.Body.ProjectID, "project")
	case err != nil:
		return nil, err
	}
	body, err := s.wholeBatch(ctx, batchID)
	return &createBatchOutput{Location: "/v1/batches/" + batchID, Body: body}, err
}

// mostInBatch is how many meshes a batch may have: a larger one than the queue has room for would be refused for ever.
func (s *Server) mostInBatch(ctx context.Context) (int, error) {
	room, err := s.jobs.LargestBatch(ctx, tenant(ctx))
	if room > 0 {
		return min(s.cfg.MaxBatch, room), err
	}
	return s.cfg.MaxBatch, err
}

func noGeometries(ids []string, missing []int) *types.Problem {
	var fields []types.FieldError
	for _, i := range missing {
		fields = append(fields, types.FieldError{Location: fmt.Sprintf("body.geometry_ids[%d]", i), Message: "there is no such geometry", Value: ids[i]})
	}
	p := invalid(fields...)
	p.Code = types.CodeNotFound
	return p
}

// mostUnfit bounds how many fields of a batch an answer names.
const mostUnfit = 50

// refuseUnfitBatch is refuseUnfit for every geometry and spec. What it refuses it names by spec and field, and by the
// geometry that does not fit.
func (s *Server) refuseUnfitBatch(ctx context.Context, in *createBatchInput) error {
	var whole *types.Problem
	for i, one := range in.specs {
		for j, geometryID := range in.Body.GeometryIDs {
			err := s.refuseUnfit(ctx, geometryID, one.Spec)
			var p *types.Problem
			var bad spec.Errors
			switch {
			case err == nil:
				continue
			case errors.As(err, &p):
			case errors.As(err, &bad):
				p = invalid(specFields(bad)...)
			default:
				return err
			}
			if whole == nil {
				whole = refuse(http.StatusUnprocessableEntity, p.Code, p.Detail)
			}
			for _, f := range p.Errors {
				place := fmt.Sprintf("body.geometry_ids[%d]", j)
				if strings.HasPrefix(f.Location, "body.spec.") {
					f.Location = strings.Replace(f.Location, "body.spec", fmt.Sprintf("body.specs[%d].spec", i), 1)
					f.Message += fmt.Sprintf(" (geometry_ids[%d])", j)
				} else {
					f.Location = place
				}
				whole.Errors = append(whole.Errors, f)
			}
			if len(whole.Errors) >= mostUnfit {
				return whole
			}
		}
	}
	if whole == nil {
		return nil
	}
	return whole
}
