//go:build cuda

package lattice

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unsafe"

	"meshgen/internal/field"
	"meshgen/internal/gpu"
)

// openDevice returns the device that all tests share, as an engine has one for its life. Without a GPU, scripts/test-gpu
// puts a stand-in for the driver in its place.
func openDevice(t *testing.T) *Device {
	t.Helper()
	g, err := gpu.Open()
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDevice(g)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Free)
	return d
}

// checkSame fails unless two meshes are the same to the bit.
func checkSame(t *testing.T, got, want *Mesh) {
	t.Helper()
	if !Same(got, want) {
		t.Errorf("the GPU's mesh of %d nodes, %d inside, and %d tetrahedra is not the CPU's of %d, %d and %d", len(got.XYZ)/3, got.Inside, len(got.Tets)/4,
			len(want.XYZ)/3, want.Inside, len(want.Tets)/4)
	}
}

func TestDevice_MakesTheMeshesOfTheCPU(t *testing.T) {
	d := openDevice(t)
	m := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}
	defer m.Free()
	random := rand.New(rand.NewPCG(1, 2))
	fields := map[string]*Field{
		"sphere":  sphere(1).field(around(1, 0.09)),
		"torus":   torus(1, 0.35).field(around(1.4, 0.07)),
		"box":     box([3]float64{2, 1, 1.5}).field(around(1.2, 0.1)),
		"a layer": box([3]float64{2, 2, 0.11}).field(around(1.2, 0.1)),
	}
	for i := range 6 {
		fields[fmt.Sprint("blob ", i)] = blob(random).field(around(1.5, 0.06+0.03*random.Float64()))
	}
	for name, f := range fields {
		f.Triangle = make([]int32, len(f.T))
		for i := range f.Triangle {
			f.Triangle[i] = int32(i / 3)
		}
		for _, g := range []Grading{{}, {Levels: 3}, {Levels: 5, Layers: 4}, {Levels: 5, Size: func(p [3]float64) float64 { return 0.2 + p[0]*p[0] }}} {
			t.Run(fmt.Sprint(name, " in ", g.Levels, " levels"), func(t *testing.T) {
				f.Grading = g
				got, err := m.Mesh(f)
				if err != nil {
					t.Fatal(err)
				}
				want := meshed(t, f)
				checkSame(t, got, want)
				q, err := d.Measure()
				if err != nil {
					t.Fatal(err)
				}
				if cpu := Measure(want.XYZ, want.Tets, 0); q != cpu {
					t.Errorf("quality %+v on the GPU, %+v on the CPU", q, cpu)
				}
			})
		}
	}
}

func TestDevice_RefusesWhatTheCPURefuses(t *testing.T) {
	d := openDevice(t)
	m := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}
	defer m.Free()
	if _, err := m.Mesh(sphere(0.01).field(Around([3]float64{0.3, 0.3, 0.3}, [3]float64{1, 1, 1}, 0.5))); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty field: %v", err)
	}
	if _, err := m.Mesh(sphere(2).field(around(1, 0.2))); !errors.Is(err, ErrMargin) {
		t.Errorf("a field that is inside within the margin: %v", err)
	}
}

// standIn skips a test where the driver is a real one.
func standIn(t *testing.T) {
	t.Helper()
	g, err := gpu.Open()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(g.Info.Name, "stand-in") {
		t.Skip("a real GPU is not taken away: scripts/test-gpu runs this with a stand-in for the driver")
	}
}

func TestDevice_WithoutMemory_FallsBackAndIsAskedAgain(t *testing.T) {
	standIn(t)
	d := openDevice(t)
	var why []error
	m := &Mesher{Device: d, FellBack: func(err error) { why = append(why, err) }}
	defer m.Free()
	setMemory(t, int64(d.Held())+1<<20)
	f := sphere(1).field(around(1, 0.05))
	mesh, err := m.Mesh(f)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, mesh, meshed(t, f))
	if len(why) != 1 || !errors.Is(why[0], gpu.ErrMemory) || m.Device == nil {
		t.Fatalf("fell back for %v, with device %v left", why, m.Device)
	}
	if m.Device.Held() != 0 {
		t.Errorf("%d bytes are held of a mesh that did not fit", m.Device.Held())
	}
	setMemory(t, 1<<30)
	if mesh, err = m.Mesh(f); err != nil || len(why) != 1 {
		t.Fatalf("with memory: %v, fell back for %v", err, why)
	}
	checkSame(t, mesh, meshed(t, f))
}

func TestDevice_LostAtAnyLaunch_FallsBackForGood(t *testing.T) {
	standIn(t)
	f := blob(rand.New(rand.NewPCG(3, 4))).field(around(1.5, 0.1))
	f.Grading = Grading{Levels: 3}
	want := meshed(t, f)
	for launches := range 60 {
		d := openDevice(t)
		var why error
		m := &Mesher{Device: d, FellBack: func(err error) { why = err }}
		loseAfter(t, launches)
		mesh, err := m.Mesh(f)
		if err != nil {
			t.Fatalf("lost after %d launches: %v", launches, err)
		}
		checkSame(t, mesh, want)
		if why == nil {
			if launches < 20 {
				t.Fatalf("%d launches made a mesh: the stand-in does not do what it is told", launches)
			}
			loseAfter(t, -1)
			m.Free()
			return
		}
		if errors.Is(why, gpu.ErrMemory) || m.Device != nil {
			t.Errorf("lost after %d launches: fell back for %v, with device %v left", launches, why, m.Device)
		}
		loseAfter(t, -1)
		m.Free()
	}
	t.Error("sixty launches did not make a mesh")
}

