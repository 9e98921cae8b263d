package surface

import (
	"math"
	"slices"
)

// Remeshing says what became of the triangles of a surface.
type Remeshing struct {
	Before, After int     // number of triangles
	Deviation     float64 // how far old and new surface are apart where they are farthest, as far as their vertices tell
	Kept          []int   // shells that kept their triangles, since no new ones were found that would not cross
}

const (
	// tries is how often a shell is remeshed, finer where it failed the time before, until it keeps its triangles.
	tries = 3
	// maxVolumeChange is how much of its volume a shell may gain or lose, relatively.
	maxVolumeChange = 0.01
	// lostShare bounds how far an old vertex may be from the new surface, in relation to what the new one may from the old.
	lostShare = 3
)

// Remesh returns the surface with triangles of the size wanted. FindFeatures has to come first: faces, curves and corners
// stay, with their numbers. The new surface is closed, like the old one, and neither touches nor crosses itself.
func (m *Mesh) Remesh(sizing Sizing) (*Mesh, Remeshing) {
	s := newShape(m, sizing)
	parts := make([]*remesh, len(m.Shells))
	pending := make([]int, len(m.Shells))
	for i := range pending {
		pending[i] = i
	}
	report := Remeshing{Before: len(m.Triangles)}
	var out *Mesh
	for try := 1; len(pending) > 0; try++ {
		for _, i := range pending {
			parts[i] = newRemesh(m, i, sizing, s)
			if try <= tries {
				parts[i].run()
			} else {
				report.Kept = append(report.Kept, i)
			}
		}
		out = s.assemble(parts)
		if try > tries+1 {
			break // not even what there was before: it is crossed by a shell that seemed well
		}
		var faults []fault
		faults, report.Deviation = s.compare(out)
		pending = s.refine(faults, try)
	}
	if len(pending) > 0 {
		for i := range parts {
			parts[i] = newRemesh(m, i, sizing, s)
			pending = append(pending, i)
		}
		slices.Sort(pending)
		report.Kept, report.Deviation = slices.Compact(pending), 0
		out = s.assemble(parts)
	}
	report.After = len(out.Triangles)
	return out, report
}

// assemble makes one surface of the remeshed shells.
func (s *shape) assemble(parts []*remesh) *Mesh {
	out := &Mesh{Shells: make([]Shell, len(parts)), Faces: slices.Clone(s.mesh.Faces), Curves: slices.Clone(s.mesh.Curves), Solids: s.mesh.Solids}
	ofOld := map[int32]int32{} // new vertex of a fixed old one; shells that touch share it
	for i, r := range parts {
		vertex := make([]int32, len(r.at))
		for v, h := range r.out {
			if h < 0 {
				continue
			}
			if r.kind[v] == fixed {
				if known, ok := ofOld[r.old[v]]; ok {
					vertex[v] = known
					continue
				}
				ofOld[r.old[v]] = int32(len(out.Vertices))
			}
			vertex[v] = int32(len(out.Vertices))
			out.Vertices = append(out.Vertices, r.at[v])
		}
		first := len(out.Triangles)
		byFace := map[int32][][3]int32{}
		for t, tri := range r.triangle {
			if r.alive(int32(t)) {
				byFace[r.face[t]] = append(byFace[r.face[t]], [3]int32{vertex[tri[0]], vertex[tri[1]], vertex[tri[2]]})
			}
		}
		for f := range out.Faces {
			if face := &out.Faces[f]; face.Shell == i {
				face.First, face.Count = len(out.Triangles), len(byFace[int32(f)])
				out.Triangles = append(out.Triangles, byFace[int32(f)]...)
				out.measureFace(face)
			}
		}
		out.Shells[i] = Shell{First: first, Count: len(out.Triangles) - first}
		(&repair{Mesh: out}).measureShell(&out.Shells[i])
		r.collectCurves(out, vertex)
	}
	for _, v := range s.mesh.Corners {
		out.Corners = append(out.Corners, ofOld[v])
	}
	return out
}

