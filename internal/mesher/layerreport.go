package mesher

import (
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/layers"
)

// fullShare is the share of the height asked for from which layers count as not shrunk.
const fullShare = 0.95

// judgeLayers says what became of the layers.
func (j *job) judgeLayers(m *owned, stacks map[uint64][]uint64, now func(uint64) uint64) error {
	l := j.layers
	type spot struct {
		share float64
		point layers.Vec
	}
	spots := make([][]spot, len(l.reports))
	heights, thicknesses := make([][]float64, len(l.reports)), make([][]float64, len(l.reports))
	for _, w := range l.walls {
		r, asked := &l.reports[w.layer], j.req.Spec.Layers[w.layer]
		base := [3]layers.Vec{}
		carries := 0
		for k, before := range w.nodes {
			base[k] = m.At(now(before))
			if stack := stacks[now(before)]; stack != nil {
				base[k] = m.At(stack[0])
				carries++
			}
		}
		normal := doubleArea(base[0], base[2], base[1])
		size := math.Sqrt(normal[0]*normal[0] + normal[1]*normal[1] + normal[2]*normal[2])
		first, total := 0., 0.
		for k, before := range w.nodes {
			stack := stacks[now(before)]
			if stack == nil {
				continue
			}
			height := func(to uint64) (h float64) {
				way := between(base[k], m.At(to))
				for c := range way {
					h += way[c] * normal[c] / size / 3
				}
				return h
			}
			first += height(stack[1])
			total += height(stack[len(stack)-1])
		}
		r.Faces++
		share := total / asked.Thickness()
		switch {
		case carries < 3:
			r.Dropped++
			share = 0
		default:
			r.Complete++
			heights[w.layer] = append(heights[w.layer], first)
			thicknesses[w.layer] = append(thicknesses[w.layer], total)
			if share < fullShare {
				r.Shrunk++
			}
		}
		if share < fullShare {
			var middle layers.Vec
			for k := range middle {
				middle[k] = (base[0][k] + base[1][k] + base[2][k]) / 3
			}
			spots[w.layer] = append(spots[w.layer], spot{share, middle})
		}
	}
	for i := range l.reports {
		r := &l.reports[i]
		r.Share = float64(r.Complete) / float64(max(r.Faces, 1))
		r.FirstHeight, r.Thickness = boundsOf(heights[i]), boundsOf(thicknesses[i])
		slices.SortStableFunc(spots[i], func(a, b spot) int {
			switch {
			case a.share < b.share:
				return -1
			case a.share > b.share:
				return 1
			}
			return 0
		})
		var places []diagnosis.Entity
		reach := 0.05 * j.source.diagonal()
		for _, s := range spots[i] { // the worst of each neighbourhood
			near := slices.ContainsFunc(r.Places, func(p engine.LayerPlace) bool {
				d := between(p.Point, s.point)
				return math.Sqrt(d[0]*d[0]+d[1]*d[1]+d[2]*d[2]) < reach
			})
			if near || len(r.Places) >= maxPlaces {
				continue
			}
			r.Places = append(r.Places, engine.LayerPlace{Point: s.point, Share: s.share})
			places = append(places, diagnosis.Entity{Dim: 2, Point: &s.point, Name: fmt.Sprintf("%.0f %% of the thickness", 100*s.share)})
		}
		if r.Complete == 0 {
			return diagnosis.New(diagnosis.QualityBelowThreshold, "No face of the walls of layers[%d] can carry layers %g thick.",
				i, j.req.Spec.Layers[i].Thickness()).At(places...).
				WithHint("Ask for thinner layers, or make the group of faces that do not run on smoothly beside it.")
		}
		if r.Dropped+r.Shrunk > 0 {
			j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold,
				"Of the %d faces of the wall of layers[%d], %d carry thinner layers than asked for and %d none or not all.",
				r.Faces, i, r.Shrunk, r.Dropped).At(places...).
				WithHint("Ask for thinner layers, or a finer size near the places listed."))
		}
	}
	return nil
}

func boundsOf(values []float64) (b engine.Bounds) {
	if len(values) == 0 {
		return b
	}
	b.Min, b.Max = slices.Min(values), slices.Max(values)
	for _, v := range values {
		b.Mean += v / float64(len(values))
	}
	return b
}
