package meshopt

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestZigzags_AreThoseOfEachByte(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for v := range 256 {
		for before := range 256 {
			beside, besideBefore := random.Uint32(), random.Uint32() // what is in the other bytes changes nothing
			for shift := 0; shift < 32; shift += 8 {
				mask := ^uint32(0xff << shift)
				got := byte(zigzags(beside&mask|uint32(v)<<shift, besideBefore&mask|uint32(before)<<shift) >> shift)
				d := byte(v - before)
				require.Equal(t, d<<1^byte(int8(d)>>7), got, "%d after %d at %d", v, before, shift)
			}
		}
	}
}

func TestNotBelow_CountsBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		var word [8]byte
		for i := range word {
			word[i] = byte(random.Uint32()) >> random.IntN(8) // small ones, too
		}
		for _, number := range []byte{1, 3, 15, 128} {
			count := 0
			for _, b := range word {
				if b >= number {
					count++
				}
			}
			require.Equal(t, count, notBelow(binary.LittleEndian.Uint64(word[:]), number), "%v, %d", word, number)
		}
	}
}
