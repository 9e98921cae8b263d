package surface

import (
	"math"
	"math/rand/v2"
	"slices"

	"meshgen/internal/diagnosis"
)

// parts are the connected components of a closed surface.
type parts struct {
	shell   []int32 // of each triangle; shells are numbered in the order of their first triangles
	turned  []bool  // triangles turned to agree with the first of their shell
	count   int
	twisted bool // a shell cannot be made to agree with itself
}

// components finds the shells and turns their triangles to agree with each other. Every edge has two triangles here.
func (r *repair) components() *parts {
	twin := newEdgeTable(r.Mesh).twins()
	p := &parts{shell: make([]int32, len(r.Triangles)), turned: make([]bool, len(r.Triangles))}
	for i := range p.shell {
		p.shell[i] = -1
	}
	var stack []int32
	for first := range r.Triangles {
		if p.shell[first] >= 0 {
			continue
		}
		p.shell[first] = int32(p.count)
		stack = append(stack, int32(first))
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for k := range int32(3) {
				other := twin[3*i+k]
				j, m := other/3, other%3
				// two triangles agree if they run along their edge in opposite directions, as the file has them
				agree := r.Triangles[i][k] != r.Triangles[j][m]
				turned := p.turned[i] == agree
				if p.shell[j] < 0 {
					p.shell[j], p.turned[j] = int32(p.count), turned
					stack = append(stack, j)
				} else if p.turned[j] != turned {
					p.twisted = true
				}
			}
		}
		p.count++
	}
	return p
}

// turn reverses the direction of a triangle.
func turn(t *[3]int32) { t[1], t[2] = t[2], t[1] }

// sortByShell puts the triangles of each shell side by side, in their order, turned to agree, and fills in Shells.
func (r *repair) sortByShell(p *parts) {
	r.Shells = make([]Shell, p.count)
	for _, s := range p.shell {
		r.Shells[s].Count++
	}
	next := make([]int, p.count)
	for s := 1; s < p.count; s++ {
		r.Shells[s].First = r.Shells[s-1].First + r.Shells[s-1].Count
		next[s] = r.Shells[s].First
	}
	triangles, number := make([][3]int32, len(r.Triangles)), make([]int32, len(r.Triangles))
	shell, turned := make([]int32, len(r.Triangles)), make([]bool, len(r.Triangles))
	for i, t := range r.Triangles {
		s := p.shell[i]
		to := next[s]
		next[s]++
		if p.turned[i] {
			turn(&t)
		}
		triangles[to], number[to], shell[to], turned[to] = t, r.number[i], s, p.turned[i]
	}
	r.Triangles, r.number, p.shell, p.turned = triangles, number, shell, turned
	for s := range r.Shells {
		r.measureShell(&r.Shells[s])
	}
}

// measureShell computes the box, the area and the signed volume of a shell.
func (r *repair) measureShell(s *Shell) {
	s.Box = emptyBox()
	for _, t := range r.Triangles[s.First : s.First+s.Count] {
		for _, v := range t {
			s.Box.add(r.Vertices[v])
		}
	}
	// seen from its own middle, a shell far from the origin loses no digits
	origin := s.Box.centre()
	for _, t := range r.Triangles[s.First : s.First+s.Count] {
		a, b, c := r.corners(t)
		a, b, c = sub(a, origin), sub(b, origin), sub(c, origin)
		s.Volume += dot(a, cross(b, c)) / 6
		s.Area += norm(cross(sub(b, a), sub(c, a))) / 2
	}
}

