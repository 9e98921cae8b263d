package export_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/export"
	"meshgen/internal/mesh"
)

// size is a number of elements and what they measure: volume, or area.
type size struct {
	count   int
	measure float64
}

// facts is what a mesh holds, worked out from the master file in the plainest way; straight, by the corners alone.
type facts struct {
	mesh   *mesh.Mesh
	counts map[string]int // volumes by shape
	volume float64
	sizes  map[mesh.Key]size
	onTwo  map[string]int // how many volumes a face is of, by its corners
}

func factsOf(t *testing.T, path string) *facts {
	t.Helper()
	m, err := mesh.ReadMSH(path)
	require.NoError(t, err)
	f := &facts{mesh: m, counts: map[string]int{}, sizes: map[mesh.Key]size{}, onTwo: map[string]int{}}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		if b.Dim < 2 {
			continue
		}
		s := size{count: b.Len()}
		for e := range b.Len() {
			nodes := b.Element(e)[:b.Kind.Corners()]
			if b.Dim == 2 {
				s.measure += area(m, nodes)
				continue
			}
			s.measure += volume(m, b.Kind.Shape(), nodes)
			for _, face := range b.Kind.Shape().Faces() {
				f.onTwo[name(pick(nodes, face))]++
			}
		}
		f.sizes[b.Key()] = s
		if b.Dim == 3 {
			f.counts[b.Kind.Shape().String()] += b.Len()
			f.volume += s.measure
		}
	}
	return f
}

func pick(nodes []uint64, which []int) (out []uint64) {
	for _, i := range which {
		out = append(out, nodes[i])
	}
	return out
}

func name(corners []uint64) string {
	sorted := slices.Clone(corners)
	slices.Sort(sorted)
	return fmt.Sprint(sorted)
}

// cross returns twice the vector area of a polygon about its first corner.
func cross(m *mesh.Mesh, corners []uint64) (n [3]float64) {
	a := m.At(corners[0])
	for i := 1; i+1 < len(corners); i++ {
		b, c := m.At(corners[i]), m.At(corners[i+1])
		for k := range 3 {
			p, q := (k+1)%3, (k+2)%3
			n[k] += (b[p]-a[p])*(c[q]-a[q]) - (b[q]-a[q])*(c[p]-a[p])
		}
	}
	return n
}

func area(m *mesh.Mesh, corners []uint64) float64 {
	n := cross(m, corners)
	return math.Sqrt(n[0]*n[0]+n[1]*n[1]+n[2]*n[2]) / 2
}

// volume adds up the pyramids from the first corner to each face: exact where faces are flat.
func volume(m *mesh.Mesh, shape mesh.Shape, nodes []uint64) (v float64) {
	o := m.At(nodes[0])
	for _, face := range shape.Faces() {
		corners := pick(nodes, face)
		n, a := cross(m, corners), m.At(corners[0])
		for k := range 3 {
			v += n[k] * (a[k] - o[k]) / 6
		}
	}
	return v
}

// of sums the elements of some entities; outside leaves out faces between two volumes.
func (f *facts) of(dim int, entities []int, outside bool) (s size) {
	for i := range f.mesh.Blocks {
		b := &f.mesh.Blocks[i]
		if b.Dim != dim || !slices.Contains(entities, b.Entity) {
			continue
		}
		if !outside {
			s.count += f.sizes[b.Key()].count
			s.measure += f.sizes[b.Key()].measure
			continue
		}
		for e := range b.Len() {
			if corners := b.Element(e)[:b.Kind.Corners()]; f.onTwo[name(corners)] == 1 {
				s.count++
				s.measure += area(f.mesh, corners)
			}
		}
	}
	return s
}

// surface sums the faces of volumes that are of one volume alone.
func (f *facts) surface() (s size) {
	for _, b := range f.mesh.Of(3) {
		for e := range b.Len() {
			for _, face := range b.Kind.Shape().Faces() {
				if corners := pick(b.Element(e), face); f.onTwo[name(corners)] == 1 {
					s.count++
					s.measure += area(f.mesh, corners)
				}
			}
		}
	}
	return s
}

// interfaces counts the faces that lie between two volumes, and outside.
func (f *facts) interfaces() interfaces {
	out := interfaces{Sound: true}
	for _, b := range f.mesh.Of(2) {
		for e := range b.Len() {
			if f.onTwo[name(b.Element(e)[:b.Kind.Corners()])] == 2 {
				out.Between++
			} else {
				out.Outside++
			}
		}
	}
	return out
}

// whole returns each group of volumes and faces with all its entities, by the name that a format gives it.
func (f *facts) whole(format string) map[string]size {
	out := map[string]size{}
	how, _ := export.Named(format)
	for _, g := range f.mesh.Groups {
		if g.Dim > 1 {
			out[how.Names(f.mesh, g.Dim)[g.Tag]] = f.of(g.Dim, g.Entities, false)
		}
	}
	return out
}

// divided returns each group with the entities that are in no group before it; outside leaves out faces between two
// volumes, and gives a name to what lies on the outside in no group.
func (f *facts) divided(format string, dims []int, outside bool, otherwise string) map[string]size {
	out := map[string]size{}
	how, _ := export.Named(format)
	for _, dim := range dims {
		var taken []int
		rest := f.surface()
		for _, g := range f.mesh.Groups {
			if g.Dim != dim {
				continue
			}
			mine := slices.DeleteFunc(slices.Clone(g.Entities), func(e int) bool { return slices.Contains(taken, e) })
			taken = append(taken, mine...)
			if s := f.of(dim, mine, outside && dim == 2); s.count > 0 {
				out[how.Names(f.mesh, dim)[g.Tag]] = s
				rest.count -= s.count
				rest.measure -= s.measure
			}
		}
		if dim == 2 && otherwise != "" && rest.count > 0 {
			out[otherwise] = rest
		}
	}
	return out
}
