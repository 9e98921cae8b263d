package mesher

import (
	"errors"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
)

// A face that Gmsh blames is meshed again by another algorithm and with shorter edges: most often its triangles fold or cross,
// and both ends with smaller ones.
var easeAlgorithms = []int{delaunay2D}

const (
	easeFactor = 0.6
	// maxEased bounds how many faces are eased: where half the model is blamed, another rung does better.
	maxEased = 12
)

// ease notes the faces that a failure blames, and reports whether meshing again with what is known now may help.
func (j *job) ease(err error) bool {
	d, ok := errors.AsType[*diagnosis.Diagnosis](err)
	if !ok || j.source.triangle != nil {
		return false
	}
	switch d.Code {
	case diagnosis.SurfaceMeshingFailed, diagnosis.BoundaryRecoveryFailed:
	default:
		return false
	}
	blamed := 0
	for _, e := range d.Entities {
		if e.Dim != 2 || e.Tag == 0 {
			continue
		}
		if j.eased[e.Tag] == len(easeAlgorithms) {
			return false
		}
		blamed++
	}
	if blamed == 0 || blamed > maxEased {
		return false
	}
	if j.eased == nil {
		j.eased = map[int]int{}
	}
	for _, e := range d.Entities {
		if e.Dim == 2 && e.Tag != 0 {
			j.eased[e.Tag]++
		}
	}
	j.track.say(gmsh.Warning, d.Message+" The faces blamed are meshed another way.")
	return true
}

// startOver leaves nothing of what was done but what was learnt. A failed mesh leaves a lock behind, which only a fresh
// library is rid of.
func (j *job) startOver() error {
	if err := j.m.fresh(true); err != nil {
		return err
	}
	j.source, j.catalogue, j.warnings, j.chords, j.strips, j.sizes = source{}, catalogue{}, nil, nil, nil, nil
	j.part, j.reused, j.modelName = nil, nil, j.m.newModelName()
	return nil
}
