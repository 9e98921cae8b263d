package curved

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

var volumes = []mesh.Kind{mesh.Tet4, mesh.Tet10, mesh.Tet20, mesh.Prism6, mesh.Prism18, mesh.Hex8, mesh.Hex27, mesh.Pyramid5, mesh.Pyramid14}

// shaken is the nodes of the reference element, moved at random.
func shaken(e *element, random *rand.Rand, by float64) []Vec {
	p := make([]Vec, len(e.nodes))
	for n := range p {
		p[n] = e.straightAt(ideal(e.kind.Shape()), n)
		for k := range 3 {
			p[n][k] += by * (random.Float64() - 0.5)
		}
	}
	return p
}

func ideal(shape mesh.Shape) []Vec {
	if shape == mesh.APyramid {
		return []Vec{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0.5, 0.5, 1}}
	}
	return cornersOf[shape]
}

// somewhere returns a place in an element at random.
func somewhere(shape mesh.Shape, random *rand.Rand) Vec {
	p := Vec{random.Float64(), random.Float64(), random.Float64()}
	switch shape {
	case mesh.ATetrahedron:
		for p[0]+p[1]+p[2] > 1 {
			p = Vec{random.Float64(), random.Float64(), random.Float64()}
		}
	case mesh.APrism:
		if p[0]+p[1] > 1 {
			p[0], p[1] = 1-p[0], 1-p[1]
		}
	}
	return p
}

// theirs are the coordinates of a place in Gmsh's reference element, and how much larger a volume is there.
func theirs(shape mesh.Shape, p Vec) (Vec, float64) {
	switch shape {
	case mesh.APrism:
		return Vec{p[0], p[1], 2*p[2] - 1}, 2
	case mesh.AHexahedron:
		return Vec{2*p[0] - 1, 2*p[1] - 1, 2*p[2] - 1}, 8
	case mesh.APyramid:
		return Vec{(2*p[0] - 1) * (1 - p[2]), (2*p[1] - 1) * (1 - p[2]), p[2]}, 4
	}
	return p, 1
}

func (j *jacobian) coefficients(p []Vec) []float64 {
	samples, out := make([]float64, j.points), make([]float64, j.points)
	j.sample(p, samples)
	apply(j.from, samples, out)
	return out
}

func valueAt(e *element, coefficients []float64, p Vec) (sum float64) {
	d := domainOf(e.kind.Shape(), e.order)
	for i, b := range d.basis() {
		sum += coefficients[i] * d.at(b, p)
	}
	return sum
}

func TestDeterminants_AreThoseOfGmshsShapeFunctions(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(t, gmsh.Initialize())
	defer gmsh.Finalize()
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range volumes {
		e := of(kind)
		p := shaken(e, random, 0.3)
		coefficients := e.jacobian.coefficients(p)
		var places []Vec
		var parameters []float64
		for range 30 {
			at := somewhere(kind.Shape(), random)
			there, _ := theirs(kind.Shape(), at)
			places, parameters = append(places, at), append(parameters, there[:]...)
		}
		slopes, err := gmsh.BasisFunctions(int(kind), parameters, "GradLagrange")
		require.NoError(t, err)
		require.Len(t, slopes, 3*len(p)*len(places))
		for i, at := range places {
			var d [3]Vec
			for n := range p {
				for axis := range 3 {
					for k := range 3 {
						d[axis][k] += slopes[3*(i*len(p)+n)+axis] * p[n][k]
					}
				}
			}
			det := d[0][0]*(d[1][1]*d[2][2]-d[1][2]*d[2][1]) + d[0][1]*(d[1][2]*d[2][0]-d[1][0]*d[2][2]) + d[0][2]*(d[1][0]*d[2][1]-d[1][1]*d[2][0])
			_, larger := theirs(kind.Shape(), at)
			require.InDelta(t, det*larger, valueAt(e, coefficients, at), 1e-9, "%s at %v", kind, at)
		}
	}
}

