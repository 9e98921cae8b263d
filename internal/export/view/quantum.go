package view

import (
	"encoding/binary"
	"math"
)

// quantum is positions as multiples of one length from a corner of the box.
type quantum struct {
	bytes     []byte // 3 × 16 bits a vertex, and 2 bytes to align the next
	length    float64
	origin    [3]float64
	low, high []float64 // multiples, in each direction
}

const steps = math.MaxUint16

// quantise returns the positions of vertices.
func quantise(xyz []float64, vertices []uint32) quantum {
	lo, hi := [3]float64{}, [3]float64{}
	for i, v := range vertices {
		for k := range 3 {
			x := xyz[3*v+uint32(k)]
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
	q := quantum{
		length: extent / steps, origin: lo, bytes: make([]byte, 0, 8*len(vertices)),
		low: []float64{steps, steps, steps}, high: []float64{0, 0, 0},
	}
	for _, v := range vertices {
		for k := range 3 {
			n := math.Round((xyz[3*v+uint32(k)] - lo[k]) / q.length)
			q.low[k], q.high[k] = min(q.low[k], n), max(q.high[k], n)
			q.bytes = binary.LittleEndian.AppendUint16(q.bytes, uint16(n))
		}
		q.bytes = append(q.bytes, 0, 0)
	}
	return q
}

func (q quantum) node() node {
	return node{Mesh: 0, Scale: [3]float64{q.length, q.length, q.length}, Translation: q.origin}
}

// Values is a measure of each triangle or element. NaN is written as the lowest value.
type Values struct {
	Name      string
	Low, High float64
	Of        []float32
}

// quantise returns the values in an order, in eight bits each, padded to four bytes.
func (v Values) quantise(order []uint32) []byte {
	out := make([]byte, 0, len(order)+3)
	for _, i := range order {
		share := (float64(v.Of[i]) - v.Low) / (v.High - v.Low)
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
