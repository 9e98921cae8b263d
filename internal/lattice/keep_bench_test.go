package lattice

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkKeep keeps the edges of a box that is filled with three million tetrahedra; what it takes to fill it is left out.
func BenchmarkKeep(b *testing.B) {
	p := prism([][2]float64{{0, 0}, {1, 0}, {1, 1.3}, {0, 1.3}}, 1.7, false).turned(rand.New(rand.NewPCG(1, 2)))
	s := prepared(b, p.vertices, p.triangles)
	f, h := FindFeatures(p.vertices, p.triangles, p.face), Edge(p.volume, 3_000_000)
	m := &Mesher{}
	defer m.Free()
	spent, tets := int64(0), 0
	for b.Loop() {
		b.StopTimer()
		mesh, err := m.Fill(s, h, Grading{})
		if err != nil {
			b.Fatal(err)
		}
		tets = len(mesh.Tets) / 4
		before := processorTime(b)
		b.StartTimer()
		mesh.Keep(s, h, f, p.face)
		spent += processorTime(b) - before
	}
	b.ReportMetric(float64(spent)/1e6/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(spent)/float64(b.N*tets), "cpu-ns/tetrahedron")
}

// processorTime returns the nanoseconds that this process has computed.
func processorTime(b testing.TB) int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
