package mesher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// contents is what a mesh file holds.
type contents struct {
	nodes  int
	counts map[block]int
}

// elementNodes is the number of nodes of each type of element that we write, by Gmsh's number for it.
var elementNodes = map[int]int{
	15: 1, 1: 2, 8: 3, 26: 4, // point; lines of order 1 to 3
	2: 3, 9: 6, 21: 10, // triangles
	4: 4, 11: 10, 29: 20, // tetrahedra
}

// readMSH reads a binary mesh file of format 4.1 from beginning to end, and makes sure that every coordinate is a number
// and every element stands on nodes that exist. It knows what Gmsh writes on a little-endian machine with 8-byte sizes,
// and takes a fraction of the time of reading the file into a second model. Source: Gmsh reference manual, "MSH file
// format".
func readMSH(path string) (contents, error) {
	f, err := os.Open(path)
	if err != nil {
		return contents{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return contents{}, err
	}
	if info.Size() == 0 {
		return contents{}, errors.New("the file is empty")
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return contents{}, fmt.Errorf("map %s: %w", path, err)
	}
	defer unix.Munmap(data)
	r := &mshReader{data: data, contents: contents{counts: map[block]int{}}}
	err = r.read()
	return r.contents, err
}

// mshReader walks through a file. The first problem stays in err, and every later read gives zero.
type mshReader struct {
	data []byte
	at   int
	err  error
	contents
	exists []uint64 // one bit for each node's number
}

func (r *mshReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("at byte %d: "+format, append([]any{r.at}, args...)...)
	}
}

// take returns the next n bytes.
func (r *mshReader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.data)-r.at {
		r.fail("the file ends within %d bytes", n)
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *mshReader) size() int {
	b := r.take(8)
	if b == nil {
		return 0
	}
	v := binary.LittleEndian.Uint64(b)
	if v > math.MaxInt64/256 {
		r.fail("%d is no size", v)
		return 0
	}
	return int(v)
}

func (r *mshReader) int() int {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

func (r *mshReader) line() string {
	end := bytes.IndexByte(r.data[r.at:], '\n')
	if end < 0 {
		r.fail("the file ends within a line")
		return ""
	}
	line := string(r.data[r.at : r.at+min(end, 80)])
	r.at += end + 1
	return line
}

func (r *mshReader) expect(text string) {
	if got := r.take(len(text)); r.err == nil && string(got) != text {
		r.fail("found %q instead of %q", got, text)
	}
}

func (r *mshReader) read() error {
	r.expect("$MeshFormat\n4.1 1 8\n\x01\x00\x00\x00\n$EndMeshFormat\n")
	seen := map[string]bool{}
	for r.err == nil && r.at < len(r.data) {
		section := r.line()
		if r.err != nil {
			break
		}
		if section == "" || section[0] != '$' {
			r.fail("found %q instead of a section", section)
			break
		}
		seen[section] = true
		switch section {
		case "$Nodes":
			r.readNodes()
		case "$Elements":
			r.readElements()
		default:
			end := "$End" + section[1:] + "\n"
			skip := bytes.Index(r.data[r.at:], []byte(end))
			if skip < 0 {
				r.fail("section %s has no end", section)
				break
			}
			r.at += skip + len(end)
		}
	}
	if r.err == nil && !(seen["$Nodes"] && seen["$Elements"]) {
		r.fail("the file holds no nodes or no elements")
	}
	return r.err
}

func (r *mshReader) readNodes() {
	blocks, total, _, highest := r.size(), r.size(), r.size(), r.size()
	// numbers may have gaps, but not more than what a file of this size could be about
	if highest > len(r.data) {
		r.fail("%d is too high a number for a node", highest)
		return
	}
	r.exists = make([]uint64, highest/64+1)
	for range blocks {
		dim, _, parametric, n := r.int(), r.int(), r.int(), r.size()
		width := 3
		if parametric == 1 {
			width += dim
		}
		tags, coordinates := r.take(8*n), r.take(8*width*n)
		if r.err != nil {
			return
		}
		for ; len(tags) > 0; tags = tags[8:] {
			tag := binary.LittleEndian.Uint64(tags)
			if tag > uint64(highest) {
				r.fail("node %d is beyond the highest number %d", tag, highest)
				return
			}
			r.exists[tag/64] |= 1 << (tag % 64)
		}
		for ; len(coordinates) > 0; coordinates = coordinates[8:] {
			// all ones in the exponent: infinite or no number
			if bits := binary.LittleEndian.Uint64(coordinates); bits>>52&0x7ff == 0x7ff {
				r.fail("a coordinate is not a number")
				return
			}
		}
		r.nodes += n
	}
	if r.nodes != total {
		r.fail("%d nodes are announced, %d are there", total, r.nodes)
	}
	r.expect("\n$EndNodes\n")
}

func (r *mshReader) readElements() {
	blocks, total, _, _ := r.size(), r.size(), r.size(), r.size()
	count := 0
	for range blocks {
		dim, tag, kind, n := r.int(), r.int(), r.int(), r.size()
		nodes, known := elementNodes[kind]
		if r.err == nil && !known {
			r.fail("%d is no type of element that is known", kind)
		}
		data := r.take(8 * (1 + nodes) * n)
		if r.err != nil {
			return
		}
		for ; len(data) > 0; data = data[8*(1+nodes):] {
			for i := range nodes {
				node := binary.LittleEndian.Uint64(data[8*(1+i):])
				if node/64 >= uint64(len(r.exists)) || r.exists[node/64]>>(node%64)&1 == 0 {
					r.fail("an element stands on node %d, which is not there", node)
					return
				}
			}
		}
		if dim < 2 {
			tag = 0
		}
		r.counts[block{dim, tag, kind}] += n
		count += n
	}
	if count != total {
		r.fail("%d elements are announced, %d are there", total, count)
	}
	r.expect("\n$EndElements\n")
}

// readsBack compares a mesh file with the mesh.
func (s *snapshot) readsBack(path string) error {
	found, err := readMSH(path)
	if err != nil {
		return err
	}
	if found.nodes != s.nodes {
		return fmt.Errorf("the file holds %d of %d nodes", found.nodes, s.nodes)
	}
	for b, n := range s.counts {
		if found.counts[b] != n {
			return fmt.Errorf("the file holds %d of %d elements of type %d in entity %d of dimension %d",
				found.counts[b], n, b.kind, b.tag, b.dim)
		}
	}
	if len(found.counts) != len(s.counts) {
		return fmt.Errorf("the file holds elements of %d entities, the mesh of %d", len(found.counts), len(s.counts))
	}
	return nil
}
