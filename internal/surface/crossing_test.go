package surface

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// rational returns the exact value of the determinant that orient3D stands for.
func rational(a, b, c, d [3]float64) *big.Rat {
	minus := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	var m [3][3]*big.Rat
	for i, p := range [][3]float64{a, b, c} {
		for k := range 3 {
			m[i][k] = minus(p[k], d[k])
		}
	}
	sum := new(big.Rat)
	for k := range 3 {
		u, v := (k+1)%3, (k+2)%3
		minor := new(big.Rat).Sub(new(big.Rat).Mul(m[1][u], m[2][v]), new(big.Rat).Mul(m[1][v], m[2][u]))
		sum.Add(sum, minor.Mul(minor, m[0][k]))
	}
	return sum
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func TestOrient3D_AgreesWithRationalArithmetic(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	zeros := 0
	for range 5000 {
		// three points, and a fourth that lies on their plane but for the rounding of its coordinates
		var p [3][3]float64
		scale := math.Ldexp(1, dice.IntN(40)-20)
		offset := float64(dice.IntN(3)) * 1000
		for i := range p {
			for k := range 3 {
				p[i][k] = offset + scale*float64(dice.IntN(1000))/float64(dice.IntN(9)+1)
			}
		}
		u, v := dice.Float64(), dice.Float64()
		var q [3]float64
		for k := range q {
			q[k] = p[0][k] + u*(p[1][k]-p[0][k]) + v*(p[2][k]-p[0][k])
		}
		want := rational(p[0], p[1], p[2], q).Sign()
		require.Equal(t, want, sign(orient3D(&p[0], &p[1], &p[2], &q)))
		require.Equal(t, want, sign(orient3DExactly(&p[0], &p[1], &p[2], &q)))
		if want == 0 {
			zeros++
		}
	}
	require.Less(t, zeros, 2500)
}

func TestOrient2D_AgreesWithRationalArithmetic(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		var a, b, c [3]float64
		share := dice.Float64()
		for k := range 3 {
			a[k], b[k] = 1000*dice.Float64(), dice.Float64()
			c[k] = a[k] + share*(b[k]-a[k])
		}
		// the same in the plane z = 0, below a point above it
		flat := func(p [3]float64) [3]float64 { p[2] = 0; return p }
		want := rational(flat(a), flat(b), flat(c), [3]float64{0, 0, -1}).Sign()
		require.Equal(t, want, sign(orient2D(&a, &b, &c, 0, 1)))
	}
}

// meetRationally decides by rational linear algebra whether two triangles have a point in common: the two closed
// triangles are apart exactly where one of a few axes separates them.
func meetRationally(a, b [3][3]int64) bool {
	var axes [][3]int64
	edges := func(t [3][3]int64) (e [3][3]int64) {
		for i := range 3 {
			for k := range 3 {
				e[i][k] = t[(i+1)%3][k] - t[i][k]
			}
		}
		return e
	}
	cross := func(u, v [3]int64) [3]int64 {
		return [3]int64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	}
	ea, eb := edges(a), edges(b)
	na, nb := cross(ea[0], ea[1]), cross(eb[0], eb[1])
	axes = append(axes, na, nb)
	for _, u := range ea {
		axes = append(axes, cross(u, na))
		for _, v := range eb {
			axes = append(axes, cross(u, v))
		}
	}
	for _, v := range eb {
		axes = append(axes, cross(v, nb))
	}
	for _, axis := range axes {
		span := func(t [3][3]int64) (low, high int64) {
			low, high = math.MaxInt64, math.MinInt64
			for _, p := range t {
				x := p[0]*axis[0] + p[1]*axis[1] + p[2]*axis[2]
				low, high = min(low, x), max(high, x)
			}
			return low, high
		}
		lowA, highA := span(a)
		lowB, highB := span(b)
		if highA < lowB || highB < lowA {
			return false
		}
	}
	return true
}

