package lattice

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// part is a surface of indexed triangles with faces.
type part struct {
	vertices  [][3]float64
	triangles [][3]int32
	face      []int32
	volume    float64
}

// prism is a polygon, counter-clockwise, from height 0 to one; its sides are faces of their own unless they are round.
func prism(polygon [][2]float64, height float64, round bool) *part {
	p := &part{}
	n := int32(len(polygon))
	area := 0.
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		area += (a[0]*b[1] - a[1]*b[0]) / 2
	}
	for _, z := range [2]float64{0, height} {
		for _, a := range polygon {
			p.vertices = append(p.vertices, [3]float64{a[0], a[1], z})
		}
	}
	for i := range n {
		j := (i + 1) % n
		f := int32(3)
		if !round {
			f += i
		}
		p.add(f, i, j, n+j)
		p.add(f, i, n+j, n+i)
		if i > 1 {
			p.add(1, 0, i, i-1)
			p.add(2, n, n+i-1, n+i)
		}
	}
	p.volume = area * height
	return p
}

func (p *part) add(face int32, t ...int32) {
	p.triangles, p.face = append(p.triangles, [3]int32(t)), append(p.face, face)
}

// turned is the part, turned at random.
func (p *part) turned(random *rand.Rand) *part {
	var q [4]float64
	for l := 0.; l < 0.1 || l > 1; {
		l = 0
		for i := range q {
			q[i] = 2*random.Float64() - 1
			l += q[i] * q[i]
		}
		if l >= 0.1 && l <= 1 {
			for i := range q {
				q[i] /= math.Sqrt(l)
			}
		}
	}
	for i, v := range p.vertices {
		u := [3]float64{q[1], q[2], q[3]}
		w := times(cross(u, v), 2)
		p.vertices[i] = add(v, add(times(w, q[0]), cross(u, w)))
	}
	return p
}

func polygon(sides int, radius float64) (out [][2]float64) {
	for i := range sides {
		a := 2 * math.Pi * float64(i) / float64(sides)
		out = append(out, [2]float64{radius * math.Cos(a), radius * math.Sin(a)})
	}
	return out
}

// kept fills a part with about so many tetrahedra and keeps its edges.
type kept struct {
	*Mesh
	Kept
	faces  []int32
	h      float64
	before float64 // share by which the volume was off without
}

func (p *part) keep(t *testing.T, tets int) kept {
	t.Helper()
	s := prepared(t, p.vertices, p.triangles)
	m := &Mesher{}
	t.Cleanup(m.Free)
	k := kept{h: Edge(p.volume, tets)}
	var err error
	if k.Mesh, err = m.Fill(s, k.h, Grading{}); err != nil {
		t.Fatal(err)
	}
	k.before = math.Abs(k.Volume()/p.volume - 1)
	k.faces, k.Kept = k.Mesh.Keep(s, k.h, FindFeatures(p.vertices, p.triangles, p.face), p.face)
	checkConforming(t, k.Mesh)
	checkNodes(t, k.Mesh)
	if got := euler(t, k.Mesh); got != 2 {
		t.Errorf("Euler characteristic %d", got)
	}
	if q := Measure(k.XYZ, k.Tets, 0); q.Least < 8 || q.LeastVolume <= 0 || math.Abs(q.Volume/k.Volume()-1) > 1e-9 {
		t.Errorf("angles from %.1f, least volume %g, volumes %g and %g", q.Least, q.LeastVolume, q.Volume, k.Volume())
	}
	return k
}

func (k kept) off(p *part) float64 { return math.Abs(k.Volume()/p.volume - 1) }

// area returns that of the triangles of each face.
func area(at func(int32) [3]float64, tris []int32, faces []int32) map[int32]float64 {
	out := map[int32]float64{}
	for i, f := range faces {
		a, b, c := at(tris[3*i]), at(tris[3*i+1]), at(tris[3*i+2])
		out[f] += norm(cross(sub(b, a), sub(c, a))) / 2
	}
	return out
}

