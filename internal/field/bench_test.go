package field

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkPrepare(b *testing.B) {
	s := torus(320, 80, 3, 1)
	for b.Loop() {
		s.prepare(Options{})
	}
}

func BenchmarkSample(b *testing.B) {
	clean := torus(320, 80, 3, 1)
	holes := clean.without(0.01, rand.New(rand.NewPCG(1, 2)))
	torn := clean.torn(1e-4, rand.New(rand.NewPCG(1, 2)))
	for name, s := range map[string]soup{"clean": clean, "holes": holes, "torn": torn} {
		for what, want := range map[string]Want{"sides": {}, "cuts": {Cuts: true}, "distance": {Distance: true, Band: 1}, "winding": {Winding: true}} {
			b.Run(name+"/"+what, func(b *testing.B) {
				f := s.prepare(Options{})
				l := around(f, 128)
				var got *Samples
				for b.Loop() {
					got, _ = f.Sample(l, 0, l.Slabs(), want, got)
				}
				b.ReportMetric(float64(len(got.Inside))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mnodes/s")
			})
		}
	}
}
