//go:build cuda

package lattice

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"meshgen/internal/field"
	"meshgen/internal/gpu"
)

// tiled makes meshes within ever narrower bounds of memory, until a fiftieth lies between one that is enough and one that is not. It fails unless each
// is the one that is wanted, and returns the one with the most tiles.
func tiled(t *testing.T, d *Device, want *Mesh, fill func(*Mesher) (*Mesh, error)) (most Tiling) {
	t.Helper()
	var why []error
	m := &Mesher{Device: d, FellBack: func(err error) { why = append(why, err) }}
	defer m.Free()
	defer d.Limit(0)
	within := func(limit int) Tiling {
		why = nil
		d.Free()
		d.Limit(limit)
		got, err := fill(m)
		if err != nil {
			t.Fatalf("within %d bytes: %v", limit, err)
		}
		checkSame(t, got, want)
		if fell := got.Device == ""; fell != (len(why) > 0) || fell && (len(why) > 1 || !errors.Is(why[0], gpu.ErrMemory)) || fell != (got.Tiling.Tiles() == 0) {
			t.Fatalf("within %d bytes: made by %q in %d tiles, fell back for %v", limit, got.Device, got.Tiling.Tiles(), why)
		}
		if d.Held() > limit && limit > 0 {
			t.Errorf("%d bytes are held, %d allowed", d.Held(), limit)
		}
		return got.Tiling
	}
	whole := within(0)
	if whole.Tiles() != 1 || whole.Needed > whole.Free {
		t.Errorf("with all memory: %+v", whole)
	}
	enough, short := whole.Needed, 0
	if tight := within(enough); tight.Tiles() < 2 || tight.Needed < whole.Needed || tight.Free >= tight.Needed { // a sixteenth is left alone
		t.Errorf("%+v, where %+v is needed", tight, whole)
	}
	for enough-short > enough/50 {
		limit := (enough + short) / 2
		if made := within(limit); made.Tiles() == 0 {
			short = limit
		} else {
			enough = limit
			if made.Tiles() > most.Tiles() {
				most = made
			}
		}
	}
	if says := most.String(); !strings.HasPrefix(says, fmt.Sprintf("lattice in %d tiles: ", most.Tiles())) {
		t.Error(says)
	}
	return most
}

func TestDevice_InTiles_MakesTheSameMesh(t *testing.T) {
	d := openDevice(t)
	random := rand.New(rand.NewPCG(11, 12))
	fields := map[string]*Field{
		"blob": blob(random).field(around(1.5, 0.07)),
		// every slab is where a tile may end: here the faces of the box lie in some, with its edges and corners
		"box on slabs": box([3]float64{8, 12, 8}).field(Grid{Origin: [3]float64{-8, -10, -8}, H: 1, N: [3]int{17, 21, 17}}),
		"high":         box([3]float64{0.33, 0.33, 2.5}).field(Around([3]float64{-0.2, -0.2, -1.3}, [3]float64{0.2, 0.2, 1.3}, 0.05)),
	}
	for name, f := range fields {
		for _, g := range []Grading{{}, {Levels: 3}, {Levels: 5, Size: func(p [3]float64) float64 { return 0.2 + p[0]*p[0] }}} {
			t.Run(fmt.Sprint(name, " in ", g.Levels, " levels"), func(t *testing.T) {
				f.Grading = g
				want := meshed(t, f)
				if most := tiled(t, d, want, func(m *Mesher) (*Mesh, error) { return m.Mesh(f) }); most.Mesh < 50 {
					t.Errorf("%v, at most", most)
				}
			})
		}
	}
}

func TestDevice_InTiles_FillsTheSameSurface(t *testing.T) {
	d := openDevice(t)
	random := rand.New(rand.NewPCG(13, 14))
	for name, share := range map[string]float64{"closed": 0, "1 % are missing": 0.01, "a tenth is missing": 0.1} {
		t.Run(name, func(t *testing.T) {
			m := meshed(t, blob(random).field(around(1.5, 0.2)))
			kept := *m
			kept.Tris = nil
			for i := 0; i < len(m.Tris); i += 3 {
				if random.Float64() >= share {
					kept.Tris = append(kept.Tris, m.Tris[i:i+3]...)
				}
			}
			s, h, grading := surfaceOf(t, &kept), 0.1, Grading{Levels: 3}
			cpu := &Mesher{}
			defer cpu.Free()
			want, err := cpu.Fill(s, h, grading)
			if err != nil {
				t.Fatal(err)
			}
			if most := tiled(t, d, want, func(m *Mesher) (*Mesh, error) { return m.Fill(s, h, grading) }); most.Mesh < 50 {
				t.Errorf("%v, at most", most)
			}
		})
	}
}

// narrow is a device that says of each step how much room it has.
type narrow struct {
	onDevice
	rooms []int // of the steps to come
}

func (n *narrow) room(int) (free, used int) {
	free, n.rooms = n.rooms[0], n.rooms[1:]
	return free, 0
}

