package surface

// sized is a vertex in a queue by its size.
type sized struct {
	size   float64
	vertex int32
}

type sizeQueue []sized

func (q sizeQueue) Len() int { return len(q) }
func (q sizeQueue) Less(i, j int) bool {
	return q[i].size < q[j].size || q[i].size == q[j].size && q[i].vertex < q[j].vertex
}
func (q sizeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *sizeQueue) Push(x any)   { *q = append(*q, x.(sized)) }
func (q *sizeQueue) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}

// ratedEdge is an edge in a queue; it is stale if the half-edge does not run between the two vertices any more.
type ratedEdge struct {
	rate           float64
	half, from, to int32
}

type edgeQueue []ratedEdge

func (q edgeQueue) Len() int { return len(q) }
func (q edgeQueue) Less(i, j int) bool {
	return q[i].rate < q[j].rate || q[i].rate == q[j].rate && q[i].half < q[j].half
}
func (q edgeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *edgeQueue) Push(x any)   { *q = append(*q, x.(ratedEdge)) }
func (q *edgeQueue) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}
