package view

import (
	"fmt"
	"io"
	"math"
	"slices"

	"meshgen/internal/export/meshopt"
	"meshgen/internal/mesh"
)

// Volume is the elements that fill a part, to be cut open.
type Volume struct {
	XYZ   []float64 // of each vertex
	Parts []Part    // by shape, tetrahedra first
	// Surface is the vertices of the surface file, in its order; nil where there is none.
	Surface []uint32
	Units   string // of lengths; "" where nobody said
}

// Part is the elements of one shape that fill one solid.
type Part struct {
	Solid    int
	Name     string // of the solid
	Shape    mesh.Shape
	Corners  []uint32 // of each element, in Gmsh's order
	Elements []uint32 // numbers in the mesh file
	Values   []Values // the same measures in each part
}

// VolumeOf returns the elements of volume of a mesh, curved ones by their corners. describe gives a solid its name; it may be
// nil.
func VolumeOf(m *mesh.Mesh, describe func(tag int) string, measures ...Measure) *Volume {
	v := &Volume{XYZ: m.XYZ}
	for _, b := range m.Of(3) {
		if b.Len() == 0 {
			continue
		}
		p := Part{Solid: b.Entity, Shape: b.Kind.Shape(), Corners: make([]uint32, 0, b.Len()*b.Kind.Corners())}
		if describe != nil {
			p.Name = describe(b.Entity)
		}
		for e := range b.Len() {
			for _, node := range b.Element(e)[:b.Kind.Corners()] {
				p.Corners = append(p.Corners, uint32(node))
			}
		}
		for _, tag := range b.Tags {
			p.Elements = append(p.Elements, uint32(tag))
		}
		for _, measure := range measures {
			values := Values{Name: measure.Name, Low: measure.Low, High: measure.High, Of: make([]float32, b.Len())}
			of := measure.Of(b)
			for e := range values.Of {
				values.Of[e] = float32(of(e))
			}
			p.Values = append(p.Values, values)
		}
		v.Parts = append(v.Parts, p)
	}
	slices.SortStableFunc(v.Parts, func(a, b Part) int { return int(a.Shape) - int(b.Shape) })
	return v
}

// Elements returns the number of elements.
func (v *Volume) Elements() int {
	n := 0
	for _, p := range v.Parts {
		n += len(p.Elements)
	}
	return n
}

// volumeExtras is what our viewer knows more of a volume.
type volumeExtras struct {
	Version  int            `json:"version"`
	Units    string         `json:"units,omitempty"`
	Parts    []partExtras   `json:"parts"`
	Corners  map[string]int `json:"corners"`
	Elements int            `json:"elements"`
	Values   []valueExtras  `json:"values"`
	Surface  *int           `json:"surface,omitempty"`
}

type partExtras struct {
	Solid int    `json:"solid"`
	Name  string `json:"name,omitempty"`
	Shape string `json:"shape"`
	First int    `json:"first"`
	Count int    `json:"count"`
}

// none stands for a node that is not there.
const none = math.MaxUint32

// WriteGLB writes the volume as a GLB file: the nodes are its points, and what stands on them is in extras.
func (v *Volume) WriteGLB(w io.Writer) error {
	if err := v.check(); err != nil {
		return err
	}
	f := newFile()
	extras := volumeExtras{Version: formatVersion, Units: v.Units, Corners: map[string]int{}}
	o := v.order()
	quantum := quantise(v.XYZ, o.vertices)
	positions, err := f.positions(quantum)
	if err != nil {
		return err
	}

	first := 0
	for _, p := range v.Parts {
		count := len(p.Elements)
		extras.Parts = append(extras.Parts, partExtras{Solid: p.Solid, Name: p.Name, Shape: p.Shape.String(), First: first, Count: count})
		first += count
	}
	for shape, corners := range o.corners {
		if len(corners) > 0 {
			extras.Corners[mesh.Shape(shape).String()] = f.corners(mesh.Shape(shape), corners)
		}
	}
	if extras.Elements, err = f.numbers(o.elements); err != nil {
		return err
	}
	if extras.Values, err = f.values(o.values, identity(first)); err != nil {
		return err
	}
	if v.Surface != nil {
		at, err := f.numbers(o.renumber(v.Surface))
		if err != nil {
			return err
		}
		extras.Surface = &at
	}
	return f.write(w, primitive{
		Mode: modePoints, Attributes: map[string]int{"POSITION": positions}, Extras: map[string]any{"meshgen": extras},
	}, quantum.node())
}

