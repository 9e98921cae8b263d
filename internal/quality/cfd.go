package quality

import (
	"fmt"
	"math"
)

// CFD says whether a mesh is fit for the finite volume method, as OpenFOAM's checkMesh would. Cells, faces and centres are
// those of OpenFOAM; elements of higher order are taken as straight.
type CFD struct {
	Verdict              Verdict   `json:"verdict" enum:"ok,warnings,unfit"`
	InternalFaces        int       `json:"internal_faces"`
	BoundaryFaces        int       `json:"boundary_faces"`
	MaxNonOrthogonality  float64   `json:"max_non_orthogonality" doc:"largest angle between the line of two cells and the normal of their face, degrees"`
	MeanNonOrthogonality float64   `json:"mean_non_orthogonality" doc:"angle of the mean cosine, degrees, as checkMesh has its average"`
	Above65              int       `json:"above_65" doc:"internal faces with more than 65 degrees"`
	Above70              int       `json:"above_70" doc:"internal faces with more than 70 degrees, checkMesh's severe ones"`
	MaxSkewness          float64   `json:"max_skewness" doc:"of internal faces; checkMesh's limit is 4"`
	MaxBoundarySkewness  float64   `json:"max_boundary_skewness" doc:"of boundary faces"`
	MaxAspect            float64   `json:"max_aspect" doc:"checkMesh's aspect ratio of cells, limit 1000"`
	MinVolume            float64   `json:"min_volume"`
	NegativeVolumes      int       `json:"negative_volumes" doc:"cells without a positive volume"`
	WrongPyramids        int       `json:"wrong_pyramids" doc:"faces seen from the wrong side by the centre of their cell"`
	Findings             []Finding `json:"findings" doc:"what is not as it should be"`
}

// verdict puts what was found into words.
func (s *faceSurvey) verdict() CFD {
	f := &s.found
	out := CFD{
		InternalFaces: f.inner, BoundaryFaces: f.outer, Above65: f.above65, Above70: f.above70,
		MaxSkewness: f.skewness.value, MaxBoundarySkewness: f.boundarySkewness.value, MaxAspect: f.aspect.value,
		MinVolume: -f.volume.value, NegativeVolumes: f.negative, WrongPyramids: f.pyramids, Findings: []Finding{},
	}
	if f.inner > 0 {
		out.MaxNonOrthogonality = angleOf(-f.nonOrthogonality.value)
		out.MeanNonOrthogonality = angleOf(f.sumCosine / float64(f.inner))
	}
	find := func(n int, severity Verdict, at *worst, format string, args ...any) {
		if n > 0 {
			place := at.place
			out.Findings = append(out.Findings, Finding{severity, fmt.Sprintf("%d "+format, append([]any{n}, args...)...), n, &place})
		}
	}
	find(f.negative, Unfit, &f.volume, "cells have no positive volume, down to %.3g.", out.MinVolume)
	find(f.pyramids, Unfit, &f.pyramid, "faces lie on the wrong side of the centre of their cell.")
	find(f.crossed, Unfit, &f.nonOrthogonality, "internal faces have a non-orthogonality of 90° or more, up to %.1f°.", out.MaxNonOrthogonality)
	if severe := f.above70 - f.crossed; severe > 0 {
		find(severe, Warnings, &f.nonOrthogonality, "internal faces have a severe non-orthogonality of more than %d°, up to %.1f°: "+
			"take non-orthogonal correctors and limited schemes.", SevereNonOrthogonality, out.MaxNonOrthogonality)
	} else if f.above65 > 0 {
		find(f.above65, Warnings, &f.nonOrthogonality, "internal faces have a non-orthogonality of more than %d°, up to %.1f°: "+
			"take a non-orthogonal corrector.", HighNonOrthogonality, out.MaxNonOrthogonality)
	}
	find(f.skew, Warnings, &f.skewness, "internal faces have a skewness above %d, up to %.3g.", MaxFaceSkewness, out.MaxSkewness)
	find(f.skewBoundary, Warnings, &f.boundarySkewness, "boundary faces have a skewness above %d, up to %.3g.", MaxFaceSkewness, out.MaxBoundarySkewness)
	find(f.long, Warnings, &f.aspect, "cells have an aspect ratio above %d, up to %.3g.", MaxCellAspect, out.MaxAspect)
	out.Verdict = judge(out.Findings)
	return out
}

func angleOf(cosine float64) float64 { return math.Acos(max(-1, min(1, cosine))) * 180 / math.Pi }
