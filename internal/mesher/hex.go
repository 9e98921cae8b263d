package mesher

import (
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/spec"
)

// Of a regular tetrahedron of edge 1 the hexahedra have three edges of 1/2 along its edges, six of 0.29 across its faces and three of
// 0.20 within: 0.32 in the mean. So the tetrahedra are made as much longer as hexSize says, but around a circle, where edges
// are halved, with as many chords less as hexChords says.
const (
	hexSize   = 3
	hexChords = 2
)

// coarser is how much longer the edges of the tetrahedra are than those that are asked for.
func (j *job) coarser() float64 {
	if j.req.Spec.Strategy == spec.Hex {
		return hexSize
	}
	return 1
}

// subdivide cuts each tetrahedron into four hexahedra where those are asked for, each triangle into three quadrangles and
// each line into two: at the middles of edges, faces and elements. The new nodes on curves and curved faces are brought onto
// the geometry, but where a hexahedron would turn inside out.
func (j *job) subdivide() error {
	if j.req.Spec.Strategy != spec.Hex {
		return nil
	}
	coarse, err := j.take()
	if err != nil {
		return err
	}
	d := &subdivision{coarse: coarse, fine: &owned{Mesh: mesh.Mesh{XYZ: coarse.XYZ}, owner: coarse.owner},
		middles: map[[3]uint64]uint64{}, straight: map[uint64][3]float64{}}
	for i := range coarse.Blocks { // by dimension: a middle lies on the lowest that has it
		d.cut(&coarse.Blocks[i])
	}
	if j.source.triangle == nil {
		if err := d.project(); err != nil {
			return err
		}
	}
	return d.fine.giveBack()
}

type subdivision struct {
	coarse, fine *owned
	middles      map[[3]uint64]uint64  // of edges and faces, by their sorted corners
	straight     map[uint64][3]float64 // where nodes were that are on the geometry now
}

// middle returns the node amid some corners; an edge is given with a zero.
func (d *subdivision) middle(on gmsh.DimTag, corners ...uint64) uint64 {
	var key [3]uint64
	copy(key[:], corners)
	slices.Sort(key[:])
	node, ok := d.middles[key]
	if !ok {
		node = d.centre(on, corners)
		d.middles[key] = node
	}
	return node
}

func (d *subdivision) centre(on gmsh.DimTag, corners []uint64) uint64 {
	var p [3]float64
	for _, c := range corners {
		for k, x := range d.fine.At(c) {
			p[k] += x / float64(len(corners))
		}
	}
	return d.fine.addNode(p, on)
}

// evenTurns bring each corner of a tetrahedron to the front and keep its orientation.
var evenTurns = [4][4]int{{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}}

func (d *subdivision) cut(b *mesh.Block) {
	on := gmsh.DimTag{Dim: b.Dim, Tag: b.Entity}
	var kind mesh.Kind
	var nodes []uint64
	for e := range b.Len() {
		n := b.Element(e)
		switch b.Kind {
		case mesh.Point:
			kind = mesh.Point
			nodes = append(nodes, n[0])
		case mesh.Line2:
			kind = mesh.Line2
			m := d.middle(on, n[0], n[1])
			nodes = append(nodes, n[0], m, m, n[1])
		case mesh.Triangle3:
			kind = mesh.Quad4
			for k := range 3 {
				x, y, z := n[k], n[(k+1)%3], n[(k+2)%3]
				nodes = append(nodes, x, d.middle(on, x, y), d.middle(on, x, y, z), d.middle(on, z, x))
			}
		case mesh.Tet4:
			kind = mesh.Hex8
			inner := d.centre(on, n)
			for _, t := range evenTurns {
				w, x, y, z := n[t[0]], n[t[1]], n[t[2]], n[t[3]]
				nodes = append(nodes, w, d.middle(on, w, x), d.middle(on, w, x, y), d.middle(on, w, y),
					d.middle(on, w, z), d.middle(on, w, x, z), inner, d.middle(on, w, y, z))
			}
		}
	}
	if len(nodes) > 0 {
		d.fine.Blocks = append(d.fine.Blocks, mesh.Block{Dim: b.Dim, Entity: b.Entity, Kind: kind, Nodes: nodes})
	}
}

// leastHex is the scaled Jacobian that a hexahedron must keep for its nodes to go onto the geometry.
const leastHex = 0.02

// project brings the new nodes of curves and curved faces onto the geometry.
func (d *subdivision) project() error {
	curved := map[gmsh.DimTag]bool{}
	first := len(d.coarse.owner)
	for node := first; node < len(d.fine.owner); node++ {
		on := d.fine.owner[node]
		if on.Dim != 1 && on.Dim != 2 {
			continue
		}
		bent, known := curved[on]
		if !known {
			kind, err := gmsh.Kind(on)
			if err != nil {
				return err
			}
			bent = kind != "Plane" && kind != "Line"
			curved[on] = bent
		}
		if !bent {
			continue
		}
		before := d.fine.At(uint64(node))
		if p, _, err := gmsh.ClosestPoint(on, before); err == nil {
			d.straight[uint64(node)] = before
			copy(d.fine.XYZ[3*node:], p[:])
		}
	}
	for again := true; again; { // ends: each round straightens at least one node
		again = false
		points := make([][3]float64, 8)
		for i := range d.fine.Blocks {
			b := &d.fine.Blocks[i]
			if b.Kind != mesh.Hex8 {
				continue
			}
			for e := range b.Len() {
				n := b.Element(e)
				for k, node := range n {
					points[k] = d.fine.At(node)
				}
				if quality.Straight(mesh.AHexahedron, points).Jacobian >= leastHex {
					continue
				}
				for _, node := range n {
					if p, moved := d.straight[node]; moved {
						copy(d.fine.XYZ[3*node:], p[:])
						delete(d.straight, node)
						again = true
					}
				}
			}
		}
	}
	return nil
}