func (p *part) area() map[int32]float64 {
	var tris []int32
	for _, t := range p.triangles {
		tris = append(tris, t[:]...)
	}
	return area(func(v int32) [3]float64 { return p.vertices[v] }, tris, p.face)
}

var square = [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}}

func TestKeep_KeepsTheEdgesOfBoxes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 6 {
		p := prism(square, 1, false)
		if i > 0 {
			p = prism([][2]float64{{0, 0}, {1 + random.Float64(), 0}, {1.3, 1}, {0, 1}}, 1+random.Float64(), false).turned(random)
		}
		k := p.keep(t, 20_000)
		if k.CornersKept != 8 || k.Corners != 8 || k.Left > k.Moved/50 || k.Lost > 0 {
			t.Errorf("box %d: %+v", i, k.Kept)
		}
		if k.before < 0.003 || k.off(p) > k.before/20 {
			t.Errorf("box %d: %.2g off the volume, and %.2g without", i, k.off(p), k.before)
		}
		if k.Left > 0 {
			continue
		}
		if k.off(p) > 1e-9 || k.Deviation > 1e-9 {
			t.Errorf("box %d: all edges are kept, and %.2g of the volume off, edges %.2g", i, k.off(p), k.Deviation)
		}
		mine, want := area(k.At, k.Tris, k.faces), p.area()
		for f, a := range want {
			if math.Abs(mine[f]/a-1) > 1e-9 {
				t.Errorf("box %d: face %d has an area of %g, and of %g in the mesh", i, f, a, mine[f])
			}
		}
	}
}

func TestKeep_KeepsTheEndsOfCylinders(t *testing.T) {
	p := prism(polygon(90, 0.5), 1, true).turned(rand.New(rand.NewPCG(3, 4)))
	before := 1.
	for _, n := range []int{5_000, 40_000} {
		k := p.keep(t, n)
		if k.Corners != 0 || k.Left > 0 || k.Lost > 0 || k.Deviation > 0.1*k.h {
			t.Errorf("edge %.2g: %+v", k.h, k.Kept)
		}
		if k.off(p) > before/2 {
			t.Errorf("volume off by %.2g, after %.2g at twice the edge", k.off(p), before)
		}
		before = k.off(p)
		// the ends are plane: every triangle of theirs is
		ends := k.triangles(1)
		at := p.vertices[0]
		n := unit(cross(sub(p.vertices[1], at), sub(p.vertices[2], at)))
		for _, v := range ends {
			if d := math.Abs(dot(n, sub(k.At(v), at))); d > 1e-8 {
				t.Fatalf("a node of an end lies %g away from it", d)
			}
		}
	}
}

// triangles returns the nodes of the triangles of a face.
func (k kept) triangles(face int32) (nodes []int32) {
	for i, f := range k.faces {
		if f == face {
			nodes = append(nodes, k.Tris[3*i:3*i+3]...)
		}
	}
	return nodes
}

func TestKeep_KeepsWhatItCanOfWedgesAndSteps(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 6 {
		p := prism([][2]float64{{0, 0}, {1 + random.Float64(), 0}, {0, 0.7 + random.Float64()/2}}, 1, false)
		if i%2 == 1 { // an edge that goes inwards
			p = prism([][2]float64{{0, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 1 + random.Float64()}, {0, 2}}, 1, false)
		}
		p = p.turned(random)
		k := p.keep(t, 8_000)
		if k.CornersKept < k.Corners-1 || k.Left > k.Moved/8 || k.Lost > 0.02*k.Length {
			t.Errorf("part %d: %+v", i, k.Kept)
		}
		if k.off(p) > k.before/3 {
			t.Errorf("part %d: %.2g off the volume, and %.2g without", i, k.off(p), k.before)
		}
	}
}