// The signs and the cuts of a lattice are what the processors find, from tiles of one slab on.
func TestDevice_InThinTiles_FillsTheSameSurface(t *testing.T) {
	d := openDevice(t)
	corners, sides := cubeOf(4)
	inSlabs, inSlabsGrid := prepared(t, corners, sides), Grid{Origin: [3]float64{-4, -3, -3}, H: 1, N: [3]int{13, 11, 11}}
	open := prepared(t, corners, sides[1:])
	ball := surfaceOf(t, meshed(t, blob(rand.New(rand.NewPCG(15, 16))).field(around(1.5, 0.2))))
	around := func(s *field.Surface, h float64) Grid {
		g, _ := latticeAround(s, h)
		return g
	}
	for name, c := range map[string]struct {
		*field.Surface
		Grid
	}{
		"faces in slabs":  {inSlabs, inSlabsGrid},
		"a triangle less": {open, around(open, 0.35)},
		"blob":            {ball, around(ball, 0.14)},
	} {
		t.Run(name, func(t *testing.T) {
			l := field.Lattice{Origin: c.Origin, H: c.H, N: [3]int32{int32(c.N[0]), int32(c.N[1]), int32(c.N[2])}}
			samples, err := c.Sample(l, 0, l.Slabs(), field.Want{Cuts: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := meshed(t, &Field{Grid: c.Grid, Inside: samples.Inside, T: samples.Cuts.T, Triangle: samples.Cuts.Triangle})
			m := &Mesher{}
			defer m.Free()
			most := Tiling{}
			for _, slabs := range []int{1, 3} {
				for room := 8 * l.Slab(); room < 400*l.Slab(); room += room / 4 {
					on, err := d.processor(&m.memory)
					if err != nil {
						t.Fatal(err)
					}
					p := &narrow{on, []int{5 * slabs * l.Slab(), room, 1 << 13}}
					got, err := m.make(c.Grid, Grading{}, &sampled{surface: c.Surface, device: d}, p)
					if errors.Is(err, gpu.ErrMemory) {
						continue // not even for the cuts of one slab
					}
					if err != nil {
						t.Fatal(err)
					}
					checkSame(t, got, want)
					if signs := (l.Slabs() + slabs - 1) / slabs; got.Tiling.Signs != signs {
						t.Errorf("%d tiles of signs, %d wanted", got.Tiling.Signs, signs)
					}
					most.Cuts, most.Mesh = max(most.Cuts, got.Tiling.Cuts), max(most.Mesh, got.Tiling.Mesh)
				}
			}
			if most.Cuts < l.Slabs()/4 || most.Mesh < 2 {
				t.Errorf("%d slabs in %d tiles of cuts, the mesh in %d", l.Slabs(), most.Cuts, most.Mesh)
			}
		})
	}
}

// cubeOf is the surface of a cube that begins in the origin.
func cubeOf(edge float64) (corners [][3]float64, sides [][3]int32) {
	for i := range 8 {
		corners = append(corners, [3]float64{edge * float64(i&1), edge * float64(i>>1&1), edge * float64(i>>2)})
	}
	return corners, [][3]int32{{0, 2, 1}, {1, 2, 3}, {0, 1, 4}, {1, 5, 4}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}, {2, 6, 3}, {3, 6, 7}, {4, 5, 6}, {5, 7, 6}}
}

func TestDevice_InTiles_RefusesWhatItRefusesAtOnce(t *testing.T) {
	d := openDevice(t)
	fell := false
	m := &Mesher{Device: d, FellBack: func(error) { fell = true }}
	defer m.Free()
	defer d.Limit(0)
	// inside within the margin of the last slabs alone, which the last of the tiles holds
	f := &Field{Grid: Grid{H: 1, N: [3]int{62, 20, 20}}}
	f.Inside = make([]uint8, f.Nodes())
	f.Inside[f.Nodes()-3*62*20+62*10+30] = 1
	const few = 4 * 62 * 20
	for limit := 200_000; !fell; limit -= few { // so that there is a last one before it that has room for a few slabs at once
		d.Free()
		d.Limit(limit)
		if _, err := m.Mesh(f); !errors.Is(err, ErrMargin) || limit == 200_000 && fell {
			t.Fatalf("within %d bytes: %v", limit, err)
		}
	}
}

func TestDevice_HoldsAMeshAsAWholeOrSaysSo(t *testing.T) {
	d := openDevice(t)
	m := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}
	defer m.Free()
	defer d.Limit(0)
	s := surfaceOf(t, meshed(t, sphere(1).field(around(1, 0.3))))
	whole, err := m.Fill(s, 0.07, Grading{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Measure(); err != nil {
		t.Fatal(err)
	}
	limit := whole.Tiling.Needed * 3 / 4
	d.Free()
	d.Limit(limit)
	if in, err := m.Fill(s, 0.07, Grading{}); err != nil || in.Tiling.Tiles() < 2 {
		t.Fatalf("%+v, %v", in.Tiling, err)
	}
	if q, err := d.Measure(); !errors.Is(err, gpu.ErrMemory) {
		t.Errorf("measured %+v of a mesh in tiles, %v", q, err)
	}
	if made, err := d.Fill(s, 0.07, Grading{}); !errors.Is(err, gpu.ErrMemory) {
		t.Errorf("%+v stay where there is no room for all, %v", made, err)
	}
	d.Limit(0)
	for forget, what := range map[string]func() error{
		"sampled": func() error { _, err := d.Sample(s, 0.07); return err },
		"freed":   func() error { d.Free(); return nil },
	} {
		if _, err := d.Fill(s, 0.07, Grading{}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Measure(); err != nil {
			t.Fatal(err)
		}
		if err := what(); err != nil {
			t.Fatal(err)
		}
		if q, err := d.Measure(); !errors.Is(err, errNothing) {
			t.Errorf("measured %+v once %s, %v", q, forget, err)
		}
	}
}

// What the device keeps of one mesh does not take the next one's room: some arrays of either are larger than the other's.
func TestDevice_MakesOneMeshAfterTheOther_InTheMemoryOfEither(t *testing.T) {
	d := openDevice(t)
	m := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}
	defer m.Free()
	defer d.Limit(0)
	type part struct {
		*field.Surface
		h      float64
		needed int
	}
	// two small balls in the corners of a large box need room for signs, a thin ring for cuts
	vertices, triangles := ballOf(24, 12, 0.15)
	for i := range vertices {
		p := vertices[i]
		vertices = append(vertices, [3]float64{p[0] + 2, p[1] + 2, p[2] + 2})
	}
	for _, c := range triangles {
		n := int32(len(vertices) / 2)
		triangles = append(triangles, [3]int32{c[0] + n, c[1] + n, c[2] + n})
	}
	balls, ring := prepared(t, vertices, triangles), surfaceOf(t, meshed(t, torus(1, 0.08).field(around(1.2, 0.05))))
	var parts []part
	for _, p := range []part{{balls, 0.05, 0}, {ring, 0.035, 0}} {
		d.Free()
		mesh, err := m.Fill(p.Surface, p.h, Grading{})
		if err != nil {
			t.Fatal(err)
		}
		p.needed = mesh.Tiling.Needed
		parts = append(parts, p)
	}
	for _, share := range []float64{1.1, 0.7} {
		d.Free()
		d.Limit(int(share * float64(max(parts[0].needed, parts[1].needed))))
		for range 2 {
			for i, p := range parts {
				mesh, err := m.Fill(p.Surface, p.h, Grading{})
				if err != nil {
					t.Fatal(err)
				}
				if share > 1 && mesh.Tiling.Tiles() > 1 {
					t.Errorf("part %d: %v", i, mesh.Tiling)
				}
			}
		}
	}
}

// The driver says how much is free: others may have the rest.
func TestDevice_MakesTilesOfWhatTheDriverHasFree(t *testing.T) {
	standIn(t)
	d := openDevice(t)
	setMemory(t, 1<<30)
	defer setMemory(t, 1<<30)
	m := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}
	defer m.Free()
	f := sphere(1).field(around(1, 0.08))
	want := meshed(t, f)
	whole, err := m.Mesh(f)
	if err != nil {
		t.Fatal(err)
	}
	d.Free()
	free, err := d.gpu.Available()
	if err != nil {
		t.Fatal(err)
	}
	const memory = 1 << 30
	setMemory(t, int64(memory-free+whole.Tiling.Needed*3/4))
	got, err := m.Mesh(f)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, got, want)
	if tiling := got.Tiling; tiling.Tiles() < 2 || tiling.Free >= whole.Tiling.Needed*3/4 || tiling.Needed != whole.Tiling.Needed {
		t.Errorf("%+v within three quarters of %+v", tiling, whole.Tiling)
	}
}

func TestDevice_LostInATile_FallsBackForGood(t *testing.T) {
	standIn(t)
	s, want := filledBall(t)
	lost := 0
	for launches := 0; ; launches += 15 {
		d := openDevice(t)
		var why error
		m := &Mesher{Device: d, FellBack: func(err error) { why = err }}
		whole, err := m.Fill(s, 0.1, Grading{})
		if err != nil {
			t.Fatal(err)
		}
		d.Free()
		d.Limit(whole.Tiling.Needed * 5 / 8)
		loseAfter(t, launches)
		got, err := m.Fill(s, 0.1, Grading{})
		loseAfter(t, -1)
		if err != nil {
			t.Fatalf("lost after %d launches: %v", launches, err)
		}
		checkSame(t, got, want)
		tiles := got.Tiling.Tiles()
		m.Free()
		if why == nil {
			if tiles < 2 || lost < 4 {
				t.Errorf("%d tiles, lost %d times", tiles, lost)
			}
			return
		}
		if lost++; errors.Is(why, gpu.ErrMemory) || m.Device != nil || got.Device != "" {
			t.Errorf("lost after %d launches: fell back for %v, with device %v left", launches, why, m.Device)
		}
	}
}
