package lattice

import (
	"errors"
	"math"
	"testing"

	"meshgen/internal/field"
)

// ballOf is a sphere of triangles between circles of latitude.
func ballOf(around, up int, radius float64) (vertices [][3]float64, triangles [][3]int32) {
	at := func(i, j int) int32 { return int32(j*around + i%around) }
	for j := range up + 1 {
		for i := range around {
			u, v := 2*math.Pi*float64(i)/float64(around), math.Pi*float64(j)/float64(up)
			vertices = append(vertices, [3]float64{radius * math.Sin(v) * math.Cos(u), radius * math.Sin(v) * math.Sin(u), -radius * math.Cos(v)})
			if j > 0 {
				a, b, c, d := at(i, j-1), at(i+1, j-1), at(i+1, j), at(i, j)
				triangles = append(triangles, [3]int32{a, b, c}, [3]int32{a, c, d})
			}
		}
	}
	return vertices, triangles
}

func prepared(t testing.TB, vertices [][3]float64, triangles [][3]int32) *field.Surface {
	t.Helper()
	s, err := field.Prepare(vertices, triangles, field.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFill_FollowsTheTriangles(t *testing.T) {
	vertices, triangles := ballOf(120, 60, 1)
	s := prepared(t, vertices, triangles)
	m := &Mesher{}
	defer m.Free()
	var before Truth
	for _, h := range []float64{0.1, 0.05} {
		mesh, err := m.Fill(s, h, Grading{})
		if err != nil {
			t.Fatal(err)
		}
		checkConforming(t, mesh)
		checkNodes(t, mesh)
		if got := euler(t, mesh); got != 2 {
			t.Errorf("Euler characteristic %d", got)
		}
		q := Measure(mesh.XYZ, mesh.Tets, 0)
		if q.Least < 10.7 || q.Most > 164.8 || math.Abs(q.Volume-mesh.Volume()) > 1e-9 {
			t.Errorf("angles %.1f to %.1f, volume %g and %g", q.Least, q.Most, q.Volume, mesh.Volume())
		}
		if off := mesh.Volume()/(4*math.Pi/3) - 1; math.Abs(off) > 2*h*h {
			t.Errorf("edge %g: %.2g off the volume", h, off)
		}
		if n := float64(len(mesh.Tets) / 4); math.Abs(Tets(mesh.Volume(), h)/n-1) > 0.15 {
			t.Errorf("%g tetrahedra, and %g expected", n, Tets(mesh.Volume(), h))
		}
		truth, err := mesh.Compare(s, h, Samples(vertices, triangles), 0)
		if err != nil {
			t.Fatal(err)
		}
		if d := max(truth.OfMesh.Max, truth.OfSurface.Max); d > h/4 {
			t.Errorf("edge %g: %g away", h, d)
		}
		if before.OfMesh.Max > 0 && truth.OfMesh.Max > before.OfMesh.Max/2 {
			t.Errorf("half the edge, and still %g away after %g", truth.OfMesh.Max, before.OfMesh.Max)
		}
		before = truth
		// the upper half is a face of its own
		faceOf := make([]int32, len(triangles))
		for i := range faceOf {
			if i >= len(faceOf)/2 {
				faceOf[i] = 1
			}
		}
		faces, _ := mesh.Keep(s, h, &Features{}, faceOf)
		for i, f := range faces {
			if z := mesh.centre(mesh.Tris[3*i : 3*i+3])[2]; math.Abs(z) > h && (z > 0) != (f == 1) {
				t.Fatalf("a triangle at height %g lies on face %d", z, f)
			}
		}
	}
}

func TestFill_NamesWhatItCannotDo(t *testing.T) {
	vertices, triangles := ballOf(20, 10, 1)
	s := prepared(t, vertices, triangles)
	m := &Mesher{}
	defer m.Free()
	for _, h := range []float64{0, -1, math.NaN(), 1e-6} {
		if _, err := m.Fill(s, h, Grading{}); err == nil {
			t.Errorf("an edge of %g", h)
		}
	}
	sheet := prepared(t, vertices[:60], triangles[20:40])
	if _, err := m.Fill(sheet, 0.1, Grading{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an open strip: %v", err)
	}
}

// A place that the mesh lost is found from the surface's side.
func TestCompare_FindsWhatIsLost(t *testing.T) {
	vertices, triangles := ballOf(60, 30, 1)
	far := int32(len(vertices))
	vertices = append(vertices, [3]float64{1.5, 0, 0}, [3]float64{1.5, 1e-3, 0}, [3]float64{1.5, 0, 1e-3}, [3]float64{1.501, 0, 0})
	triangles = append(triangles, [3]int32{far, far + 2, far + 1}, [3]int32{far, far + 1, far + 3}, [3]int32{far + 1, far + 2, far + 3}, [3]int32{far + 2, far, far + 3})
	s := prepared(t, vertices, triangles)
	m := &Mesher{}
	defer m.Free()
	mesh, err := m.Fill(s, 0.1, Grading{})
	if err != nil {
		t.Fatal(err)
	}
	truth, err := mesh.Compare(s, 0.1, Samples(vertices, triangles), 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(truth.OfSurface.Max-0.5) > 0.02 || truth.Farthest[0] < 1.4 || truth.OfMesh.Max > 0.025 {
		t.Errorf("%+v", truth)
	}
}

// A draft is compared at fewer points, evenly spread: what is found is no more than at all of them, and not much less.
func TestCompare_AtFewPoints(t *testing.T) {
	p := prism(polygon(40, 1), 1, true)
	s, h := prepared(t, p.vertices, p.triangles), Edge(p.volume, 50_000)
	m := &Mesher{}
	defer m.Free()
	mesh, err := m.Fill(s, h, Grading{})
	if err != nil {
		t.Fatal(err)
	}
	samples := Samples(p.vertices, p.triangles)
	all, err := mesh.Compare(s, h, samples, 0)
	if err != nil {
		t.Fatal(err)
	}
	few, err := mesh.Compare(s, h, samples, 5_000)
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string][2]Distance{"of the mesh": {all.OfMesh, few.OfMesh}, "of the surface": {all.OfSurface, few.OfSurface}} {
		if full, part := d[0], d[1]; part.Max > full.Max || part.Max < 0.7*full.Max || part.Mean < 0.8*full.Mean || part.Mean > 1.2*full.Mean || full.Max == 0 {
			t.Errorf("%s: %+v at all points and %+v at some", name, full, part)
		}
	}
	if n := len(thinned(samples, 5_000)); n != 5_000 {
		t.Errorf("%d points", n)
	}
}
