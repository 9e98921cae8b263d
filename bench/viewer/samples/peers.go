package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"meshgen/internal/export/view"
)

// peer is a surface as other viewers read it.
type peer struct {
	positions []float32
	corners   []uint32
	gamma     []float32
}

func peerOf(s *view.Surface) *peer {
	p := &peer{corners: make([]uint32, len(s.Corners)), gamma: s.Values[0].Of}
	for _, v := range s.XYZ[3:] { // nodes are numbered from one
		p.positions = append(p.positions, float32(v))
	}
	for i, c := range s.Corners {
		p.corners[i] = c - 1
	}
	return p
}

// glb writes a plain glTF: what is known of a triangle has no place there, so that gamma stands at its last corner.
func (p *peer) glb(w io.Writer) error {
	low, high := []float32{0, 0, 0}, []float32{0, 0, 0}
	for i, v := range p.positions {
		low[i%3], high[i%3] = min(low[i%3], v), max(high[i%3], v)
	}
	gamma := make([]float32, len(p.positions)/3)
	for t, v := range p.gamma {
		gamma[p.corners[3*t+2]] = v
	}
	positions, corners, values := 4*len(p.positions), 4*len(p.corners), 4*len(gamma)
	type m = map[string]any
	head, err := json.Marshal(m{
		"asset": m{"version": "2.0"}, "scene": 0, "scenes": []m{{"nodes": []int{0}}}, "nodes": []m{{"mesh": 0}},
		"meshes":  []m{{"primitives": []m{{"attributes": m{"POSITION": 0, "_GAMMA": 2}, "indices": 1}}}},
		"buffers": []m{{"byteLength": positions + corners + values}},
		"bufferViews": []m{
			{"buffer": 0, "byteLength": positions, "target": 34962},
			{"buffer": 0, "byteOffset": positions, "byteLength": corners, "target": 34963},
			{"buffer": 0, "byteOffset": positions + corners, "byteLength": values, "target": 34962},
		},
		"accessors": []m{
			{"bufferView": 0, "componentType": 5126, "count": len(p.positions) / 3, "type": "VEC3", "min": low, "max": high},
			{"bufferView": 1, "componentType": 5125, "count": len(p.corners), "type": "SCALAR"},
			{"bufferView": 2, "componentType": 5126, "count": len(gamma), "type": "SCALAR"},
		},
	})
	if err != nil {
		return err
	}
	for len(head)%4 != 0 {
		head = append(head, ' ')
	}
	binaries := positions + corners + values
	return all(w, []byte("glTF"), []uint32{2, uint32(28 + len(head) + binaries), uint32(len(head))}, []byte("JSON"), head,
		uint32(binaries), []byte("BIN\x00"), p.positions, p.corners, gamma)
}

func (p *peer) stl(w io.Writer) error {
	if err := all(w, make([]byte, 80), uint32(len(p.corners)/3)); err != nil {
		return err
	}
	facet := make([]byte, 0, 50)
	for t := range len(p.corners) / 3 {
		facet = append(facet[:0], make([]byte, 12)...) // a reader computes the normal
		for _, c := range p.corners[3*t : 3*t+3] {
			var err error
			if facet, err = binary.Append(facet, binary.LittleEndian, p.positions[3*c:3*c+3]); err != nil {
				return err
			}
		}
		if _, err := w.Write(append(facet, 0, 0)); err != nil {
			return err
		}
	}
	return nil
}

// vtp writes VTK's XML with appended, raw arrays: the form that is read fastest.
func (p *peer) vtp(w io.Writer) error {
	triangles := len(p.corners) / 3
	ends := make([]uint32, triangles)
	for i := range ends {
		ends[i] = uint32(3 * (i + 1))
	}
	arrays := []any{p.positions, p.corners, ends, p.gamma}
	var offsets []int
	at := 0
	for _, a := range arrays {
		offsets = append(offsets, at)
		at += 4 + binary.Size(a)
	}
	text := fmt.Sprintf(`<?xml version="1.0"?>
<VTKFile type="PolyData" version="0.1" byte_order="LittleEndian" header_type="UInt32">
<PolyData><Piece NumberOfPoints="%d" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" NumberOfPolys="%d">
<Points><DataArray type="Float32" Name="Points" NumberOfComponents="3" format="appended" offset="%d"/></Points>
<Polys><DataArray type="UInt32" Name="connectivity" format="appended" offset="%d"/><DataArray type="UInt32" Name="offsets" format="appended" offset="%d"/></Polys>
<CellData Scalars="gamma"><DataArray type="Float32" Name="gamma" format="appended" offset="%d"/></CellData>
</Piece></PolyData>
<AppendedData encoding="raw">
_`, len(p.positions)/3, triangles, offsets[0], offsets[1], offsets[2], offsets[3])
	if err := all(w, []byte(text)); err != nil {
		return err
	}
	for _, a := range arrays {
		if err := all(w, uint32(binary.Size(a)), a); err != nil {
			return err
		}
	}
	return all(w, []byte("\n</AppendedData>\n</VTKFile>\n"))
}

func all(w io.Writer, parts ...any) error {
	for _, part := range parts {
		if err := binary.Write(w, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}
