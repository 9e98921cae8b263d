package lattice

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// checkRegular looks whether the tetrahedra that are said to be those of the lattice have its edges, and whether as many are said to be as have them.
func checkRegular(t *testing.T, m *Mesh, h float64) (count int) {
	t.Helper()
	const rounding = 1e-11
	regular := m.Regular(0)
	for tet := range len(m.Tets) / 4 {
		v := m.Tets[4*tet : 4*tet+4]
		long, short := 0, 0
		for a := range v {
			for b := range a {
				switch l := norm(sub(m.At(v[a]), m.At(v[b]))); {
				case math.Abs(l-h) < rounding*h:
					long++
				case math.Abs(l-h*math.Sqrt(0.75)) < rounding*h:
					short++
				}
			}
		}
		congruent, said := long == 2 && short == 4, regular[tet/64]>>(tet%64)&1 != 0
		if said && !congruent {
			t.Fatalf("tetrahedron %d of %d is no one of the lattice", tet, len(m.Tets)/4)
		}
		if congruent {
			count++
		}
	}
	said := 0
	for _, w := range regular {
		said += bits.OnesCount64(w)
	}
	// surfaces may pass through nodes, and meet the lattice by chance
	if said < count-count/50 {
		t.Errorf("%d tetrahedra of the lattice of %d are known", said, count)
	}
	return said
}

func TestLong_Regular_AreCongruentOnRandomShapes(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for range 6 {
		h := 0.05 + 0.05*random.Float64()
		f := blob(random).field(around(1.6, h))
		if checkRegular(t, meshed(t, f), h) == 0 {
			t.Error("none is of the lattice")
		}
		for _, layers := range []int{0, 4} {
			m := graded(t, f, Grading{Levels: MaxLevels, Layers: layers})
			if m.Levels == 0 {
				t.Error("nothing is graded")
			}
			checkRegular(t, m, h)
		}
	}
}

func TestRegular_LeavesOutWhatKeepingEdgesMoves(t *testing.T) {
	random := rand.New(rand.NewPCG(23, 24))
	for sides := 3; sides < 8; sides++ {
		p := prism(polygon(sides, 1), 1.5, false).turned(random)
		k := p.keep(t, 60_000)
		if len(k.moved) == 0 {
			t.Error("nothing inside was moved")
		}
		if checkRegular(t, k.Mesh, k.h) == 0 {
			t.Error("none is of the lattice")
		}
	}
}

func TestRegular_AreNotKnownOfWhatIsDivided(t *testing.T) {
	d := row(1, 1).divide(t, 20_000, 0)
	if d.Regular(0) != nil {
		t.Error("some are known")
	}
}