// orient says which shells bound solids and which bound voids in them, by how deep each lies in others, and turns them
// so that their triangles look away from the material.
func (r *repair) orient(p *parts, tree *tree) *diagnosis.Diagnosis {
	for s := range r.Shells {
		// what is left of the volume of a flat body by rounding
		const rounding = 1e-12
		if sh := &r.Shells[s]; math.Abs(sh.Volume) <= rounding*sh.Area*sh.Box.Diagonal() {
			place := r.placeOf(sh.First)
			return diagnosis.New(diagnosis.NoVolume, "A closed part of the surface, of %s, encloses nothing.",
				count(sh.Count, "triangle")).At(place)
		}
	}
	around, d := r.containers(p, tree)
	if d != nil {
		return d
	}
	var turned []int
	solidOf := make([]int, len(r.Shells))
	filled := 0 // shells taken for voids that the file had as bodies
	for s := range r.Shells {
		sh := &r.Shells[s]
		isVoid := len(around[s])%2 == 1
		reverse := isVoid != (sh.Volume < 0)
		if reverse {
			sh.Volume = -sh.Volume
		}
		wrong := 0
		for i := sh.First; i < sh.First+sh.Count; i++ {
			if reverse {
				turn(&r.Triangles[i])
			}
			if p.turned[i] != reverse {
				turned = append(turned, i)
				wrong++
			}
		}
		if isVoid && wrong == sh.Count {
			filled++
		}
		if !isVoid {
			solidOf[s] = len(r.Solids)
			r.Solids = append(r.Solids, Solid{Outer: s})
		}
	}
	for s := range r.Shells {
		if len(around[s])%2 == 0 {
			continue
		}
		// the outer shell of a void is the one around it that lies deepest
		outer := around[s][0]
		for _, o := range around[s] {
			if len(around[o]) > len(around[outer]) {
				outer = o
			}
		}
		solid := &r.Solids[solidOf[outer]]
		solid.Voids = append(solid.Voids, s)
	}
	if len(turned) > 0 {
		r.repaired(r.places(turned), "Turned %d of %d triangles, which pointed the wrong way.", len(turned), len(r.Triangles))
	}
	if filled > 0 {
		r.repaired(nil, "Took %s inside another as a void, though its triangles pointed outwards.", count(filled, "closed shell"))
	}
	return nil
}

// containers lists for each shell the others that it lies in.
func (r *repair) containers(p *parts, tree *tree) ([][]int, *diagnosis.Diagnosis) {
	around := make([][]int, len(r.Shells))
	if len(r.Shells) == 1 {
		return around, nil
	}
	owner := r.owners(p)
	dice := rand.New(rand.NewPCG(1, 2)) // the same file gives the same rays
	for s, sh := range r.Shells {
		from := r.witness(sh, owner)
		var ok bool
		for range 100 {
			if around[s], ok = r.rayFrom(from, s, p, tree, dice); ok {
				break
			}
		}
		if !ok {
			return nil, diagnosis.New(diagnosis.SelfIntersecting, "A part of the surface touches another, so that inside and outside cannot be told.").
				At(r.placeOf(sh.First))
		}
	}
	return around, nil
}

// owners returns for each vertex the shell that it belongs to, or -1 where several share it.
func (r *repair) owners(p *parts) []int32 {
	owner := make([]int32, len(r.Vertices))
	seen := make([]bool, len(r.Vertices))
	for i, t := range r.Triangles {
		for _, v := range t {
			if seen[v] && owner[v] != p.shell[i] {
				owner[v] = -1
			} else {
				owner[v] = p.shell[i]
			}
			seen[v] = true
		}
	}
	return owner
}

// witness returns a point on a shell that lies on no other.
func (r *repair) witness(sh Shell, owner []int32) [3]float64 {
	for _, t := range r.Triangles[sh.First : sh.First+sh.Count] {
		for _, v := range t {
			if owner[v] >= 0 {
				return r.Vertices[v]
			}
		}
	}
	a, b, c := r.corners(r.Triangles[sh.First])
	return midpoint(a, b, c)
}

// rayFrom lists the shells, but for the one that the point is on, that a ray from the point crosses an odd number of
// times: they are around it. It reports false where the ray hits an edge or vertex and another has to be tried.
func (r *repair) rayFrom(from [3]float64, own int, p *parts, tree *tree, dice *rand.Rand) (around []int, ok bool) {
	// along x, aslant just enough to miss edges: such a ray meets few boxes
	to := from
	length := 2 * (tree.nodes[0].box.Max[0] - from[0] + r.diagonal)
	to[0] += length
	to[1] += length * 0.01 * (dice.Float64() - 0.5)
	to[2] += length * 0.01 * (dice.Float64() - 0.5)

	crossings := map[int]int{}
	ok = true
	for i := range tree.along(&from, &to) {
		s := int(p.shell[i])
		if s == own {
			continue
		}
		t := r.Triangles[i]
		a, b, c := &r.Vertices[t[0]], &r.Vertices[t[1]], &r.Vertices[t[2]]
		op, oq := orient3D(a, b, c, &from), orient3D(a, b, c, &to)
		if same(op, oq) {
			continue
		}
		x, y, z := orient3D(&from, &to, a, b), orient3D(&from, &to, b, c), orient3D(&from, &to, c, a)
		if opposite(x, y) || opposite(y, z) || opposite(z, x) {
			continue
		}
		if op == 0 || oq == 0 || x == 0 || y == 0 || z == 0 {
			ok = false
			break
		}
		crossings[s]++
	}
	if !ok {
		return nil, false
	}
	for s, n := range crossings {
		if n%2 == 1 {
			around = append(around, s)
		}
	}
	slices.Sort(around)
	return around, true
}
