package mesh

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Contents is what a mesh file holds, counted. Elements of points and curves are counted by entity too.
type Contents struct {
	Nodes  int
	Counts map[Key]int
}

// ReadMSH reads a binary mesh file of format 4.1, with its physical groups. It knows what Gmsh writes on a little-endian
// machine with 8-byte sizes, and nodes numbered without gaps. Source: Gmsh reference manual, "MSH file format".
func ReadMSH(path string) (*Mesh, error) {
	r := &mshReader{mesh: &Mesh{}}
	if err := r.readFile(path); err != nil {
		return nil, err
	}
	r.mesh.Sort()
	return r.mesh, nil
}

// CheckMSH reads such a file from beginning to end, keeps nothing, and makes sure that every coordinate is a number and
// every element stands on nodes that exist. It takes a fraction of the time of reading the file into a second model.
func CheckMSH(path string) (Contents, error) {
	r := &mshReader{}
	err := r.readFile(path)
	return r.Contents, err
}

// mshReader walks through a file. The first problem stays in err, and every later read gives zero.
type mshReader struct {
	data []byte
	at   int
	err  error
	Contents
	exists []uint64 // one bit for each node's number
	mesh   *Mesh    // what is kept; nil if nothing is
	names  map[[2]int]string
}

func (r *mshReader) readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return errors.New("the file is empty")
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("map %s: %w", path, err)
	}
	defer unix.Munmap(data)
	r.data, r.Counts, r.names = data, map[Key]int{}, map[[2]int]string{}
	return r.read()
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
	if v > maxSize {
		r.fail("%d is no size", v)
		return 0
	}
	return int(v)
}

// maxSize bounds numbers and tags, so that what they are multiplied with, some hundred bytes each, stays a number.
const maxSize = 1 << 48

