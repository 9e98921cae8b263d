package mesher

import (
	"fmt"
	"math"
	"slices"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// A strip is a face that is bent across and far longer than wide: the side of a rod, a wire, a spring, a thin tube. It takes some thirty
// edges around a circle to hold the volume, and triangles as long as wide are thousands of times as many along it. Where strips would cost more
// than stripBudget, their triangles are made longer than wide instead, in rows from end to end:
//
//	far  ┌─┬─┬─┬─┐     arcs at both ends, with as many edges each
//	     │╲│╲│╲│╲│     sides: two curves, or one seam where the face closes around; as many rows as edges on each
//	     ├─┼─┼─┼─┤
//	near └─┴─┴─┴─┘
type strip struct {
	face          int
	near, far     int // curves at its ends: arcs of circles
	left, right   int // curves along it; the same where the face closes around
	around        int // the parametric coordinate that goes around: 0 or 1
	radius        float64
	width, length float64 // of the arcs, and of the longer side
	bend          float64 // the least radius of the sides, infinite where they are straight
	edges, rows   int     // on each arc, and on each side
}

const (
	// slender is how many times as long as wide a face has to be to be a strip.
	slender = 8
	// stripBudget is about how many triangles all strips of a part may have at the default fineness, if that takes triangles mostStretch
	// times as long as wide at most. Parts whose strips cost half as much again are meshed in rows. No edge is longer than the spec allows.
	stripBudget = crowd
	mostStretch = 20
	// fewestAround is how many edges go around a circle at least, where the budget cannot be kept otherwise.
	fewestAround = 12
	// rowsOfBend is how many rows go around a full circle where a strip bends along itself: they lose a tenth of a percent there.
	rowsOfBend = 40
	// isoparametric is how far, as a share of the range, a parameter may vary along a curve along which it is constant.
	isoparametric = 1e-3
)

// startStrips finds the strips, decides how many edges are on the curves around them, and has them divided so. It leaves parts alone whose
// strips cost little, and whatever sizes are asked for that are not those of strips.
func (j *job) startStrips() error {
	j.strips = nil
	s := j.req.Spec
	if j.source.triangle != nil || !j.chords.automatic || j.req.Tuning.Anchor || s.Size.Min > 0 || s.Size.TargetElements > 0 ||
		s.Size.Growth > 0 || s.Size.WallElements > 0 || len(s.Refine) > 0 || !engine.BearsStrips(s) {
		return nil
	}
	longest := j.longestEdge(j.source.diagonal())
	budget := stripBudget * finenessShare(s.Size)
	var strips []strip
	square := 0. // triangles as long as wide, that all strips would have
	for _, solid := range j.source.solids {
		for _, face := range solid.faces {
			if j.eased[face] > 0 || slices.ContainsFunc(strips, func(p strip) bool { return p.face == face }) {
				continue
			}
			p, ok, err := stripOf(face)
			if err != nil || !ok || !p.matters(solid.volume, lossAllowed(s.Size)) { // what cannot be asked is meshed as all others
				continue
			}
			strips = append(strips, p)
			n := max(j.edgesAround(&p), 2*math.Pi*p.radius/longest)
			square += 2 * n * n * p.width / (2 * math.Pi * p.radius) * p.length / (2 * math.Pi * p.radius)
		}
	}
	const worth = 1.5
	if square < worth*budget {
		return nil
	}
	stretch, fewer := square/budget, 1.
	if stretch > mostStretch {
		fewer, stretch = math.Sqrt(mostStretch/stretch), mostStretch
	}
	row := math.Inf(1) // one length for all, so that strips beside each other have the same rows
	for i := range strips {
		p := &strips[i]
		n := max(fewer*j.edgesAround(p), min(fewestAround, j.edgesAround(p)), 2*math.Pi*p.radius/longest)
		p.edges = max(int(math.Ceil(n*p.width/(2*math.Pi*p.radius)-isoparametric)), 2)
		row = min(row, stretch*p.width/float64(p.edges), 2*math.Pi*p.bend/rowsOfBend)
	}
	row = min(row, longest)
	j.strips = strips
	j.track.say(gmsh.Info, fmt.Sprintf("%s bent across and long: triangles up to %.3g times as long as wide will do", count(len(strips), "face"), stretch))
	return j.divideStrips(row)
}

// matters reports whether a solid would lose too much of its volume if the strip had four edges around.
func (p *strip) matters(volume, allowed float64) bool {
	const lost = 0.36 // of a rod of four sides
	return lost*p.width*p.radius/2*p.length > allowed*volume
}

// edgesAround returns how many edges a full circle of the strip needs for its volume and its wall.
func (j *job) edgesAround(p *strip) float64 {
	volume := 2 * math.Pi / math.Sqrt(6*volumeGoal*lossAllowed(j.req.Spec.Size)) // n chords lose (2π/n)²/6 of a circle
	rule := j.chords.entities[gmsh.DimTag{Dim: 2, Tag: p.face}]
	wall := 2 * math.Pi * p.radius / math.Sqrt(8*p.radius*rule.wall)
	return max(volume, wall)
}

// divideStrips sets the number of edges of the curves around the strips. Both sides of a strip have as many, so that a side that two
// strips share hands the number on.
func (j *job) divideStrips(row float64) error {
	rows := map[int]int{}
	for _, p := range j.strips {
		n := max(int(math.Ceil(p.length/row)), 2)
		rows[p.left], rows[p.right] = max(rows[p.left], n), max(rows[p.right], n)
	}
	for changed := true; changed; {
		changed = false
		for _, p := range j.strips {
			if n := max(rows[p.left], rows[p.right]); rows[p.left] != n || rows[p.right] != n {
				rows[p.left], rows[p.right], changed = n, n, true
			}
		}
	}
	edges := map[int]int{}
	for _, p := range j.strips {
		edges[p.near], edges[p.far] = max(edges[p.near], p.edges), max(edges[p.far], p.edges)
	}
	for changed := true; changed; { // from end to end of strips in a row
		changed = false
		for _, p := range j.strips {
			if n := max(edges[p.near], edges[p.far]); edges[p.near] != n || edges[p.far] != n {
				edges[p.near], edges[p.far], changed = n, n, true
			}
		}
	}
	for i := range j.strips {
		p := &j.strips[i]
		p.edges, p.rows = edges[p.near], rows[p.left]
	}
	for _, of := range []map[int]int{rows, edges} {
		for curve, n := range of {
			if err := gmsh.SetTransfiniteCurve(curve, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// stripOf returns the strip that a face is, if it is one.
func stripOf(face int) (p strip, ok bool, err error) {
	p = strip{face: face, bend: math.Inf(1)}
	if kind, err := gmsh.Kind(gmsh.DimTag{Dim: 2, Tag: face}); err != nil || kind == "Plane" {
		return p, false, err
	}
	curves, err := gmsh.Boundary([]gmsh.DimTag{{Dim: 2, Tag: face}}, false)
	if err != nil || len(curves) != 4 {
		return p, false, err
	}
	var tags [4]int
	var lengths [4]float64
	for i, c := range curves {
		tags[i] = abs(c.Tag)
		if lengths[i], err = gmsh.Mass(gmsh.DimTag{Dim: 1, Tag: tags[i]}); err != nil {
			return p, false, err
		}
	}
	// The two longest are the sides. Of a torus, both pairs are one curve each.
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case lengths[a] > lengths[b]:
			return -1
		case lengths[a] < lengths[b]:
			return 1
		}
		return 0
	})
	p.left, p.right, p.near, p.far = tags[order[0]], tags[order[1]], tags[order[2]], tags[order[3]]
	p.length, p.width = lengths[order[0]], lengths[order[2]]
	if lengths[order[1]] < slender*p.width || lengths[order[3]] < 0.9*p.width {
		return p, false, nil
	}
	return measureStrip(p)
}

// measureStrip looks at the shape of what may be a strip: arcs of one circle's size at the ends, and parameters that run along the curves.
func measureStrip(p strip) (_ strip, ok bool, err error) {
	const samples, round = 12, 0.1
	for _, end := range []int{p.near, p.far} {
		places, err := placesOn(end, samples)
		if err != nil {
			return p, false, err
		}
		for i := 2; i < samples; i++ {
			r := circumradius(places[i-2], places[i-1], places[i])
			if p.radius == 0 {
				p.radius = r
			}
			if !(math.Abs(r-p.radius) <= round*p.radius) { // no arc, or the ends of a cone that is no rod
				return p, false, nil
			}
		}
	}
	face := gmsh.DimTag{Dim: 2, Tag: p.face}
	low, high, err := gmsh.ParameterBounds(face)
	if err != nil || len(low) != 2 {
		return p, false, err
	}
	// spread returns how far each coordinate varies along a curve, as a share of its range.
	spread := func(curve int) (out [2]float64, err error) {
		places, err := placesOn(curve, 5)
		if err != nil {
			return out, err
		}
		var flat []float64
		for _, q := range places {
			flat = append(flat, q[:]...)
		}
		at, err := gmsh.Parameters(face, flat)
		if err != nil || len(at) != 10 {
			return out, err
		}
		for k := range 2 {
			period := high[k] - low[k]
			for i := 2 + k; i < 10; i += 2 {
				d := math.Abs(at[i]-at[k]) / period
				out[k] = max(out[k], min(d, math.Abs(1-d))) // a seam has the coordinates of both of its sides
			}
		}
		return out, nil
	}
	near, err := spread(p.near)
	if err != nil {
		return p, false, err
	}
	if near[1] > near[0] {
		p.around = 1
	}
	for _, end := range []int{p.near, p.far} {
		if s, err := spread(end); err != nil || s[1-p.around] > isoparametric {
			return p, false, err
		}
	}
	for _, side := range []int{p.left, p.right} {
		if s, err := spread(side); err != nil || s[p.around] > isoparametric {
			return p, false, err
		}
		const samples = 300
		places, err := placesOn(side, samples)
		if err != nil {
			return p, false, err
		}
		for i := 2; i < samples; i++ {
			if r := circumradius(places[i-2], places[i-1], places[i]); r > 0 {
				p.bend = min(p.bend, r)
			}
		}
	}
	return p, true, nil
}

// placesOn returns places on a curve, evenly by its parameter, within its ends.
func placesOn(curve, n int) ([][3]float64, error) {
	e := gmsh.DimTag{Dim: 1, Tag: curve}
	low, high, err := gmsh.ParameterBounds(e)
	if err != nil {
		return nil, err
	}
	if len(low) != 1 {
		return nil, fmt.Errorf("curve %d has %d parameters", curve, len(low))
	}
	out := make([][3]float64, n)
	for i := range out {
		if out[i], err = gmsh.Point(e, low[0]+(float64(i)+0.5)/float64(n)*(high[0]-low[0])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// circumradius returns the radius of the circle through three places, infinite where they lie in a line.
func circumradius(a, b, c [3]float64) float64 {
	u, v := minus(b, a), minus(c, a)
	n := cross(u, v)
	double := distance(n, [3]float64{})
	lengths := distance(a, b) * distance(b, c) * distance(c, a)
	if double <= 1e-9*distance(a, b)*distance(a, c) {
		return math.Inf(1)
	}
	return lengths / (2 * double)
}