// collectCurves gives the curves of the shell their new vertices.
func (r *remesh) collectCurves(out *Mesh, vertex []int32) {
	ahead := map[int32]map[int32]int32{} // of each curve, from each vertex the half-edge along it
	begin := map[int32]int32{}           // of each curve, the vertex nearest to its beginning
	least := map[int32]float64{}
	for h := range r.twin {
		c := r.curve[h]
		if c < 0 || !r.alive(int32(h)/3) || r.span[h][1] <= r.span[h][0] {
			continue
		}
		if ahead[c] == nil {
			ahead[c] = map[int32]int32{}
			least[c] = math.Inf(1)
		}
		ahead[c][r.from(int32(h))] = int32(h)
		place := r.span[h][0]
		if line := &r.shape.lines[c]; line.closed {
			place -= line.length() * math.Floor(place/line.length())
		}
		if place < least[c] {
			least[c], begin[c] = place, r.from(int32(h))
		}
	}
	for c, edges := range ahead {
		v := begin[c]
		row := []int32{vertex[v]}
		for range edges {
			h, ok := edges[v]
			if !ok {
				break
			}
			v = r.to(h)
			row = append(row, vertex[v])
		}
		out.Curves[c].Vertices = row
	}
}

// fault is a place where the new surface is not what it should be.
type fault struct {
	shell  int
	at     [3]float64
	radius float64 // around it, the surface has to be finer; 0 where all of the shell has
	mild   bool    // a pity, but no reason to keep the old triangles
}

// maxFaults bounds the places that are looked at one by one.
const maxFaults = 200

// compare finds the faults of a new surface, and how far it is from the old one.
func (s *shape) compare(out *Mesh) (faults []fault, deviation float64) {
	shellOf := make([]int, len(out.Triangles))
	for i, sh := range out.Shells {
		for t := sh.First; t < sh.First+sh.Count; t++ {
			shellOf[t] = i
		}
		if before := s.mesh.Shells[i].Volume; !(math.Abs(sh.Volume-before) <= maxVolumeChange*math.Abs(before)) {
			faults = append(faults, fault{shell: i})
		}
	}
	fresh := newTree(out)
	r := newRepair(out)
	patience := 1_000_000 + 200*len(out.Triangles)
	for i, j := range fresh.overlaps {
		if patience--; patience < 0 || len(faults) > maxFaults {
			break
		}
		p, found := r.meet(i, j)
		if !found {
			continue
		}
		for _, t := range [2]int32{i, j} {
			faults = append(faults, fault{shell: shellOf[t], at: p, radius: fresh.boxes[t].Diagonal()})
		}
	}
	normal := out.normals()
	farthest := func(p [3]float64, t *tree, normal [][3]float64) float64 {
		_, _, d := t.closest(p, [3]float64{}, normal, math.Inf(1))
		deviation = max(deviation, d)
		return d
	}
	for i, sh := range s.mesh.Shells {
		for t := sh.First; t < sh.First+sh.Count; t++ {
			tri := s.mesh.Triangles[t]
			for k, v := range tri {
				if g := s.twins[3*t+k]; g/3 < int32(t) && k > 0 {
					continue // most vertices are looked at once or twice only
				}
				p := s.mesh.Vertices[v]
				limit := lostShare * s.sizing.tolerance(s.field.size[t], s.sizing.limit(sh.Box.Diagonal()))
				if d := farthest(p, fresh, normal); d > limit && len(faults) < maxFaults {
					faults = append(faults, fault{shell: i, at: p, radius: 2*d + s.field.size[t], mild: true})
				}
			}
		}
	}
	for f := range out.Faces {
		face := &out.Faces[f]
		for _, t := range out.Triangles[face.First : face.First+face.Count] {
			a, b, c := out.corners(t)
			farthest(midpoint(a, b, c), s.trees[f], s.normalsOf(int32(f)))
		}
	}
	return faults, deviation
}

// refine asks for smaller triangles and less deviation near the faults, and returns the shells that have any.
func (s *shape) refine(faults []fault, try int) []int {
	var shells []int
	for _, f := range faults {
		if !f.mild || try == 1 {
			shells = append(shells, f.shell)
		}
	}
	slices.Sort(shells)
	shells = slices.Compact(shells)
	if try >= tries {
		return shells
	}
	for _, i := range shells {
		sh := s.mesh.Shells[i]
		for t := sh.First; t < sh.First+sh.Count; t++ {
			box := emptyBox()
			for _, v := range s.mesh.Triangles[t] {
				box.add(s.mesh.Vertices[v])
			}
			for _, f := range faults {
				if f.shell == i && (f.radius == 0 || box.gap(&f.at) <= f.radius*f.radius) {
					s.field.size[t] /= 2
					s.field.deviation[t] /= 4
					break
				}
			}
		}
	}
	return shells
}
