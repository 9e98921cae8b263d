package improve_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/improve"
	"meshgen/internal/quality"
)

// block is a box of n×n×n cells, each cut into six tetrahedra, whose inner nodes were moved about by up to the given share
// of a cell: some tetrahedra are slivers, and none is inverted. The half of larger x is a second solid.
func block(n int, jitter float64, seed uint64) *improve.Mesh {
	random := rand.New(rand.NewPCG(seed, 1))
	at := func(i, j, k int) int32 { return int32((i*(n+1)+j)*(n+1) + k) }
	m := &improve.Mesh{}
	for i := range n + 1 {
		for j := range n + 1 {
			for k := range n + 1 {
				p := [3]float64{float64(i), float64(j), float64(k)}
				inside := i%n != 0 && j%n != 0 && k%n != 0 && 2*i != n
				for c := range 3 {
					if inside {
						p[c] += jitter * (2*random.Float64() - 1)
					}
					m.XYZ = append(m.XYZ, p[c])
				}
				m.Dim = append(m.Dim, map[bool]int8{true: 3, false: 2}[inside])
			}
		}
	}
	steps := [6][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for i := range n {
		for j := range n {
			for k := range n {
				for s, order := range steps {
					corner := [3]int{i, j, k}
					tet := [4]int32{at(i, j, k)}
					for c, axis := range order {
						corner[axis]++
						tet[c+1] = at(corner[0], corner[1], corner[2])
					}
					if s == 1 || s == 2 || s == 5 { // odd
						tet[2], tet[3] = tet[3], tet[2]
					}
					m.Tets, m.Solids = append(m.Tets, tet), append(m.Solids, int32(1+2*i/n))
				}
			}
		}
	}
	m.Triangles = surfaceOf(m)
	return m
}

var faces = [4][3]int{{1, 3, 2}, {0, 2, 3}, {0, 3, 1}, {0, 1, 2}}

func key(a, b, c int32) [3]int32 {
	s := []int32{a, b, c}
	slices.Sort(s)
	return [3]int32(s)
}

// sides returns the solids at each face.
func sides(m *improve.Mesh) map[[3]int32][]int32 {
	out := map[[3]int32][]int32{}
	for i, v := range m.Tets {
		for _, f := range faces {
			k := key(v[f[0]], v[f[1]], v[f[2]])
			out[k] = append(out[k], m.Solids[i])
		}
	}
	return out
}

// surfaceOf returns the faces that belong to one tetrahedron only, or to two of different solids.
func surfaceOf(m *improve.Mesh) [][3]int32 {
	var out [][3]int32
	for face, solids := range sides(m) {
		if len(solids) == 1 || solids[0] != solids[1] {
			out = append(out, face)
		}
	}
	slices.SortFunc(out, func(a, b [3]int32) int { return slices.Compare(a[:], b[:]) })
	return out
}

func measure(m *improve.Mesh, i int) quality.Tet {
	var p [4]quality.Point
	for k, node := range m.Tets[i] {
		p[k] = quality.Point(m.XYZ[3*node : 3*node+3])
	}
	return quality.Tetrahedron(p[0], p[1], p[2], p[3])
}

// gammas returns the gamma of each tetrahedron, in order, and the volume of each solid.
func gammas(m *improve.Mesh) ([]float64, map[int32]float64) {
	var gamma []float64
	volume := map[int32]float64{}
	for i := range m.Tets {
		t := measure(m, i)
		gamma = append(gamma, t.Gamma)
		volume[m.Solids[i]] += t.Volume
	}
	slices.Sort(gamma)
	return gamma, volume
}

func clone(m *improve.Mesh) *improve.Mesh {
	return &improve.Mesh{
		XYZ: slices.Clone(m.XYZ), Dim: slices.Clone(m.Dim), Tets: slices.Clone(m.Tets), Solids: slices.Clone(m.Solids),
		Triangles: slices.Clone(m.Triangles), Lines: slices.Clone(m.Lines),
	}
}

// improved improves a copy and proves that what has to hold does.
func improved(t *testing.T, before *improve.Mesh, options improve.Options) (*improve.Mesh, improve.Report) {
	t.Helper()
	after := clone(before)
	report, err := improve.Improve(after, options)
	require.NoError(t, err)

	gammaBefore, volumeBefore := gammas(before)
	gammaAfter, volumeAfter := gammas(after)
	require.Len(t, volumeAfter, len(volumeBefore))
	for solid, v := range volumeBefore {
		require.InEpsilon(t, v, volumeAfter[solid], 1e-12, "volume of solid %d", solid)
	}
	require.GreaterOrEqual(t, gammaAfter[0], gammaBefore[0]*(1-1e-9), "the smallest gamma never falls")
	require.InDelta(t, gammaBefore[0], report.Before, 1e-7)
	require.InDelta(t, gammaAfter[0], report.After, 1e-7)
	for i := range after.Tets {
		require.Positive(t, measure(after, i).Volume, "tetrahedron %d", i)
	}

	require.Equal(t, before.Triangles, after.Triangles)
	require.Equal(t, surfaceOf(before), surfaceOf(after), "the surface and the interfaces")
	for face, solids := range sides(after) {
		require.LessOrEqual(t, len(solids), 2, "tetrahedra at face %v", face)
	}
	for node, dim := range before.Dim {
		if dim < 3 {
			require.Equal(t, before.XYZ[3*node:3*node+3], after.XYZ[3*node:3*node+3], "node %d of the surface", node)
		}
	}
	require.Len(t, after.Dim, len(after.XYZ)/3)
	return after, report
}

func TestSlivers_AreRemoved_AndAllElseStays(t *testing.T) {
	for seed := range uint64(4) {
		for _, jitter := range []float64{0.1, 0.2, 0.25} {
			t.Run(fmt.Sprintf("jitter %g, seed %d", jitter, seed), func(t *testing.T) {
				before := block(8, jitter, seed)
				old, _ := gammas(before)
				after, report := improved(t, before, improve.Options{})
				now, _ := gammas(after)
				t.Logf("gamma %.3f to %.3f, of 1 %% %.3f to %.3f; %d to %d tetrahedra; %+v",
					old[0], now[0], old[len(old)/100], now[len(now)/100], len(old), len(now), report)
				require.Greater(t, now[0], 0.4)
				require.Greater(t, now[len(now)/100], 0.5)
				require.InEpsilon(t, len(before.Tets), len(after.Tets), 0.1)
				require.False(t, report.Stopped)
			})
		}
	}
}

// A sliver of four nodes near a square, within an octahedron of which it is the middle.
func TestSliver_IsRemovedWithTheTetrahedraAroundIt(t *testing.T) {
	const up = 0.01
	before := &improve.Mesh{
		XYZ: []float64{1, 0, up, 0, 1, -up, -1, 0, up, 0, -1, -up, 0, 0, 1, 0, 0, -1},
		Dim: []int8{2, 2, 2, 2, 2, 2},
		// the sliver; two above its upper edge 0 2, two below its lower edge 1 3
		Tets:   [][4]int32{{0, 1, 2, 3}, {0, 1, 2, 4}, {0, 2, 3, 4}, {1, 0, 3, 5}, {1, 3, 2, 5}},
		Solids: []int32{7, 7, 7, 7, 7},
	}
	for i := range before.Tets {
		if v := &before.Tets[i]; measure(before, i).Volume < 0 {
			v[2], v[3] = v[3], v[2]
		}
	}
	before.Triangles = surfaceOf(before)
	require.Len(t, before.Triangles, 8, "an octahedron")
	after, report := improved(t, before, improve.Options{})
	require.Less(t, report.Before, 0.05)
	require.Greater(t, report.After, 0.6)
	require.Len(t, after.Tets, 4)
	require.Positive(t, report.Edges)
}

func TestGoodMesh_IsLeftAlone(t *testing.T) {
	before := block(4, 0, 1)
	low, _ := gammas(before)
	after, report := improved(t, before, improve.Options{Target: low[0]})
	require.Zero(t, report.Changed())
	require.Zero(t, report.Tried)
	require.Equal(t, before, after)
}

func TestSameMesh_BecomesTheSame(t *testing.T) {
	first, reportOfFirst := improved(t, block(8, 0.25, 3), improve.Options{})
	second, reportOfSecond := improved(t, block(8, 0.25, 3), improve.Options{})
	require.Equal(t, first, second)
	require.Equal(t, reportOfFirst, reportOfSecond)
}

func TestEffort_IsBounded(t *testing.T) {
	before := block(8, 0.25, 3)
	free, full := improved(t, before, improve.Options{Effort: 1e9})
	require.False(t, full.Stopped)
	_, report := improved(t, before, improve.Options{Effort: 5})
	require.True(t, report.Stopped)
	require.False(t, report.OutOfTime)
	require.Less(t, report.Gammas, 5*len(before.Tets)+20000, "up to the work on one tetrahedron")
	require.Less(t, report.Gammas, full.Gammas)

	// What is stopped may be taken up again, and comes to about the same.
	again, _ := improved(t, free, improve.Options{})
	require.InEpsilon(t, len(free.Tets), len(again.Tets), 0.02)
}

func TestTime_IsBounded(t *testing.T) {
	_, report := improved(t, block(12, 0.25, 3), improve.Options{Time: 1})
	require.True(t, report.Stopped)
	require.True(t, report.OutOfTime)
}

// Nodes of faces behind which there is nothing that is known stay, whatever their dimension is said to be: prisms may lie
// there.
func TestNodesOfOpenFaces_Stay(t *testing.T) {
	before := block(6, 0.25, 2)
	open := clone(before)
	for i := range open.Dim {
		open.Dim[i] = 3
	}
	open.Triangles = nil
	report, err := improve.Improve(open, improve.Options{})
	require.NoError(t, err)
	require.Positive(t, report.Moved)
	require.Equal(t, surfaceOf(before), surfaceOf(open))
	for node, dim := range before.Dim {
		if dim < 3 {
			require.Equal(t, before.XYZ[3*node:3*node+3], open.XYZ[3*node:3*node+3])
		}
	}
}

// A surface or a curve may lie within a solid.
func TestEmbeddedTrianglesAndLines_Stay(t *testing.T) {
	before := block(6, 0.25, 3)
	for i := range before.Solids {
		before.Solids[i] = 1 // the interface is now embedded
	}
	// of two inner nodes, the edge between them
	var line [2]int32
	for _, v := range before.Tets {
		if before.Dim[v[0]] == 3 && before.Dim[v[3]] == 3 {
			line = [2]int32{v[0], v[3]}
			break
		}
	}
	before.Lines = [][2]int32{line}
	before.Dim[line[0]], before.Dim[line[1]] = 1, 1

	after := clone(before)
	report, err := improve.Improve(after, improve.Options{})
	require.NoError(t, err)
	require.Positive(t, report.Changed())
	have := sides(after)
	for _, v := range before.Triangles {
		require.Contains(t, have, key(v[0], v[1], v[2]))
	}
	found := false
	for _, v := range after.Tets {
		found = found || slices.Contains(v[:], line[0]) && slices.Contains(v[:], line[1])
	}
	require.True(t, found, "the edge of the embedded line")
}

// The scale and the place of a part have no influence, and so the least doubt of rounding has none.
func TestFarAndTinyMeshes_AreImprovedAlike(t *testing.T) {
	near := block(6, 0.25, 4)
	_, report := improved(t, near, improve.Options{})
	for _, scale := range []float64{0x1p-40, 0x1p40} {
		scaled := clone(near)
		for i := range scaled.XYZ {
			scaled.XYZ[i] *= scale
		}
		_, other := improved(t, scaled, improve.Options{})
		require.Equal(t, report, other, "scale %g", scale)
	}
	far := clone(near)
	for i := range far.XYZ {
		far.XYZ[i] += 1e7
	}
	_, other := improved(t, far, improve.Options{})
	require.Greater(t, other.After, 0.4)
}

func TestInvertedAndFlatTetrahedra_MakeNothingWorse(t *testing.T) {
	m := block(6, 0.7, 6) // some are inside out
	inverted := func() (n int) {
		for i := range m.Tets {
			if measure(m, i).Volume <= 0 {
				n++
			}
		}
		return n
	}
	before := inverted()
	require.Positive(t, before)
	_, volume := gammas(m)
	report, err := improve.Improve(m, improve.Options{})
	require.NoError(t, err)
	require.Zero(t, report.Before)
	require.LessOrEqual(t, inverted(), before)
	_, now := gammas(m)
	for solid, v := range volume {
		require.InEpsilon(t, v, now[solid], 1e-12)
	}
}

// A box as HXT meshed it: with a flat tetrahedron whose corners are in the order of the one that mirrors it, as its volume is negative by
// rounding. A node of it may slide on the surface.
func TestFlatTetrahedronTurnedOver_KeepsTheVolume(t *testing.T) {
	file, err := os.ReadFile("testdata/turned.json")
	require.NoError(t, err)
	var m improve.Mesh
	require.NoError(t, json.Unmarshal(file, &m))
	turned := clone(&m)
	turned.Planes = m.Planes
	for i := range m.Tets {
		if v := &m.Tets[i]; math.Abs(measure(&m, i).Volume) < 1e-12 {
			v[0], v[1] = v[1], v[0]
		}
	}
	for name, m := range map[string]*improve.Mesh{"turned": turned, "as it should be": &m} {
		report, err := improve.Improve(m, improve.Options{})
		require.NoError(t, err)
		require.Zero(t, report.Before, name)
		require.Positive(t, report.After, name)
		require.NotEmpty(t, m.Slid, name)
		_, volume := gammas(m)
		require.InEpsilon(t, 1000, volume[1], 1e-12, name)
		for i := range m.Tets {
			require.Positive(t, measure(m, i).Volume, name)
		}
	}
	require.Equal(t, &m, turned)
}

func TestThreeTetrahedraAtAFace_AreRefused(t *testing.T) {
	m := block(2, 0, 1)
	m.Tets, m.Solids = append(m.Tets, m.Tets[0]), append(m.Solids, 1)
	_, err := improve.Improve(m, improve.Options{})
	require.ErrorContains(t, err, "three tetrahedra share the face")
}

func TestEmptyMesh_StaysEmpty(t *testing.T) {
	m := &improve.Mesh{}
	report, err := improve.Improve(m, improve.Options{})
	require.NoError(t, err)
	require.Zero(t, report.Changed())
}

func BenchmarkImprove(b *testing.B) {
	for _, jitter := range []float64{0.1, 0.25} {
		b.Run(fmt.Sprintf("jitter %g", jitter), func(b *testing.B) {
			m := block(16, jitter, 1)
			var report improve.Report
			for b.Loop() {
				b.StopTimer()
				work := clone(m)
				b.StartTimer()
				var err error
				if report, err = improve.Improve(work, improve.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(each/float64(len(m.Tets)), "ns/tet")
			b.ReportMetric(each/math.Max(1, float64(report.Tried)), "ns/tried")
		})
	}
}
