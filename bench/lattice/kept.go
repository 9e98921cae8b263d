package main

import (
	"fmt"
	"math"
	"time"

	"meshgen/internal/field"
	"meshgen/internal/lattice"
)

// kept measures boxes whose edges are kept, with and without grading, from the triangles on.
func kept() error {
	fmt.Printf("\n## Edges and grading\n\nA box of 1 x 1.3 x 1.7, turned; from its triangles. The first time is without its edges, the second with them. Uniform is how many tetrahedra a lattice without grading has.\n\n" +
		"| tetrahedra | uniform | rounded, ms | kept, ms | M/s | M/s of uniform | least angle | volume off | rounded | corners | edges that cross |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	b, faces := box([3]float64{1, 1.3, 1.7})
	for _, n := range []int{400_000, 3_000_000, 9_000_000, 27_000_000} {
		for _, levels := range []int{0, lattice.MaxLevels} {
			if err := b.keptRow(faces, n, levels); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s soup) keptRow(faces []int32, n, levels int) error {
	m := &lattice.Mesher{}
	defer m.Free()
	h := lattice.Edge(s.volume(), n)
	var mesh *lattice.Mesh
	fill := func() (err error) {
		mesh, err = s.fill(m, h, lattice.Grading{Levels: levels})
		return err
	}
	rounded, err := median(fill)
	if err != nil {
		return err
	}
	before := mesh.Volume()
	var report lattice.Kept
	whole, err := median(func() error {
		if err := fill(); err != nil {
			return err
		}
		surface, err := field.Prepare(s.vertices, s.triangles, field.Options{})
		if err != nil {
			return err
		}
		_, report = mesh.Keep(surface, h, lattice.FindFeatures(s.vertices, s.triangles, faces), faces)
		return nil
	})
	if err != nil {
		return err
	}
	q := lattice.Measure(mesh.XYZ, mesh.Tets, 0)
	rate := func(n float64, d time.Duration) float64 { return n / d.Seconds() / 1e6 }
	uniform := lattice.Tets(s.volume(), h)
	tets := float64(len(mesh.Tets) / 4)
	fmt.Printf("| %.0f | %.0f | %.0f | %.0f | %.1f | %.1f | %.1f° | %+.4f %% | %+.4f %% | %d of %d | %d |\n", tets, uniform, rounded.Seconds()*1e3, whole.Seconds()*1e3,
		rate(tets, whole), rate(uniform, whole), q.Least, 100*(mesh.Volume()/s.volume()-1), 100*(before/s.volume()-1), report.CornersKept, report.Corners, report.Left)
	return nil
}

// box is a turned box, with the face of each triangle.
func box(size [3]float64) (s soup, faces []int32) {
	for i := range 8 {
		var p [3]float64
		for k := range 3 {
			p[k] = float64(i>>k&1) * size[k]
		}
		for k := range 2 { // by one radian about z, then about x
			sin, cos := math.Sincos(1)
			a, b := 2*k%3, (2*k+1)%3
			p[a], p[b] = cos*p[a]-sin*p[b], sin*p[a]+cos*p[b]
		}
		s.vertices = append(s.vertices, p)
	}
	for f, q := range [6][4]int32{{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}} {
		s.triangles = append(s.triangles, [3]int32{q[0], q[1], q[2]}, [3]int32{q[0], q[2], q[3]})
		faces = append(faces, int32(f), int32(f))
	}
	return s, faces
}
