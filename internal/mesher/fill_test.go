package mesher

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/mesh"
)

// grid is n³ cubes of edge 1, each cut into six tetrahedra, with the triangles around it as six faces of a cube, tags 1 to 6.
func grid(n int) *snapshot {
	s := &snapshot{faces: map[int]faceMesh{}, Mesh: mesh.Mesh{XYZ: []float64{0, 0, 0}}}
	node := func(x, y, z int) uint64 { return uint64(1 + x + (n+1)*(y+(n+1)*z)) }
	for z := range n + 1 {
		for y := range n + 1 {
			for x := range n + 1 {
				s.XYZ = append(s.XYZ, float64(x), float64(y), float64(z))
			}
		}
	}
	view := solidMesh{solid: &solid{tag: 1, faces: []int{1, 2, 3, 4, 5, 6}}, step: 4}
	// from corner to opposite corner, along the three axes in each of six orders; odd orders are turned to be positive
	orders := [][3]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}}
	for z := range n {
		for y := range n {
			for x := range n {
				for i, order := range orders {
					at := [3]int{x, y, z}
					tet := []uint64{node(x, y, z)}
					for _, axis := range order {
						at[axis]++
						tet = append(tet, node(at[0], at[1], at[2]))
					}
					if i >= 3 {
						tet[1], tet[2] = tet[2], tet[1]
					}
					view.nodes = append(view.nodes, tet...)
					view.tags = append(view.tags, uint64(len(view.tags)+1))
				}
			}
		}
	}
	s.solids = []solidMesh{view}
	for _, tri := range s.boundary(view.nodes) {
		// which side of the cube; triangles may point either way
		tag := 0
		for axis := range 3 {
			for side, at := range []float64{0, float64(n)} {
				on := true
				for _, v := range tri {
					on = on && s.XYZ[3*v+uint64(axis)] == at
				}
				if on {
					tag = 1 + 2*axis + side
				}
			}
		}
		f := s.faces[tag]
		f.step = 3
		f.nodes = append(f.nodes, tri[:]...)
		s.faces[tag] = f
	}
	return s
}

// boundary returns the faces of tetrahedra that occur once, some of them turned around.
func (s *snapshot) boundary(nodes []uint64) [][3]uint64 {
	count := map[[3]uint64]int{}
	var order [][3]uint64
	for e := 0; e < len(nodes); e += 4 {
		for _, f := range outwardFaces {
			tri := [3]uint64{nodes[e+f[0]], nodes[e+f[1]], nodes[e+f[2]]}
			key := tri
			slices.Sort(key[:])
			if count[key]++; count[key] == 1 {
				order = append(order, tri)
			}
		}
	}
	var out [][3]uint64
	for i, tri := range order {
		key := tri
		slices.Sort(key[:])
		if count[key] == 1 {
			if i%3 == 0 {
				tri[0], tri[1] = tri[1], tri[0]
			}
			out = append(out, tri)
		}
	}
	return out
}

// judge measures a snapshot of one solid and returns what is wrong with it, nil if nothing is.
func judge(s *snapshot) (filling, *diagnosis.Diagnosis) {
	j := &job{source: source{solids: []solid{*s.solids[0].solid}}}
	fillings := s.measure([3]float64{1, 1, 1})
	_, d := j.checks(fillings)
	return fillings[0], d
}

func (m *solidMesh) remove(e int) {
	m.tags = slices.Delete(m.tags, e, e+1)
	m.nodes = slices.Delete(m.nodes, 4*e, 4*e+4)
}

// inCube tells the tetrahedra of the cube in the middle of a 3×3×3 grid.
func inCube(s *snapshot, e int) bool {
	c := s.centroid(s.solids[0].nodes[4*e : 4*e+4])
	return math.Abs(c[0]-1.5) < 0.5 && math.Abs(c[1]-1.5) < 0.5 && math.Abs(c[2]-1.5) < 0.5
}

func TestElementsThatFillTheirSurface_Pass(t *testing.T) {
	f, d := judge(grid(3))
	require.Nil(t, d)
	require.InDelta(t, 27, f.volume, 1e-12)
	require.InDelta(t, 27, f.enclosed, 1e-12)
	require.Equal(t, 162, f.elements)
}

