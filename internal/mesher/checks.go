package mesher

import (
	"fmt"
	"math"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// The names of the conditions that a mesh has to meet.
const (
	solidsFilled   = "solids_filled"
	volumeEnclosed = "volume_enclosed"
	noneInverted   = "none_inverted"
	noneFlat       = "none_flat"
	conforming     = "conforming"
	readsBack      = "reads_back"
)

// fillTolerance is how far the sum of the elements may be from what the surface encloses, relatively: rounding, and no
// element, which would be more.
const fillTolerance = 1e-6

// checks says which conditions the elements meet; the first that they do not is also a diagnosis.
func (j *job) checks(fillings []filling) ([]engine.Check, *diagnosis.Diagnosis) {
	var checks []engine.Check
	var first *diagnosis.Diagnosis
	add := func(name string, d *diagnosis.Diagnosis) {
		check := engine.Check{Name: name, Passed: d == nil}
		if d != nil {
			check.Detail = d.Message
			if first == nil {
				first = d
			}
		}
		checks = append(checks, check)
	}
	add(solidsFilled, j.unfilled(fillings))
	add(volumeEnclosed, j.leaky(fillings))
	add(conforming, j.hanging(fillings))
	add(noneInverted, j.bad(fillings, "inverted", func(f *filling) (int, []site) { return f.inverts, f.inverted }))
	add(noneFlat, j.bad(fillings, "flat", func(f *filling) (int, []site) { return f.flats, f.flat }))
	return checks, first
}

// unfilled finds solids without elements, and places where the surface of one has none behind it.
func (j *job) unfilled(fillings []filling) *diagnosis.Diagnosis {
	bares := 0
	var sites []site
	for i, f := range fillings {
		s := j.source.solids[i]
		if f.elements == 0 {
			return diagnosis.New(diagnosis.BoundaryRecoveryFailed, "No element fills %s.", describeSolid(s)).
				At(diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name})
		}
		bares += f.bares
		sites = append(sites, f.bare...)
	}
	if bares == 0 {
		return nil
	}
	return diagnosis.New(diagnosis.BoundaryRecoveryFailed, "%d faces of the surface mesh have no element behind them.", bares).
		At(j.entitiesAt(sites)...)
}

// leaky finds solids whose elements do not add up to what their surface encloses, or whose surface is not closed.
func (j *job) leaky(fillings []filling) *diagnosis.Diagnosis {
	for i, f := range fillings {
		s := j.source.solids[i]
		where := diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name}
		if f.gap > fillTolerance {
			return diagnosis.New(diagnosis.SurfaceMeshingFailed, "The surface mesh of %s is not closed.", describeSolid(s)).At(where)
		}
		if difference := math.Abs(f.volume - f.enclosed); !(difference <= fillTolerance*math.Abs(f.enclosed)) {
			return diagnosis.New(diagnosis.QualityBelowThreshold, "The elements of %s add up to %.9g, but its surface encloses %.9g.",
				describeSolid(s), f.volume, f.enclosed).At(where)
		}
	}
	return nil
}

// hanging finds faces between elements that do not meet face to face.
func (j *job) hanging(fillings []filling) *diagnosis.Diagnosis {
	count := 0
	var sites []site
	for _, f := range fillings {
		count += f.hangs
		sites = append(sites, f.hanging...)
	}
	if count == 0 {
		return nil
	}
	return diagnosis.New(diagnosis.QualityBelowThreshold, "%d faces between elements are not shared by two of them.", count).
		At(j.entitiesAt(sites)...)
}

// bad finds elements of one kind of badness.
func (j *job) bad(fillings []filling, kind string, of func(*filling) (int, []site)) *diagnosis.Diagnosis {
	count := 0
	var sites []site
	for i := range fillings {
		n, places := of(&fillings[i])
		count += n
		sites = append(sites, places...)
	}
	if count == 0 {
		return nil
	}
	return diagnosis.New(diagnosis.QualityBelowThreshold, "%d elements are %s.", count, kind).At(j.entitiesAt(sites)...)
}

func (j *job) entitiesAt(sites []site) []diagnosis.Entity {
	var out []diagnosis.Entity
	for _, s := range sites[:min(len(sites), maxPlaces)] {
		e := diagnosis.Entity{Dim: s.dim, Tag: s.tag, Point: &s.point}
		if s.dim == 3 {
			for _, solid := range j.source.solids {
				if solid.tag == s.tag {
					e.Name = solid.name
				}
			}
		}
		out = append(out, e)
	}
	return out
}

func describeSolid(s solid) string {
	if s.name != "" {
		return fmt.Sprintf("solid %d (%s)", s.tag, s.name)
	}
	return fmt.Sprintf("solid %d", s.tag)
}

// verdict is the diagnosis of straight elements that are to be curved, if they fail.
func (j *job) verdict(_ *snapshot, fillings []filling) error {
	if _, d := j.checks(fillings); d != nil {
		return d
	}
	return nil
}
