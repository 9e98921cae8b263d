package layers

// ease bounds how fast the thickness changes from node to node, and drops what is too thin.
func (g *grower) ease() {
	for {
		for again := true; again; {
			again = false
			for v, neighbours := range g.next {
				if g.share[v] == 0 {
					continue
				}
				for _, w := range neighbours {
					again = g.bound(int32(v), w) || again
					again = g.bound(w, int32(v)) || again
				}
			}
		}
		dropped := false
		for v := range g.share {
			if g.share[v] > 0 && g.share[v] < leastShare {
				g.share[v], dropped = 0, true
			}
		}
		if !dropped {
			return
		}
	}
}

func (g *grower) bound(v, w int32) bool {
	if !g.wall[v] || !g.wall[w] || g.share[v] == 0 {
		return false
	}
	most := (g.share[w]*g.length[w] + steepness*norm(sub(g.Points[v], g.Points[w]))) / g.length[v]
	if g.share[v] <= most*(1+1e-9) {
		return false
	}
	g.share[v] = most
	return true
}

// widen adds the neighbours of triangles.
func (g *grower) widen(triangles []int32) []int32 {
	seen := map[int32]bool{}
	var out []int32
	for _, t := range triangles {
		for _, v := range g.Triangles[t] {
			for _, u := range g.around[v] {
				if !seen[u] {
					seen[u] = true
					out = append(out, u)
				}
			}
		}
	}
	return out
}

// reduce lowers the shares of the nodes of triangles, or of those that they follow, and reports whether it could.
func (g *grower) reduce(triangles []int32) bool {
	seen := map[int32]bool{}
	any := false
	for _, t := range triangles {
		for _, v := range g.Triangles[t] {
			if !g.wall[v] {
				if v = g.owner[v]; v < 0 {
					continue
				}
			}
			if !seen[v] && g.share[v] > 0 {
				seen[v], any = true, true
				g.share[v] *= shrink
			}
		}
	}
	return any
}
