package curved

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"meshgen/internal/mesh"
)

// straightWithin is how far nodes of an element that counts as straight may be off, in relation to its height: nothing that
// could be seen in a determinant.
const straightWithin = 1e-7

// offsets tells where the nodes of an element are in relation to the straight element on the same corners, and whether they
// are elsewhere at all.
func (e *element) offsets(p []Vec, out []Vec) (bent bool) {
	corners := len(e.corners[0])
	longest := 0.
	for c := 1; c < corners; c++ {
		longest = math.Max(longest, distance2(p[0], p[c]))
	}
	var farthest float64
	for n := corners; n < len(p); n++ {
		at := e.straightAt(p, n)
		for k := range 3 {
			out[n][k] = p[n][k] - at[k]
		}
		farthest = math.Max(farthest, distance2(p[n], at))
	}
	if farthest == 0 {
		return false
	}
	// the height is at least the volume by the largest area that edges of this length can have
	height := math.Abs(e.plain(p)) / longest
	return !(math.Sqrt(farthest) <= straightWithin*height)
}

// plain returns the determinant at the first corner of the straight element.
func (e *element) plain(p []Vec) float64 {
	at := map[mesh.Shape][3]int{mesh.ATetrahedron: {1, 2, 3}, mesh.APrism: {1, 2, 3}, mesh.AHexahedron: {1, 3, 4}, mesh.APyramid: {1, 3, 4}}[e.kind.Shape()]
	u, v, w := minus(p[at[0]], p[0]), minus(p[at[1]], p[0]), minus(p[at[2]], p[0])
	return u[0]*(v[1]*w[2]-v[2]*w[1]) + u[1]*(v[2]*w[0]-v[0]*w[2]) + u[2]*(v[0]*w[1]-v[1]*w[0])
}

// straightAt returns where a node is in the straight element.
func (e *element) straightAt(p []Vec, node int) (at Vec) {
	for c, by := range e.corners[node] {
		if by == 0 {
			continue
		}
		for k := range 3 {
			at[k] += by * p[c][k]
		}
	}
	return at
}

func minus(a, b Vec) Vec { return Vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func distance2(a, b Vec) float64 {
	d := minus(a, b)
	return d[0]*d[0] + d[1]*d[1] + d[2]*d[2]
}

// judge is what a thread needs to judge elements of a kind.
type judge struct {
	e, straight *element
	at, off     []Vec
}

func newJudge(kind mesh.Kind) *judge {
	e := of(kind)
	j := &judge{e: e, straight: e, at: make([]Vec, len(e.nodes)), off: make([]Vec, len(e.nodes))}
	if e.order > 1 {
		plain, _ := mesh.Of(kind.Shape(), 1)
		j.straight = of(plain)
	}
	return j
}

// ratio returns the ratio of an element whose nodes are at j.at.
func (j *judge) ratio() float64 {
	if j.e.order > 1 && j.e.offsets(j.at, j.off) {
		return j.e.jacobian.ratio(j.at, 1)
	}
	return j.plain()
}

// plain returns that of the straight element on the same corners.
func (j *judge) plain() float64 {
	if j.e.kind.Shape() == mesh.ATetrahedron {
		switch det := j.e.plain(j.at); {
		case det > 0 && !math.IsInf(det, 0):
			return 1
		case det == 0:
			return 0
		}
		return -1
	}
	return j.straight.jacobian.ratio(j.at[:j.straight.kind.Nodes()], 1)
}

// Ratios returns, for each element of a block of volumes, the smallest by the largest determinant of its Jacobian: 1 of a
// straight tetrahedron, more than 0 where the element is valid everywhere, -1 where it is nowhere. It is proven: the true
// one is as large, and a quarter larger at the most (or by 0.005). The kind has to be one that Knows.
func Ratios(m *mesh.Mesh, b *mesh.Block) []float64 {
	out := make([]float64, b.Len())
	const chunk = 512
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 1+len(out)/chunk) {
		wait.Go(func() {
			j := newJudge(b.Kind)
			for {
				to := int(next.Add(chunk))
				from := to - chunk
				if from >= len(out) {
					return
				}
				for e := from; e < min(to, len(out)); e++ {
					for i, node := range b.Element(e) {
						j.at[i] = m.At(node)
					}
					out[e] = j.ratio()
				}
			}
		})
	}
	wait.Wait()
	return out
}
