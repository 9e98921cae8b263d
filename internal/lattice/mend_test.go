package lattice

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// blocks are boxes beside, behind and above each other, between some places along each axis.
func blocks(x, y, z []float64) *assembly {
	a := &assembly{sides: map[int32]Sides{}}
	along := [3][]float64{x, y, z}
	number := func(at [3]int) int32 {
		n := int32(0)
		for k := 2; k >= 0; k-- {
			if at[k] < 0 || at[k] >= len(along[k])-1 {
				return Nobody
			}
			n = n*int32(len(along[k])-1) + int32(at[k])
		}
		return n
	}
	for k := range len(z) - 1 {
		for j := range len(y) - 1 {
			for i := range len(x) - 1 {
				at := [3]int{i, j, k}
				volume := 1.
				for axis := range 3 {
					volume *= along[axis][at[axis]+1] - along[axis][at[axis]]
					u, v := (axis+1)%3, (axis+2)%3
					side := func(end int) (out [4][3]float64) {
						for c, shift := range [4][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
							out[c][axis] = along[axis][at[axis]+end]
							out[c][u], out[c][v] = along[u][at[u]+shift[0]], along[v][at[v]+shift[1]]
						}
						return out
					}
					before, after := at, at
					before[axis]--
					after[axis]++
					if s := side(0); number(before) == Nobody {
						a.bound(number(at), Nobody, s[0], s[3], s[2], s[1])
					}
					s := side(1)
					a.bound(number(at), number(after), s[:]...)
				}
				a.volumes = append(a.volumes, volume)
			}
		}
	}
	return a
}

// sectors is a cylinder of radius one, divided around its axis.
func sectors(n, facets int, height float64) *assembly {
	a := &assembly{sides: map[int32]Sides{}}
	at := func(i int, z float64) [3]float64 {
		w := 2 * math.Pi * float64(i%(n*facets)) / float64(n*facets)
		return [3]float64{math.Cos(w), math.Sin(w), z}
	}
	low, high := [3]float64{}, [3]float64{0, 0, height}
	number := map[[3]float64]int32{}
	put := func(face int32, corners ...[3]float64) {
		var t [3]int32
		for i, p := range corners {
			v, met := number[p]
			if !met {
				v = int32(len(a.vertices))
				number[p] = v
				a.vertices = append(a.vertices, p)
			}
			t[i] = v
		}
		a.add(face, t[:]...)
	}
	for s := range n {
		round, bottom, top, wall := int32(4*s+1), int32(4*s+2), int32(4*s+3), int32(4*s+4)
		own := int32(s)
		a.sides[round], a.sides[bottom], a.sides[top] = Sides{own, Nobody}, Sides{own, Nobody}, Sides{own, Nobody}
		for i := s * facets; i < (s+1)*facets; i++ {
			put(round, at(i, 0), at(i+1, 0), at(i+1, height))
			put(round, at(i, 0), at(i+1, height), at(i, height))
			put(bottom, low, at(i+1, 0), at(i, 0))
			put(top, high, at(i, height), at(i+1, height))
		}
		end := (s + 1) * facets // the wall to the next
		if next := int32((s + 1) % n); own < next {
			a.sides[wall] = Sides{own, next}
			put(wall, low, high, at(end, height))
			put(wall, low, at(end, height), at(end, 0))
		} else {
			a.sides[wall] = Sides{next, own}
			put(wall, low, at(end, height), high)
			put(wall, low, at(end, 0), at(end, height))
		}
		a.volumes = append(a.volumes, height*float64(facets)*math.Sin(2*math.Pi/float64(n*facets))/2)
	}
	return a
}

// pieces returns in how many parts, each of which hangs together by sides of tetrahedra, the solids are.
func (d divided) pieces() int {
	at := map[[3]int32]int{} // a side, and one more than the number of its first tetrahedron
	root := make([]int, len(d.Cells))
	find := func(t int) int {
		for root[t] != t {
			root[t], t = root[root[t]], root[t]
		}
		return t
	}
	n := len(d.Cells)
	for t, cell := range d.Cells {
		root[t] = t
		v := d.Tets[4*t : 4*t+4]
		for _, s := range sidesOfTet {
			key := ascending(v[s[0]], v[s[1]], v[s[2]])
			other := at[key] - 1
			if other < 0 {
				at[key] = t + 1
			} else if a, b := find(t), find(other); a != b && d.Cells[other] == cell {
				root[a] = b
				n--
			}
		}
	}
	return n
}