func (v *Volume) check() error {
	if v.Elements() == 0 {
		return fmt.Errorf("a volume without elements")
	}
	for i, p := range v.Parts {
		count := len(p.Elements)
		if p.Shape.Dim() != 3 || len(p.Corners) != count*p.Shape.Corners() {
			return fmt.Errorf("solid %d has %d corners of %d elements: %s", p.Solid, len(p.Corners), count, p.Shape)
		}
		if i > 0 && p.Shape < v.Parts[i-1].Shape {
			return fmt.Errorf("parts are not by shape: %s after %s", p.Shape, v.Parts[i-1].Shape)
		}
		for _, c := range p.Corners {
			if int(c) >= len(v.XYZ)/3 {
				return fmt.Errorf("an element stands on vertex %d of %d", c, len(v.XYZ)/3)
			}
		}
		if len(p.Values) != len(v.Parts[0].Values) {
			return fmt.Errorf("solid %d has %d measures, not %d", p.Solid, len(p.Values), len(v.Parts[0].Values))
		}
		for _, values := range p.Values {
			if len(values.Of) != count || !(values.High > values.Low) {
				return fmt.Errorf("%d values %q from %g to %g of %d elements", len(values.Of), values.Name, values.Low, values.High, count)
			}
		}
	}
	return nil
}

// orderedVolume is the volume in the order of the file.
type orderedVolume struct {
	vertices []uint32 // old numbers
	number   []uint32 // new numbers of the old
	corners  [mesh.APyramid + 1][]uint32
	elements []uint32
	values   []Values
}

// order puts the elements of each part in an order that compresses, and numbers the vertices by their first use.
func (v *Volume) order() *orderedVolume {
	o := &orderedVolume{number: make([]uint32, len(v.XYZ)/3)}
	local := make([]uint32, len(o.number)) // number within the present part
	for i := range local {
		local[i], o.number[i] = none, none
	}
	for _, values := range v.Parts[0].Values {
		values.Of = make([]float32, 0, v.Elements())
		o.values = append(o.values, values)
	}
	for _, p := range v.Parts {
		var vertices []uint32
		own := make([]uint32, len(p.Corners))
		for i, c := range p.Corners {
			if local[c] == none {
				local[c] = uint32(len(vertices))
				vertices = append(vertices, c)
			}
			own[i] = local[c]
		}
		indices, elements, used := meshopt.OrderVolume(own, p.Shape.Corners(), len(vertices))
		for _, e := range elements {
			o.elements = append(o.elements, p.Elements[e])
			for i := range o.values {
				o.values[i].Of = append(o.values[i].Of, p.Values[i].Of[e])
			}
		}
		for _, i := range indices {
			c := vertices[used[i]]
			if o.number[c] == none {
				o.number[c] = uint32(len(o.vertices))
				o.vertices = append(o.vertices, c)
			}
			o.corners[p.Shape] = append(o.corners[p.Shape], o.number[c])
		}
		for _, c := range vertices {
			local[c] = none
		}
	}
	return o
}

// renumber returns the new numbers of vertices; none stands for one that no element has.
func (o *orderedVolume) renumber(vertices []uint32) []uint32 {
	out := make([]uint32, len(vertices))
	for i, v := range vertices {
		out[i] = o.number[v]
	}
	return out
}

// corners adds an accessor of the corners of elements. Those of tetrahedra are written as two triangles each, which compress
// best: one of its faces, and the fourth corner on one of that face's edges.
func (f *file) corners(shape mesh.Shape, of []uint32) int {
	if shape != mesh.ATetrahedron {
		view := f.add(bufferView{Length: 4 * len(of)}, meshopt.Indices(of), "INDICES", 4, len(of))
		return f.accessor(accessor{View: view, Type: "SCALAR", Component: unsignedInt, Count: len(of)})
	}
	pairs := make([]uint32, 0, len(of)/4*6)
	for t := range slices.Chunk(of, 4) {
		a, b, c, d := t[0], t[1], t[2], t[3]
		// The highest corner, which is the likeliest to be new, becomes the fourth, by even permutations.
		switch max(a, b, c, d) {
		case a:
			a, b, d = b, d, a
		case b:
			a, b, d = d, a, b
		case c:
			b, c, d = d, b, c
		}
		pairs = append(pairs, a, b, c, c, b, d)
	}
	view := f.add(bufferView{Length: 4 * len(pairs)}, meshopt.Triangles(pairs), "TRIANGLES", 4, len(pairs))
	return f.accessor(accessor{View: view, Type: "SCALAR", Component: unsignedInt, Count: len(pairs)})
}

func identity(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}
