package field

import "math"

// tree is a bounding volume hierarchy over triangles.
type tree struct {
	nodes []node
	order []int32 // the triangles in the order of the leaves
}

// node is a box of the tree: its triangles are order[first : first+count]. The kernels read it as field_node.
type node struct {
	min, max     [3]float64
	left         int32 // its children are left and left+1; 0 for a leaf
	first, count int32
	_            int32
}

// leafSize is how many triangles a leaf holds at most.
const leafSize = 4

// newTree builds the tree of triangles from to to-1.
func (s *Surface) newTree(from, to int) *tree {
	n := to - from
	t := &tree{order: make([]int32, n), nodes: make([]node, 1, n)}
	b := treeBuild{tree: t, boxes: make([]box, n), from: from, centres: make([][3]float64, n)}
	for i := range t.order {
		t.order[i] = int32(from + i)
		p, q, r := s.corners(int32(from + i))
		for k := range 3 {
			lo, hi := min(p[k], q[k], r[k]), max(p[k], q[k], r[k])
			b.boxes[i].min[k], b.boxes[i].max[k] = lo, hi
			b.centres[i][k] = lo/2 + hi/2
		}
	}
	t.nodes[0] = node{count: int32(n)}
	for i := 0; i < len(t.nodes); i++ {
		b.split(int32(i))
	}
	return t
}

type box struct{ min, max [3]float64 }

type treeBuild struct {
	*tree
	from    int
	boxes   []box
	centres [][3]float64
}

func (b *treeBuild) centre(t int32, axis int) float64 { return b.centres[int(t)-b.from][axis] }

// split computes the box of a node and gives it two children, unless it is small enough to be a leaf.
func (b *treeBuild) split(i int32) {
	n := &b.nodes[i]
	list := b.order[n.first : n.first+n.count]
	inf := math.Inf(1)
	n.min, n.max = [3]float64{inf, inf, inf}, [3]float64{-inf, -inf, -inf}
	low, high := n.min, n.max
	for _, t := range list {
		box, c := &b.boxes[int(t)-b.from], &b.centres[int(t)-b.from]
		for k := range 3 {
			n.min[k], n.max[k] = min(n.min[k], box.min[k]), max(n.max[k], box.max[k])
			low[k], high[k] = min(low[k], c[k]), max(high[k], c[k])
		}
	}
	if n.count <= leafSize {
		return
	}
	axis := 0
	for k := 1; k < 3; k++ {
		if high[k]-low[k] > high[axis]-low[axis] {
			axis = k
		}
	}
	// halve the space, or the list where that leaves one side nearly empty: the depth stays logarithmic
	middle := low[axis]/2 + high[axis]/2
	cut := int32(b.partition(list, func(t int32) bool { return b.centre(t, axis) < middle }))
	if cut < n.count/8 || cut > n.count-n.count/8 || cut == 0 || cut == n.count {
		cut = n.count / 2
		b.selectAt(list, int(cut), axis)
	}
	n.left = int32(len(b.nodes))
	first, count := n.first, n.count
	b.nodes = append(b.nodes, node{first: first, count: cut}, node{first: first + cut, count: count - cut})
}

// partition moves the triangles for which before holds to the front and returns their number.
func (b *treeBuild) partition(list []int32, before func(int32) bool) int {
	n := 0
	for i, t := range list {
		if before(t) {
			list[n], list[i] = list[i], list[n]
			n++
		}
	}
	return n
}

// selectAt orders the list so that no centre before position k is beyond one at or after it.
func (b *treeBuild) selectAt(list []int32, k, axis int) {
	low, high := 0, len(list)
	for high-low > 1 {
		pivot := b.centre(list[(low+high)/2], axis)
		less := low + b.partition(list[low:high], func(t int32) bool { return b.centre(t, axis) < pivot })
		equal := less + b.partition(list[less:high], func(t int32) bool { return b.centre(t, axis) == pivot })
		switch {
		case k < less:
			high = less
		case k < equal:
			return
		default:
			low = equal
		}
	}
}
