package mesher

import (
	"fmt"

	"meshgen/internal/gmsh"
	"meshgen/internal/quality"
)

// measureCurved measures elements of higher order. Where they lie is known from the straight ones: the same elements in
// the same order, with the same triangles pointing out. Only volumes and qualities are new; Gmsh integrates them.
func (s *snapshot) measureCurved(straight []filling, centre [3]float64) ([]filling, error) {
	out := make([]filling, len(straight))
	for i := range s.solids {
		solid := &s.solids[i]
		if len(solid.tags) != straight[i].elements {
			return nil, fmt.Errorf("solid %d has %d curved elements of %d straight ones", solid.tag, len(solid.tags), straight[i].elements)
		}
		f := filling{elements: len(solid.tags), gap: straight[i].gap, outward: straight[i].outward}
		if err := s.curvedElements(solid, &f); err != nil {
			return nil, err
		}
		for _, tag := range solid.faces {
			part, err := s.enclosedBy(tag, f.outward[tag], centre)
			if err != nil {
				return nil, err
			}
			f.enclosed += part
		}
		out[i] = f
	}
	return out, nil
}

func (s *snapshot) curvedElements(solid *solidMesh, f *filling) error {
	for _, measure := range []string{"volume", "minSICN", "gamma"} {
		values, err := gmsh.Qualities(solid.tags, measure)
		if err != nil {
			values.Free()
			return err
		}
		for e, v := range values.View() {
			corners := solid.nodes[e*solid.step : e*solid.step+4]
			switch measure {
			case "volume":
				f.volume += v
			case "gamma":
				f.gamma.Add(v)
			case "minSICN":
				f.sicn.Add(v)
				if v < 0 {
					f.inverts++
					f.inverted = s.note(f.inverted, 3, solid.tag, corners)
				} else if v < flatSICN {
					f.flats++
					f.flat = s.note(f.flat, 3, solid.tag, corners)
				}
			}
		}
		values.Free()
	}
	return nil
}

// enclosedBy returns the part of the enclosed volume that a face contributes: the integral of x·n/3 over its curved
// triangles, exact for polynomials of the degree that their shape functions give.
func (s *snapshot) enclosedBy(tag int, outward []int8, centre [3]float64) (float64, error) {
	face := s.faces[tag]
	if face.step == 0 {
		return 0, nil
	}
	points, weights, err := gmsh.Quadrature(face.kind, fmt.Sprintf("Gauss%d", 3*s.order-2))
	if err != nil {
		return 0, err
	}
	jacobians, places, err := gmsh.Jacobians(face.kind, tag, points)
	defer jacobians.Free()
	defer places.Free()
	if err != nil {
		return 0, err
	}
	n := len(weights)
	if len(outward)*n*9 != jacobians.Len() {
		return 0, fmt.Errorf("face %d has %d curved triangles of %d straight ones", tag, jacobians.Len()/9/n, len(outward))
	}
	sum := 0.
	for e, side := range outward {
		for g, w := range weights {
			at := e*n + g
			d := jacobians.View()[9*at : 9*at+9]
			x := places.View()[3*at : 3*at+3]
			// the derivatives by both parameters span the tangent plane
			nx, ny, nz := d[1]*d[5]-d[2]*d[4], d[2]*d[3]-d[0]*d[5], d[0]*d[4]-d[1]*d[3]
			sum += float64(side) * w * ((x[0]-centre[0])*nx + (x[1]-centre[1])*ny + (x[2]-centre[2])*nz) / 3
		}
	}
	return sum, nil
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
