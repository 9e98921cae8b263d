package lattice

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

// around is the grid for shapes within a box of half the size r.
func around(r, h float64) Grid { return Around([3]float64{-r, -r, -r}, [3]float64{r, r, r}, h) }

func meshed(t *testing.T, f *Field) *Mesh {
	t.Helper()
	m := &Mesher{}
	t.Cleanup(m.Free)
	mesh, err := m.Mesh(f)
	if err != nil {
		t.Fatal(err)
	}
	return mesh
}

// checkConforming fails unless tetrahedra share whole sides, and those that only one has are the triangles of the surface.
func checkConforming(t *testing.T, m *Mesh) {
	t.Helper()
	open := map[[3]int32]bool{}
	for i := 0; i < len(m.Tets); i += 4 {
		n := m.Tets[i : i+4]
		for _, f := range [4][3]int32{{n[1], n[2], n[3]}, {n[0], n[3], n[2]}, {n[0], n[1], n[3]}, {n[0], n[2], n[1]}} {
			f = rotated(f)
			if back := rotated([3]int32{f[0], f[2], f[1]}); open[back] {
				delete(open, back)
			} else if open[f] {
				t.Fatalf("side %v belongs to two tetrahedra on the same side of it", f)
			} else {
				open[f] = true
			}
		}
	}
	if len(open) != len(m.Tris)/3 {
		t.Fatalf("%d sides belong to one tetrahedron, and the surface has %d triangles", len(open), len(m.Tris)/3)
	}
	for i := 0; i < len(m.Tris); i += 3 {
		if f := rotated([3]int32{m.Tris[i], m.Tris[i+1], m.Tris[i+2]}); !open[f] {
			t.Fatalf("triangle %v of the surface is no side of the mesh, seen from outside", f)
		}
	}
}

// euler returns the Euler characteristic of the surface, and fails unless every edge has two triangles that run along it in
// opposite directions.
func euler(t *testing.T, m *Mesh) int {
	t.Helper()
	half := map[[2]int32]bool{}
	used := map[int32]bool{}
	for i := 0; i < len(m.Tris); i += 3 {
		for k := range 3 {
			a, b := m.Tris[i+k], m.Tris[i+(k+1)%3]
			if half[[2]int32{a, b}] {
				t.Fatalf("edge %d-%d of the surface has more than two triangles", a, b)
			}
			half[[2]int32{a, b}] = true
			used[a] = true
			if int(a) < m.Inside {
				t.Fatalf("node %d of the surface is inside", a)
			}
		}
	}
	for e := range half {
		if !half[[2]int32{e[1], e[0]}] {
			t.Fatalf("edge %v of the surface has one triangle", e)
		}
	}
	if want := len(m.XYZ)/3 - m.Inside; len(used) != want {
		t.Fatalf("the surface has %d nodes, and there are %d on it", len(used), want)
	}
	return len(used) - len(half)/2 + len(m.Tris)/3
}

func checkNodes(t *testing.T, m *Mesh) {
	t.Helper()
	used := make([]bool, len(m.XYZ)/3)
	for _, n := range m.Tets {
		used[n] = true
	}
	for n, ok := range used {
		if !ok {
			t.Fatalf("no tetrahedron has node %d", n)
		}
	}
}