func TestHoleInside_IsFound(t *testing.T) {
	s := grid(3)
	for e := range s.solids[0].tags {
		if inCube(s, e) {
			s.solids[0].remove(e)
			break
		}
	}
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code, d.Message)
	require.Less(t, f.volume, f.enclosed)
	require.Zero(t, f.bares)
}

func TestElementTwice_IsFound(t *testing.T) {
	s := grid(3)
	m := &s.solids[0]
	for e := range m.tags {
		if inCube(s, e) {
			m.tags, m.nodes = append(m.tags, 999), append(m.nodes, m.nodes[4*e:4*e+4]...)
			break
		}
	}
	_, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code, d.Message)
}

func TestElementMissingAtTheSurface_IsFoundWithItsPlace(t *testing.T) {
	s := grid(3)
	s.solids[0].remove(0)
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code, d.Message)
	require.Equal(t, 1, f.bares)
	require.Equal(t, 2, d.Entities[0].Dim)
	require.Less(t, math.Hypot(d.Entities[0].Point[0], d.Entities[0].Point[1]), 1.5, "near the corner at the origin")
}

func TestSolidWithoutElements_IsFound(t *testing.T) {
	s := grid(1)
	s.solids[0].tags, s.solids[0].nodes = nil, nil
	_, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code, d.Message)
}

func TestSurfaceWithAHole_IsFound(t *testing.T) {
	s := grid(3)
	f := s.faces[2]
	f.nodes = f.nodes[3:]
	s.faces[2] = f
	_, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.SurfaceMeshingFailed, d.Code, d.Message)

	delete(s.faces, 2)
	_, d = judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.SurfaceMeshingFailed, d.Code, "a whole face without triangles: %s", d.Message)
}

func TestInvertedElement_IsFound(t *testing.T) {
	s := grid(3)
	n := s.solids[0].nodes
	n[0], n[1] = n[1], n[0]
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, 1, f.inverts)
}

func TestFlatElement_IsFound(t *testing.T) {
	s := grid(3)
	// a corner of the cube is moved onto the far side of an element that only it holds up
	inner := s.solids[0].nodes[3] // the corner (1,1,1) of the first cube
	copy(s.XYZ[3*inner:], []float64{1, 1, 0})
	f, d := judge(s)
	require.NotNil(t, d)
	require.Positive(t, f.flats)
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code, d.Message)
}

func TestVoidInASolid_IsLeftOut(t *testing.T) {
	s := grid(3)
	m := &s.solids[0]
	var cube []uint64
	for e := len(m.tags) - 1; e >= 0; e-- {
		if inCube(s, e) {
			cube = append(cube, m.nodes[4*e:4*e+4]...)
			m.remove(e)
		}
	}
	m.faces = append(m.faces, 7)
	f := faceMesh{step: 3}
	for _, tri := range s.boundary(cube) {
		f.nodes = append(f.nodes, tri[:]...)
	}
	s.faces[7] = f
	got, d := judge(s)
	require.Nil(t, d)
	require.InDelta(t, 26, got.volume, 1e-12)
	require.InDelta(t, 26, got.enclosed, 1e-12)
}

func TestFaceWithinASolid_CountsNothing(t *testing.T) {
	s := grid(2)
	m := &s.solids[0]
	// the plane x = 1 through the middle, as a face embedded in the solid
	var left []uint64
	for e := range m.tags {
		if s.centroid(m.nodes[4*e : 4*e+4])[0] < 1 {
			left = append(left, m.nodes[4*e:4*e+4]...)
		}
	}
	f := faceMesh{step: 3}
	for _, tri := range s.boundary(left) {
		if s.XYZ[3*tri[0]] == 1 && s.XYZ[3*tri[1]] == 1 && s.XYZ[3*tri[2]] == 1 {
			f.nodes = append(f.nodes, tri[:]...)
		}
	}
	require.NotEmpty(t, f.nodes)
	m.faces = append(m.faces, 7)
	s.faces[7] = f
	got, d := judge(s)
	require.Nil(t, d)
	require.InDelta(t, 8, got.enclosed, 1e-12)
}

func BenchmarkMeasure(b *testing.B) {
	s := grid(40) // 384 000 tetrahedra
	for b.Loop() {
		s.measure([3]float64{})
	}
}
