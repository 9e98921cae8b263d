// Package improve makes poor tetrahedra better, and leaves the others alone.
//
// The measure is gamma, 3·inradius/circumradius (package quality). Tetrahedra below a target wait in a queue, the worst
// first. For each, the first of these that lifts the smallest gamma of all that it touches is done:
//
//	reconnect  an edge is removed: the tetrahedra around it are replaced by the best that their ring of nodes allows; or
//	           a face is, so that two tetrahedra become three
//	smooth     a node moves to where the smallest gamma around it is largest, one on a plane face within the face if it may
//	contract   a node is merged into a neighbour
//	insert     a new node takes the place of a cavity around the tetrahedron
//
// After Freitag and Ollivier-Gooch, "Tetrahedral mesh improvement using swapping and smoothing" (1997), and Klingner and
// Shewchuk, "Aggressive tetrahedral mesh improvement" (2007).
//
// What holds: triangles of the surface and of interfaces between solids stay, and so do the places of all nodes on them
// but those that may slide in a plane; every solid keeps its volume; tetrahedra go on to share faces; the smallest gamma never falls; and the same mesh always becomes
// the same. The cost follows the number of poor tetrahedra, and is bounded in relation to the number of all.
package improve

import "time"

// Mesh is tetrahedra and the surface that they keep. A node is named by its place in XYZ.
type Mesh struct {
	XYZ       []float64 // x, y, z of each node
	Dim       []int8    // dimension of the entity that each node lies on: those of 3, within a solid, may be moved and left out
	Tets      [][4]int32
	Solids    []int32    // the solid of each tetrahedron
	Triangles [][3]int32 // the surface, and the interfaces between solids
	Lines     [][2]int32 // edges of curves, which stay

	// Planes names, for each triangle, the plane face whose inner nodes, those of dimension 2, may slide in it; -1 where they
	// may not. Nil is none. Whether a face is plane is looked at.
	Planes []int32
	Slid   []int32 // set by Improve: the nodes that slid
}

// Options bound the work.
type Options struct {
	Target float64       // tetrahedra of a smaller gamma are worked on; 0 takes DefaultTarget
	Effort float64       // gammas that may be computed, for each tetrahedron of the mesh; 0 takes DefaultEffort
	Time   time.Duration // when to stop at the latest; 0 is never. A run that is stopped by it is not to be repeated exactly
}

const (
	// DefaultTarget is about the gamma that the worst tetrahedra of a mesh without constraints come to.
	DefaultTarget = 0.6
	// DefaultEffort bounds the cost to about a quarter of a Delaunay mesher's: a gamma takes some 45 ns, making a tetrahedron
	// some 20 µs. Simple parts need a third of it; on assemblies of small parts, the worst tetrahedra gain nothing by more.
	DefaultEffort = 120
)

// Report is what was done.
type Report struct {
	Poor   int // tetrahedra below the target at first
	Tried  int // tetrahedra looked at
	Gammas int // computed, about

	Edges, Faces, Moved, Contracted, Inserted int // changes by kind

	Before, After float64 // the smallest gamma
	Stopped       bool    // by one of the bounds, before all was tried
	OutOfTime     bool    // it was the bound on time
}

// Changed returns the number of changes.
func (r *Report) Changed() int { return r.Edges + r.Faces + r.Moved + r.Contracted + r.Inserted }

// Improve improves the mesh in place. Nodes may be added at the end of XYZ, and some may be left that no tetrahedron has.
// It fails where the tetrahedra are no mesh: three of them at a face.
func Improve(mesh *Mesh, options Options) (Report, error) {
	if options.Target == 0 {
		options.Target = DefaultTarget
	}
	if options.Effort == 0 {
		options.Effort = DefaultEffort
	}
	m, err := triangulate(mesh)
	if err != nil {
		return Report{}, err
	}
	w := &improver{
		triangulation: m, target: options.Target,
		gammas: int(options.Effort * float64(len(mesh.Tets))),
	}
	if options.Time > 0 {
		w.deadline = time.Now().Add(options.Time)
	}
	w.report.Before = m.smallest()
	w.run()
	w.report.After, w.report.Gammas = m.smallest(), m.gammas
	m.write(mesh)
	return w.report, nil
}

