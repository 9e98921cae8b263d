package mesher

import (
	"fmt"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
)

// measureCurved measures elements of higher order. Where they lie is known from the straight ones: the same elements in
// the same order, with the same triangles pointing out. Only volumes and qualities are new.
func (s *snapshot) measureCurved(straight []filling, centre [3]float64) ([]filling, error) {
	order := s.Order()
	volume, err := newRule(mesh.ATetrahedron, order, 3*(order-1))
	if err != nil {
		return nil, err
	}
	surface, err := newRule(mesh.ATriangle, order, 3*order-2)
	if err != nil {
		return nil, err
	}
	out := make([]filling, len(straight))
	for i := range s.solids {
		solid := &s.solids[i]
		if len(solid.tags) != straight[i].elements {
			return nil, fmt.Errorf("solid %d has %d curved elements of %d straight ones", solid.tag, len(solid.tags), straight[i].elements)
		}
		f := filling{elements: len(solid.tags), gap: straight[i].gap, outward: straight[i].outward}
		for e := 0; e < len(solid.nodes); e += solid.step {
			f.volume += volume.volume(s, solid.nodes[e:e+solid.step])
		}
		if err := s.curvedQuality(solid, &f); err != nil {
			return nil, err
		}
		for _, tag := range solid.faces {
			face := s.faces[tag]
			if len(f.outward[tag])*face.step != len(face.nodes) {
				return nil, fmt.Errorf("face %d has %d nodes of curved triangles, %d of straight ones", tag, len(face.nodes), 3*len(f.outward[tag]))
			}
			for t, side := range f.outward[tag] {
				f.enclosed += float64(side) * surface.flux(s, face.nodes[t*face.step:(t+1)*face.step], centre)
			}
		}
		out[i] = f
	}
	return out, nil
}

// curvedQuality has Gmsh bound the Jacobians, which may be smallest anywhere within a curved element.
func (s *snapshot) curvedQuality(solid *solidMesh, f *filling) error {
	for _, measure := range []string{"minSICN", "gamma"} {
		values, err := gmsh.Qualities(solid.tags, measure)
		if err != nil {
			values.Free()
			return err
		}
		for e, v := range values.View() {
			if measure == "gamma" {
				f.gamma.Add(v)
				continue
			}
			f.sicn.Add(v)
			corners := solid.nodes[e*solid.step : e*solid.step+4]
			if v < 0 {
				f.inverts++
				f.inverted = s.note(f.inverted, 3, solid.tag, corners)
			} else if v < flatSICN {
				f.flats++
				f.flat = s.note(f.flat, 3, solid.tag, corners)
			}
		}
		values.Free()
	}
	return nil
}

// rule integrates over curved elements of one type: exactly, since what is integrated is a polynomial of the degree given.
type rule struct {
	nodes     int
	weights   []float64
	shapes    []float64 // of each point and node
	gradients []float64 // by u, v, w, of each point and node
}

func newRule(shape mesh.Shape, order, degree int) (rule, error) {
	element, ok := mesh.Of(shape, order)
	if !ok {
		return rule{}, fmt.Errorf("no %s of order %d is known", shape, order)
	}
	kind := int(element)
	points, weights, err := gmsh.Quadrature(kind, fmt.Sprintf("Gauss%d", degree))
	if err != nil {
		return rule{}, err
	}
	shapes, err := gmsh.BasisFunctions(kind, points, "Lagrange")
	if err != nil {
		return rule{}, err
	}
	gradients, err := gmsh.BasisFunctions(kind, points, "GradLagrange")
	if err != nil {
		return rule{}, err
	}
	n := element.Nodes()
	if len(shapes) != n*len(weights) || len(gradients) != 3*len(shapes) {
		return rule{}, fmt.Errorf("%d values of %d shape functions at %d points", len(shapes), n, len(weights))
	}
	return rule{nodes: n, weights: weights, shapes: shapes, gradients: gradients}, nil
}

// tangents returns the place and its derivatives by u, v and w at one point of the rule.
func (r *rule) tangents(s *snapshot, nodes []uint64, point int) (x, du, dv, dw [3]float64) {
	for i, node := range nodes {
		at := point*r.nodes + i
		shape, gradient := r.shapes[at], r.gradients[3*at:3*at+3]
		for k, c := range s.XYZ[3*node : 3*node+3] {
			x[k] += shape * c
			du[k] += gradient[0] * c
			dv[k] += gradient[1] * c
			dw[k] += gradient[2] * c
		}
	}
	return x, du, dv, dw
}

// volume returns the volume of a curved tetrahedron.
func (r *rule) volume(s *snapshot, nodes []uint64) (sum float64) {
	for g, weight := range r.weights {
		_, u, v, w := r.tangents(s, nodes, g)
		n := cross(u, v)
		sum += weight * (n[0]*w[0] + n[1]*w[1] + n[2]*w[2])
	}
	return sum
}

// flux returns a third of the integral of (x - centre)·n over a curved triangle: its part of the volume it encloses.
func (r *rule) flux(s *snapshot, nodes []uint64, centre [3]float64) (sum float64) {
	for g, weight := range r.weights {
		x, u, v, _ := r.tangents(s, nodes, g)
		n := cross(u, v)
		sum += weight * ((x[0]-centre[0])*n[0] + (x[1]-centre[1])*n[1] + (x[2]-centre[2])*n[2]) / 3
	}
	return sum
}

// bounds merges the statistics of all solids.
func bounds(fillings []filling, of func(*filling) *quality.Statistics) (low, mean, high float64) {
	sum, count := 0., 0
	for i := range fillings {
		s := of(&fillings[i])
		if s.Count() == 0 {
			continue
		}
		if count == 0 || s.Min < low {
			low = s.Min
		}
		if count == 0 || s.Max > high {
			high = s.Max
		}
		sum += s.Mean() * float64(s.Count())
		count += s.Count()
	}
	if count > 0 {
		mean = sum / float64(count)
	}
	return low, mean, high
}
