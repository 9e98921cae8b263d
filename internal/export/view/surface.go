package view

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

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
}

// Face is a face of the model.
type Face struct {
	Tag   int    `json:"tag"`
	Name  string `json:"name,omitempty"`
	Color string `json:"color,omitempty"` // #rrggbb
	First int    `json:"first"`           // triangle
	Count int    `json:"count"`
}

// Values is a measure of each triangle. NaN is written as the lowest value.
type Values struct {
	Name      string
	Low, High float64
	Of        []float32
}

// WriteGLB writes the surface as a GLB file.
func (s *Surface) WriteGLB(w io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	o := s.order()
	f := newFile()
	quantum, low, high := s.quantise(o.vertices)

	primitive := primitive{Mode: modeTriangles}
	positions, err := f.attributes(quantum.bytes, 8, len(o.vertices))
	if err != nil {
		return err
	}
	primitive.Attributes = map[string]int{"POSITION": f.accessor(accessor{
		View: positions, Type: "VEC3", Component: unsignedShort, Count: len(o.vertices),
		Min: low, Max: high,
	})}
	primitive.Indices = f.accessor(accessor{
		View: f.triangles(o.corners), Type: "SCALAR", Component: unsignedInt, Count: len(o.corners),
	})

	extras := extras{Version: formatVersion, Faces: s.Faces, Units: s.Units, Values: []valueExtras{}}
	if s.Elements != nil {
		data := make([]byte, 0, 4*len(o.triangles))
		for _, t := range o.triangles {
			data = binary.LittleEndian.AppendUint32(data, s.Elements[t])
		}
		view, err := f.attributes(data, 4, len(o.triangles))
		if err != nil {
			return err
		}
		at := f.accessor(accessor{View: view, Type: "SCALAR", Component: unsignedInt, Count: len(o.triangles)})
		extras.Elements = &at
	}
	for _, v := range s.Values {
		view, err := f.attributes(v.quantise(o.triangles), 4, (len(o.triangles)+3)/4)
		if err != nil {
			return err
		}
		extras.Values = append(extras.Values, valueExtras{Name: v.Name, Low: v.Low, High: v.High, Accessor: f.accessor(accessor{
			View: view, Type: "SCALAR", Component: unsignedByte, Count: len(o.triangles),
		})})
	}
	primitive.Extras = map[string]any{"meshgen": extras}
	return f.write(w, primitive, quantum.node())
}

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
func (s *Surface) order() ordered {
	const none = math.MaxUint32
	var o ordered
	local := make([]uint32, len(s.XYZ)/3) // number within the present face
	global := make([]uint32, len(s.XYZ)/3)
	for v := range global {
		local[v], global[v] = none, none
	}
	for _, f := range s.Faces {
		corners := s.Corners[3*f.First : 3*(f.First+f.Count)]
		var vertices []uint32
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
	return o
}

// quantum is positions as multiples of one length from a corner of the box.
type quantum struct {
	bytes  []byte // 3 × 16 bits a vertex, and 2 bytes to align the next
	length float64
	origin [3]float64
}

const steps = math.MaxUint16

// quantise returns the positions of the vertices, and the lowest and highest of them in each direction.
func (s *Surface) quantise(vertices []uint32) (q quantum, low, high []float64) {
	lo, hi := [3]float64{}, [3]float64{}
	for i, v := range vertices {
		for k := range 3 {
			x := s.XYZ[3*v+uint32(k)]
			if i == 0 {
				lo[k], hi[k] = x, x
			}
			lo[k], hi[k] = min(lo[k], x), max(hi[k], x)
		}
	}
	extent := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
	if extent == 0 {
		extent = 1
	}
	q = quantum{length: extent / steps, origin: lo, bytes: make([]byte, 0, 8*len(vertices))}
	low, high = []float64{steps, steps, steps}, []float64{0, 0, 0}
	for _, v := range vertices {
		for k := range 3 {
			n := math.Round((s.XYZ[3*v+uint32(k)] - lo[k]) / q.length)
			low[k], high[k] = min(low[k], n), max(high[k], n)
			q.bytes = binary.LittleEndian.AppendUint16(q.bytes, uint16(n))
		}
		q.bytes = append(q.bytes, 0, 0)
	}
	return q, low, high
}

func (q quantum) node() node {
	return node{Mesh: 0, Scale: [3]float64{q.length, q.length, q.length}, Translation: q.origin}
}

// quantise returns the values in the order of the triangles, in eight bits each, padded to four bytes.
func (v Values) quantise(triangles []uint32) []byte {
	out := make([]byte, 0, len(triangles)+3)
	for _, t := range triangles {
		share := (float64(v.Of[t]) - v.Low) / (v.High - v.Low)
		if !(share > 0) {
			share = 0
		}
		out = append(out, byte(math.Round(255*min(share, 1))))
	}
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	return out
}
