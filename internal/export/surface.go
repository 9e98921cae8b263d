package export

import (
	"encoding/binary"
	"math"

	"github.com/qmuntal/gltf"
	"github.com/qmuntal/gltf/modeler"

	"meshgen/internal/mesh"
)

// outside calls do with each triangle of the outer surface of the solids and the entity it is of, 0 where no face is
// known: what lies between two solids is not part of it. Triangles point outwards; curved elements are divided along
// their nodes. Of a mesh without volumes it is every face, as it is.
func (t *topology) outside(do func(entity int, corners [3]uint64)) {
	for i, b := range t.faces {
		n, pieces := b.Kind.Nodes(), flat[b.Kind]
		for k := range b.Len() {
			e := t.elements[i] + k
			if len(t.blocks) > 0 && (t.side[e] < 0 || !t.outer(e)) {
				continue
			}
			nodes := b.Nodes[k*n : (k+1)*n]
			turned := t.turned(e, nodes)
			for p := 0; p < len(pieces); p += 3 {
				corners := [3]uint64{nodes[pieces[p]], nodes[pieces[p+1]], nodes[pieces[p+2]]}
				if turned {
					corners[1], corners[2] = corners[2], corners[1]
				}
				do(b.Entity, corners)
			}
		}
	}
	for half, mate := range t.mate {
		if mate >= 0 || t.skin[half] >= 0 {
			continue
		}
		var buffer [4]uint64
		corners := t.corners(buffer[:0], int32(half))
		for p := 1; p+1 < len(corners); p++ {
			do(0, [3]uint64{corners[0], corners[p], corners[p+1]})
		}
	}
}

// writeSTL writes the outer surface of the solids as binary STL.
func writeSTL(o *out, m *mesh.Mesh) error {
	t := newTopology(m, m.Of(3))
	count := 0
	t.outside(func(int, [3]uint64) { count++ })
	var head [80]byte // not to begin with "solid", which is how text begins
	copy(head[:], "binary STL of a mesh's outer surface")
	_, _ = o.Write(head[:])
	o.little32(uint32(count))
	t.outside(func(_ int, corners [3]uint64) {
		a, b, c := m.At(corners[0]), m.At(corners[1]), m.At(corners[2])
		for _, p := range [4][3]float64{normal(a, b, c), a, b, c} {
			for _, x := range p {
				o.b = binary.LittleEndian.AppendUint32(o.b, math.Float32bits(float32(x)))
			}
		}
		o.b = append(o.b, 0, 0)
		o.room()
	})
	return nil
}

func normal(a, b, c [3]float64) (n [3]float64) {
	var u, v [3]float64
	for k := range 3 {
		u[k], v[k] = b[k]-a[k], c[k]-a[k]
	}
	n = [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	if length := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2]); length > 0 {
		for k := range 3 {
			n[k] /= length
		}
	}
	return n
}

// shell is the triangles of one face, with nodes of its own.
type shell struct {
	positions [][3]float32
	triangles []uint32
	local     map[uint64]uint32
}

// writeGLB writes the outer surface as binary glTF 2: a node for each group of faces, in it one for each face with its
// triangles; the tag of the face and all its groups are in the extras. Positions are relative to the middle of the part,
// since they have single precision; the root node moves them to their place.
func writeGLB(o *out, m *mesh.Mesh) error {
	t := newTopology(m, m.Of(3))
	middle := middle(m)
	shells := map[int]*shell{}
	var entities []int
	t.outside(func(entity int, corners [3]uint64) {
		s := shells[entity]
		if s == nil {
			s = &shell{local: map[uint64]uint32{}}
			shells[entity] = s
			entities = append(entities, entity)
		}
		for _, n := range corners {
			i, known := s.local[n]
			if !known {
				i = uint32(len(s.positions))
				s.local[n] = i
				p := m.At(n)
				s.positions = append(s.positions, [3]float32{float32(p[0] - middle[0]), float32(p[1] - middle[1]), float32(p[2] - middle[2])})
			}
			s.triangles = append(s.triangles, i)
		}
	})

	doc := gltf.NewDocument()
	doc.Asset.Generator = "Meshgen"
	doc.Materials = []*gltf.Material{{
		DoubleSided:          true,
		PBRMetallicRoughness: &gltf.PBRMetallicRoughness{BaseColorFactor: &[4]float64{0.7, 0.74, 0.78, 1}, MetallicFactor: gltf.Float(0), RoughnessFactor: gltf.Float(0.8)},
	}}
	root := &gltf.Node{Name: "mesh", Translation: middle}
	doc.Nodes = []*gltf.Node{root}
	doc.Scenes[0].Nodes = []int{0}
	above := map[*mesh.Group]*gltf.Node{}
	taken := anyName.names()
	for _, entity := range entities {
		s := shells[entity]
		doc.Meshes = append(doc.Meshes, &gltf.Mesh{Name: title(2, entity), Primitives: []*gltf.Primitive{{
			Attributes: gltf.PrimitiveAttributes{gltf.POSITION: modeler.WritePosition(doc, s.positions)},
			Indices:    gltf.Index(modeler.WriteIndices(doc, s.triangles)), Material: gltf.Index(0),
		}}})
		parent := root
		var of []string
		for i, g := range m.GroupsOf(2, entity) {
			of = append(of, groupName(g))
			if i > 0 {
				continue
			}
			if parent = above[g]; parent == nil {
				parent = &gltf.Node{Name: taken.take(groupName(g))}
				above[g] = parent
				root.Children = append(root.Children, len(doc.Nodes))
				doc.Nodes = append(doc.Nodes, parent)
			}
		}
		parent.Children = append(parent.Children, len(doc.Nodes))
		doc.Nodes = append(doc.Nodes, &gltf.Node{
			Name: title(2, entity), Mesh: gltf.Index(len(doc.Meshes) - 1),
			Extras: map[string]any{"entity": entity, "groups": append([]string{}, of...)},
		})
	}
	encoder := gltf.NewEncoder(o)
	encoder.AsBinary = true
	return encoder.Encode(doc)
}

// middle returns the middle of the box around all nodes.
func middle(m *mesh.Mesh) (p [3]float64) {
	low, high := [3]float64{}, [3]float64{}
	for n := 1; n <= m.Nodes(); n++ {
		at := m.At(uint64(n))
		for k, x := range at {
			if n == 1 || x < low[k] {
				low[k] = x
			}
			if n == 1 || x > high[k] {
				high[k] = x
			}
		}
	}
	for k := range p {
		p[k] = (low[k] + high[k]) / 2
	}
	return p
}