func TestMeet_AgreesWithSeparatingAxes(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	triangle := func(side int) (p [3][3]int64) {
		for {
			for i := range p {
				for k := range 3 {
					p[i][k] = int64(dice.IntN(side))
				}
			}
			u := [3]int64{p[1][0] - p[0][0], p[1][1] - p[0][1], p[1][2] - p[0][2]}
			v := [3]int64{p[2][0] - p[0][0], p[2][1] - p[0][1], p[2][2] - p[0][2]}
			if u[1]*v[2] != u[2]*v[1] || u[2]*v[0] != u[0]*v[2] || u[0]*v[1] != u[1]*v[0] {
				return p
			}
		}
	}
	met := 0
	for range 40000 {
		// a small grid makes contacts and common planes frequent; vertices are not shared by index here
		a, b := triangle(4), triangle(4)
		m := &Mesh{}
		for _, p := range [][3][3]int64{a, b} {
			for _, q := range p {
				m.Vertices = append(m.Vertices, [3]float64{float64(q[0]), float64(q[1]), float64(q[2])})
			}
		}
		m.Triangles = [][3]int32{{0, 1, 2}, {3, 4, 5}}
		_, got := newRepair(m).meet(0, 1)
		if got != meetRationally(a, b) {
			require.Fail(t, "wrong", "%v and %v: meet says %v", a, b, got)
		}
		if got {
			met++
		}
	}
	require.Greater(t, met, 4000)
	require.Less(t, met, 36000)
}

func TestMeet_NeighboursThatOnlyShareTheirCorner_DoNotMeet(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 10))
	for range 10000 {
		m := &Mesh{Triangles: [][3]int32{{0, 1, 2}, {3, 0, 4}}}
		for range 5 {
			m.Vertices = append(m.Vertices, [3]float64{float64(dice.IntN(5)), float64(dice.IntN(5)), float64(dice.IntN(5))})
		}
		r := newRepair(m)
		r.flatness = 1e-10
		if len(r.flat()) > 0 {
			continue
		}
		// pulled away from the corner by little, along each of the two, they meet only if they met beyond it
		_, got := r.meet(0, 1)
		apart := &Mesh{Triangles: [][3]int32{{0, 1, 2}, {3, 4, 5}}}
		near := func(p [3]float64) [3]float64 { // cuts the corner off both
			q := m.Vertices[0]
			for k := range q {
				q[k] += (p[k] - q[k]) * 0x1p-20
			}
			return q
		}
		v := m.Vertices
		apart.Vertices = [][3]float64{near(v[1]), near(v[2]), v[2], v[1], near(v[4]), near(v[3]), v[3], v[4]}
		apart.Triangles = [][3]int32{{0, 1, 2}, {0, 2, 3}, {4, 5, 6}, {4, 6, 7}}
		cut := newRepair(apart)
		want := false
		for i := range int32(2) {
			for j := range int32(2) {
				_, met := cut.meet(i, 2+j)
				want = want || met
			}
		}
		require.Equal(t, want, got, "%v", v)
	}
}

func TestTree_FindsEveryPairOfBoxesThatOverlap(t *testing.T) {
	dice := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{1, 4, 5, 300} {
		m := &Mesh{}
		for i := range n {
			at := [3]float64{dice.Float64(), dice.Float64(), dice.Float64()}
			if i%3 == 0 {
				at = [3]float64{0.5, 0.5, 0.5} // a heap in one place
			}
			for k := range 3 {
				p := at
				p[k] += 0.2 * dice.Float64()
				m.Vertices = append(m.Vertices, p)
			}
			v := int32(3 * i)
			m.Triangles = append(m.Triangles, [3]int32{v, v + 1, v + 2})
		}
		tree := newTree(m)
		got := map[[2]int32]int{}
		for i, j := range tree.overlaps {
			got[[2]int32{min(i, j), max(i, j)}]++
		}
		for i := range int32(n) {
			for j := range i {
				want := 0
				if tree.boxes[i].overlaps(&tree.boxes[j]) {
					want = 1
				}
				require.Equal(t, want, got[[2]int32{j, i}])
			}
		}
	}
}
