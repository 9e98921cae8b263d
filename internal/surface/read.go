package surface

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"

	"meshgen/internal/diagnosis"
)

const (
	// maxCoordinate bounds coordinates: at 1e15 neighbouring numbers of double precision lie 0.125 units apart, so
	// that nothing beyond is a measured length in any unit.
	maxCoordinate = 1e15
	// leastCoordinate is read as zero below: products of three such numbers must not underflow where the predicates
	// compute exactly. The least number of single precision is far greater (1e-45).
	leastCoordinate = 1e-60
	// maxTriangles keeps the three half-edges of each triangle countable in 32 bits.
	maxTriangles = math.MaxInt32 / 3
)

// Encoding tells the two kinds of STL apart.
type Encoding int

// The encodings of STL. Neither: the bytes belong to no undamaged STL.
const (
	Neither Encoding = iota
	ASCII
	Binary
)

const (
	binaryHeader = 80               // bytes of free text
	binaryStart  = binaryHeader + 4 // where the triangles begin, after their number
	binaryFacet  = 50               // bytes of a triangle: normal, three corners, two spare bytes
)

// Detect says how an STL is encoded, by the first bytes of the file (a few hundred, or all there are) and its size. A
// binary file is one whose size is exactly what its count of triangles asks for: its free text often begins with
// "solid", as an ASCII file has to.
func Detect(head []byte, size int64) Encoding {
	if count, ok := claimed(head); ok && size == binaryStart+binaryFacet*count {
		return Binary
	}
	if startsSolid(head) && isText(head) && (containsWord(head, "facet") || containsWord(head, "endsolid")) {
		return ASCII
	}
	return Neither
}

// claimed returns the number of triangles that a binary file says it has.
func claimed(head []byte) (int64, bool) {
	if len(head) < binaryStart {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint32(head[binaryHeader:])), true
}

// startsSolid reports whether the first word is "solid", in any case.
func startsSolid(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n\v\f")
	return len(head) >= 5 && isWord(head[:5], "solid") && (len(head) == 5 || isSpace(head[5]))
}

// isText reports whether no byte is one that no text holds, but for what careless writers leave at its end.
func isText(head []byte) bool {
	for _, c := range bytes.TrimRight(head, "\x00\x1a") {
		if c == 0 || c < ' ' && !isSpace(c) {
			return false
		}
	}
	return true
}

// containsWord reports whether a word of lower-case letters stands somewhere in the text, in any case.
func containsWord(head []byte, word string) bool {
	for i := 0; i+len(word) <= len(head); i++ {
		if (i == 0 || isSpace(head[i-1])) && isWord(head[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// Read reads an STL file, ASCII or binary. Vertices with equal coordinates become one; nothing else is changed. It
// needs memory in proportion to the file, whatever the file claims.
func Read(path string) (*Mesh, *diagnosis.Diagnosis) {
	f, err := os.Open(path)
	if err != nil {
		return nil, diagnosis.New(diagnosis.Internal, "The file cannot be opened.").WithDetail(err.Error())
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, diagnosis.New(diagnosis.Internal, "The file cannot be read.").WithDetail(err.Error())
	}
	return read(f, info.Size())
}

// read reads an STL of size bytes from src.
func read(src io.ReaderAt, size int64) (*Mesh, *diagnosis.Diagnosis) {
	if size == 0 {
		return nil, diagnosis.New(diagnosis.EmptyFile, "The file has no bytes.")
	}
	head := make([]byte, min(size, 4096))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return nil, unread(err)
	}
	body := io.NewSectionReader(src, 0, size)
	encoding := Detect(head, size)
	if encoding == ASCII || encoding == Neither && startsSolid(head) && isText(head) {
		return readASCII(body, size)
	}
	return readBinary(body, head, size)
}

// unread is the diagnosis of a file that the system could not read.
func unread(err error) *diagnosis.Diagnosis {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file became shorter while it was read")
	}
	return diagnosis.New(diagnosis.Internal, "The file cannot be read.").WithDetail(err.Error())
}

// builder collects triangles and gives equal points one vertex.
type builder struct {
	mesh  *Mesh
	table vertexTable
}

func newBuilder(triangles int64) *builder {
	m := &Mesh{Triangles: make([][3]int32, 0, triangles), Vertices: make([][3]float64, 0, triangles/2+8)}
	return &builder{mesh: m, table: newVertexTable(triangles/2 + 8)}
}

func (b *builder) add(corners *[3][3]float64) *diagnosis.Diagnosis {
	if len(b.mesh.Triangles) == maxTriangles {
		return diagnosis.New(diagnosis.TooLarge, "The surface has more than %d triangles.", maxTriangles)
	}
	var t [3]int32
	for i := range corners {
		t[i] = b.table.index(b.mesh, &corners[i])
	}
	b.mesh.Triangles = append(b.mesh.Triangles, t)
	return nil
}