// improver is one run.
type improver struct {
	*triangulation
	target   float64
	gammas   int       // that may be computed
	deadline time.Time // zero is never
	queue    queue     // of those that are poor
	stuck    queue     // of those that only a new node can help
	report   Report
}

// clockTicks is how many tetrahedra pass between looks at the clock.
const clockTicks = 256

func (w *improver) run() {
	for i := range w.tets {
		w.wait(int32(i))
	}
	w.report.Poor = len(w.queue)
	for {
		var step func(int32) bool
		var e entry
		switch {
		case len(w.queue) > 0:
			e, step = w.queue.pop(), w.better
		case len(w.stuck) > 0:
			e, step = w.stuck.pop(), w.crowd
		default:
			return
		}
		if t := &w.tets[e.t]; t.v[0] == none || t.turn != e.turn {
			continue
		}
		w.report.Tried++
		w.report.OutOfTime = !w.deadline.IsZero() && w.report.Tried%clockTicks == 0 && time.Now().After(w.deadline)
		if w.report.OutOfTime || w.triangulation.gammas > w.gammas {
			w.report.Stopped = true
			return
		}
		step(e.t)
	}
}

// wait queues a tetrahedron if it is poor.
func (w *improver) wait(t int32) {
	if e := &w.tets[t]; e.v[0] != none && e.q < w.target {
		w.queue.push(entry{e.q, t, e.turn})
	}
}

// better lifts a poor tetrahedron with the nodes that there are, or else leaves it to crowd.
func (w *improver) better(t int32) bool {
	changed := &w.made
	switch {
	case w.reconnect(t):
	case w.relocate(t):
		w.report.Moved++
		changed = &w.set
	case w.merge(t):
		w.report.Contracted++
	default:
		e := &w.tets[t]
		w.stuck.push(entry{e.q, t, e.turn})
		return false
	}
	for _, c := range *changed {
		w.wait(c)
	}
	return true
}

// crowd lifts a poor tetrahedron by a new node.
func (w *improver) crowd(t int32) bool {
	if !w.room(t) || !w.insert(t) {
		return false
	}
	w.report.Inserted++
	for _, c := range w.made {
		w.wait(c)
	}
	return true
}

// relocate moves the first node of t that has a better place.
func (w *improver) relocate(t int32) bool {
	for _, node := range w.tets[t].v {
		if w.smooth(node) {
			return true
		}
	}
	return false
}

// merge contracts the first node of t for which that helps.
func (w *improver) merge(t int32) bool {
	for _, node := range w.tets[t].v {
		if w.contract(node) {
			return true
		}
	}
	return false
}

// reconnect makes the best of all removals of an edge or of a face of t.
func (w *improver) reconnect(t int32) bool {
	best, edge, face := 0., none, none
	for i, e := range edges {
		if !w.around(t, e[0], e[1], &w.ring) {
			continue
		}
		if g := w.plan(&w.ring, max(best, enough(w.worst(w.ring.tets)))); g > best {
			best, edge = g, i
		}
	}
	for i := range 4 {
		if g := w.flip(t, i, best); g > best {
			best, face = g, i
		}
	}
	switch {
	case face != none:
		w.made = w.replace(w.set, w.births, w.made[:0])
		w.report.Faces++
	case edge != none:
		w.around(t, edges[edge][0], edges[edge][1], &w.ring)
		w.plan(&w.ring, enough(w.worst(w.ring.tets)))
		w.births = w.planned(&w.ring, 0, len(w.ring.nodes)-1, w.tets[t].solid, w.births[:0])
		w.made = w.replace(w.ring.tets, w.births, w.made[:0])
		w.report.Edges++
	default:
		return false
	}
	return true
}

// leastGain is by how much a change has to lift the smallest gamma, relatively, to be made: an end to ever smaller steps.
const leastGain = 0.02

// enough is the gamma that a change has to exceed where the smallest was old.
func enough(old float64) float64 { return old + max(leastGain*old, 1e-9) }
