package mesher

import (
	"maps"
	"runtime"
	"slices"
	"sync/atomic"

	"meshgen/internal/mesh"
	"meshgen/internal/threads"
)

// partFaces gives faces that several solids have a copy for each further one, where the meshes of their lattices share no nodes.
func (j *job) partFaces(solids []*solid, joined func(face int) bool) {
	highest := 0
	for i := range j.source.solids {
		s := &j.source.solids[i]
		highest = max(highest, slices.Max(append(slices.Collect(maps.Values(s.copies)), s.faces...)))
	}
	for e := range j.catalogue.file {
		if e.Dim == 2 {
			highest = max(highest, e.Tag)
		}
	}
	taken := map[int]bool{}
	for _, s := range solids {
		s.copies = maps.Clone(s.copies) // a part that is kept has them too
		for _, f := range s.faces {
			if !taken[f] || joined(f) {
				taken[f] = true
				continue
			}
			if s.copies == nil {
				s.copies = map[int]int{}
			}
			highest++
			s.copies[f] = highest
		}
	}
}

// latticeSnapshot puts the meshes of all solids together, as if they came from the library.
func (j *job) latticeSnapshot(hulls []*latticeHull) (*snapshot, error) {
	s := &snapshot{
		Mesh: mesh.Mesh{XYZ: make([]float64, 3)}, faces: map[int]faceMesh{}, ours: true,
		sicn: map[*mesh.Block][]float64{}, ratio: map[*mesh.Block][]float64{}, congruent: map[*mesh.Block][]uint64{},
	}
	nodes := 1
	regular := map[int][]uint64{} // of each solid that has a lattice of its own
	for _, h := range hulls {
		nodes += len(h.mesh.XYZ) / 3
	}
	scratch := &j.m.snapshots
	s.XYZ = append(ofLength(&scratch.xyz, 3*nodes)[:0], 0, 0, 0)
	elements := 0
	for _, h := range hulls {
		elements += len(h.mesh.Tets) / 4
	}
	all := ofLength(&scratch.tets, 4*elements)
	for _, h := range hulls {
		first := uint64(len(s.XYZ) / 3)
		s.XYZ = append(s.XYZ, h.mesh.XYZ...)
		s.Blocks = append(s.Blocks, h.faceBlocks(first)...)
		var tets []uint64
		tets, all = all[:len(h.mesh.Tets):len(h.mesh.Tets)], all[len(h.mesh.Tets):]
		if h.joint != nil {
			s.Blocks = append(s.Blocks, h.solidBlocks(first, tets)...)
		} else {
			inParts(len(tets), func(from, to int) {
				out := tets[from:to]
				for i, n := range h.mesh.Tets[from:to] {
					out[i] = first + uint64(n)
				}
			})
			s.Blocks = append(s.Blocks, mesh.Block{Dim: 3, Entity: h.solid.tag, Kind: mesh.Tet4, Nodes: tets})
			regular[h.solid.tag] = h.mesh.Regular(j.req.Threads)
		}
		if !h.alone { // it has arrays of its own, of which the surface alone is needed
			h.mesh.Tets = nil
		}
	}
	s.Blocks = slices.DeleteFunc(s.Blocks, func(b mesh.Block) bool { return len(b.Nodes) == 0 })
	s.Sort()
	total := 0
	for i := range s.Blocks {
		total += s.Blocks[i].Len()
	}
	tags := ofLength(&scratch.tags, total)
	inParts(total, func(from, to int) {
		for i := range tags[from:to] {
			tags[from+i] = uint64(from + i + 1)
		}
	})
	for i := range s.Blocks {
		n := s.Blocks[i].Len()
		s.Blocks[i].Tags, tags = tags[:n:n], tags[n:]
	}
	groups, err := j.groups()
	if err != nil {
		return nil, err
	}
	s.Groups = j.withCopies(groups)
	s.Sort()
	for _, b := range s.Of(3) {
		s.congruent[b] = regular[b.Entity]
	}
	for i := range j.source.solids {
		if err := s.view(&j.source.solids[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// snapshots is the memory of the snapshots of lattices: that of one serves the next, whose pages are then there already.
type snapshots struct {
	xyz        []float64
	tets, tags []uint64
}

// held returns how many bytes that is.
func (s *snapshots) held() int { return 8 * (cap(s.xyz) + cap(s.tets) + cap(s.tags)) }

// ofLength returns the first n values of a buffer, which is made longer where it has to be. They are arbitrary.
func ofLength[T any](buffer *[]T, n int) []T {
	if cap(*buffer) < n {
		*buffer = nil // not both at once
		*buffer = make([]T, n)
	}
	return (*buffer)[:n]
}

// solidBlocks returns the tetrahedra of each solid of a joint, one solid after the other in the memory given, by nodes that are numbered
// from one on.
func (h *latticeHull) solidBlocks(first uint64, memory []uint64) []mesh.Block {
	count := make([]int, len(h.members))
	for _, cell := range h.mesh.Cells {
		count[cell]++
	}
	blocks := make([]mesh.Block, len(h.members))
	for i, m := range h.members {
		n := 4 * count[i]
		blocks[i] = mesh.Block{Dim: 3, Entity: m.solid.tag, Kind: mesh.Tet4, Nodes: memory[:0:n]}
		memory = memory[n:]
	}
	for t, cell := range h.mesh.Cells {
		b := &blocks[cell]
		for _, n := range h.mesh.Tets[4*t : 4*t+4] {
			b.Nodes = append(b.Nodes, first+uint64(n))
		}
	}
	return blocks
}

// faceBlocks returns the triangles of each face of a solid, or of several, by nodes that are numbered from one on.
func (h *latticeHull) faceBlocks(first uint64) []mesh.Block {
	var all []int
	for _, m := range h.solids() {
		for _, f := range m.solid.faces {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	at, count := map[int32]int{}, make([]int, len(all))
	for i, f := range all {
		at[int32(f)] = i
	}
	which := make([]int32, len(h.faces)) // of the faces
	for i, f := range h.faces {
		if i > 0 && f == h.faces[i-1] { // as mostly
			which[i] = which[i-1]
		} else {
			which[i] = int32(at[f])
		}
		count[which[i]]++
	}
	blocks := make([]mesh.Block, len(all))
	for i, f := range all {
		blocks[i] = mesh.Block{Dim: 2, Entity: f, Kind: mesh.Triangle3, Nodes: make([]uint64, 0, 3*count[i])}
	}
	for i, face := range which {
		b, t := &blocks[face], h.mesh.Tris[3*i:3*i+3]
		b.Nodes = append(b.Nodes, first+uint64(t[0]), first+uint64(t[1]), first+uint64(t[2]))
	}
	return blocks
}

// inParts has parts of 0 to n-1 done on all processors.
func inParts(n int, do func(from, to int)) {
	const part = 1 << 16
	var next atomic.Int64
	threads.Run(min(runtime.GOMAXPROCS(0), (n+part-1)/part), func(int) {
		for from := int(next.Add(part)) - part; from < n; from = int(next.Add(part)) - part {
			do(from, min(from+part, n))
		}
	})
}

// withCopies adds to each group of faces the copies that other solids have of them, and leaves out the entities of which the
// mesh has no elements.
func (j *job) withCopies(groups []mesh.Group) []mesh.Group {
	for i := range groups {
		g := &groups[i]
		if g.Dim != 2 {
			continue
		}
		for _, f := range slices.Clone(g.Entities) {
			for k := range j.source.solids {
				if tag, ok := j.source.solids[k].copies[f]; ok {
					g.Entities = append(g.Entities, tag)
				}
			}
		}
	}
	return slices.DeleteFunc(groups, func(g mesh.Group) bool { return g.Dim < 2 })
}
