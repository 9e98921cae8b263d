package meshopt

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

const (
	attributesHeader = 0xa0
	groupSize        = 16   // bytes that share one width
	blockBytes       = 8192 // of elements that are encoded together, at most
	blockElements    = 256
	tailSize         = 32 // the least that follows the blocks
	maxElement       = 256
)

// Attributes encodes elements of size bytes each: a multiple of 4, at most 256. Elements that differ little from the one
// before, byte by byte, take few bits.
func Attributes(data []byte, size int) ([]byte, error) {
	if size <= 0 || size > maxElement || size%4 != 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("meshopt: %d bytes are no elements of %d bytes each (a multiple of 4, at most %d)", len(data), size, maxElement)
	}
	out := make([]byte, 1, len(data)/2+tailSize+1)
	out[0] = attributesHeader
	first := make([]byte, size) // what the first element is compared with
	copy(first, data)

	perBlock := min(blockBytes/size&^(groupSize-1), blockElements)
	last := append([]byte(nil), first...)
	var deltas [4][blockElements]byte // of the bytes of a word
	for at := 0; at < len(data); at += perBlock * size {
		block := data[at:min(at+perBlock*size, len(data))]
		count := len(block) / size
		padded := (count + groupSize - 1) &^ (groupSize - 1)
		for k := 0; k < size; k += 4 {
			before := binary.LittleEndian.Uint32(last[k:])
			for i := range count {
				v := binary.LittleEndian.Uint32(block[i*size+k:])
				d := zigzags(v, before)
				deltas[0][i&(blockElements-1)], deltas[1][i&(blockElements-1)] = byte(d), byte(d>>8)
				deltas[2][i&(blockElements-1)], deltas[3][i&(blockElements-1)] = byte(d>>16), byte(d>>24)
				before = v
			}
			for j := range deltas {
				clear(deltas[j][count:padded])
				out = appendGroups(out, deltas[j][:padded])
			}
		}
		copy(last, block[len(block)-size:])
	}
	out = append(out, make([]byte, max(tailSize-size, 0))...)
	return append(out, first...), nil
}

// zigzags returns the differences of the bytes of two words, each with its sign in the lowest bit.
func zigzags(v, before uint32) uint32 {
	const signs, ones = 0x80808080, 0x01010101
	d := (v | signs) - (before &^ signs) ^ (v^^before)&signs // byte by byte: no borrow passes a byte whose highest bit is set
	return d&^signs<<1 ^ d>>7&ones*0xff
}

// notBelow returns how many bytes of a word are not below a number of 1 to 128.
func notBelow(word uint64, number byte) int {
	const signs, ones = 0x8080808080808080, 0x0101010101010101
	return bits.OnesCount64((word&^signs + ones*uint64(128-number) | word) & signs)
}

// appendGroups writes groups of sixteen bytes, each as narrow as it is shortest: nothing where all are 0, else 2, 4 or 8
// bits a byte. What does not fit its bits is all ones, and follows the group in full.
func appendGroups(out, deltas []byte) []byte {
	header := len(out)
	groups := len(deltas) / groupSize
	out = append(out, make([]byte, (groups+3)/4)...)
	for g := range groups {
		group := deltas[g*groupSize : (g+1)*groupSize]
		low, high := binary.LittleEndian.Uint64(group), binary.LittleEndian.Uint64(group[8:])
		width, size := 3, groupSize
		if n := groupSize*2/8 + notBelow(low, 1<<2-1) + notBelow(high, 1<<2-1); n < size {
			width, size = 1, n
		}
		if n := groupSize*4/8 + notBelow(low, 1<<4-1) + notBelow(high, 1<<4-1); n < size {
			width = 2
		}
		if low|high == 0 {
			width = 0
		}
		out[header+g/4] |= byte(width << (g % 4 * 2))
		switch width {
		case 3:
			out = append(out, group...)
		case 1, 2:
			out = appendGroup(out, group, 2*width)
		}
	}
	return out
}

func appendGroup(out, group []byte, bits int) []byte {
	ones := byte(1<<bits - 1)
	perByte := 8 / bits
	for i := 0; i < groupSize; i += perByte {
		var b byte
		for _, v := range group[i : i+perByte] {
			b = b<<bits | min(v, ones)
		}
		out = append(out, b)
	}
	for _, v := range group {
		if v >= ones {
			out = append(out, v)
		}
	}
	return out
}