// Where edges lie nearer to each other than the lattice is fine, they may be lost, but the mesh stays one.
func TestKeep_LeavesAMeshWhereItIsTooCoarse(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 4 {
		star := polygon(24, 1)
		for i := range star {
			if i%2 == 1 {
				star[i][0] *= 0.7
				star[i][1] *= 0.7
			}
		}
		p := prism(star, 0.2+random.Float64(), false).turned(random)
		s := prepared(t, p.vertices, p.triangles)
		m := &Mesher{}
		h := 0.1 + 0.2*random.Float64()
		mesh, err := m.Fill(s, h, Grading{})
		if err != nil {
			t.Fatal(err)
		}
		_, k := mesh.Keep(s, h, FindFeatures(p.vertices, p.triangles, p.face), p.face)
		checkConforming(t, mesh)
		euler(t, mesh)
		if q := Measure(mesh.XYZ, mesh.Tets, 0); q.Least < 8 || q.LeastVolume <= 0 {
			t.Errorf("edge %.2g: angles from %.1f, least volume %g; %+v", h, q.Least, q.LeastVolume, k)
		}
		m.Free()
	}
}

func TestFindFeatures_FindsCurvesAndCorners(t *testing.T) {
	p := prism(square, 1, false)
	f := FindFeatures(p.vertices, p.triangles, p.face)
	if len(f.segments) != 12 || len(f.corners) != 8 {
		t.Errorf("a cube: %d segments and %d corners", len(f.segments), len(f.corners))
	}
	for _, c := range f.corners {
		if len(c.faces) != 3 || !slices.IsSorted(c.faces) {
			t.Errorf("faces %v at a corner", c.faces)
		}
	}
	p = prism(polygon(50, 1), 1, true)
	if f = FindFeatures(p.vertices, p.triangles, p.face); len(f.segments) != 100 || len(f.corners) != 0 {
		t.Errorf("a cylinder: %d segments and %d corners", len(f.segments), len(f.corners))
	}
}

