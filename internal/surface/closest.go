package surface

import "math"

// closest returns the triangle nearest to p of those that face the side that n points to (any where n is null), the point
// on it and the distance; -1 where no triangle does within the given distance. normal holds the normals by triangle.
func (t *tree) closest(p, n [3]float64, normal [][3]float64, within float64) (triangle int32, point [3]float64, distance float64) {
	best := within * within
	triangle = -1
	type task struct {
		node int32
		gap  float64
	}
	var room [64]task
	stack := append(room[:0], task{0, t.nodes[0].box.gap(&p)})
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if x.gap > best || x.gap == best && triangle >= 0 {
			continue
		}
		node := &t.nodes[x.node]
		if node.left != 0 {
			a, b := task{node.left, t.nodes[node.left].box.gap(&p)}, task{node.left + 1, t.nodes[node.left+1].box.gap(&p)}
			if a.gap < b.gap {
				a, b = b, a
			}
			stack = append(stack, a, b) // the nearer is looked at first
			continue
		}
		for _, i := range t.triangles[node.first : node.first+node.count] {
			if gap := t.boxes[i].gap(&p); gap > best || dot(n, normal[i]) < 0 {
				continue
			}
			a, b, c := t.mesh.corners(t.mesh.Triangles[i])
			q := closestOnTriangle(p, a, b, c)
			d := sub(p, q)
			if square := dot(d, d); square < best || square == best && (triangle < 0 || i < triangle) {
				best, triangle, point = square, i, q
			}
		}
	}
	return triangle, point, math.Sqrt(best)
}

// gap returns the square of the distance from p to the box.
func (b *Box) gap(p *[3]float64) (sum float64) {
	for k, x := range p {
		if d := max(b.Min[k]-x, x-b.Max[k], 0); d > 0 {
			sum += d * d
		}
	}
	return sum
}

// closestOnTriangle returns the point of triangle abc nearest to p. After C. Ericson, "Real-Time Collision Detection",
// §5.1.5.
func closestOnTriangle(p, a, b, c [3]float64) [3]float64 {
	ab, ac, ap := sub(b, a), sub(c, a), sub(p, a)
	d1, d2 := dot(ab, ap), dot(ac, ap)
	if d1 <= 0 && d2 <= 0 {
		return a
	}
	bp := sub(p, b)
	d3, d4 := dot(ab, bp), dot(ac, bp)
	if d3 >= 0 && d4 <= d3 {
		return b
	}
	if vc := d1*d4 - d3*d2; vc <= 0 && d1 >= 0 && d3 <= 0 {
		return along(a, ab, d1/(d1-d3))
	}
	cp := sub(p, c)
	d5, d6 := dot(ab, cp), dot(ac, cp)
	if d6 >= 0 && d5 <= d6 {
		return c
	}
	if vb := d5*d2 - d1*d6; vb <= 0 && d2 >= 0 && d6 <= 0 {
		return along(a, ac, d2/(d2-d6))
	}
	va := d3*d6 - d5*d4
	if va <= 0 && d4-d3 >= 0 && d5-d6 >= 0 {
		return along(b, sub(c, b), (d4-d3)/((d4-d3)+(d5-d6)))
	}
	vb, vc := d5*d2-d1*d6, d1*d4-d3*d2
	total := va + vb + vc
	return along(along(a, ab, vb/total), ac, vc/total)
}

// along returns p + share·v.
func along(p, v [3]float64, share float64) [3]float64 {
	return [3]float64{p[0] + share*v[0], p[1] + share*v[1], p[2] + share*v[2]}
}
