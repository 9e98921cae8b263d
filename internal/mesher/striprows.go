package mesher

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// meshStrips gives each strip that has no triangles its rows, once the curves are divided, and hides it: Gmsh meshes what it sees.
func (j *job) meshStrips() error {
	if len(j.strips) == 0 {
		return nil
	}
	next, err := nextNode()
	if err != nil {
		return err
	}
	var faces []gmsh.DimTag
	for i := range j.strips {
		face := gmsh.DimTag{Dim: 2, Tag: j.strips[i].face}
		faces = append(faces, face)
		if types, err := gmsh.ElementTypes(2, face.Tag); err != nil {
			return err
		} else if len(types) > 0 {
			continue
		}
		if next, err = j.strips[i].mesh(next); err != nil { // who is blamed is no strip the next time
			return j.failed(diagnosis.SurfaceMeshingFailed, "A face could not be meshed in rows.", faces[i:], err)
		}
	}
	if err := gmsh.SetVisibility(false, faces...); err != nil {
		return err
	}
	return set([]option{{"Mesh.MeshOnlyVisible", 1}, {"Mesh.Renumber", 0}}) // as meshOnly
}

// stripTriangles returns how many triangles the strips have.
func (j *job) stripTriangles() (n int) {
	for _, p := range j.strips {
		n += 2 * p.edges * p.rows
	}
	return n
}

// isStrip reports whether a face is meshed in rows.
func (j *job) isStrip(face int) bool {
	return slices.ContainsFunc(j.strips, func(p strip) bool { return p.face == face })
}

// knot is a node of a strip, with its place and its parameters there.
type knot struct {
	node  uint64
	place [3]float64
	at    [2]float64
}

// mesh makes the nodes and triangles of a strip, with nodes numbered from next on; it returns the number after them.
func (p *strip) mesh(next uint64) (uint64, error) {
	face := gmsh.DimTag{Dim: 2, Tag: p.face}
	low, high, err := gmsh.ParameterBounds(face)
	if err != nil {
		return next, err
	}
	k, l := p.around, 1-p.around
	var of [4][]knot // nodes on the curves, their ends too
	for i, curve := range []int{p.near, p.far, p.left, p.right} {
		if of[i], err = p.knots(curve); err != nil {
			return next, err
		}
	}
	near, far, left, right := of[0], of[1], of[2], of[3]
	closed, ring := p.left == p.right, p.near == p.far
	// Each curve is turned so that it goes from the near end to the far one, or from left to right.
	if left[0].node != near[0].node && left[0].node != near[len(near)-1].node {
		slices.Reverse(left)
	}
	start := left[0].node
	if right[0].node != near[0].node && right[0].node != near[len(near)-1].node {
		slices.Reverse(right)
	}
	if near[0].node != start {
		slices.Reverse(near)
	}
	if far[0].node != left[len(left)-1].node {
		slices.Reverse(far)
	}
	if len(near) != len(far) || len(left) != len(right) {
		return next, fmt.Errorf("face %d: %d and %d nodes at its ends, %d and %d at its sides", p.face, len(near), len(far), len(left), len(right))
	}
	// Parameters count from the left side, and from the near end; those of what closes grow up to the whole period.
	period := [2]float64{high[0] - low[0], high[1] - low[1]}
	inner := func(list []knot, along int, closes bool) []float64 {
		out := make([]float64, len(list))
		from := list[0].at[along]
		for i := range list {
			out[i] = list[i].at[along] - from
			if closes {
				out[i] = math.Mod(out[i]+2*period[along], period[along])
			}
		}
		return out
	}
	a, b, rows := inner(near, k, closed), inner(far, k, closed), inner(left, l, ring)
	if closed { // both arcs go the same way around: that of growing parameters
		for _, arc := range []struct {
			list []knot
			at   []float64
		}{{near, a}, {far, b}} {
			n := len(arc.list) - 1
			arc.at[0], arc.at[n] = 0, period[k]
			if n > 2 && arc.at[1] > arc.at[n-1] {
				slices.Reverse(arc.list)
				slices.Reverse(arc.at[1:n])
			}
		}
	}
	if ring {
		n := len(rows) - 1
		rows[0], rows[n] = 0, period[l]
		if n > 2 && rows[1] > rows[n-1] {
			slices.Reverse(left)
			slices.Reverse(right)
			slices.Reverse(rows[1:n])
		}
	}
	for _, list := range [][]float64{a, b, rows} {
		if !monotonous(list) {
			return next, fmt.Errorf("face %d: its parameters do not run along its curves", p.face)
		}
	}
	columns, last := len(near)-1, len(rows)-1
	grid := make([][]knot, last+1)
	var tags []uint64
	var places, parameters []float64
	for r := range grid {
		grid[r] = make([]knot, columns+1)
		for c := range grid[r] {
			switch {
			case c == 0:
				grid[r][c] = left[r]
			case c == columns:
				grid[r][c] = right[r]
			case r == 0:
				grid[r][c] = near[c]
			case r == last:
				grid[r][c] = far[c]
			default:
				share := rows[r] / rows[last]
				var at [2]float64
				at[k] = left[0].at[k] + (1-share)*a[c] + share*b[c]
				at[l] = near[0].at[l] + rows[r]
				for d := range at { // within the bounds, whichever side of a seam the first node was told to be on
					if (closed && d == k || ring && d == l) && at[d] > high[d] {
						at[d] -= period[d]
					}
				}
				place, err := gmsh.Point(gmsh.DimTag{Dim: 2, Tag: p.face}, at[0], at[1])
				if err != nil {
					return next, err
				}
				grid[r][c] = knot{node: next, place: place}
				tags, places, parameters = append(tags, next), append(places, place[:]...), append(parameters, at[:]...)
				next++
			}
		}
	}
	if err := gmsh.AddNodesWithParameters(2, p.face, tags, places, parameters); err != nil {
		return next, err
	}
	forward := (k == 0) == ((a[columns] > 0) == (rows[last] > 0))
	return next, gmsh.AddElements(p.face, int(mesh.Triangle3), rowTriangles(grid, forward))
}

