package quality

import (
	"math"

	"meshgen/internal/mesh"
)

// measureCells computes the centre and volume of each cell, and its aspect ratio.
func (s *faceSurvey) measureCells() {
	s.each(s.n, chunkLen, func(from, to int, f *found) {
		for from < to {
			b := s.block(from)
			end := min(to, b.first+b.n)
			if b.shape == mesh.ATetrahedron {
				s.tetrahedra(b, from, end, f)
			} else {
				s.polyhedra(b, from, end, f)
			}
			from = end
		}
	})
}

// tetrahedra measures cells of a block. Their centre is the mean of the corners, from where each face is the base of a quarter of
// the volume.
func (s *faceSurvey) tetrahedra(b *cellBlock, from, to int, f *found) {
	xyz := s.m.XYZ
	at := func(node uint64) Point { return Point(xyz[3*node : 3*node+3]) }
	for c := from; c < to; c++ {
		n := b.nodes[(c-b.first)*b.step:]
		p0, p1, p2, p3 := at(n[0]), at(n[1]), at(n[2]), at(n[3])
		ab, ac, ad := between(&p0, &p1), between(&p0, &p2), between(&p0, &p3)
		n0, n1, n2, n3 := ac.cross(ab), ab.cross(ad), ad.cross(ac), between(&p1, &p2).cross(between(&p1, &p3))
		sum := Point{
			(math.Abs(n0.x) + math.Abs(n1.x) + math.Abs(n2.x) + math.Abs(n3.x)) / 2,
			(math.Abs(n0.y) + math.Abs(n1.y) + math.Abs(n2.y) + math.Abs(n3.y)) / 2,
			(math.Abs(n0.z) + math.Abs(n1.z) + math.Abs(n2.z) + math.Abs(n3.z)) / 2,
		}
		volume := -ad.dot(n0) / 6
		at := cell{volume: volume, centre: Point{
			(p0[0] + p1[0] + p2[0] + p3[0]) / 4, (p0[1] + p1[1] + p2[1] + p3[1]) / 4, (p0[2] + p1[2] + p2[2] + p3[2]) / 4}}
		s.cells[c] = at
		f.ofCell(&at, &sum)
		f.pyramid.add(-volume/4, at.centre)
		if volume <= 0 {
			f.pyramids += 4
		}
	}
}

// polyhedra measures cells of a block of any shape.
func (s *faceSurvey) polyhedra(b *cellBlock, from, to int, f *found) {
	var p [8]Point
	var centres [6]Point
	var areas [6]vec
	for c := from; c < to; c++ {
		e := (c - b.first) * b.step
		for i, n := range b.nodes[e : e+b.corners] {
			p[i] = s.m.At(n)
		}
		var guess Point
		for i, face := range b.faces {
			centres[i], areas[i] = polygon(p[:], face)
			for k := range 3 {
				guess[k] += centres[i][k] / float64(len(b.faces))
			}
		}
		var sum, moment Point
		var volume float64
		for i := range b.faces {
			v := areas[i].dot(between(&guess, &centres[i])) / 3
			volume += v
			for k := range 3 {
				moment[k] += v * (0.75*centres[i][k] + 0.25*guess[k])
			}
			sum[0], sum[1], sum[2] = sum[0]+math.Abs(areas[i].x), sum[1]+math.Abs(areas[i].y), sum[2]+math.Abs(areas[i].z)
		}
		at := cell{centre: guess, volume: volume}
		if math.Abs(volume) > tiny {
			at.centre = Point{moment[0] / volume, moment[1] / volume, moment[2] / volume}
		}
		s.cells[c] = at
		f.ofCell(&at, &sum)
		for i := range b.faces {
			height := areas[i].dot(between(&at.centre, &centres[i])) / 3
			f.pyramid.add(-height, centres[i])
			if height <= 0 {
				f.pyramids++
			}
		}
	}
}

// ofCell looks at a cell; sum holds the absolute areas of its faces in each direction.
func (f *found) ofCell(at *cell, sum *Point) {
	f.volume.add(-at.volume, at.centre)
	if at.volume <= 0 {
		f.negative++
	}
	aspect := max(sum[0], sum[1], sum[2]) / max(min(sum[0], sum[1], sum[2]), tiny)
	// The other ratio costs a cubic root: it is computed where it may be the largest, or above the limit.
	mean, volume, bar := (sum[0]+sum[1]+sum[2])/6, max(at.volume, tiny), min(f.aspect.value, MaxCellAspect)
	if mean*mean*mean >= bar*bar*bar*(volume*volume) {
		root := math.Cbrt(volume)
		aspect = max(aspect, mean/(root*root))
	}
	aspect = math.Min(aspect, limit)
	f.aspect.add(aspect, at.centre)
	if aspect > MaxCellAspect {
		f.long++
	}
}

// tiny is what OpenFOAM calls VSMALL.
const tiny = 1e-300

// polygon returns the centre and the area of a face, pointing outwards: of a quadrangle those of the four triangles around the
// mean of its corners, as OpenFOAM has it.
func polygon(p []Point, face []int) (centre Point, area vec) {
	if len(face) == 3 {
		a, b, c := &p[face[0]], &p[face[1]], &p[face[2]]
		area = between(a, b).cross(between(a, c)).scaled(0.5)
		return Point{(a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3, (a[2] + b[2] + c[2]) / 3}, area
	}
	var mean Point
	for _, i := range face {
		for k := range 3 {
			mean[k] += p[i][k] / float64(len(face))
		}
	}
	var total float64
	for i := range face {
		a, b := &p[face[i]], &p[face[(i+1)%len(face)]]
		n := between(a, b).cross(between(a, &mean))
		size := math.Sqrt(n.norm2())
		area = vec{area.x + n.x/2, area.y + n.y/2, area.z + n.z/2}
		total += size
		for k := range 3 {
			centre[k] += size * (a[k] + b[k] + mean[k]) / 3
		}
	}
	if total <= tiny {
		return mean, area
	}
	for k := range 3 {
		centre[k] /= total
	}
	return centre, area
}
