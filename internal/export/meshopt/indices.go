package meshopt

import "encoding/binary"

const (
	indicesHeader = 0xd1
	indicesTail   = 4
	far           = 30 // a difference from which on the other of two runs goes on
)

// Indices encodes numbers, each by its difference from an earlier one of two runs: lists that go to and fro between two
// neighbourhoods cost little. Numbers are below 2³⁰.
func Indices(numbers []uint32) []byte {
	out := make([]byte, 1, 1+len(numbers)+indicesTail)
	out[0] = indicesHeader
	var last [2]uint32
	run := uint32(0)
	for _, v := range numbers {
		if d := int32(v - last[run]); d >= far || d <= -far {
			run ^= 1
		}
		d := int32(v - last[run])
		out = binary.AppendUvarint(out, uint64((uint32(d<<1)^uint32(d>>31))<<1|run))
		last[run] = v
	}
	return append(out, make([]byte, indicesTail)...)
}
