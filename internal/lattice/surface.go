package lattice

import (
	"fmt"
	"math"
	"slices"

	"meshgen/internal/field"
)

// Fill fills what a surface encloses with tetrahedra of a lattice of edge h, which inside may be graded.
func (m *Mesher) Fill(s *field.Surface, h float64, grading Grading) (mesh *Mesh, err error) {
	g, l := latticeAround(s, h)
	if err := g.check(); err != nil {
		return nil, err
	}
	if m.Device != nil {
		mesh, why := m.fillWholly(s, h, grading)
		if !failed(why) {
			return mesh, why
		}
		defer func() {
			if err != nil {
				err = fmt.Errorf("%w; the GPU did not make it, either: %w", err, why)
			}
		}()
		m.fallBack(why)
		device := m.Device
		m.Device = nil // of this one
		defer func() { m.Device = device }()
	}
	samples, err := s.Sample(l, 0, l.Slabs(), field.Want{Cuts: true}, m.samples)
	if err != nil {
		return nil, err
	}
	m.samples = samples
	return m.Mesh(&Field{Grid: g, Inside: samples.Inside, T: samples.Cuts.T, Triangle: samples.Cuts.Triangle, Grading: grading})
}

func latticeAround(s *field.Surface, h float64) (Grid, field.Lattice) {
	low, high := s.Box()
	g := Around(low, high, h)
	return g, field.Lattice{Origin: g.Origin, H: g.H, N: [3]int32{int32(g.N[0]), int32(g.N[1]), int32(g.N[2])}}
}

// fillWholly has the device do all, so that nothing but the mesh is copied.
func (m *Mesher) fillWholly(s *field.Surface, h float64, grading Grading) (*Mesh, error) {
	g, _ := latticeAround(s, h)
	return m.fillOn(m.Device, g, grading, &sampled{surface: s, device: m.Device})
}

// Edge returns the edge of the lattice that fills a volume with about n tetrahedra.
func Edge(volume float64, n int) float64 { return math.Cbrt(tetsPerCell * volume / float64(n)) }

// Tets returns about how many tetrahedra of a lattice of edge h fill a volume.
func Tets(volume, h float64) float64 { return tetsPerCell * volume / (h * h * h) }

// GradedTets returns about how many there are where cubes inside may be as large as a limit.
func GradedTets(volume, area, h, limit float64) float64 {
	if limit < 2*h {
		return Tets(volume, h)
	}
	return min(Tets(volume, h), tetsBySurface*area/(h*h)+Tets(volume, limit))
}

// tetsBySurface is about how many tetrahedra a graded lattice has for a square of its edge on the surface.
const tetsBySurface = 60

// tetsPerCell is how many tetrahedra a cube of the long edge has.
const tetsPerCell = 12

// Clone returns a copy that is its owner's, with room for what keeping edges adds.
func (m *Mesh) Clone() *Mesh {
	out := *m
	out.XYZ, out.On, out.Tets, out.Tris, out.moved = cloned(m.XYZ), cloned(m.On), cloned(m.Tets), cloned(m.Tris), slices.Clone(m.moved)
	return &out
}

func cloned[T any](values []T) []T { return append(make([]T, 0, roomy(len(values))), values...) }

// Same reports whether two meshes are the same to the bit, whatever made them.
func Same(a, b *Mesh) bool {
	return a.Inside == b.Inside && a.Levels == b.Levels && a.cubic == b.cubic && slices.Equal(a.XYZ, b.XYZ) && slices.Equal(a.On, b.On) &&
		slices.Equal(a.Tets, b.Tets) && slices.Equal(a.Tris, b.Tris)
}

func (m *Mesh) centre(nodes []int32) (p [3]float64) {
	for _, n := range nodes {
		for k := range 3 {
			p[k] += m.XYZ[3*int(n)+k] / float64(len(nodes))
		}
	}
	return p
}

// At returns the place of a node.
func (m *Mesh) At(node int32) [3]float64 { return [3]float64(m.XYZ[3*int(node) : 3*int(node)+3]) }

// Volume returns what the triangles of the surface enclose.
func (m *Mesh) Volume() (sum float64) {
	if len(m.Tris) == 0 {
		return 0
	}
	o, at := m.At(m.Tris[0]), triples(m.XYZ)
	for _, t := range triples(m.Tris) {
		a, b, c := sub(at[t[0]], o), sub(at[t[1]], o), sub(at[t[2]], o)
		sum += (a[0]*(b[1]*c[2]-b[2]*c[1]) - a[1]*(b[0]*c[2]-b[2]*c[0]) + a[2]*(b[0]*c[1]-b[1]*c[0])) / 6
	}
	return sum
}

func (g Grid) check() error {
	nodes := 2.
	for k, n := range g.N {
		if n < 2*Margin+1 {
			return fmt.Errorf("lattice: %d nodes along axis %d: there have to be %d at least", n, k, 2*Margin+1)
		}
		nodes *= float64(n)
	}
	if !(g.H > 0) || math.IsInf(g.H, 0) {
		return fmt.Errorf("lattice: an edge of %g", g.H)
	}
	if nodes > maxNodes {
		return fmt.Errorf("lattice: a grid of %.3g nodes: there may be %d", nodes, maxNodes)
	}
	return nil
}
