package meshopt

import "fmt"

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
	var deltas [blockElements]byte
	for at := 0; at < len(data); at += perBlock * size {
		block := data[at:min(at+perBlock*size, len(data))]
		count := len(block) / size
		padded := (count + groupSize - 1) &^ (groupSize - 1)
		for k := range size {
			before := last[k]
			clear(deltas[:padded])
			for i := range count {
				v := block[i*size+k]
				deltas[i] = zigzag(v - before)
				before = v
			}
			out = appendGroups(out, deltas[:padded])
		}
		copy(last, block[len(block)-size:])
	}
	out = append(out, make([]byte, max(tailSize-size, 0))...)
	return append(out, first...), nil
}

func zigzag(v byte) byte { return v<<1 ^ byte(int8(v)>>7) }

// appendGroups writes groups of sixteen bytes, each as narrow as it is shortest: nothing where all are 0, else 2, 4 or 8
// bits a byte. What does not fit its bits is all ones, and follows the group in full.
func appendGroups(out, deltas []byte) []byte {
	header := len(out)
	groups := len(deltas) / groupSize
	out = append(out, make([]byte, (groups+3)/4)...)
	for g := range groups {
		group := deltas[g*groupSize : (g+1)*groupSize]
		var some byte
		above2, above4 := 0, 0 // that do not fit 2 bits, and 4
		for _, v := range group {
			some |= v
			if v >= 1<<2-1 {
				above2++
			}
			if v >= 1<<4-1 {
				above4++
			}
		}
		width, size := 3, groupSize
		if n := groupSize*2/8 + above2; n < size {
			width, size = 1, n
		}
		if n := groupSize*4/8 + above4; n < size {
			width = 2
		}
		if some == 0 {
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