func TestPartsOfAnElement_HaveTheDeterminantOfTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, kind := range volumes {
		e := of(kind)
		whole := e.jacobian.coefficients(shaken(e, random, 0.3))
		d := domainOf(kind.Shape(), e.order)
		volume := 0.
		for i, child := range d.children() {
			part := make([]float64, len(whole))
			apply(e.jacobian.children()[i], whole, part)
			u, v, w := minus(child[1], child[0]), minus(child[2], child[0]), minus(child[3], child[0])
			volume += math.Abs(u[0]*(v[1]*w[2]-v[2]*w[1]) + u[1]*(v[2]*w[0]-v[0]*w[2]) + u[2]*(v[0]*w[1]-v[1]*w[0]))
			for range 5 {
				in := somewhere(d.shape, random)
				at := child[0]
				for k := range 3 {
					at[k] += in[0]*u[k] + in[1]*v[k] + in[2]*w[k]
				}
				require.InDelta(t, valueAt(e, whole, at), valueAt(e, part, in), 1e-9, kind)
			}
		}
		require.InDelta(t, 1, volume, 1e-12, "%s: the parts make the whole", kind)
	}
}

// TestRatios_AreProvenAndClose compares with the smallest and the largest of many samples: none may be beyond what is proven, and
// what is proven may not be much less.
func TestRatios_AreProvenAndClose(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, kind := range volumes {
		e := of(kind)
		valid, invalid := 0, 0
		for i := range 60 {
			p := shaken(e, random, 0.006*float64(i))
			if i%3 == 0 { // as thin as a prism of a boundary layer, and far from the origin
				for n := range p {
					p[n][2] *= 1e-4
					p[n][0] += 100
				}
			}
			got := e.jacobian.ratio(p, 1)
			coefficients := e.jacobian.coefficients(p)
			low, high := math.Inf(1), math.Inf(-1)
			for x := range 9 {
				for y := range 9 {
					for z := range 9 {
						at := Vec{float64(x) / 8, float64(y) / 8, float64(z) / 8}
						if s := kind.Shape(); s == mesh.ATetrahedron && x+y+z > 8 || s == mesh.APrism && x+y > 8 {
							continue
						}
						v := valueAt(e, coefficients, at)
						low, high = math.Min(low, v), math.Max(high, v)
					}
				}
			}
			sampled := low / math.Max(high, -low)
			require.LessOrEqual(t, got, sampled+1e-9, "%s %d", kind, i)
			if got > 0 {
				valid++
				require.GreaterOrEqual(t, got, 0.7*sampled-2*slackLeast, "%s %d", kind, i)
			} else {
				invalid++
				require.Less(t, sampled, 0.02, "%s %d: what cannot be decided is close to zero", kind, i)
			}
		}
		if kind.Order() > 1 {
			require.Positive(t, valid, kind)
			require.Positive(t, invalid, kind)
		}
	}
}

func TestStraightTetrahedron_IsOne(t *testing.T) {
	for _, kind := range []mesh.Kind{mesh.Tet10, mesh.Tet20} {
		e := of(kind)
		m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
		b := mesh.Block{Dim: 3, Entity: 1, Kind: kind}
		for n := range e.nodes {
			p := e.straightAt([]Vec{{100, 0, 0}, {101, 0, 0}, {100, 1, 0}, {100, 0, 1e-3}}, n)
			m.XYZ = append(m.XYZ, p[:]...)
			b.Nodes = append(b.Nodes, uint64(n+1))
		}
		require.Equal(t, []float64{1}, Ratios(m, &b), "rounding bends nothing")
		m.XYZ[3*5+2] += 5e-4
		require.Less(t, Ratios(m, &b)[0], 1.)
		m.XYZ[3*5+2] += 1
		require.LessOrEqual(t, Ratios(m, &b)[0], 0.)
	}
}

func TestTangledElementWithSoundCorners_IsFound(t *testing.T) {
	// A quadratic edge whose middle is a little beyond a quarter of its length folds at its end, which samples within miss.
	e := of(mesh.Tet10)
	p := shaken(e, rand.New(rand.NewPCG(0, 0)), 0)
	p[4] = Vec{0.26, 0, 0}
	require.Positive(t, e.jacobian.ratio(p, 1))
	p[4] = Vec{0.24, 0, 0}
	require.LessOrEqual(t, e.jacobian.ratio(p, 1), 0.)
}

func BenchmarkRatio(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, kind := range volumes {
		e := of(kind)
		p := shaken(e, random, 0.05)
		e.jacobian.ratio(p, 1)
		b.Run(kind.String(), func(b *testing.B) {
			for b.Loop() {
				e.jacobian.ratio(p, 1)
			}
		})
	}
}
