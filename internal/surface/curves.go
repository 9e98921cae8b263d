package surface

import (
	"math"
	"slices"
)

// border is an edge between two faces, as the half-edge of the lower one.
type border struct {
	from, to int32
	faces    [2]int
}

// traceCurves makes curves of the edges between faces. A corner is where not just two of them meet, where they do not lie
// between the same faces, or where they turn.
func (f *features) traceCurves() {
	var borders []border
	at := make([][]int32, len(f.Vertices)) // borders at each vertex
	for h, g := range f.twin {
		p, q := f.patch[h/3], f.patch[g/3]
		if p >= q {
			continue
		}
		t := f.Triangles[h/3]
		b := border{from: t[h%3], to: t[(h+1)%3], faces: [2]int{int(p), int(q)}}
		at[b.from] = append(at[b.from], int32(len(borders)))
		at[b.to] = append(at[b.to], int32(len(borders)))
		borders = append(borders, b)
	}
	isCorner := make([]bool, len(f.Vertices))
	for v, list := range at {
		isCorner[v] = len(list) > 0 && (len(list) != 2 || borders[list[0]].faces != borders[list[1]].faces)
	}
	f.turns(borders, at, isCorner)

	f.Corners, f.Curves = nil, nil
	cornerOf := make([]int, len(f.Vertices))
	for v, is := range isCorner {
		if is {
			cornerOf[v] = len(f.Corners)
			f.Corners = append(f.Corners, int32(v))
		}
	}
	for _, chain := range chains(borders, at, isCorner) {
		c := Curve{Vertices: chain.vertices, Faces: borders[chain.borders[0]].faces}
		if first, last := chain.vertices[0], chain.vertices[len(chain.vertices)-1]; isCorner[first] {
			c.Corners = []int{cornerOf[first], cornerOf[last]}
		}
		for _, face := range c.Faces {
			f.Faces[face].Curves = append(f.Faces[face].Curves, len(f.Curves))
		}
		f.Curves = append(f.Curves, c)
	}
}

// chain is a row of borders from corner to corner, or a closed one without.
type chain struct {
	vertices []int32
	borders  []int32
}

func chains(borders []border, at [][]int32, isCorner []bool) (out []chain) {
	used := make([]bool, len(borders))
	walk := func(v, b int32) {
		c := chain{vertices: []int32{v}}
		for {
			used[b] = true
			c.borders = append(c.borders, b)
			v = borders[b].from + borders[b].to - v
			c.vertices = append(c.vertices, v)
			if isCorner[v] || v == c.vertices[0] {
				break
			}
			if next := at[v][0]; next != b {
				b = next
			} else {
				b = at[v][1]
			}
		}
		out = append(out, c)
	}
	for v, list := range at {
		if !isCorner[v] {
			continue
		}
		for _, b := range list {
			if !used[b] {
				walk(int32(v), b)
			}
		}
	}
	for b := range borders {
		if !used[b] {
			walk(borders[b].from, int32(b))
		}
	}
	return out
}

// turns marks as corners the vertices where a curve turns by more than the feature angle, unless it does so all the time.
func (f *features) turns(borders []border, at [][]int32, isCorner []bool) {
	limit := math.Cos(featureAngle * math.Pi / 180)
	direction := func(a, b int32) [3]float64 { return unit(sub(f.Vertices[b], f.Vertices[a])) }
	var found []int32
	for _, c := range chains(borders, at, isCorner) {
		v := c.vertices
		n := len(v) - 1
		var turning []int32
		for i := 1; i < n; i++ {
			if dot(direction(v[i-1], v[i]), direction(v[i], v[i+1])) < limit {
				turning = append(turning, v[i])
			}
		}
		if v[0] == v[n] && !isCorner[v[0]] && dot(direction(v[n-1], v[0]), direction(v[0], v[1])) < limit {
			turning = append(turning, v[0])
		}
		if len(turning) > zigzagCorners && float64(len(turning)) > zigzagShare*float64(n) {
			continue
		}
		found = append(found, turning...)
	}
	slices.Sort(found)
	for _, v := range found {
		isCorner[v] = true
	}
}
