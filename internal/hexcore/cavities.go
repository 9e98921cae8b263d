package hexcore

import "slices"

// openCavities drops cubes so that what is left between them and the surface hangs together: around each cavity within the
// cubes, such as one around a void of the part, those of a shortest way out.
func (g *grid) openCavities() {
	label := make([]int32, len(g.take)) // of cubes that are not taken: 1 where they reach the border of the grid
	var set []int
	grow := func(seed int, name int32) {
		label[seed] = name
		set = append(set[:0], seed)
		for k := 0; k < len(set); k++ {
			for _, next := range g.neighbours(set[k]) {
				if next >= 0 && !g.take[next] && label[next] == 0 {
					label[next] = name
					set = append(set, next)
				}
			}
		}
	}
	outside := func(i int) bool { return slices.Contains(g.neighbours(i), -1) }
	for i, taken := range g.take {
		if !taken && label[i] == 0 && outside(i) {
			grow(i, 1)
		}
	}
	for i, taken := range g.take {
		if taken || label[i] != 0 {
			continue
		}
		grow(i, 2)
		for _, cube := range g.wayOut(set, label) {
			g.take[cube], label[cube] = false, 1
		}
		for _, c := range set {
			label[c] = 1
		}
	}
}

// wayOut returns the fewest cubes between a cavity and the space that is labelled 1, or the border of the grid.
func (g *grid) wayOut(cavity []int, label []int32) (way []int) {
	from := map[int]int{}
	queue := slices.Clone(cavity)
	for _, c := range cavity {
		from[c] = -1
	}
	for k := 0; k < len(queue); k++ {
		for _, next := range g.neighbours(queue[k]) {
			if next < 0 || !g.take[next] && label[next] == 1 {
				for at := queue[k]; from[at] >= 0; at = from[at] {
					way = append(way, at)
				}
				return way
			}
			if _, seen := from[next]; !seen {
				from[next] = queue[k]
				queue = append(queue, next)
			}
		}
	}
	return nil
}