func TestCurves_NearestIsThatOfTheDistanceToSegments(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	place := func() [3]float64 { return [3]float64{random.Float64(), random.Float64(), random.Float64()} }
	f := &Features{}
	for i := range int32(30) {
		f.segments = append(f.segments, segment{a: place(), b: place(), faces: [2]int32{i % 3, 3 + i%2}})
	}
	c := f.near(0.2)
	found := 0
	for range 3000 {
		p := place()
		if random.IntN(3) == 0 {
			p = f.segments[random.IntN(len(f.segments))].b // nothing is nearer than an end
		}
		one, other := []int32{int32(random.IntN(3))}, []int32{3, 4}
		var want [3]float64
		least, faces := c.cell, []int32(nil)
		for _, s := range c.pieces {
			if s.faces[0] != one[0] {
				continue
			}
			d := sub(s.b, s.a)
			q := along(s.a, s.b, max(0, min(1, dot(sub(p, s.a), d)/dot(d, d))))
			if l := norm(sub(p, q)); l < least {
				least, want, faces = l, q, s.faces[:]
			}
		}
		at, got, ok := c.nearest(p, one, other)
		if ok != (faces != nil) || ok && (norm(sub(at, want)) > 1e-12 || !slices.Equal(got, faces)) {
			t.Fatalf("%v of faces %v, found: %v; the nearest to %v is %v of %v", at, got, ok, p, want, faces)
		}
		if ok {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("only %d places have a curve nearby", found)
	}
}

// Each triangle is met from three nodes: what is met again takes no place of another.
func TestClosest_AreDifferentOnes(t *testing.T) {
	var list []candidate
	for n := range int32(6) {
		for range 3 {
			list = append(list, candidate{n, 6 - float64(n)})
		}
	}
	want := []candidate{{5, 1}, {4, 2}, {3, 3}, {2, 4}}
	if got := closest(list); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A long bar has several slabs of edges that are kept side by side: all of them are kept, as where there is one, whatever the number of threads.
func TestKeep_InSlabs(t *testing.T) {
	bar := prism([][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}}, 60, false).turned(rand.New(rand.NewPCG(5, 6)))
	s := prepared(t, bar.vertices, bar.triangles)
	f, h := FindFeatures(bar.vertices, bar.triangles, bar.face), Edge(bar.volume, 50_000)
	m := &Mesher{}
	defer m.Free()
	fill := func() *Mesh {
		mesh, err := m.Fill(s, h, Grading{})
		if err != nil {
			t.Fatal(err)
		}
		return mesh
	}
	_, one := fill().keep(s, h, f, bar.face, 1)
	var want *Mesh
	for _, threads := range []int{1, 2, 3} {
		s.SetThreads(threads)
		mesh := fill()
		k := &keeper{mesh: mesh, surface: s, faceOf: bar.face, edge: h, slabs: mostParts}
		whole := k.gather()
		if _, cuts := k.cuts(whole, crossing(whole.tris, whole.knots)); len(cuts) < 2 {
			t.Fatalf("cut at %v: too few slabs to tell", cuts)
		}
		faces, report := mesh.Keep(s, h, f, bar.face)
		if report.CornersKept != 8 || one.CornersKept != 8 || report.Left > one.Left || report.Lost > one.Lost {
			t.Errorf("%+v, in one slab %+v", report, one)
		}
		if want == nil {
			want = mesh.Clone()
		} else if !Same(mesh, want) {
			t.Errorf("another mesh with %d threads", threads)
		}
		if len(faces) != len(mesh.Tris)/3 {
			t.Errorf("%d faces of %d triangles", len(faces), len(mesh.Tris)/3)
		}
	}
	bar.keep(t, 50_000) // and all that holds of one
}

// Most triangles are not looked at to find where several faces meet: it has to be as if all were.
func TestMeeting_IsWhereTrianglesOfSeveralFacesMeet(t *testing.T) {
	p := prism([][2]float64{{0, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 2}, {0, 2}}, 1, false).turned(rand.New(rand.NewPCG(21, 22)))
	s := prepared(t, p.vertices, p.triangles)
	m := &Mesher{}
	t.Cleanup(m.Free)
	mesh, err := m.Fill(s, Edge(p.volume, 30_000), Grading{})
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{mesh: mesh, surface: s, faceOf: p.face}
	for range 2 { // before edges are kept, and after
		faces, doubtful := k.faces()
		between, tris := k.meeting(faces, doubtful)
		if want := mesh.between(faces); !slices.Equal(between, want) || !slices.Contains(want, true) {
			t.Errorf("%d nodes of %d", count(between, true), count(want, true))
		}
		if !slices.IsSorted(tris) {
			t.Error("triangles are not in order")
		}
		for i := range faces {
			for _, n := range mesh.Tris[3*i : 3*i+3] {
				if _, found := slices.BinarySearch(tris, int32(i)); between[int(n)-mesh.Inside] && !found {
					t.Errorf("triangle %d is left out", i)
				}
			}
		}
		mesh.Keep(s, Edge(p.volume, 30_000), FindFeatures(p.vertices, p.triangles, p.face), p.face)
	}
}

func TestFind_ReturnsAllInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 1<<14 - 1, 1 << 14, 100_000} {
		got := find(3, n, func(first, last int, found []int32) []int32 {
			for i := first; i < last; i++ {
				if i%3 == 1 {
					found = append(found, int32(i))
				}
			}
			return found
		})
		if len(got) != (n+1)/3 {
			t.Errorf("%d of %d", len(got), n)
		}
		for i, x := range got {
			if x != int32(3*i+1) {
				t.Fatalf("of %d, number %d is %d", n, i, x)
			}
		}
	}
}

func TestCommon_IsWhatAllHave(t *testing.T) {
	k := &keeper{knots: []knot{{faces: []int32{1, 4, 6, 9}}, {faces: []int32{1, 6, 9}}, {faces: []int32{6, 7, 9}}, {faces: []int32{3}}, {}}}
	for want, t3 := range map[string][3]int32{"[1 4 6 9]": {0, 0, 0}, "[1 6 9]": {0, 1, 1}, "[6 9]": {0, 1, 2}, "[]": {0, 1, 3}, "[] ": {4, 0, 1}} {
		if got := fmt.Sprint(k.common(t3)); got != strings.TrimSpace(want) {
			t.Errorf("%v have %s in common", t3, got)
		}
	}
}
