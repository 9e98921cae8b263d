package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

type createMeshInput struct {
	Prefer
	Idempotent
	Body types.CreateMesh

	resolved spec.Spec
}

// Resolve finds what the schema cannot say about the spec, so that the answer lists every bad field at once.
func (in *createMeshInput) Resolve(ctx huma.Context) []error {
	in.Prefer.Resolve(ctx)
	bad := in.Idempotent.Resolve(ctx)
	var faults []error
	in.resolved, faults = resolveSpec(in.Body.Spec)
	bad = append(bad, faults...)
	if err := bodyID(id.Geometry, "body.geometry_id", in.Body.GeometryID); err != nil {
		bad = append(bad, err)
	}
	return bad
}

func resolveSpec(asked spec.Spec) (resolved spec.Spec, bad []error) {
	resolved, err := asked.Resolve()
	var fields spec.Errors
	if errors.As(err, &fields) {
		for _, f := range specFields(fields) {
			bad = append(bad, &huma.ErrorDetail{Location: f.Location, Message: f.Message, Value: f.Value})
		}
	}
	return resolved, bad
}

// bodyID checks the form of an id in a body; one that is missing is the schema's to refuse.
func bodyID(kind id.Kind, location, value string) error {
	if value == "" || id.Valid(kind, value) {
		return nil
	}
	return &huma.ErrorDetail{Location: location, Message: "is not the id of a " + noun[kind], Value: value}
}

type createMeshOutput struct {
	Status            int
	Location          string `header:"Location" doc:"path of the mesh"`
	PreferenceApplied string `header:"Preference-Applied"`
	Body              types.Mesh
}

func (s *Server) createMesh(ctx context.Context, in *createMeshInput) (*createMeshOutput, error) {
	if err := s.storable(ctx, 0); err != nil {
		return nil, err
	}
	if err := s.refuseUnfit(ctx, in.Body.GeometryID, in.resolved); err != nil {
		return nil, err
	}
	if err := s.checkWebhook(in.Body.WebhookURL); err != nil {
		return nil, err
	}
	hash, err := requestHash(in.Body)
	if err != nil {
		return nil, err
	}
	created, err := s.jobs.CreateMesh(ctx, store.NewMesh{
		TenantID: tenant(ctx), GeometryID: in.Body.GeometryID, Spec: in.resolved, Class: store.Class(in.Body.Class),
		Reuse:       in.Body.Reuse == nil || *in.Body.Reuse,
		Traceparent: traceOf(ctx), IdempotencyKey: in.IdempotencyKey, RequestHash: hash, WebhookURL: in.Body.WebhookURL,
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, unknown("body.geometry_id", in.Body.GeometryID, "geometry")
	}
	if err != nil {
		return nil, err
	}
	m, files := created.Mesh, created.Files
	if in.given && in.wait > 0 && !m.Status.Final() {
		waited, err := s.waitForMesh(ctx, m.ID, in.wait)
		switch {
		case errors.Is(err, store.ErrNotFound): // deleted meanwhile; the answer says what was created
		case err != nil:
			return nil, err
		default:
			m, files = waited.Mesh, waited.files
		}
	}
	out := &createMeshOutput{Status: http.StatusAccepted, Location: "/v1/meshes/" + m.ID, PreferenceApplied: in.applied()}
	if m.Status.Final() {
		out.Status = http.StatusOK
	}
	if files == nil {
		out.Body, err = s.whole(ctx, m)
	} else {
		out.Body, err = s.withFiles(ctx, m, files)
	}
	return out, err
}

// meshWithFiles is a mesh and its artifacts, of one moment.
type meshWithFiles struct {
	store.Mesh
	files []store.Artifact
}

// waitForMesh returns the mesh when it is final, or as it is after the wait.
func (s *Server) waitForMesh(ctx context.Context, meshID string, wait time.Duration) (meshWithFiles, error) {
	owner := tenant(ctx)
	load := func(ctx context.Context) (m meshWithFiles, final bool, err error) {
		m.Mesh, m.files, err = s.db.MeshWithFiles(ctx, owner, meshID)
		return m, m.Status.Final(), err
	}
	return await(ctx, s, meshID, wait, load)
}

// refuseUnfit refuses a spec that the geometry does not fit, or that stands for too many elements. Only what refers to the
// geometry or is an absolute size can: what a fineness stands for is bounded. It does not know a geometry that is not
// imported yet; the engine will tell.
func (s *Server) refuseUnfit(ctx context.Context, geometryID string, resolved spec.Spec) error {
	if !resolved.Refers() && resolved.Size.Max == 0 && resolved.Size.TargetElements == 0 && len(resolved.Refine) == 0 {
		return nil
	}
	facts, err := s.geometryFacts(ctx, geometryID)
	if err != nil || facts == nil {
		return err
	}
	_, err = s.checkDemands(ctx, facts, resolved)
	return err
}