// Where four and more solids meet along an edge, those touch that share a face, and no others, at any size of the lattice.
func TestLong_Divide_HasOnlyThoseTouchThatShareAFace(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	two := []float64{0, 1, 2}
	for _, kind := range []struct {
		name   string
		make   func() *assembly
		within [3]float64 // what the volume of a solid may be off by at each size
	}{
		{"four boxes around an edge", func() *assembly { return blocks(two, two, []float64{0, 1}) }, [3]float64{5e-3, 2e-3, 1e-3}},
		{"eight boxes around a corner", func() *assembly { return blocks(two, two, two) }, [3]float64{1e-2, 3e-3, 2e-3}},
		{"six sectors around an axis", func() *assembly { return sectors(6, 15, 1.5) }, [3]float64{3e-2, 1.5e-2, 6e-3}},
	} {
		for i, tets := range []int{2_000, 8_000, 40_000} {
			for _, turned := range []bool{false, true, true} {
				a := kind.make()
				if turned {
					a.turned(random)
				}
				t.Run(fmt.Sprintf("%s, %d, turned %t", kind.name, tets, turned), func(t *testing.T) {
					d := a.divide(t, tets, 0)
					if d.faces == nil {
						t.Fatal("it is not divided")
					}
					d.check(t, a)
					checkNodes(t, d.Mesh)
					if d.off(a) > kind.within[i] || d.CornersKept != d.Corners || d.Lost > 0 {
						t.Errorf("%.2g off the volume; %+v", d.off(a), d.Kept)
					}
					if n := d.pieces(); n != len(a.volumes) {
						t.Errorf("%d solids are in %d pieces", len(a.volumes), n)
					}
				})
			}
		}
	}
}

func TestLong_Divide_GivesOutTetrahedraTheSameOnAnyNumberOfThreads(t *testing.T) {
	a := sectors(6, 15, 1.5)
	a.turned(rand.New(rand.NewPCG(7, 8)))
	one, two := a.divide(t, 8_000, 1), a.divide(t, 8_000, 2)
	if one.faces == nil {
		t.Fatal("it is not divided")
	}
	if !Same(one.Mesh, two.Mesh) || !slices.Equal(one.Cells, two.Cells) || !slices.Equal(one.faces, two.faces) || one.Kept != two.Kept {
		t.Error("two threads make another mesh than one")
	}
}

// BenchmarkDivide divides the meshes of solids that meet along an edge; what it takes to fill them is left out.
func BenchmarkDivide(b *testing.B) {
	two := []float64{0, 1, 2}
	for _, kind := range []struct {
		name string
		of   *assembly
	}{{"four boxes", blocks(two, two, []float64{0, 1})}, {"eight boxes", blocks(two, two, two)}, {"six sectors", sectors(6, 15, 1.5)}} {
		b.Run(kind.name, func(b *testing.B) {
			a := kind.of
			a.turned(rand.New(rand.NewPCG(1, 2)))
			total := 0.
			for _, v := range a.volumes {
				total += v
			}
			j, h := a.joint(b, 0), Edge(total, 300_000)
			m := &Mesher{}
			defer m.Free()
			spent, tets := int64(0), 0
			for b.Loop() {
				b.StopTimer()
				mesh, err := m.Fill(j.Outside, h, j.Graded(Grading{Levels: MaxLevels}, h))
				if err != nil {
					b.Fatal(err)
				}
				faces, kept := mesh.Keep(j.Outside, h, j.Outline, j.OutsideFaces())
				before := processorTime(b)
				b.StartTimer()
				if _, _, err := mesh.Divide(j, h, faces, kept); err != nil && !errors.Is(err, ErrDivide) {
					b.Fatal(err)
				}
				spent += processorTime(b) - before
				tets = len(mesh.Tets) / 4
			}
			b.ReportMetric(float64(spent)/1e6/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(tets), "tetrahedra")
		})
	}
}
