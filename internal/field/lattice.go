package field

import (
	"fmt"
	"math"
)

// Lattice is body-centred cubic. It is stored as slabs across z: slab m, from 0 to 2·N[2]-1, holds N[1] rows of N[0] nodes,
// and odd slabs are shifted by half a step in x and y. With s = m mod 2, node (i, j, m)
//
//	lies at  Origin + H·(i + s/2, j + s/2, m/2)
//	and is number  (m·N[1] + j)·N[0] + i
//
// so that any range of slabs is one range of memory.
type Lattice struct {
	Origin [3]float64
	H      float64
	N      [3]int32
}

// Slabs returns how many slabs there are.
func (l Lattice) Slabs() int { return 2 * int(l.N[2]) }

// Slab returns how many nodes a slab has.
func (l Lattice) Slab() int { return int(l.N[0]) * int(l.N[1]) }

// At returns where a node lies.
func (l Lattice) At(node int) [3]float64 {
	i, j, m := l.place(node)
	half := float64(m&1) / 2
	return [3]float64{
		l.Origin[0] + l.H*(float64(i)+half),
		l.Origin[1] + l.H*(float64(j)+half),
		l.Origin[2] + l.H*(float64(m)/2),
	}
}

func (l Lattice) place(node int) (i, j, m int) {
	row := node / int(l.N[0])
	return node % int(l.N[0]), row % int(l.N[1]), row / int(l.N[1])
}

// Edges is how many edges a node owns, all to nodes of greater number or the same slab:
//
//	0, 1, 2       to +x, +y, +z, of length H
//	3, 4, 5, 6    to (-,-), (+,-), (-,+), (+,+) in the slab above: by (±H/2, ±H/2, H/2)
const Edges = 7

// Other returns the node at the other end of an edge that a node owns; false where the lattice ends before it.
func (l Lattice) Other(node, edge int) (int, bool) {
	i, j, m := l.place(node)
	switch s := m & 1; edge {
	case 0:
		i++
	case 1:
		j++
	case 2:
		m += 2
	default:
		i += s - 1 + (edge-3)&1
		j += s - 1 + (edge-3)>>1
		m++
	}
	if i < 0 || i >= int(l.N[0]) || j < 0 || j >= int(l.N[1]) || m >= l.Slabs() {
		return 0, false
	}
	return (m*int(l.N[1])+j)*int(l.N[0]) + i, true
}

func (l Lattice) check(first, last int) error {
	if err := l.sane(); err != nil {
		return err
	}
	if first < 0 || first >= last || last > l.Slabs() {
		return fmt.Errorf("slabs %d to %d of %d", first, last, l.Slabs())
	}
	if n := (last - first + 2) * l.Slab(); n > math.MaxInt32/Edges {
		return fmt.Errorf("%d nodes at once; at most %d are possible", n, math.MaxInt32/Edges)
	}
	return nil
}

// sane refuses what is no lattice.
func (l Lattice) sane() error {
	for k := range 3 {
		if l.N[k] < 1 || l.N[k] > 1<<20 {
			return fmt.Errorf("a lattice has 1 to %d steps a side, not %d", 1<<20, l.N[k])
		}
		if !(math.Abs(l.Origin[k]) <= farthest) {
			return fmt.Errorf("the lattice begins at %v", l.Origin)
		}
	}
	if !(l.H > 0 && l.H <= farthest) {
		return fmt.Errorf("the step of a lattice is %g", l.H)
	}
	return nil
}

// Want says what Sample computes beside Inside.
type Want struct {
	Distance bool
	Band     float64 // how far from the surface distances are exact, in steps of the lattice
	Cuts     bool
	Slots    bool // Cuts.Slot, too
	Winding  bool
}

// Samples is what Sample found, for the nodes of a range of slabs in their order.
type Samples struct {
	Inside   []uint8   // 1 where the winding number is at least 1/2, else 0
	Winding  []float32 // the winding number; to 1e-3 and better, whole where the surface is closed
	Distance []float32 // to the surface, negative inside; beyond the band, the band
	Cuts     Cuts
}

// Cuts are the edges of a lattice whose ends lie on different sides, and where they pass through the surface: every such
// edge has a cut, and no other. A node that owns one has a slot.
type Cuts struct {
	Node     []int32   // of each slot, ascending; numbered from the first node of the range
	Slot     []int32   // of each node of the range; -1 where it owns no cut
	T        []float32 // Edges for each slot: where the cut lies, as a share of the way from the owner; -1 for no cut
	Triangle []int32   // Edges for each slot: the triangle of the input there; -1 where the cut goes through a hole
}
