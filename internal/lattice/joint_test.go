package lattice

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"meshgen/internal/field"
)

// assembly is solids that share faces.
type assembly struct {
	part
	sides   map[int32]Sides
	volumes []float64
}

// bound adds a flat polygon between two solids, a face of its own; seen from outside, or from the second, its corners are counter-clockwise.
func (a *assembly) bound(first, second int32, corners ...[3]float64) {
	face := int32(len(a.sides) + 1)
	a.sides[face] = Sides{first, second}
	at := make([]int32, len(corners))
	for i, p := range corners {
		at[i] = int32(slices.Index(a.vertices, p))
		if at[i] < 0 {
			at[i] = int32(len(a.vertices))
			a.vertices = append(a.vertices, p)
		}
	}
	for i := 2; i < len(at); i++ {
		a.add(face, at[0], at[i-1], at[i])
	}
}

// row is boxes side by side along x.
func row(lengths ...float64) *assembly {
	a := &assembly{sides: map[int32]Sides{}}
	x, last := 0., int32(len(lengths)-1)
	for i, l := range lengths {
		n, y := int32(i), x+l
		if i == 0 {
			a.bound(n, Nobody, [3]float64{x, 0, 0}, [3]float64{x, 0, 1}, [3]float64{x, 1, 1}, [3]float64{x, 1, 0})
		}
		a.bound(n, Nobody, [3]float64{x, 0, 0}, [3]float64{y, 0, 0}, [3]float64{y, 0, 1}, [3]float64{x, 0, 1})
		a.bound(n, Nobody, [3]float64{x, 1, 0}, [3]float64{x, 1, 1}, [3]float64{y, 1, 1}, [3]float64{y, 1, 0})
		a.bound(n, Nobody, [3]float64{x, 0, 0}, [3]float64{x, 1, 0}, [3]float64{y, 1, 0}, [3]float64{y, 0, 0})
		a.bound(n, Nobody, [3]float64{x, 0, 1}, [3]float64{y, 0, 1}, [3]float64{y, 1, 1}, [3]float64{x, 1, 1})
		next := n + 1
		if n == last {
			next = Nobody
		}
		a.bound(n, next, [3]float64{y, 0, 0}, [3]float64{y, 1, 0}, [3]float64{y, 1, 1}, [3]float64{y, 0, 1})
		a.volumes = append(a.volumes, l)
		x = y
	}
	return a
}

// pie is a prism of sectors that meet along its axis.
func pie(corners [][2]float64, height float64) *assembly {
	a := &assembly{sides: map[int32]Sides{}}
	n := len(corners)
	up := func(p [2]float64, z float64) [3]float64 { return [3]float64{p[0], p[1], z} }
	var o [2]float64
	for i, p := range corners {
		q, s := corners[(i+1)%n], int32(i)
		a.bound(s, Nobody, up(p, 0), up(q, 0), up(q, height), up(p, height))
		a.bound(s, Nobody, up(o, 0), up(q, 0), up(p, 0))
		a.bound(s, Nobody, up(o, height), up(p, height), up(q, height))
		before := int32((i + n - 1) % n)
		if before < s {
			a.bound(before, s, up(o, 0), up(o, height), up(p, height), up(p, 0))
		} else {
			a.bound(s, before, up(o, 0), up(p, 0), up(p, height), up(o, height))
		}
		a.volumes = append(a.volumes, height*(p[0]*q[1]-p[1]*q[0])/2)
	}
	return a
}

// inclusion is a ball within a box.
func inclusion(radius float64) *assembly {
	a := row(2)
	for i, v := range a.vertices {
		a.vertices[i] = [3]float64{v[0] - 1, 2*v[1] - 1, 2*v[2] - 1}
	}
	a.within(ballOf(64, 32, radius))
	a.volumes[0] = 8 - a.volumes[1]
	return a
}

// within adds a solid inside of the first, as one face.
func (a *assembly) within(vertices [][3]float64, triangles [][3]int32) {
	face, first := int32(len(a.sides)+1), int32(len(a.vertices))
	a.sides[face] = Sides{0, 1}
	a.vertices = append(a.vertices, vertices...)
	volume := 0.
	for _, t := range triangles {
		a.add(face, first+t[0], first+t[2], first+t[1])
		volume += dot(cross(vertices[t[0]], vertices[t[1]]), vertices[t[2]]) / 6
	}
	a.volumes = append(a.volumes, volume)
}

// withinFaces adds a solid inside of the first, with the faces of a part.
func (a *assembly) withinFaces(p *part) {
	last, first := int32(len(a.sides)), int32(len(a.vertices))
	a.vertices = append(a.vertices, p.vertices...)
	for i, t := range p.triangles {
		a.sides[last+p.face[i]] = Sides{0, 1}
		a.add(last+p.face[i], first+t[0], first+t[2], first+t[1])
	}
	a.volumes = append(a.volumes, p.volume/8)
}