func TestMesh_IsConformingAndClosedOfTheRightGenus(t *testing.T) {
	hollow := func(p [3]float64) float64 { return max(sphere(1)(p), -sphere(0.6)(p)) }
	two := func(p [3]float64) float64 {
		return min(sphere(0.4)([3]float64{p[0] - 0.55, p[1], p[2]}), sphere(0.4)([3]float64{p[0] + 0.55, p[1], p[2]}))
	}
	for _, c := range []struct {
		name   string
		shape  shape
		euler  int
		volume float64
	}{
		{"sphere", sphere(1), 2, 4 * math.Pi / 3},
		{"torus", torus(0.7, 0.3), 0, 2 * math.Pi * math.Pi * 0.7 * 0.09},
		{"hollow sphere", hollow, 4, 4 * math.Pi / 3 * (1 - 0.216)},
		{"two spheres", two, 4, 2 * 4 * math.Pi / 3 * 0.064},
		{"box", box([3]float64{2, 1.5, 1}), 2, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := meshed(t, c.shape.field(around(1, 0.07)))
			checkConforming(t, m)
			checkNodes(t, m)
			if got := euler(t, m); got != c.euler {
				t.Errorf("Euler characteristic %d, want %d", got, c.euler)
			}
			q := Measure(m.XYZ, m.Tets, 0)
			if q.LeastVolume <= 0 {
				t.Errorf("tetrahedron of volume %g", q.LeastVolume)
			}
			if math.Abs(q.Volume/c.volume-1) > 0.01 {
				t.Errorf("volume %g, want %g", q.Volume, c.volume)
			}
		})
	}
}

// The bounds that Labelle and Shewchuk prove.
const leastAngle, mostAngle = 10.7, 164.8

func TestMesh_KeepsTheBoundsOfAnglesOnSmoothShapes(t *testing.T) {
	for seed := range uint64(12) {
		f := blob(rand.New(rand.NewPCG(seed, 7)))
		m := meshed(t, f.field(around(1.5, 0.1)))
		q := Measure(m.XYZ, m.Tets, 0)
		if q.Least < leastAngle || q.Most > mostAngle || q.LeastVolume <= 0 {
			t.Errorf("shape %d: dihedral angles %.4g to %.4g, least volume %g", seed, q.Least, q.Most, q.LeastVolume)
		}
		checkConforming(t, m)
		if got := euler(t, m); got != 2 {
			t.Errorf("shape %d: Euler characteristic %d", seed, got)
		}
	}
}

// Whatever the cuts are, there is a mesh, and it keeps the bounds.
func TestMesh_KeepsTheBoundsOfAnglesOnNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	f := sphere(0.9).field(around(1, 0.09))
	for n, in := range f.Inside {
		if in == 1 {
			f.Inside[n] = uint8(random.IntN(4) & 1)
		}
	}
	f.T = nil
	for n := range f.Inside {
		first, owner := len(f.T), false
		row := [7]float32{}
		for e := range row {
			if far := f.Far(n, e); far >= 0 && far < len(f.Inside) && f.Inside[n] != f.Inside[far] {
				owner = true
				row[e] = random.Float32()
			}
		}
		if owner {
			f.T = append(f.T[:first], row[:]...)
		}
	}
	m := meshed(t, f)
	checkConforming(t, m)
	checkNodes(t, m)
	if q := Measure(m.XYZ, m.Tets, 0); q.Least < leastAngle || q.Most > mostAngle || q.LeastVolume <= 0 {
		t.Errorf("dihedral angles %.4g to %.4g, least volume %g", q.Least, q.Most, q.LeastVolume)
	}
}

func TestMesh_ConvergesToTheVolume(t *testing.T) {
	before := math.Inf(1)
	for _, h := range []float64{0.2, 0.1, 0.05} {
		m := meshed(t, sphere(1).field(around(1, h)))
		off := math.Abs(Measure(m.XYZ, m.Tets, 0).Volume/(4*math.Pi/3) - 1)
		if off > before/3 {
			t.Errorf("edge %g: volume off by %g, after %g at twice the edge", h, off, before)
		}
		before = off
	}
}

func digest[T any](values []T) uint64 {
	h := fnv.New64a()
	h.Write(unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0]))))
	return h.Sum64()
}

func TestMesh_IsTheSameForAnyNumberOfThreads(t *testing.T) {
	f := blob(rand.New(rand.NewPCG(5, 6))).field(around(1.5, 0.06))
	f.Triangle = make([]int32, len(f.T))
	for i := range f.Triangle {
		f.Triangle[i] = int32(i)
	}
	var want string
	m := &Mesher{}
	defer m.Free()
	for _, threads := range []int{1, 2, 3, 8} {
		m.Threads = threads
		mesh, err := m.Mesh(f)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(digest(mesh.XYZ), digest(mesh.Tets), digest(mesh.Tris), digest(mesh.On))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d threads: another mesh", threads)
		}
	}
}

