package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/spec"
)

func (s *Server) addEstimate() {
	add(s, huma.Operation{
		OperationID: "estimate-mesh", Method: http.MethodPost, Path: "/v1/estimate", Tags: []string{tagMeshes},
		Summary: "Estimate what a mesh would cost",
		Description: "From the volumes, areas and curvatures of an imported geometry and the edge lengths that the spec stands for; nothing is queued. " +
			"It is rough where meshes are coarse and parts are thin. low and high say how rough.",
		Errors: []int{409, 422},
	}, s.estimate)
}

type estimateInput struct {
	Body types.EstimateRequest

	resolved spec.Spec
}

// Resolve finds what the schema cannot say about the spec.
func (in *estimateInput) Resolve(huma.Context) []error {
	var bad []error
	in.resolved, bad = resolveSpec(in.Body.Spec)
	if err := bodyID(id.Geometry, "body.geometry_id", in.Body.GeometryID); err != nil {
		bad = append(bad, err)
	}
	return bad
}

type estimateOutput struct{ Body types.Estimate }

func (s *Server) estimate(ctx context.Context, in *estimateInput) (*estimateOutput, error) {
	g, err := s.bodyGeometry(ctx, in.Body.GeometryID)
	if err != nil {
		return nil, err
	}
	facts := s.remember(ctx, g)
	if facts == nil {
		if g.Status.Final() {
			return nil, noModel(http.StatusUnprocessableEntity, g)
		}
		return nil, noModel(http.StatusConflict, g)
	}
	out := &estimateOutput{}
	out.Body, err = s.checkDemands(ctx, facts, in.resolved)
	return out, err
}

// checkDemands refuses a spec that speaks of what the geometry does not have, or that stands for more elements than a mesh
// may have, and returns what a mesh by it would cost.
func (s *Server) checkDemands(ctx context.Context, facts *geometryFacts, resolved spec.Spec) (types.Estimate, error) {
	if err := resolved.Fit(facts.part); err != nil {
		return types.Estimate{}, err
	}
	converted, err := resolved.Convert(facts.part.Unit)
	if err != nil {
		return types.Estimate{}, err
	}
	if facts.defect != nil {
		if field, why := resolved.Unfilled(); field != "" {
			return types.Estimate{}, unfilled(facts.defect, field, why)
		}
		converted.Strategy = spec.Lattice // auto comes to it
	}
	own, err := s.jobs.LimitsOf(ctx, tenant(ctx))
	if err != nil {
		return types.Estimate{}, err
	}
	e := estimate.Of(facts.Facts, converted)
	limit := float64(jobs.Or(own.MaxElements, s.cfg.MaxElements))
	if low := atLeast(e); low > limit {
		d := diagnosis.New(diagnosis.TooLarge, "The spec stands for more than %.3g elements in this part; %.3g are allowed.", low, limit)
		return types.Estimate{}, diagnosed(http.StatusUnprocessableEntity, d, blame(facts.Facts, resolved, converted, limit)...)
	}
	return types.Estimate{
		Triangles: e.Triangles, Tetrahedra: e.Tetrahedra, Nodes: e.Nodes, Seconds: e.Seconds,
		MaxEdge: e.MaxEdge, MinEdge: e.MinEdge, Spec: resolved,
	}, nil
}

func atLeast(e estimate.Estimate) float64 { return e.Tetrahedra.Low + e.Triangles.Low }

// blame names the fields that ask for more elements than the limit: each that does so alone, or else all refinements.
func blame(facts *estimate.Facts, asked, converted spec.Spec, limit float64) (fields []types.FieldError) {
	add := func(path string, value any, message string) {
		fields = append(fields, types.FieldError{Location: "body.spec." + path, Message: message, Value: value})
	}
	if target := asked.Size.TargetElements; target > 0 {
		add("size.target_elements", target, "is more than a mesh may have")
		return fields
	}
	plain := converted
	plain.Refine = nil
	if atLeast(estimate.Of(facts, plain)) > limit {
		add("size.max", asked.Size.Max, "is too small for this part")
	}
	const message = "is too small for so large a place"
	for i, r := range converted.Refine {
		alone := spec.Spec{Order: 1, Size: spec.Size{Max: facts.Diagonal, Curvature: spec.MinCurvature, Growth: converted.Size.Growth},
			Groups: converted.Groups, Refine: []spec.Refinement{r}}
		if atLeast(estimate.Of(facts, alone)) > limit {
			add(fmt.Sprintf("refine[%d].size", i), asked.Refine[i].Size, message)
		}
	}
	if fields == nil {
		for i, r := range asked.Refine {
			add(fmt.Sprintf("refine[%d].size", i), r.Size, message)
		}
	}
	return fields
}

// finenesses estimates the default spec at each whole fineness.
func finenesses(m *engine.Model) []types.FinenessEstimate {
	facts := estimate.FactsOf(m)
	var out []types.FinenessEstimate
	for fineness := spec.MinFineness; fineness <= spec.MaxFineness; fineness++ {
		resolved, err := spec.Spec{Size: spec.Size{Fineness: float64(fineness)}}.Resolve()
		if err != nil {
			panic(err) // our own
		}
		if m.Defect != nil {
			resolved.Strategy = spec.Lattice // auto comes to it
		}
		e := estimate.Of(facts, resolved)
		out = append(out, types.FinenessEstimate{Fineness: fineness, MaxEdge: e.MaxEdge, Tetrahedra: e.Tetrahedra, Seconds: e.Seconds})
	}
	return out
}