// divided is an assembly as one mesh.
type divided struct {
	*Mesh
	Kept
	faces   []int32
	h       float64
	joint   *Joint
	volumes []float64
}

func (a *assembly) joint(t testing.TB, threads int) *Joint {
	t.Helper()
	var solids []*field.Surface
	for i := range a.volumes {
		var own [][3]int32
		for k, v := range a.triangles {
			switch s := a.sides[a.face[k]]; int32(i) {
			case s[0]:
				own = append(own, v)
			case s[1]:
				own = append(own, [3]int32{v[0], v[2], v[1]})
			}
		}
		solids = append(solids, prepared(t, a.vertices, own))
	}
	j, err := NewJoint(a.vertices, a.triangles, a.face, a.sides, solids, threads)
	if err != nil {
		t.Fatal(err)
	}
	j.SetThreads(threads)
	return j
}

func (a *assembly) divide(t testing.TB, tets, threads int) divided {
	t.Helper()
	total := 0.
	for _, v := range a.volumes {
		total += v
	}
	d := divided{h: Edge(total, tets), joint: a.joint(t, threads)}
	m := &Mesher{Threads: threads}
	t.Cleanup(m.Free)
	var err error
	if d.Mesh, err = m.Fill(d.joint.Outside, d.h, d.joint.Graded(Grading{Levels: MaxLevels}, d.h)); err != nil {
		t.Fatal(err)
	}
	faces, kept := d.Mesh.Keep(d.joint.Outside, d.h, d.joint.Outline, d.joint.OutsideFaces())
	if d.faces, d.Kept, err = d.Mesh.Divide(d.joint, d.h, faces, kept); errors.Is(err, ErrDivide) {
		return d
	} else if err != nil {
		t.Fatal(err)
	}
	d.volumes = d.Volumes(len(a.volumes))
	return d
}

// check looks whether a mesh is one of the assembly: conforming, each solid closed by triangles of its own faces, and in shape.
func (d divided) check(t *testing.T, a *assembly) {
	t.Helper()
	if len(d.Cells) != len(d.Tets)/4 || len(d.Between) != len(d.Tris)/3 || len(d.faces) != len(d.Between) {
		t.Fatalf("%d solids of %d tetrahedra, %d triangles with %d faces", len(d.Cells), len(d.Tets)/4, len(d.Between), len(d.faces))
	}
	if q := Measure(d.XYZ, d.Tets, 0); q.Least < 8 || q.LeastVolume <= 0 {
		t.Errorf("angles from %.1f, least volume %g", q.Least, q.LeastVolume)
	}
	outside := *d.Mesh
	outside.Tris = nil
	for i, between := range d.Between {
		if !between {
			outside.Tris = append(outside.Tris, d.Tris[3*i:3*i+3]...)
		}
		if d.joint.sides[d.faces[i]].wall() != between {
			t.Fatalf("a triangle of face %d, between two solids: %t", d.faces[i], between)
		}
	}
	checkConforming(t, &outside)
	for solid := range a.volumes {
		own := Mesh{XYZ: d.XYZ}
		for i, f := range d.faces {
			v := d.Tris[3*i : 3*i+3]
			switch s := a.sides[f]; int32(solid) {
			case s[0]:
				own.Tris = append(own.Tris, v...)
			case s[1]:
				own.Tris = append(own.Tris, v[0], v[2], v[1])
			}
		}
		for i, cell := range d.Cells {
			if int(cell) == solid {
				own.Tets = append(own.Tets, d.Tets[4*i:4*i+4]...)
			}
		}
		checkConforming(t, &own)
	}
}

// off returns the greatest share by which the volume of a solid is off.
func (d divided) off(a *assembly) (most float64) {
	for i, v := range a.volumes {
		most = max(most, math.Abs(d.volumes[i]/v-1))
	}
	return most
}

// fromWalls returns how far nodes between solids are from the walls, and how far points of the walls are from triangles between solids.
func (d divided) fromWalls(t *testing.T) (ofMesh, ofWalls float64) {
	t.Helper()
	walls, err := field.Bare(d.joint.vertices, d.joint.triangles[d.joint.outside:], 0)
	if err != nil {
		t.Fatal(err)
	}
	var places [][3]float64
	var tris [][3]int32
	for i, between := range d.Between {
		if !between {
			continue
		}
		tris = append(tris, [3]int32(d.Tris[3*i:3*i+3]))
		for _, n := range d.Tris[3*i : 3*i+3] {
			places = append(places, d.At(n))
		}
	}
	mine, err := field.Bare(triples(d.XYZ), tris, 0)
	if err != nil {
		t.Fatal(err)
	}
	ofWalls = slices.Max(mine.Distances(Samples(d.joint.vertices, d.joint.triangles[d.joint.outside:]), d.h))
	return slices.Max(walls.Distances(places, d.h)), ofWalls
}

