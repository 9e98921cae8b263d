package improve

// entry is a tetrahedron that waits to be improved.
type entry struct {
	q    float64
	t    int32
	turn uint32 // of the tetrahedron when it was put in: with another, the entry is stale
}

// queue is a heap of tetrahedra, the worst first; among equals the lower number, so that the order is always the same.
type queue []entry

func (a entry) before(b entry) bool { return a.q < b.q || a.q == b.q && a.t < b.t }

func (h *queue) push(e entry) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			break
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *queue) pop() entry {
	s := *h
	top := s[0]
	last := len(s) - 1
	s[0] = s[last]
	s = s[:last]
	*h = s
	i := 0
	for {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && s[down+1].before(s[down]) {
			down++
		}
		if !s[down].before(s[i]) {
			break
		}
		s[i], s[down] = s[down], s[i]
		i = down
	}
	return top
}
