package lattice

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func graded(t *testing.T, f *Field, g Grading) *Mesh {
	f.Grading = g
	return meshed(t, f)
}

// checkGraded compares a graded mesh with that of the lattice alone.
func checkGraded(t *testing.T, f *Field, g Grading) (uniform, m *Mesh) {
	t.Helper()
	f.Grading = Grading{}
	uniform = meshed(t, f)
	m = graded(t, f, g)
	checkConforming(t, m)
	checkNodes(t, m)
	if got, want := euler(t, m), euler(t, uniform); got != want {
		t.Errorf("Euler characteristic %d, and %d without grading", got, want)
	}
	a, b := Measure(uniform.XYZ, uniform.Tets, 0), Measure(m.XYZ, m.Tets, 0)
	if b.LeastVolume <= 0 || math.Abs(b.Volume/a.Volume-1) > 1e-11 || math.Abs(m.Volume()/b.Volume-1) > 1e-11 {
		t.Errorf("volume %.15g, %.15g of the lattice alone, %.15g in the surface; least %g", b.Volume, a.Volume, m.Volume(), b.LeastVolume)
	}
	if b.Least < min(a.Least, 44.9) || b.Most > max(a.Most, 120.1) {
		t.Errorf("angles %.1f to %.1f, and %.1f to %.1f without grading", b.Least, b.Most, a.Least, a.Most)
	}
	checkInner(t, m)
	if len(m.Tris) != len(uniform.Tris) || len(m.Tets) > len(uniform.Tets) {
		t.Errorf("%d triangles and %d tetrahedra, and %d and %d without grading", len(m.Tris)/3, len(m.Tets)/4, len(uniform.Tris)/3, len(uniform.Tets)/4)
	}
	return uniform, m
}

// checkInner looks at the tetrahedra that the surface has not touched.
func checkInner(t *testing.T, m *Mesh) {
	t.Helper()
	var inner []int32
	for i := 0; i < len(m.Tets); i += 4 {
		if v := m.Tets[i : i+4]; int(slices.Max(v)) < m.Inside {
			inner = append(inner, v...)
		}
	}
	if len(inner) == 0 {
		t.Fatal("no tetrahedron is inside")
	}
	if q := Measure(m.XYZ, inner, 0); q.Least < 44.9 || q.Most > 120.1 || q.LeastGamma < 0.6 {
		t.Errorf("inside, angles %.1f to %.1f and gamma from %.2f", q.Least, q.Most, q.LeastGamma)
	}
}

func TestGrading_ConformsAndKeepsTheSurface(t *testing.T) {
	for _, c := range []struct {
		name  string
		shape shape
	}{
		{"sphere", sphere(1)}, {"torus", torus(0.6, 0.4)}, {"box", box([3]float64{2, 1.8, 1.6})},
		{"hollow", func(p [3]float64) float64 { return max(sphere(1)(p), -sphere(0.2)(p)) }},
	} {
		f := c.shape.field(around(1, 0.06))
		for _, g := range []Grading{{Levels: 1}, {Levels: MaxLevels}, {Levels: 3, Layers: 4}} {
			t.Run(fmt.Sprint(c.name, g.Levels, g.Layers), func(t *testing.T) {
				uniform, m := checkGraded(t, f, g)
				if g.Layers == 0 && (m.Levels == 0 || len(m.Tets) > len(uniform.Tets)*97/100) {
					t.Errorf("%d levels, %d of %d tetrahedra", m.Levels, len(m.Tets)/4, len(uniform.Tets)/4)
				}
			})
		}
	}
}

// Any set of cubes that may be great gives a mesh: refinements inside at random.
func TestGrading_ConformsWhateverSizesAreAskedFor(t *testing.T) {
	f := sphere(1).field(around(1, 0.05))
	random := rand.New(rand.NewPCG(9, 9))
	for i := range 4 {
		type ball struct {
			at   [3]float64
			r, h float64
		}
		var balls []ball
		for range 1 + i*2 {
			balls = append(balls, ball{[3]float64{random.Float64() - 0.5, random.Float64() - 0.5, random.Float64() - 0.5}, 0.3 * random.Float64(), 0.05 + 0.1*random.Float64()})
		}
		_, m := checkGraded(t, f, Grading{Levels: 4, Size: func(p [3]float64) float64 {
			size := 1.
			for _, b := range balls {
				if d := norm(sub(p, b.at)); d < b.r {
					size = min(size, b.h)
				}
			}
			return size
		}})
		for k := 0; k < len(m.Tets); k += 4 {
			mid := m.centre(m.Tets[k : k+4])
			for _, b := range balls {
				// a cube is as large as its middle allows
				if d := norm(sub(mid, b.at)); d < b.r-b.h {
					for _, n := range m.Tets[k : k+4] {
						if e := norm(sub(m.At(n), m.At(m.Tets[k]))); e > 1.01*max(b.h, f.H) {
							t.Fatalf("an edge of %.3g where %.3g is asked for", e, b.h)
						}
					}
				}
			}
		}
	}
}

func TestGrading_KeepsTheBoundsOfAnglesOnSmoothShapes(t *testing.T) {
	for seed := range uint64(2) {
		_, m := checkGraded(t, blob(rand.New(rand.NewPCG(seed, 11))).field(around(1.5, 0.05)), Grading{Levels: MaxLevels})
		if q := Measure(m.XYZ, m.Tets, 0); q.Least < leastAngle || q.Most > mostAngle {
			t.Errorf("shape %d: angles %.4g to %.4g", seed, q.Least, q.Most)
		}
	}
}

func TestGrading_IsTheSameForAnyNumberOfThreads(t *testing.T) {
	f := torus(0.6, 0.4).field(around(1, 0.04))
	f.Grading = Grading{Levels: MaxLevels}
	var want string
	for _, threads := range []int{1, 3} {
		m := &Mesher{Threads: threads}
		mesh, err := m.Mesh(f)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(digest(mesh.XYZ), digest(mesh.Tets), digest(mesh.Tris), digest(mesh.On))
		if want != "" && got != want {
			t.Errorf("%d threads: another mesh", threads)
		}
		want = got
		m.Free()
	}
}

// How many tetrahedra there will be is what sizes are chosen by.
func TestGradedTets_IsAbout(t *testing.T) {
	for _, h := range []float64{0.06, 0.03} {
		f := sphere(1).field(around(1, h))
		m := graded(t, f, Grading{Levels: MaxLevels})
		if n, about := float64(len(m.Tets)/4), GradedTets(4*math.Pi/3, 4*math.Pi, h, 1); n/about > 1.4 || n/about < 0.7 {
			t.Errorf("edge %g: %g tetrahedra, and %g expected", h, n, about)
		}
	}
}
