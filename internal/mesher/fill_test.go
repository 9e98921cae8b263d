package mesher

import (
	"math"
	"runtime"
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
	view := &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
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
					view.Nodes = append(view.Nodes, tet...)
					view.Tags = append(view.Tags, uint64(len(view.Tags)+1))
				}
			}
		}
	}
	s.solids = []solidMesh{{solid: &solid{tag: 1, faces: []int{1, 2, 3, 4, 5, 6}}, blocks: []*mesh.Block{view}}}
	s.cover(n)
	return s
}

// cover makes what bounds the solid the faces 1 to 6 of a cube of edge n.
func (s *snapshot) cover(n int) {
	s.faces = map[int]faceMesh{}
	for _, face := range boundary(s.solids[0].blocks) {
		// which side of the cube; faces of elements may point either way
		tag := 0
		for axis := range 3 {
			for side, at := range []float64{0, float64(n)} {
				on := true
				for _, v := range face {
					on = on && s.XYZ[3*v+uint64(axis)] == at
				}
				if on {
					tag = 1 + 2*axis + side
				}
			}
		}
		if tag > 0 { // what does not fit together within is no surface
			s.addFace(tag, face)
		}
	}
}

func (s *snapshot) addFace(tag int, nodes []uint64) {
	kind := mesh.Triangle3
	if len(nodes) == 4 {
		kind = mesh.Quad4
	}
	for _, b := range s.faces[tag] {
		if b.Kind == kind {
			b.Nodes = append(b.Nodes, nodes...)
			return
		}
	}
	s.faces[tag] = append(s.faces[tag], &mesh.Block{Dim: 2, Entity: tag, Kind: kind, Nodes: slices.Clone(nodes)})
}

// boundary returns the faces of elements that occur once, some of them turned around.
func boundary(blocks []*mesh.Block) [][]uint64 {
	count := map[[4]uint64]int{}
	key := func(face []uint64) (k [4]uint64) {
		copy(k[:], face)
		slices.Sort(k[:])
		return k
	}
	var order [][]uint64
	for _, b := range blocks {
		for e := range b.Len() {
			for _, f := range b.Kind.Shape().Faces() {
				var face []uint64
				for _, i := range f {
					face = append(face, b.Element(e)[i])
				}
				if count[key(face)]++; count[key(face)] == 1 {
					order = append(order, face)
				}
			}
		}
	}
	var out [][]uint64
	for i, face := range order {
		if count[key(face)] == 1 {
			if i%3 == 0 {
				slices.Reverse(face)
			}
			out = append(out, face)
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

// tets returns the tetrahedra of a grid.
func (s *snapshot) tets() *mesh.Block { return s.solids[0].blocks[0] }

func remove(b *mesh.Block, e int) {
	n := b.Kind.Nodes()
	b.Tags = slices.Delete(b.Tags, e, e+1)
	b.Nodes = slices.Delete(b.Nodes, n*e, n*(e+1))
}

// inCube tells the elements of the cube in the middle of a 3×3×3 grid.
func inCube(s *snapshot, e int) bool {
	c := s.centroid(s.tets().Element(e))
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
	for e := range s.tets().Tags {
		if inCube(s, e) {
			remove(s.tets(), e)
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
	m := s.tets()
	for e := range m.Tags {
		if inCube(s, e) {
			m.Tags, m.Nodes = append(m.Tags, 999), append(m.Nodes, m.Element(e)...)
			break
		}
	}
	_, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code, d.Message)
}

func TestElementMissingAtTheSurface_IsFoundWithItsPlace(t *testing.T) {
	s := grid(3)
	remove(s.tets(), 0)
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code, d.Message)
	require.Equal(t, 1, f.bares)
	require.Equal(t, 2, d.Entities[0].Dim)
	require.Less(t, math.Hypot(d.Entities[0].Point[0], d.Entities[0].Point[1]), 1.5, "near the corner at the origin")
}

func TestSolidWithoutElements_IsFound(t *testing.T) {
	s := grid(1)
	s.solids[0].blocks = nil
	_, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code, d.Message)
}

func TestSurfaceWithAHole_IsFound(t *testing.T) {
	s := grid(3)
	s.faces[2][0].Nodes = s.faces[2][0].Nodes[3:]
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
	n := s.tets().Nodes
	n[0], n[1] = n[1], n[0]
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, 1, f.inverts)
}

func TestFlatElement_IsFound(t *testing.T) {
	s := grid(3)
	// a corner of the cube is moved onto the far side of an element that only it holds up
	inner := s.tets().Nodes[3] // the corner (1,1,1) of the first cube
	copy(s.XYZ[3*inner:], []float64{1, 1, 0})
	f, d := judge(s)
	require.NotNil(t, d)
	require.Positive(t, f.flats)
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code, d.Message)
}

func TestVoidInASolid_IsLeftOut(t *testing.T) {
	s := grid(3)
	m := s.tets()
	cube := &mesh.Block{Kind: mesh.Tet4}
	for e := len(m.Tags) - 1; e >= 0; e-- {
		if inCube(s, e) {
			cube.Nodes = append(cube.Nodes, m.Element(e)...)
			remove(m, e)
		}
	}
	s.solids[0].faces = append(s.solids[0].faces, 7)
	for _, tri := range boundary([]*mesh.Block{cube}) {
		s.addFace(7, tri)
	}
	got, d := judge(s)
	require.Nil(t, d)
	require.InDelta(t, 26, got.volume, 1e-12)
	require.InDelta(t, 26, got.enclosed, 1e-12)
}

func TestFaceWithinASolid_CountsNothing(t *testing.T) {
	s := grid(2)
	m := s.tets()
	// the plane x = 1 through the middle, as a face embedded in the solid
	left := &mesh.Block{Kind: mesh.Tet4}
	for e := range m.Tags {
		if s.centroid(m.Element(e))[0] < 1 {
			left.Nodes = append(left.Nodes, m.Element(e)...)
		}
	}
	for _, tri := range boundary([]*mesh.Block{left}) {
		if s.XYZ[3*tri[0]] == 1 && s.XYZ[3*tri[1]] == 1 && s.XYZ[3*tri[2]] == 1 {
			s.addFace(7, tri)
		}
	}
	require.NotEmpty(t, s.faces[7])
	s.solids[0].faces = append(s.solids[0].faces, 7)
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

func TestFilling_IsTheSameOnAnyNumberOfProcessors(t *testing.T) {
	s := grid(22)
	remove(s.tets(), 100) // something to be found
	require.Greater(t, s.tets().Len(), 3*fillChunk)
	var want filling
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for i, n := range []int{1, 3, 8} {
		runtime.GOMAXPROCS(n)
		got, _ := judge(s)
		if i == 0 {
			want = got
		}
		require.Equal(t, want, got)
	}
	require.Positive(t, want.bares+want.hangs)
}
