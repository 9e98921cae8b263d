package surface

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

func TestRepair_SmallHoles_AreClosedWithAWord(t *testing.T) {
	whole := sphere(5, 4)
	volume := func(s soup) float64 {
		m, _ := repaired(t, s)
		return m.Volume()
	}
	t.Run("a lost triangle", func(t *testing.T) {
		m, warnings := repaired(t, whole[1:])
		require.InEpsilon(t, volume(whole), m.Volume(), 1e-12)
		require.Len(t, warnings, 1)
		require.Equal(t, diagnosis.Repaired, warnings[0].Code)
		require.Contains(t, warnings[0].Message, "Closed 1 small hole with 1 triangle")
		a, b, c := whole[0][0], whole[0][1], whole[0][2]
		require.InDeltaSlice(t, slice(midpoint(a, b, c)), warnings[0].Entities[0].Point[:], 1e-12)
		require.Contains(t, warnings[0].Entities[0].Name, "hole of 3 edges")
	})
	t.Run("several triangles side by side", func(t *testing.T) {
		m, warnings := repaired(t, whole[4:])
		require.InEpsilon(t, volume(whole), m.Volume(), 1e-3)
		require.Contains(t, warnings[0].Message, "Closed 1 small hole with 4 triangles")
	})
	t.Run("two that touch in a vertex", func(t *testing.T) {
		p := whole[0][0]
		var s soup
		n := 0
		for _, tri := range whole {
			if tri[0] == p || tri[1] == p || tri[2] == p {
				if n++; n == 1 || n == 4 {
					continue
				}
			}
			s = append(s, tri)
		}
		m, _ := repaired(t, s)
		require.InEpsilon(t, volume(whole), m.Volume(), 1e-2)
	})
	t.Run("of which the triangles around point anywhere", func(t *testing.T) {
		s := append(soup{}, whole[1:]...)
		for i := range s {
			if i%3 == 0 {
				s[i][0], s[i][1] = s[i][1], s[i][0]
			}
		}
		m, _ := repaired(t, s)
		require.InEpsilon(t, volume(whole), m.Volume(), 1e-12)
	})
	t.Run("in an inner shell", func(t *testing.T) {
		m, _ := repaired(t, join(whole, sphere(2, 4)[1:]))
		require.Len(t, m.Solids, 1)
		require.Len(t, m.Solids[0].Voids, 1)
	})
}

func slice(p [3]float64) []float64 { return p[:] }

func TestRepair_Crack_IsClosedHoweverLong(t *testing.T) {
	a, b := [3]float64{0, 0, 10}, [3]float64{10, 0, 10}
	for _, off := range [][3]float64{{0, 0, 1e-3}, {0, 0, -1e-3}, {0, 1e-3, 0}, {0, -1e-3, 0}, {0, 0, 0}} {
		// one of the two triangles at an edge of the cube is cut where its neighbour is not, a little off the edge
		middle := [3]float64{5, off[1], 10 + off[2]}
		s := cube(0, 10)
		for i, tri := range s {
			for k := range 3 {
				if tri[k] == a && tri[(k+1)%3] == b {
					s[i] = [3][3]float64{a, middle, tri[(k+2)%3]}
					s = append(s, [3][3]float64{middle, b, tri[(k+2)%3]})
					break
				}
			}
		}
		require.Len(t, s, 13)
		m, warnings := repaired(t, s)
		require.InEpsilon(t, 1000, m.Volume(), 1e-3)
		require.Contains(t, warnings[0].Message, "Closed 1 small hole")
	}
}

func TestRepair_Openings_AreNotTakenForHoles(t *testing.T) {
	t.Run("the end of a thin pipe", func(t *testing.T) {
		// a pencil, its blunt end cut off square: the opening is small, but its rim is an edge
		cut := tube(0.5, 40, 24, 40)
		for i := range 24 {
			a, b := circlePoint(0.5, 0, i, 24), circlePoint(0.5, 0, i+1, 24)
			cut = append(cut, [3][3]float64{b, a, {0, 0, -2}})
		}
		d := refused(t, cut, diagnosis.NotWatertight)
		require.Contains(t, d.Message, "around 1 hole")
	})
	t.Run("a single triangle, or many loose ones", func(t *testing.T) {
		refused(t, sphere(5, 2)[:1], diagnosis.NotWatertight)
		apart := sphere(5, 2)
		for i := range apart {
			for k := range 3 {
				apart[i][k][0] += 1e-3 * float64(i)
			}
		}
		refused(t, apart, diagnosis.NotWatertight)
	})
	t.Run("one wide opening keeps the small holes listed, too", func(t *testing.T) {
		d := refused(t, join(sphere(5, 4)[1:], cube(20, 10)[2:]), diagnosis.NotWatertight)
		require.Contains(t, d.Message, "around 2 holes; the largest is 14.1 across")
		require.Len(t, d.Entities, 2)
	})
}

func TestRepair_RandomSurfacesWithRandomDirt_EncloseWhatTheyDidBefore(t *testing.T) {
	for seed := range uint64(12) {
		dice := rand.New(rand.NewPCG(seed, 7))
		clean := blob(dice, 4)
		want, _ := repaired(t, clean)
		var dirty soup
		for i, tri := range clean {
			switch n := dice.IntN(200); {
			case n < 20: // turned
				tri[0], tri[1] = tri[1], tri[0]
			case n < 25: // twice
				dirty = append(dirty, tri)
			case n < 30: // with a needle at its side
				dirty = append(dirty, [3][3]float64{tri[0], tri[0], tri[1]})
			case n == 30 && i%5 == 0: // lost
				continue
			}
			dirty = append(dirty, tri)
		}
		dice.Shuffle(len(dirty), func(i, j int) { dirty[i], dirty[j] = dirty[j], dirty[i] })
		got, warnings := repaired(t, dirty)
		require.InEpsilon(t, want.Volume(), got.Volume(), 1e-4, "seed %d", seed)
		require.NotEmpty(t, warnings)
	}
}
