package surface

import "math"

// tree is a bounding volume hierarchy over the triangles of a surface.
type tree struct {
	mesh      *Mesh
	nodes     []node
	triangles []int32 // in the order of the leaves
	boxes     []Box   // of each triangle, by its index
}

// node covers triangles[first:first+count]; an inner node's children are at left and left+1.
type node struct {
	box          Box
	left         int32 // 0 for a leaf: the root is nobody's child
	first, count int32
}

const leafSize = 4

func newTree(m *Mesh) *tree {
	t := &tree{mesh: m, triangles: make([]int32, len(m.Triangles)), boxes: make([]Box, len(m.Triangles))}
	for i, tri := range m.Triangles {
		t.triangles[i] = int32(i)
		t.boxes[i] = emptyBox()
		for _, v := range tri {
			t.boxes[i].add(m.Vertices[v])
		}
	}
	t.nodes = make([]node, 1, len(m.Triangles))
	t.nodes[0] = node{count: int32(len(m.Triangles))}
	for pending := []int32{0}; len(pending) > 0; {
		n := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if t.split(n) {
			left := t.nodes[n].left
			pending = append(pending, left, left+1)
		}
	}
	return t
}

// split computes the box of a node and gives it two children, unless it is small enough to be a leaf.
func (t *tree) split(n int32) bool {
	first, count := t.nodes[n].first, t.nodes[n].count
	list := t.triangles[first : first+count]
	box, centres := emptyBox(), emptyBox()
	for _, i := range list {
		box.join(t.boxes[i])
		centres.add(t.boxes[i].centre())
	}
	t.nodes[n].box = box
	if count <= leafSize {
		return false
	}
	axis := 0
	for k := 1; k < 3; k++ {
		if centres.Max[k]-centres.Min[k] > centres.Max[axis]-centres.Min[axis] {
			axis = k
		}
	}
	// halve the space, or the list where that leaves one side nearly empty: the depth stays logarithmic
	middle := (centres.Min[axis] + centres.Max[axis]) / 2
	cut := int32(t.partition(list, func(i int32) bool { return t.boxes[i].centre()[axis] < middle }))
	if cut < count/16 || cut > count-count/16 {
		cut = count / 2
		t.selectAt(list, int(cut), axis)
	}
	left := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{first: first, count: cut}, node{first: first + cut, count: count - cut})
	t.nodes[n].left = left
	return true
}

// partition moves the triangles for which before holds to the front and returns their number.
func (t *tree) partition(list []int32, before func(int32) bool) int {
	n := 0
	for i, x := range list {
		if before(x) {
			list[n], list[i] = list[i], list[n]
			n++
		}
	}
	return n
}

// selectAt orders the list so that no centre before position k is beyond one at or after it (quickselect).
func (t *tree) selectAt(list []int32, k, axis int) {
	at := func(i int32) float64 { return t.boxes[i].centre()[axis] }
	low, high := 0, len(list)
	for high-low > 1 {
		pivot := at(list[(low+high)/2])
		less := low + t.partition(list[low:high], func(i int32) bool { return at(i) < pivot })
		equal := less + t.partition(list[less:high], func(i int32) bool { return at(i) == pivot })
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

// overlaps yields the pairs of triangles whose boxes overlap, each once, until yield returns false.
func (t *tree) overlaps(yield func(a, b int32) bool) {
	type task struct{ a, b int32 }
	stack := []task{{0, 0}}
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		a, b := &t.nodes[x.a], &t.nodes[x.b]
		if x.a == x.b {
			if a.left != 0 {
				stack = append(stack, task{a.left, a.left}, task{a.left + 1, a.left + 1}, task{a.left, a.left + 1})
				continue
			}
			list := t.triangles[a.first : a.first+a.count]
			for i, p := range list {
				for _, q := range list[i+1:] {
					if t.boxes[p].overlaps(&t.boxes[q]) && !yield(p, q) {
						return
					}
				}
			}
			continue
		}
		if !a.box.overlaps(&b.box) {
			continue
		}
		switch {
		case a.left != 0 && (b.left == 0 || a.count >= b.count):
			stack = append(stack, task{a.left, x.b}, task{a.left + 1, x.b})
		case b.left != 0:
			stack = append(stack, task{x.a, b.left}, task{x.a, b.left + 1})
		default:
			for _, p := range t.triangles[a.first : a.first+a.count] {
				for _, q := range t.triangles[b.first : b.first+b.count] {
					if t.boxes[p].overlaps(&t.boxes[q]) && !yield(p, q) {
						return
					}
				}
			}
		}
	}
}

// along yields the triangles whose boxes the segment from p to q may meet.
func (t *tree) along(p, q *[3]float64) func(yield func(i int32) bool) {
	return func(yield func(i int32) bool) {
		stack := []int32{0}
		for len(stack) > 0 {
			n := &t.nodes[stack[len(stack)-1]]
			stack = stack[:len(stack)-1]
			if !n.box.mayMeet(p, q) {
				continue
			}
			if n.left != 0 {
				stack = append(stack, n.left, n.left+1)
				continue
			}
			for _, i := range t.triangles[n.first : n.first+n.count] {
				if t.boxes[i].mayMeet(p, q) && !yield(i) {
					return
				}
			}
		}
	}
}

// mayMeet reports whether the segment from p to q meets the box or passes it so closely that rounding could decide.
func (b *Box) mayMeet(p, q *[3]float64) bool {
	enter, leave := 0.0, 1.0
	for k := range 3 {
		d := q[k] - p[k]
		// widened by far more than the rounding of the quotients
		slack := 1e-12 * (math.Abs(p[k]) + math.Abs(q[k]) + math.Abs(b.Min[k]) + math.Abs(b.Max[k]))
		low, high := b.Min[k]-slack-p[k], b.Max[k]+slack-p[k]
		if d == 0 {
			if low > 0 || high < 0 {
				return false
			}
			continue
		}
		low, high = low/d, high/d
		enter, leave = max(enter, min(low, high)), min(leave, max(low, high))
	}
	return enter <= leave
}
