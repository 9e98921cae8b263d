package mesher

import (
	"fmt"

	"meshgen/internal/curved"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// measureCurved measures elements of higher order. Where they lie is known from the straight ones: the same elements in
// the same order, with the same triangles and quadrangles pointing out. Only volumes and qualities are new.
func (s *snapshot) measureCurved(straight []filling, centre [3]float64) ([]filling, error) {
	rules := rules{}
	out := make([]filling, len(straight))
	for i := range s.solids {
		solid := &s.solids[i]
		if solid.elements() != straight[i].elements {
			return nil, fmt.Errorf("solid %d has %d curved elements of %d straight ones", solid.tag, solid.elements(), straight[i].elements)
		}
		f := filling{elements: solid.elements(), gap: straight[i].gap, outward: straight[i].outward}
		for _, b := range solid.blocks {
			rule, err := rules.of(b.Kind)
			if err != nil {
				return nil, err
			}
			for e := range b.Len() {
				f.volume += rule.volume(s, b.Element(e))
			}
			if err := s.curvedQuality(solid.tag, b, &f); err != nil {
				return nil, err
			}
		}
		for _, tag := range solid.faces {
			sides := f.outward[tag]
			if n := countElements(s.faces[tag]); len(sides) != n {
				return nil, fmt.Errorf("face %d has %d curved elements of %d straight ones", tag, n, len(sides))
			}
			for _, b := range s.faces[tag] {
				rule, err := rules.of(b.Kind)
				if err != nil {
					return nil, err
				}
				for e := range b.Len() {
					f.enclosed += float64(sides[e]) * rule.flux(s, b.Element(e), centre)
				}
				sides = sides[b.Len():]
			}
		}
		out[i] = f
	}
	return out, nil
}

// curvedQuality judges curved elements by what is proven of their Jacobian, which may be smallest anywhere within. SICN is
// Gmsh's.
func (s *snapshot) curvedQuality(solid int, b *mesh.Block, f *filling) error {
	if !curved.Knows(b.Kind) {
		return fmt.Errorf("solid %d has elements of kind %s, which cannot be judged", solid, b.Kind)
	}
	values, err := gmsh.Qualities(b.Tags, "minSICN")
	defer values.Free()
	if err != nil {
		return err
	}
	s.sicn[b] = append([]float64(nil), values.View()...)
	s.ratio[b] = curved.Ratios(&s.Mesh, b)
	for e, v := range s.ratio[b] {
		corners := b.Element(e)[:b.Kind.Corners()]
		if v <= 0 {
			f.inverts++
			f.inverted = s.note(f.inverted, 3, solid, corners)
		} else if v < flatRatio {
			f.flats++
			f.flat = s.note(f.flat, 3, solid, corners)
		}
	}
	return nil
}

// flatRatio is the smallest by the largest determinant of a curved element below which it has no volume to speak of somewhere.
const flatRatio = 1e-4

// rules holds the rule of each kind that was asked for.
type rules map[mesh.Kind]*rule

func (r rules) of(kind mesh.Kind) (*rule, error) {
	if known := r[kind]; known != nil {
		return known, nil
	}
	made, err := newRule(kind)
	if err != nil {
		return nil, err
	}
	r[kind] = &made
	return &made, nil
}

// rule integrates over curved elements of one kind: exactly, since what is integrated is a polynomial (but for pyramids, whose
// shape functions are rational).
type rule struct {
	nodes     int
	weights   []float64
	shapes    []float64 // of each point and node
	gradients []float64 // by u, v, w, of each point and node
}

// quadrature returns Gmsh's name of a rule that is exact for the Jacobian of a volume, or for the flux through a face.
func quadrature(kind mesh.Kind) string {
	order := kind.Order()
	switch kind.Shape() {
	case mesh.ATriangle: // by total degree
		return fmt.Sprintf("Gauss%d", 3*order-2)
	case mesh.ATetrahedron:
		return fmt.Sprintf("Gauss%d", 3*(order-1))
	}
	return fmt.Sprintf("CompositeGauss%d", 3*order) // by the degree of each coordinate
}

func newRule(element mesh.Kind) (rule, error) {
	kind := int(element)
	points, weights, err := gmsh.Quadrature(kind, quadrature(element))
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

// volume returns the volume of a curved element.
func (r *rule) volume(s *snapshot, nodes []uint64) (sum float64) {
	for g, weight := range r.weights {
		_, u, v, w := r.tangents(s, nodes, g)
		n := cross(u, v)
		sum += weight * (n[0]*w[0] + n[1]*w[1] + n[2]*w[2])
	}
	return sum
}

// flux returns a third of the integral of (x - centre)·n over a curved face: its part of the volume it encloses.
func (r *rule) flux(s *snapshot, nodes []uint64, centre [3]float64) (sum float64) {
	for g, weight := range r.weights {
		x, u, v, _ := r.tangents(s, nodes, g)
		n := cross(u, v)
		sum += weight * ((x[0]-centre[0])*n[0] + (x[1]-centre[1])*n[1] + (x[2]-centre[2])*n[2]) / 3
	}
	return sum
}
