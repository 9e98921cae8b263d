package mesh

// FaceKey names a face by its corners, in whatever order: by the lowest, and by the second lowest and the highest, 32 bits each.
// A triangle and a quadrangle are never the same.
func FaceKey(corners []uint64) (lowest, rest uint64) {
	a, b, c := corners[0], corners[1], corners[2]
	if a > b {
		a, b = b, a
	}
	if b > c {
		b, c = c, b
	}
	if a > b {
		a, b = b, a
	}
	if len(corners) == 3 {
		return a, b<<32 | c
	}
	d := corners[3]
	switch {
	case d < a:
		a, b = d, a
	case d < b:
		b = d
	case d > c:
		c = d
	}
	return a, 1<<63 | b<<32 | c
}