// rowTriangles cuts the quadrangles of a grid in two: along the shorter diagonal, and where both are as long along one and the other in
// turn.
func rowTriangles(grid [][]knot, forward bool) (corners []uint64) {
	const alike = 1e-3
	for r := range len(grid) - 1 {
		for c := range len(grid[r]) - 1 {
			w, x, y, z := &grid[r][c], &grid[r][c+1], &grid[r+1][c+1], &grid[r+1][c]
			if !forward {
				x, z = z, x
			}
			one, other := distance(w.place, y.place), distance(x.place, z.place)
			first := one < other
			if math.Abs(one-other) < alike*one {
				first = (r+c)%2 == 0
			}
			if first {
				corners = append(corners, w.node, x.node, y.node, w.node, y.node, z.node)
			} else {
				corners = append(corners, w.node, x.node, z.node, x.node, y.node, z.node)
			}
		}
	}
	return corners
}

// monotonous reports whether a list only grows or only falls.
func monotonous(list []float64) bool {
	up := slices.IsSortedFunc(list, func(a, b float64) int { return cmp.Compare(a, b) })
	down := slices.IsSortedFunc(list, func(a, b float64) int { return cmp.Compare(b, a) })
	return up != down
}

// knots returns the nodes on a curve in order, from one end to the other.
func (p *strip) knots(curve int) ([]knot, error) {
	e := gmsh.DimTag{Dim: 1, Tag: curve}
	tags, places, parameters, err := gmsh.NodesWithParameters(1, curve)
	if err != nil {
		return nil, err
	}
	ends, err := gmsh.Boundary([]gmsh.DimTag{e}, false)
	if err != nil {
		return nil, err
	}
	if len(ends) != 2 {
		return nil, fmt.Errorf("curve %d has %d ends", curve, len(ends))
	}
	order := make([]int, len(tags))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(parameters[a], parameters[b]) })
	low, high, err := gmsh.ParameterBounds(e)
	if err != nil {
		return nil, err
	}
	list := make([]knot, 0, len(tags)+2)
	var at []float64
	end := func(point int, parameter float64) error {
		node, place, err := nodeOfPoint(abs(point))
		list, at = append(list, knot{node: node, place: place}), append(at, parameter)
		return err
	}
	if err := end(ends[0].Tag, low[0]); err != nil {
		return nil, err
	}
	for _, i := range order {
		list, at = append(list, knot{node: tags[i], place: [3]float64(places[3*i : 3*i+3])}), append(at, parameters[i])
	}
	if err := end(ends[1].Tag, high[0]); err != nil {
		return nil, err
	}
	on, err := gmsh.ParametersOnFace(curve, at, p.face)
	if err != nil {
		return nil, err
	}
	if len(on) != 2*len(list) {
		return nil, fmt.Errorf("face %d: %d parameters of %d nodes", p.face, len(on), len(list))
	}
	for i := range list {
		list[i].at = [2]float64{on[2*i], on[2*i+1]}
	}
	return list, nil
}

func nodeOfPoint(point int) (node uint64, place [3]float64, err error) {
	tags, places, err := gmsh.Nodes(0, point)
	defer tags.Free()
	defer places.Free()
	if err != nil {
		return 0, place, err
	}
	if tags.Len() != 1 {
		return 0, place, fmt.Errorf("point %d has %d nodes", point, tags.Len())
	}
	return tags.View()[0], [3]float64(places.View()), nil
}
