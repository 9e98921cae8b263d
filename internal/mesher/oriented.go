package mesher

import (
	"math"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// oriented is the triangles around a solid, all counter-clockwise seen from outside.
type oriented struct {
	points    [][3]float64
	tags      []uint64 // number of each node in Gmsh's mesh
	triangles [][3]int32
	face      []int  // of each triangle
	flipped   []bool // whether Gmsh has a triangle the other way around
}

// orientedShell takes the surface mesh of a solid. CAD faces may point either way; neighbours agree where the edge that they
// share is passed in both directions, and a shell encloses a positive volume, one of a void a negative one.
func (j *job) orientedShell(s solid) (*oriented, error) {
	o := &oriented{}
	index := map[uint64]int32{}
	for _, face := range s.faces {
		tags, nodes, err := gmsh.Elements(int(mesh.Triangle3), face)
		for e := 0; e+2 < nodes.Len(); e += 3 {
			var tri [3]int32
			for k, node := range nodes.View()[e : e+3] {
				v, ok := index[node]
				if !ok {
					v = int32(len(o.tags))
					index[node] = v
					o.tags = append(o.tags, node)
				}
				tri[k] = v
			}
			o.triangles = append(o.triangles, tri)
			o.face = append(o.face, face)
		}
		tags.Free()
		nodes.Free()
		if err != nil {
			return nil, err
		}
	}
	o.points = make([][3]float64, len(o.tags))
	tags, coordinates, err := gmsh.Nodes(-1, -1)
	for i, node := range tags.View() {
		if v, ok := index[node]; ok {
			copy(o.points[v][:], coordinates.View()[3*i:3*i+3])
		}
	}
	tags.Free()
	coordinates.Free()
	if err != nil {
		return nil, err
	}
	o.orient(j.source.centre())
	return o, nil
}

func (o *oriented) orient(centre [3]float64) {
	o.flipped = make([]bool, len(o.triangles))
	edges := map[[2]int32][]int32{} // by the lower node first
	for t, tri := range o.triangles {
		for k := range tri {
			a, b := tri[k], tri[(k+1)%3]
			key := [2]int32{min(a, b), max(a, b)}
			edges[key] = append(edges[key], int32(t))
		}
	}
	shell := make([]int, len(o.triangles)) // from 1
	var volumes []float64
	for first := range o.triangles {
		if shell[first] != 0 {
			continue
		}
		number := len(volumes) + 1
		shell[first] = number
		volume := 0.
		for front := []int32{int32(first)}; len(front) > 0; {
			t := front[len(front)-1]
			front = front[:len(front)-1]
			tri := o.triangles[t]
			a, b, c := between(centre, o.points[tri[0]]), between(centre, o.points[tri[1]]), between(centre, o.points[tri[2]])
			n := cross(b, c)
			volume += (a[0]*n[0] + a[1]*n[1] + a[2]*n[2]) / 6
			for k := range tri {
				a, b := tri[k], tri[(k+1)%3]
				list := edges[[2]int32{min(a, b), max(a, b)}]
				if len(list) != 2 {
					continue // a face within the solid begins here
				}
				other := list[0] + list[1] - t
				if shell[other] != 0 {
					continue
				}
				shell[other] = number
				for i := range 3 {
					if o.triangles[other][i] == a && o.triangles[other][(i+1)%3] == b {
						o.flip(other)
						break
					}
				}
				front = append(front, other)
			}
		}
		volumes = append(volumes, volume)
	}
	outer := 0
	for i, v := range volumes {
		if math.Abs(v) > math.Abs(volumes[outer]) {
			outer = i
		}
	}
	for t := range o.triangles {
		i := shell[t] - 1
		if (i == outer) != (volumes[i] > 0) {
			o.flip(int32(t))
		}
	}
}

func (o *oriented) flip(t int32) {
	tri := &o.triangles[t]
	tri[1], tri[2] = tri[2], tri[1]
	o.flipped[t] = !o.flipped[t]
}
