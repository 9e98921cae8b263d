package mesher

import (
	"maps"
	"math"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

const (
	// volumeShare is how much of its volume a solid may lose to chords before its faces are divided again. The solids of a
	// mesh of default sizes have to be within 1 %.
	volumeShare = 0.008
	// volumeGoal is what a second division aims at, as a part of volumeShare: the loss goes with the square of the sizes,
	// roughly.
	volumeGoal = 0.8
	// maxDivisions bounds how often the surface is meshed, beside what turns out to be too many triangles.
	maxDivisions = 4
	// leastFactor bounds by how much sizes shrink at a time.
	leastFactor = 0.4
	// samples is how many triangles of a face are compared with the face, and manySamples how many are where those do not see what is
	// lost: it may be at few, such as the sharp ends of an ellipse.
	samples, manySamples = 48, 2000
	// seen is the part of the loss that the samples have to explain.
	seen = 0.25
)

// lossAllowed is the share of its volume that each solid may lose; coarse meshes may lose more, twice for each step of
// fineness.
func lossAllowed(size spec.Size) float64 {
	return volumeShare * math.Exp2(max(0, spec.DefaultFineness-size.Fineness))
}

// holdVolume looks whether the surface mesh encloses what the CAD says, solid by solid, since the tetrahedra cannot hold
// more than that. It shrinks the sizes on the faces that lose too much, and returns them. Before holds what solids lost the last time: where
// shorter edges did not help then, although it was seen well where they should be, more will not.
func (j *job) holdVolume(before lossesOf) (shrunk []int, err error) {
	allowed := lossAllowed(j.req.Spec.Size)
	for _, s := range j.source.solids {
		if s.volume <= 0 {
			continue
		}
		h, err := takeHull(s)
		if err != nil {
			return nil, err
		}
		volume, closed := h.orient()
		off := (volume - s.volume) / s.volume
		if !closed || math.Abs(off) <= allowed {
			continue
		}
		was, again := before[s.tag]
		vain := again && inVain(was.off, off, volumeGoal*allowed)
		if vain && was.closely {
			j.track.say(gmsh.Warning, "the surface mesh of "+describeSolid(s)+" is as far off the CAD's volume as before; it stays so")
			continue
		}
		j.track.say(gmsh.Info, "the surface mesh of "+describeSolid(s)+" is off the CAD's volume; its curved faces are divided again")
		closely := vain || was.closely
		var losses map[int]float64
		if !closely {
			if losses, err = h.losses(s.volume, samples); err != nil {
				return nil, err
			}
			closely = math.Abs(blame(losses, off)) < seen*math.Abs(off)
		}
		if closely {
			if losses, err = h.losses(s.volume, manySamples); err != nil {
				return nil, err
			}
		}
		before[s.tag] = lossOf{off, closely}
		for face, factor := range remedies(losses, off, volumeGoal*allowed) {
			if j.isStrip(face) { // which has as many edges as it can
				continue
			}
			if err := j.chords.refine(face, factor); err != nil {
				return nil, err
			}
			shrunk = append(shrunk, face)
		}
	}
	return shrunk, nil
}

// lossOf is what a solid was off by, and whether many samples have told where.
type lossOf struct {
	off     float64
	closely bool
}

// lossesOf is the losses of solids, by tag.
type lossesOf map[int]lossOf

// inVain reports whether a division with shorter edges brought a solid hardly nearer to its volume: the goal is what it aimed at. Then it is
// not chords that are to blame: the CAD says a wrong volume, or its faces cross.
func inVain(was, off, goal float64) bool {
	const worthwhile = 0.25 // of the way
	return math.Abs(was)-math.Abs(off) < worthwhile*(math.Abs(was)-goal)
}

// remedies returns by what factor the sizes of faces have to shrink so that what a solid is off by, the sum of its losses,
// is the goal at most. Faces that gain where others lose are left as they are.
func remedies(losses map[int]float64, off, goal float64) map[int]float64 {
	blamed := blame(losses, off)
	factor := math.Sqrt(goal / math.Abs(off))
	if share := 1 - (math.Abs(off)-goal)/math.Abs(blamed); share > 0 && share < 1 {
		factor = math.Sqrt(share)
	}
	factor = max(factor, leastFactor)
	// Faces that lose a hundredth are not worth their elements, but where many lose as little each, as pins do, they are to blame together.
	notable := min(0.01, 0.1/float64(len(losses)))
	out := map[int]float64{}
	for face, loss := range losses {
		if loss*off > 0 && math.Abs(loss) >= notable*math.Abs(blamed) {
			out[face] = factor
		}
	}
	return out
}

// blame returns the sum of the losses that have to do with what a solid is off by.
func blame(losses map[int]float64, off float64) (sum float64) {
	for _, face := range slices.Sorted(maps.Keys(losses)) { // in order, so that the sum is always the same
		if loss := losses[face]; loss*off > 0 {
			sum += loss
		}
	}
	return sum
}

// hull is the surface mesh of a solid.
type hull struct {
	at        map[uint64][3]float64
	triangles [][3]uint64
	face      []int // of each triangle
	origin    [3]float64
}

func takeHull(s solid) (*hull, error) {
	h := &hull{at: map[uint64][3]float64{}}
	for _, tag := range s.faces {
		tags, coordinates, err := gmsh.FaceNodes(tag)
		for i, node := range tags.View() {
			h.at[node] = [3]float64(coordinates.View()[3*i : 3*i+3])
		}
		tags.Free()
		coordinates.Free()
		if err != nil {
			return nil, err
		}
		elements, nodes, err := gmsh.Elements(int(mesh.Triangle3), tag)
		for i := 0; i+2 < nodes.Len(); i += 3 {
			h.triangles = append(h.triangles, [3]uint64(nodes.View()[i:i+3]))
			h.face = append(h.face, tag)
		}
		elements.Free()
		nodes.Free()
		if err != nil {
			return nil, err
		}
	}
	if len(h.triangles) > 0 {
		h.origin = h.at[h.triangles[0][0]]
	}
	return h, nil
}

func (h *hull) corners(t int) (a, b, c [3]float64) {
	n := h.triangles[t]
	return h.at[n[0]], h.at[n[1]], h.at[n[2]]
}

// weld makes nodes at the same place one: each face of a tessellation has its own.
func (h *hull) weld() {
	first := map[[3]float64]uint64{}
	for t := range h.triangles {
		for k, n := range h.triangles[t] {
			if _, known := first[h.at[n]]; !known {
				first[h.at[n]] = n
			}
			h.triangles[t][k] = first[h.at[n]]
		}
	}
}

// dropNeedles drops the triangles that have a node twice: a tessellation has such at the poles of a sphere, where they keep it from being
// closed.
func (h *hull) dropNeedles() {
	n := 0
	for t, v := range h.triangles {
		if v[0] != v[1] && v[1] != v[2] && v[2] != v[0] {
			h.triangles[n], h.face[n] = v, h.face[t]
			n++
		}
	}
	h.triangles, h.face = h.triangles[:n], h.face[:n]
}

// indexed returns the triangles by vertices, in the order of their first use.
func (h *hull) indexed() (vertices [][3]float64, triangles [][3]int32) {
	number := map[uint64]int32{}
	for _, nodes := range h.triangles {
		var t [3]int32
		for k, n := range nodes {
			v, known := number[n]
			if !known {
				v = int32(len(vertices))
				number[n] = v
				vertices = append(vertices, h.at[n])
			}
			t[k] = v
		}
		triangles = append(triangles, t)
	}
	return vertices, triangles
}

// orient turns all triangles so that they point out of the solid, and returns the volume that they enclose: that of the
// largest shell less those within it. It reports whether every edge has two triangles; otherwise nothing is enclosed.
func (h *hull) orient() (volume float64, closed bool) {
	type side struct{ first, second int32 }
	edges := make(map[[2]uint64]side, 3*len(h.triangles)/2)
	for t, n := range h.triangles {
		for i := range 3 {
			key := edgeKey(n[i], n[(i+1)%3])
			s, known := edges[key]
			switch {
			case !known:
				s = side{int32(t), -1}
			case s.second >= 0:
				return 0, false
			default:
				s.second = int32(t)
			}
			edges[key] = s
		}
	}
	for _, s := range edges {
		if s.second < 0 {
			return 0, false
		}
	}
	var outer float64
	var shells [][]int
	var volumes []float64
	largest := -1
	done := make([]bool, len(h.triangles))
	for seed := range h.triangles {
		if done[seed] {
			continue
		}
		done[seed] = true
		shell := []int{seed}
		for i := 0; i < len(shell); i++ {
			n := h.triangles[shell[i]]
			for e := range 3 {
				a, b := n[e], n[(e+1)%3]
				s := edges[edgeKey(a, b)]
				next := int(s.first)
				if next == shell[i] {
					next = int(s.second)
				}
				if done[next] {
					continue
				}
				done[next] = true
				if follows(h.triangles[next], a, b) { // neighbours pass their common edge in opposite ways
					h.triangles[next][1], h.triangles[next][2] = h.triangles[next][2], h.triangles[next][1]
				}
				shell = append(shell, next)
			}
		}
		v := h.enclosed(shell)
		shells, volumes = append(shells, shell), append(volumes, v)
		if math.Abs(v) > outer {
			outer, largest = math.Abs(v), len(shells)-1
		}
	}
	for i, shell := range shells {
		if (volumes[i] > 0) != (i == largest) {
			for _, t := range shell {
				h.triangles[t][1], h.triangles[t][2] = h.triangles[t][2], h.triangles[t][1]
			}
		}
		if i == largest {
			volume += math.Abs(volumes[i])
		} else {
			volume -= math.Abs(volumes[i])
		}
	}
	return volume, largest >= 0
}

func edgeKey(a, b uint64) [2]uint64 { return [2]uint64{min(a, b), max(a, b)} }

// follows reports whether a triangle passes from a to b.
func follows(n [3]uint64, a, b uint64) bool {
	return n[0] == a && n[1] == b || n[1] == a && n[2] == b || n[2] == a && n[0] == b
}

func (h *hull) enclosed(shell []int) (sum float64) {
	for _, t := range shell {
		a, b, c := h.corners(t)
		for i := range 3 {
			a[i], b[i], c[i] = a[i]-h.origin[i], b[i]-h.origin[i], c[i]-h.origin[i]
		}
		n := cross(b, c)
		sum += (a[0]*n[0] + a[1]*n[1] + a[2]*n[2]) / 6
	}
	return sum
}

// losses returns what the triangles of each curved face add to the solid, as a share of its volume: less than nothing where
// the face bulges out. It takes an oriented h. Between a triangle and a face that is a paraboloid over it there are 3/4 of
// the distance at the triangle's centre, on the mean. Of each face some triangles are looked at, evenly spread.
func (h *hull) losses(volume float64, samples int) (map[int]float64, error) {
	of := map[int][]int{}
	for t, face := range h.face {
		of[face] = append(of[face], t)
	}
	out := map[int]float64{}
	for face, triangles := range of {
		f := gmsh.DimTag{Dim: 2, Tag: face}
		if kind, err := gmsh.Kind(f); err != nil || kind == "Plane" {
			continue
		}
		step := max(1, len(triangles)/samples)
		all, looked, sum := 0., 0., 0.
		for i, t := range triangles {
			a, b, c := h.corners(t)
			n := doubleArea(a, b, c)
			area := math.Sqrt(n[0]*n[0]+n[1]*n[1]+n[2]*n[2]) / 2
			all += area
			if i%step != 0 || area == 0 {
				continue
			}
			centre := [3]float64{(a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3, (a[2] + b[2] + c[2]) / 3}
			point, _, err := gmsh.ClosestPoint(f, centre)
			if err != nil {
				continue // a face that cannot be asked is blamed for nothing
			}
			looked += area
			outside := 0.
			for d := range 3 {
				outside += (point[d] - centre[d]) * n[d] / (2 * area)
			}
			sum -= outside * area * 3 / 4
		}
		if looked > 0 {
			out[face] = sum * all / looked / volume
		}
	}
	return out, nil
}