func TestMesh_NodesOfTheSurfaceLieOnTheirCuts(t *testing.T) {
	f := sphere(1).field(around(1, 0.1))
	f.Triangle = make([]int32, len(f.T))
	for i := range f.Triangle {
		f.Triangle[i] = int32(i)
	}
	m := meshed(t, f)
	var owner []int
	for n := range f.Inside {
		for e := range 7 {
			if far := f.Far(n, e); far < len(f.Inside) && far >= 0 && f.Inside[far] != f.Inside[n] {
				owner = append(owner, n)
				break
			}
		}
	}
	for i, cut := range m.On {
		a, b := f.At(owner[cut/7]), f.At(f.Far(owner[cut/7], int(cut%7)))
		for k := range 3 {
			want := a[k] + float64(f.T[cut])*(b[k]-a[k])
			if got := m.XYZ[3*(m.Inside+i)+k]; got != want {
				t.Fatalf("node %d on cut %d: coordinate %d is %g, want %g", m.Inside+i, cut, k, got, want)
			}
		}
	}
}

func TestMesh_RefusesWhatItCannotFill(t *testing.T) {
	m := &Mesher{}
	defer m.Free()
	good := sphere(1).field(around(1, 0.2))
	nothing := *good
	nothing.Inside, nothing.T = make([]uint8, len(good.Inside)), nil
	if _, err := m.Mesh(&nothing); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing inside: %v", err)
	}
	wide := sphere(1.3).field(around(1, 0.2))
	if _, err := m.Mesh(wide); !errors.Is(err, ErrMargin) {
		t.Errorf("inside at the border: %v", err)
	}
	short := *good
	short.T = short.T[7:]
	if _, err := m.Mesh(&short); err == nil || !strings.Contains(err.Error(), "want 7 for each") {
		t.Errorf("a cut too few: %v", err)
	}
	small := *good
	small.N[1]--
	if _, err := m.Mesh(&small); err == nil || !strings.Contains(err.Error(), "on a grid of") {
		t.Errorf("a field of another grid: %v", err)
	}
	if mesh, err := m.Mesh(good); err != nil || len(mesh.Tets) == 0 {
		t.Errorf("the mesher is no good after refusals: %v", err)
	}
}

// watched is a host that tells whether it wrote a mesh past caches.
type watched struct {
	host
	past bool
}

func (p *watched) write(w *work) *Mesh {
	m := p.host.write(w)
	p.past = w.lat.past != 0
	return m
}

// What is written past caches, as large meshes are, is the mesh of a small one.
func TestMesh_IsTheSameWrittenPastCaches(t *testing.T) {
	for _, levels := range []int{0, MaxLevels} {
		f := blob(rand.New(rand.NewPCG(8, 9))).field(around(1.6, 0.04))
		f.Grading.Levels = levels
		through, past := &Mesher{}, &Mesher{}
		defer through.Free()
		defer past.Free()
		made := func(m *Mesher, from int, past bool) *Mesh {
			p := &watched{host: host{&m.memory, 0, from}}
			mesh, err := m.make(f.Grid, f.Grading, given{f}, p)
			if err != nil {
				t.Fatal(err)
			}
			if p.past != past {
				t.Errorf("from %d bytes on, written past caches: %v", from, p.past)
			}
			return mesh
		}
		want := made(through, math.MaxInt, false)
		made(past, tetBytes*len(want.Tets)/4+1, false)
		got := made(past, tetBytes*len(want.Tets)/4, true)
		if !Same(got, want) {
			t.Errorf("another mesh where edges double %d times", want.Levels)
		}
	}
}