// What the stand-in meets is told through its environment, which it looks at whenever it is asked for devices.
func setMemory(t *testing.T, bytes int64) { tell(t, "STANDIN_MEMORY", fmt.Sprint(bytes)) }
func loseAfter(t *testing.T, launches int) {
	tell(t, "STANDIN_LAUNCHES", fmt.Sprint(launches))
}

func tell(t *testing.T, name, value string) {
	t.Helper()
	if err := os.Setenv(name, value); err != nil {
		t.Fatal(err)
	}
	if _, err := gpu.Open(); err != nil {
		t.Fatal(err)
	}
}

// surfaceOf is a surface of triangles that a mesh has.
func surfaceOf(t *testing.T, m *Mesh) *field.Surface {
	t.Helper()
	vertices := make([][3]float64, len(m.XYZ)/3)
	for i := range vertices {
		vertices[i] = m.At(int32(i))
	}
	var triangles [][3]int32
	for i := 0; i < len(m.Tris); i += 3 {
		triangles = append(triangles, [3]int32(m.Tris[i:i+3]))
	}
	s, err := field.Prepare(vertices, triangles, field.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDevice_FillsASurface_AsTheCPUDoes(t *testing.T) {
	d := openDevice(t)
	m, cpu := &Mesher{Device: d, FellBack: func(err error) { t.Error("fell back: ", err) }}, &Mesher{}
	defer m.Free()
	defer cpu.Free()
	s := surfaceOf(t, meshed(t, blob(rand.New(rand.NewPCG(7, 8))).field(around(1.5, 0.2))))
	for _, h := range []float64{0.11, 0.06, 0.09} {
		got, err := m.Fill(s, h, Grading{Levels: 3})
		if err != nil {
			t.Fatal(err)
		}
		want, err := cpu.Fill(s, h, Grading{Levels: 3})
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, got, want)
		made, err := d.Fill(s, h, Grading{Levels: 3})
		if err != nil {
			t.Fatal(err)
		}
		if there := (Counts{len(want.XYZ) / 3, len(want.Tets) / 4, len(want.Tris) / 3}); made != there {
			t.Errorf("%+v are left on the GPU, not %+v", made, there)
		}
		if q, err := d.Measure(); err != nil || q != Measure(want.XYZ, want.Tets, 0) {
			t.Errorf("quality %+v on the GPU (%v)", q, err)
		}
		if got.Device != d.Info.String() || want.Device != "" {
			t.Errorf("made by %q and %q", got.Device, want.Device)
		}
	}
}

// filledBall returns a surface, and what the processors make of it with an edge of 0.1.
func filledBall(t *testing.T) (*field.Surface, *Mesh) {
	t.Helper()
	s := surfaceOf(t, meshed(t, sphere(1).field(around(1, 0.3))))
	cpu := &Mesher{}
	t.Cleanup(cpu.Free)
	mesh, err := cpu.Fill(s, 0.1, Grading{})
	if err != nil {
		t.Fatal(err)
	}
	return s, mesh
}

func TestDevice_LostWhileItFillsASurface_FallsBack(t *testing.T) {
	standIn(t)
	s, want := filledBall(t)
	for launches := 0; launches < 60; launches += 2 {
		d := openDevice(t)
		told := 0
		m := &Mesher{Device: d, FellBack: func(error) { told++ }}
		loseAfter(t, launches)
		got, err := m.Fill(s, 0.1, Grading{})
		if err != nil {
			t.Fatalf("lost after %d launches: %v", launches, err)
		}
		checkSame(t, got, want)
		if wholly := got.Device != ""; wholly != (told == 0) || told > 1 || !wholly && m.Device != nil {
			t.Errorf("lost after %d launches: made by %q, told %d times, device %v left", launches, got.Device, told, m.Device)
		}
		loseAfter(t, -1)
		m.Free()
	}
}

// forgetful is a device that loses the signs of nodes before it counts the edges that pass through the surface.
type forgetful struct {
	onDevice
	words int // of signs
}

func (f forgetful) array(name string, bytes int) unsafe.Pointer {
	if name == "unpacked" {
		f.clear(f.onDevice.array("p", 8), 8*f.words)
	}
	return f.onDevice.array(name, bytes)
}

func TestDevice_ThatMiscounts_IsLost(t *testing.T) {
	d := openDevice(t)
	s := surfaceOf(t, meshed(t, sphere(1).field(around(1, 0.3))))
	g, _ := latticeAround(s, 0.1)
	m := &Mesher{}
	defer m.Free()
	on, err := d.processor(&m.memory)
	if err != nil {
		t.Fatal(err)
	}
	words := 2 * g.N[1] * g.N[2] * (g.N[0]/64 + 2)
	if _, err := m.make(g, Grading{}, &sampled{surface: s, device: d}, forgetful{on, words}); !errors.Is(err, gpu.ErrFailed) || !strings.Contains(err.Error(), "the field says 0") {
		t.Error(err)
	}
}

// What neither can make is refused with both of the reasons.
func TestDevice_WithoutMemory_ForMoreNodesThanTheProcessorsTake(t *testing.T) {
	d := openDevice(t)
	d.Free()
	d.Limit(1 << 20)
	defer d.Limit(0)
	m := &Mesher{Device: d}
	defer m.Free()
	s := surfaceOf(t, meshed(t, sphere(1).field(around(1, 0.3))))
	if _, err := m.Fill(s, 0.003, Grading{}); !errors.Is(err, gpu.ErrMemory) || !strings.Contains(err.Error(), "at most 306783378 are possible; the GPU") {
		t.Error(err)
	}
}
