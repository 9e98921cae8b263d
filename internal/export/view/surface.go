package view

import (
	"fmt"
	"io"

	"meshgen/internal/export/meshopt"
)

// Surface is triangles to be shown.
type Surface struct {
	XYZ     []float64 // of each vertex
	Corners []uint32  // three vertices of each triangle, counter-clockwise seen from outside
	Faces   []Face    // that the triangles belong to: ranges that cover all of them, in order
	// Elements are the numbers of the triangles in the mesh file; nil for a tessellation.
	Elements []uint32
	Values   []Values
	Units    string // of lengths; "" where nobody said

	inOrder *ordered // once it is known
}

// Face is a face of the model.
type Face struct {
	Tag   int    `json:"tag"`
	Name  string `json:"name,omitempty"`
	Color string `json:"color,omitempty"` // #rrggbb
	First int    `json:"first"`           // triangle
	Count int    `json:"count"`
	// Of are the faces of the geometry that it lies on, where it came of solids that were cut; nil where it has the geometry's tag itself.
	Of []int `json:"of,omitzero"`
}

// WriteGLB writes the surface as a GLB file.
func (s *Surface) WriteGLB(w io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	o := s.order()
	f := newFile()
	quantum := quantise(s.XYZ, o.vertices)
	positions, err := f.positions(quantum)
	if err != nil {
		return err
	}
	indices := f.accessor(accessor{
		View: f.triangles(o.corners), Type: "SCALAR", Component: unsignedInt, Count: len(o.corners),
	})
	extras := extras{Version: formatVersion, Faces: s.Faces, Units: s.Units}
	if s.Elements != nil {
		elements := make([]uint32, len(o.triangles))
		for i, t := range o.triangles {
			elements[i] = s.Elements[t]
		}
		at, err := f.numbers(elements)
		if err != nil {
			return err
		}
		extras.Elements = &at
	}
	if extras.Values, err = f.values(s.Values, o.triangles); err != nil {
		return err
	}
	return f.write(w, primitive{
		Mode: modeTriangles, Attributes: map[string]int{"POSITION": positions}, Indices: &indices,
		Extras: map[string]any{"meshgen": extras},
	}, quantum.node())
}

// Vertices returns the vertices that the file holds, in its order.
func (s *Surface) Vertices() []uint32 { return s.order().vertices }

func (s *Surface) check() error {
	triangles := len(s.Corners) / 3
	if triangles == 0 || len(s.Corners)%3 != 0 || len(s.XYZ)%3 != 0 {
		return fmt.Errorf("a surface of %d corners and %d coordinates", len(s.Corners), len(s.XYZ))
	}
	for _, v := range s.Corners {
		if int(v) >= len(s.XYZ)/3 {
			return fmt.Errorf("a triangle stands on vertex %d of %d", v, len(s.XYZ)/3)
		}
	}
	next := 0
	for _, f := range s.Faces {
		if f.First != next || f.Count < 0 {
			return fmt.Errorf("face %d begins at triangle %d, not %d", f.Tag, f.First, next)
		}
		next += f.Count
	}
	if next != triangles {
		return fmt.Errorf("the faces hold %d of %d triangles", next, triangles)
	}
	if s.Elements != nil && len(s.Elements) != triangles {
		return fmt.Errorf("%d element numbers of %d triangles", len(s.Elements), triangles)
	}
	for _, v := range s.Values {
		if len(v.Of) != triangles || !(v.High > v.Low) {
			return fmt.Errorf("%d values %q from %g to %g of %d triangles", len(v.Of), v.Name, v.Low, v.High, triangles)
		}
	}
	return nil
}

// ordered is the surface in the order of the file: old numbers of vertices and triangles, new numbers of corners.
type ordered struct {
	vertices, triangles, corners []uint32
}

// order puts the triangles of each face in an order that compresses, and numbers the vertices by their first use.
func (s *Surface) order() *ordered {
	if s.inOrder != nil {
		return s.inOrder
	}
	n := len(s.Corners)
	o := &ordered{vertices: make([]uint32, 0, min(len(s.XYZ)/3, n)), triangles: make([]uint32, 0, n/3), corners: make([]uint32, 0, n)}
	local := make([]uint32, len(s.XYZ)/3) // number within the present face
	global := make([]uint32, len(s.XYZ)/3)
	for v := range global {
		local[v], global[v] = none, none
	}
	for _, f := range s.Faces {
		corners := s.Corners[3*f.First : 3*(f.First+f.Count)]
		vertices := make([]uint32, 0, min(len(s.XYZ)/3, len(corners)/3)) // about twice as many as there are, of most faces
		own := make([]uint32, len(corners))
		for i, v := range corners {
			if local[v] == none {
				local[v] = uint32(len(vertices))
				vertices = append(vertices, v)
			}
			own[i] = local[v]
		}
		indices, triangles, used := meshopt.Order(own, len(vertices))
		for _, t := range triangles {
			o.triangles = append(o.triangles, uint32(f.First)+t)
		}
		for _, i := range indices {
			v := vertices[used[i]]
			if global[v] == none {
				global[v] = uint32(len(o.vertices))
				o.vertices = append(o.vertices, v)
			}
			o.corners = append(o.corners, global[v])
		}
		for _, v := range vertices {
			local[v] = none
		}
	}
	s.inOrder = o
	return o
}
