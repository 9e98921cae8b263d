package surface

import (
	"encoding/binary"
	"io"
	"math"

	"meshgen/internal/diagnosis"
)

// readBinary reads a binary STL: 80 bytes of free text, the number of triangles, and 50 bytes for each. The size of the
// file says how many there are; the number only has to agree.
func readBinary(src io.Reader, head []byte, size int64) (*Mesh, *diagnosis.Diagnosis) {
	claim, ok := claimed(head)
	if !ok {
		return nil, diagnosis.New(diagnosis.UnreadableFile,
			"The file has %d bytes; the shortest binary STL has %d.", size, binaryStart)
	}
	held, rest := (size-binaryStart)/binaryFacet, (size-binaryStart)%binaryFacet
	if claim != held {
		return nil, diagnosis.New(diagnosis.UnreadableFile,
			"The file says that it has %d triangles, and has bytes for %d.", claim, held)
	}
	if claim > maxTriangles {
		return nil, diagnosis.New(diagnosis.TooLarge, "The surface has more than %d triangles.", maxTriangles)
	}
	b := newBuilder(claim)
	if rest > 0 {
		b.mesh.notes = append(b.mesh.notes, *diagnosis.New(diagnosis.Repaired,
			"%d bytes after the last triangle were left out.", rest))
	}
	if _, err := io.CopyN(io.Discard, src, binaryStart); err != nil {
		return nil, unread(err)
	}
	const batch = 4096
	buf := make([]byte, min(claim, batch)*binaryFacet)
	for done := int64(0); done < claim; {
		n := min(claim-done, batch)
		if _, err := io.ReadFull(src, buf[:n*binaryFacet]); err != nil {
			return nil, unread(err)
		}
		for i := range n {
			if d := b.addFacet(buf[i*binaryFacet:(i+1)*binaryFacet], done+i+1); d != nil {
				return nil, d
			}
		}
		done += n
	}
	return b.mesh, nil
}

// addFacet adds the triangle of 50 bytes that is the given one in the file, counted from 1. Its normal is passed over.
func (b *builder) addFacet(facet []byte, number int64) *diagnosis.Diagnosis {
	const normal = 12 // bytes of the normal
	var corners [3][3]float64
	for i := range corners {
		for k := range corners[i] {
			x := float64(math.Float32frombits(binary.LittleEndian.Uint32(facet[normal+12*i+4*k:])))
			if !(x <= maxCoordinate && x >= -maxCoordinate) {
				return diagnosis.New(diagnosis.InvalidNumber,
					"Triangle %d: the coordinate %c of corner %d is %g, not a finite number of a possible size.",
					number, "xyz"[k], i+1, x)
			}
			if x == 0 {
				x = 0 // turns -0 into 0, so that equal points have equal bits
			}
			corners[i][k] = x
		}
	}
	return b.add(&corners)
}
