package view

import (
	"encoding/binary"
	"encoding/json"
	"io"

	"meshgen/internal/export/meshopt"
)

// formatVersion is of what stands in extras.meshgen. Readers refuse a higher one.
const formatVersion = 1

// Numbers of the glTF specification.
const (
	unsignedByte  = 5121
	unsignedShort = 5123
	unsignedInt   = 5125
	modePoints    = 0
	modeTriangles = 4
	arrayBuffer   = 34962
	elementBuffer = 34963
	chunkJSON     = 0x4E4F534A
	chunkBinary   = 0x004E4942
	magic         = 0x46546C67
)

const (
	compression  = "EXT_meshopt_compression"
	quantisation = "KHR_mesh_quantization"
)

type accessor struct {
	View      int       `json:"bufferView"`
	Type      string    `json:"type"`
	Component int       `json:"componentType"`
	Count     int       `json:"count"`
	Min       []float64 `json:"min,omitempty"`
	Max       []float64 `json:"max,omitempty"`
}

type primitive struct {
	Attributes map[string]int `json:"attributes"`
	Indices    *int           `json:"indices,omitempty"`
	Mode       int            `json:"mode"`
	Material   int            `json:"material"`
	Extras     map[string]any `json:"extras"`
}

type node struct {
	Mesh        int        `json:"mesh"`
	Scale       [3]float64 `json:"scale"`
	Translation [3]float64 `json:"translation"`
}

// extras is what our viewer knows more of a surface.
type extras struct {
	Version  int           `json:"version"`
	Units    string        `json:"units,omitempty"`
	Faces    []Face        `json:"faces"`
	Elements *int          `json:"elements,omitempty"`
	Values   []valueExtras `json:"values"`
}

type valueExtras struct {
	Name     string  `json:"name"`
	Accessor int     `json:"accessor"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

type bufferView struct {
	Buffer     int            `json:"buffer"`
	Offset     int            `json:"byteOffset"`
	Length     int            `json:"byteLength"`
	Stride     int            `json:"byteStride,omitempty"`
	Target     int            `json:"target,omitempty"`
	Extensions map[string]any `json:"extensions"`
}

// file gathers compressed buffers. Buffer 0 holds them; buffer 1 is where a reader may put what it decodes, and is in no file.
type file struct {
	binary    []byte
	decoded   int
	views     []bufferView
	accessors []accessor
}

func newFile() *file { return &file{} }

func (f *file) accessor(a accessor) int {
	f.accessors = append(f.accessors, a)
	return len(f.accessors) - 1
}

// attributes adds elements of size bytes each; positions are the only ones of 8 bytes.
func (f *file) attributes(data []byte, size, count int) (view int, err error) {
	compressed, err := meshopt.Attributes(data, size)
	if err != nil {
		return 0, err
	}
	v := bufferView{Length: len(data)}
	if size == 8 {
		v.Stride, v.Target = size, arrayBuffer
	}
	return f.add(v, compressed, "ATTRIBUTES", size, count), nil
}

func (f *file) triangles(corners []uint32) (view int) {
	return f.add(bufferView{Length: 4 * len(corners), Target: elementBuffer}, meshopt.Triangles(corners), "TRIANGLES", 4, len(corners))
}

// numbers adds an accessor of 32-bit numbers, each compressed by its difference from the one before.
func (f *file) numbers(of []uint32) (int, error) {
	data := make([]byte, 0, 4*len(of))
	for _, n := range of {
		data = binary.LittleEndian.AppendUint32(data, n)
	}
	view, err := f.attributes(data, 4, len(of))
	if err != nil {
		return 0, err
	}
	return f.accessor(accessor{View: view, Type: "SCALAR", Component: unsignedInt, Count: len(of)}), nil
}

// values adds an accessor of each of the values, of elements in an order.
func (f *file) values(of []Values, order []uint32) ([]valueExtras, error) {
	out := []valueExtras{}
	for _, v := range of {
		view, err := f.attributes(v.quantise(order), 4, (len(order)+3)/4)
		if err != nil {
			return nil, err
		}
		out = append(out, valueExtras{Name: v.Name, Low: v.Low, High: v.High, Accessor: f.accessor(accessor{
			View: view, Type: "SCALAR", Component: unsignedByte, Count: len(order),
		})})
	}
	return out, nil
}

// positions adds an accessor of the places of vertices.
func (f *file) positions(q quantum) (int, error) {
	count := len(q.bytes) / 8
	view, err := f.attributes(q.bytes, 8, count)
	if err != nil {
		return 0, err
	}
	return f.accessor(accessor{
		View: view, Type: "VEC3", Component: unsignedShort, Count: count, Min: q.low, Max: q.high,
	}), nil
}

func (f *file) add(v bufferView, compressed []byte, mode string, stride, count int) int {
	v.Buffer, v.Offset = 1, f.decoded
	v.Extensions = map[string]any{compression: map[string]any{
		"buffer": 0, "byteOffset": len(f.binary), "byteLength": len(compressed), "byteStride": stride, "count": count, "mode": mode,
	}}
	f.views = append(f.views, v)
	f.decoded += aligned(v.Length)
	f.binary = append(f.binary, compressed...)
	f.binary = append(f.binary, make([]byte, aligned(len(compressed))-len(compressed))...)
	return len(f.views) - 1
}

func aligned(n int) int { return (n + 3) &^ 3 }

func (f *file) write(w io.Writer, p primitive, n node) error {
	type object = map[string]any
	text, err := json.Marshal(object{
		"asset":              object{"version": "2.0", "generator": "Meshgen"},
		"extensionsUsed":     []string{quantisation, compression},
		"extensionsRequired": []string{quantisation, compression},
		"scene":              0,
		"scenes":             []object{{"nodes": []int{0}}},
		"nodes":              []node{n},
		"meshes":             []object{{"primitives": []primitive{p}}},
		"materials": []object{{"doubleSided": true, "pbrMetallicRoughness": object{
			"baseColorFactor": []float64{0.63, 0.69, 0.76, 1}, "metallicFactor": 0, "roughnessFactor": 0.7,
		}}},
		"accessors":   f.accessors,
		"bufferViews": f.views,
		"buffers": []object{
			{"byteLength": len(f.binary)},
			{"byteLength": f.decoded, "extensions": object{compression: object{"fallback": true}}},
		},
	})
	if err != nil {
		return err
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	head := binary.LittleEndian.AppendUint32(nil, magic)
	head = binary.LittleEndian.AppendUint32(head, 2)
	head = binary.LittleEndian.AppendUint32(head, uint32(12+8+len(text)+8+len(f.binary)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(text)))
	head = binary.LittleEndian.AppendUint32(head, chunkJSON)
	head = append(head, text...)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(f.binary)))
	head = binary.LittleEndian.AppendUint32(head, chunkBinary)
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err = w.Write(f.binary)
	return err
}
