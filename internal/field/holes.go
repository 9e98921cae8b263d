package field

import "math"

// halvings is how often the way through a hole is halved to find where the winding number is one half.
const halvings = 16

// gap is a cut edge on which no triangle was found: slot times Edges plus edge.
type gap struct {
	at   int
	p, q [3]float64
}

// missing clears the edges that are not cut, names the triangles as the input does, and places the cuts of edges that pass
// through no triangle: beside one, since a node all but on the surface counts for either side, or through a hole.
func (w *sampling) missing(cut []uint8) {
	c := &w.out.Cuts
	chunks := make([][]gap, (len(c.Node)+4095)/4096)
	w.each(len(chunks), func(_, k int) {
		for slot := k * 4096; slot < min((k+1)*4096, len(c.Node)); slot++ {
			node := c.Node[slot]
			for e := range Edges {
				at := slot*Edges + e
				switch {
				case cut[node]>>e&1 == 0:
					c.T[at], c.Triangle[at] = -1, -1
				case c.T[at] > 1:
					here := int(node) + w.first*w.lattice.Slab()
					there, _ := w.lattice.Other(here, e)
					chunks[k] = append(chunks[k], gap{at, w.lattice.At(here), w.lattice.At(there)})
				default:
					c.Triangle[at] = w.number[c.Triangle[at]]
				}
			}
		}
	})
	var gaps []gap
	for _, chunk := range chunks {
		gaps = append(gaps, chunk...)
	}
	if len(gaps) > 0 {
		w.fill(gaps)
	}
}

// fill places cuts where no triangle was met.
func (w *sampling) fill(gaps []gap) {
	c := &w.out.Cuts
	from, to := make([][3]float64, len(gaps)), make([][3]float64, len(gaps))
	for i, g := range gaps {
		from[i], to[i] = g.p, g.q
	}
	const near = 1e-6 // of an edge: the node is on the surface
	a, b := w.Nearest(from, near*w.lattice.H), w.Nearest(to, near*w.lattice.H)
	var holes []gap
	for i, g := range gaps {
		switch {
		case a[i].Triangle >= 0 && (b[i].Triangle < 0 || a[i].Distance <= b[i].Distance):
			c.T[g.at], c.Triangle[g.at] = 0, a[i].Triangle
		case b[i].Triangle >= 0:
			c.T[g.at], c.Triangle[g.at] = 1, b[i].Triangle
		default:
			holes = append(holes, g)
		}
	}
	if len(holes) == 0 {
		return
	}
	// triangles along which the edge runs within rounding, or a hole
	from, to = from[:0], to[:0]
	for _, g := range holes {
		from, to = append(from, g.p), append(to, g.q)
	}
	crossings := w.Cross(from, to)
	var open []gap
	for i, g := range holes {
		if crossings[i].Triangle >= 0 {
			c.T[g.at], c.Triangle[g.at] = float32(crossings[i].T), crossings[i].Triangle
		} else {
			open = append(open, g)
		}
	}
	w.halve(open)
}

// halve finds where the winding number passes one half on the way through holes.
func (w *sampling) halve(gaps []gap) {
	c := &w.out.Cuts
	low, high := make([]float64, len(gaps)), make([]float64, len(gaps))
	points := make([][3]float64, len(gaps))
	for i := range high {
		high[i] = 1
	}
	for range halvings {
		for i, g := range gaps {
			points[i] = add(g.p, scaled(sub(g.q, g.p), (low[i]+high[i])/2))
		}
		for i, number := range w.winding(points, 1) {
			node := c.Node[gaps[i].at/Edges]
			if (number >= half) == (w.out.Inside[node] == 1) {
				low[i] = (low[i] + high[i]) / 2
			} else {
				high[i] = (low[i] + high[i]) / 2
			}
		}
	}
	for i, g := range gaps {
		c.T[g.at], c.Triangle[g.at] = float32(math.Min((low[i]+high[i])/2, 1)), -1
	}
}