func (r *mshReader) int() int {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

// maxLine bounds a line of text: the name of a group has at most 127 bytes.
const maxLine = 256

func (r *mshReader) line() string {
	end := bytes.IndexByte(r.data[r.at:], '\n')
	if end < 0 {
		r.fail("the file ends within a line")
		return ""
	}
	line := string(r.data[r.at : r.at+min(end, maxLine)])
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
		case "$PhysicalNames":
			r.readNames()
		case "$Entities":
			r.readEntities()
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
	if r.mesh != nil {
		if highest != total {
			r.fail("%d nodes are numbered up to %d", total, highest)
			return
		}
		r.mesh.XYZ = make([]float64, 3*(highest+1))
	}
	for range blocks {
		dim, _, parametric, n := r.int(), r.int(), r.int(), r.size()
		width := 3
		if parametric == 1 {
			width += dim
		}
		if dim < 0 || dim > 3 {
			r.fail("%d is no dimension", dim)
			return
		}
		tags, coordinates := r.take(8*n), r.take(8*width*n)
		if r.err != nil {
			return
		}
		for i := 0; len(tags) > 0; i, tags = i+1, tags[8:] {
			tag := binary.LittleEndian.Uint64(tags)
			if tag > uint64(highest) {
				r.fail("node %d is beyond the highest number %d", tag, highest)
				return
			}
			r.exists[tag/64] |= 1 << (tag % 64)
			if r.mesh != nil {
				for k := range 3 {
					bits := binary.LittleEndian.Uint64(coordinates[8*(i*width+k):])
					r.mesh.XYZ[3*tag+uint64(k)] = math.Float64frombits(bits)
				}
			}
		}
		for ; len(coordinates) > 0; coordinates = coordinates[8:] {
			// all ones in the exponent: infinite or no number
			if bits := binary.LittleEndian.Uint64(coordinates); bits>>52&0x7ff == 0x7ff {
				r.fail("a coordinate is not a number")
				return
			}
		}
		r.Nodes += n
	}
	if r.Nodes != total {
		r.fail("%d nodes are announced, %d are there", total, r.Nodes)
	}
	r.expect("\n$EndNodes\n")
}

func (r *mshReader) readElements() {
	blocks, total, _, _ := r.size(), r.size(), r.size(), r.size()
	count := 0
	for range blocks {
		dim, tag, kind, n := r.int(), r.int(), Kind(r.int()), r.size()
		nodes := kind.Nodes()
		if r.err == nil && nodes == 0 {
			r.fail("%d is no type of element that is known", int(kind))
		}
		data := r.take(8 * (1 + nodes) * n)
		if r.err != nil {
			return
		}
		if r.mesh == nil && nodes == 4 && r.allExist4(data) {
			data = nil
		}
		block := Block{Dim: dim, Entity: tag, Kind: kind}
		if r.mesh != nil {
			block.Tags, block.Nodes = make([]uint64, 0, n), make([]uint64, 0, n*nodes)
		}
		for ; len(data) > 0; data = data[8*(1+nodes):] {
			if r.mesh != nil {
				block.Tags = append(block.Tags, binary.LittleEndian.Uint64(data))
			}
			for i := range nodes {
				node := binary.LittleEndian.Uint64(data[8*(1+i):])
				if node/64 >= uint64(len(r.exists)) || r.exists[node/64]>>(node%64)&1 == 0 {
					r.fail("an element stands on node %d, which is not there", node)
					return
				}
				if r.mesh != nil {
					block.Nodes = append(block.Nodes, node)
				}
			}
		}
		if n > 0 {
			r.Counts[block.Key()] += n
		}
		if r.mesh != nil && n > 0 {
			r.mesh.Blocks = append(r.mesh.Blocks, block)
		}
		count += n
	}
	if count != total {
		r.fail("%d elements are announced, %d are there", total, count)
	}
	r.expect("\n$EndElements\n")
}

// allExist4 reports whether elements of four nodes stand on nodes that are there: most of what there is in most meshes, in half the time.
func (r *mshReader) allExist4(data []byte) bool {
	exists := r.exists
	has := func(at []byte) uint64 {
		node := binary.LittleEndian.Uint64(at)
		if node/64 >= uint64(len(exists)) {
			return 0
		}
		return exists[node/64] >> (node % 64)
	}
	for ; len(data) >= 40; data = data[40:] {
		if has(data[8:16])&has(data[16:24])&has(data[24:32])&has(data[32:40])&1 == 0 {
			return false
		}
	}
	return true
}

// readNames reads the names of physical groups, which are text.
func (r *mshReader) readNames() {
	var n int
	if _, err := fmt.Sscanf(r.line(), "%d", &n); err != nil {
		r.fail("the number of physical names is missing")
		return
	}
	for range n {
		line := r.line()
		if r.err != nil {
			return
		}
		var dim, tag int
		if _, err := fmt.Sscanf(line, "%d %d", &dim, &tag); err != nil {
			r.fail("found %q instead of a physical name", line)
			return
		}
		first, last := strings.IndexByte(line, '"'), strings.LastIndexByte(line, '"')
		if first < 0 || first == last {
			r.fail("found %q instead of a physical name", line)
			return
		}
		r.names[[2]int{dim, tag}] = line[first+1 : last]
	}
	r.expect("$EndPhysicalNames\n")
}

// readEntities reads which entities are in which physical groups; names come before entities in a file.
func (r *mshReader) readEntities() {
	groups := map[[2]int]*Group{}
	counts := [4]int{r.size(), r.size(), r.size(), r.size()}
	for dim, n := range counts {
		for range n {
			entity := r.int()
			r.take(8 * map[bool]int{true: 3, false: 6}[dim == 0]) // a point, or a box
			tags := r.size()
			for range tags {
				tag := r.int()
				if r.err != nil {
					return
				}
				key := [2]int{dim, max(tag, -tag)} // negative where the orientation is reversed
				g := groups[key]
				if g == nil {
					g = &Group{Dim: dim, Tag: key[1], Name: r.names[key]}
					groups[key] = g
				}
				g.Entities = append(g.Entities, entity)
			}
			if dim > 0 {
				r.take(4 * r.size()) // what bounds it
			}
			if r.err != nil {
				return
			}
		}
	}
	r.expect("\n$EndEntities\n")
	if r.mesh != nil {
		for _, g := range groups {
			r.mesh.Groups = append(r.mesh.Groups, *g)
		}
	}
}