func TestDivide_BoxesShareTheNodesOfAPlane(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	whole := 0
	for i := range 6 {
		a := row(1, 0.7+random.Float64())
		if i > 0 {
			a.turned(random)
		}
		d := a.divide(t, 20_000, 0)
		d.check(t, a)
		ofMesh, ofWalls := d.fromWalls(t)
		if d.off(a) > 1e-3 || ofMesh > 1e-9 || d.CornersKept != 12 || d.Corners != 12 || d.Left > 3 {
			t.Errorf("boxes %d: %.2g off the volume, %.2g off the plane; %+v", i, d.off(a), ofMesh, d.Kept)
		}
		if d.Left > 0 {
			continue
		}
		whole++
		if d.off(a) > 1e-8 || ofWalls > 1e-9 || d.Deviation > 1e-9 {
			t.Errorf("boxes %d: all edges are kept, and %.2g of the volume is off, %.2g of the wall, %+v", i, d.off(a), ofWalls, d.Kept)
		}
	}
	if whole < 2 {
		t.Errorf("all edges are kept of %d pairs of boxes", whole)
	}
}

func TestDivide_FollowsACurvedWall(t *testing.T) {
	a := inclusion(0.6)
	d := a.divide(t, 100_000, 0)
	d.check(t, a)
	ofMesh, ofWalls := d.fromWalls(t)
	if d.off(a) > 0.01 || ofMesh > 1e-9 || ofWalls > d.h/20 || d.Left > 0 {
		t.Errorf("%.2g off the volume, nodes %.2g from the ball, the ball %.2g from the mesh of edge %.2g; %+v", d.off(a), ofMesh, ofWalls, d.h, d.Kept)
	}
	if d.Levels == 0 {
		t.Error("it is not graded")
	}
}

// A box in a box has edges and corners within the mesh.
func TestDivide_KeepsTheEdgesOfWalls(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		a := row(2)
		small := prism(square, 1, false)
		for i := range small.vertices {
			small.vertices[i] = add([3]float64{0.53, 0.21, 0.27}, times(small.vertices[i], 0.5))
		}
		a.withinFaces(small)
		a.volumes[0] -= a.volumes[1]
		a.turned(random)
		d := a.divide(t, 60_000, 0)
		d.check(t, a)
		if ofMesh, _ := d.fromWalls(t); d.CornersKept != 16 || d.off(a) > 5e-3 || d.Left > d.Moved/25 || d.Lost > 0 || ofMesh > 1e-9 {
			t.Errorf("%.2g off the volume, nodes %.2g from the walls; %+v", d.off(a), ofMesh, d.Kept)
		}
	}
}

func TestDivide_KeepsTheEdgeWhereSolidsMeet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2 {
		var corners [][2]float64
		for k := range 3 + i {
			w := 2 * math.Pi * (float64(k) + 0.3*random.Float64()) / float64(3+i)
			corners = append(corners, [2]float64{math.Cos(w), math.Sin(w)})
		}
		a := pie(corners, 1)
		a.turned(random)
		d := a.divide(t, 30_000, 0)
		d.check(t, a)
		ofMesh, _ := d.fromWalls(t)
		if d.off(a) > 3e-3 || ofMesh > 1e-9 || d.CornersKept != d.Corners || d.Left > 6 || d.Lost > 0 {
			t.Errorf("%d sectors: %.2g off the volume, nodes %.2g from the walls; %+v", 3+i, d.off(a), ofMesh, d.Kept)
		}
	}
}

func TestDivide_IsTheSameOnAnyNumberOfThreads(t *testing.T) {
	a := pie([][2]float64{{1, 0.1}, {-0.4, 0.9}, {-0.5, -0.8}}, 1)
	one, two := a.divide(t, 30_000, 1), a.divide(t, 30_000, 2)
	if !Same(one.Mesh, two.Mesh) || !slices.Equal(one.Cells, two.Cells) || !slices.Equal(one.faces, two.faces) || one.Kept != two.Kept {
		t.Error("two threads make another mesh than one")
	}
}

// Where a solid is thinner than the lattice, the rest is a mesh all the same.
func TestDivide_LeavesAMeshWhereItIsTooCoarse(t *testing.T) {
	for _, thin := range []float64{0.3, 0.1, 0.02} {
		a := row(0.8, thin, 1)
		d := a.divide(t, 2_000, 0)
		if q := Measure(d.XYZ, d.Tets, 0); q.Least < 8 || q.LeastVolume <= 0 {
			t.Errorf("angles from %.1f, least volume %g", q.Least, q.LeastVolume)
		}
		if thin == 0.3 {
			d.check(t, a)
		}
	}
}
