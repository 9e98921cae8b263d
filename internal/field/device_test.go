//go:build cuda

package field

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unsafe"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gpu"
)

// openDevice opens the GPU; scripts/test-gpu puts a stand-in for its driver where there is none.
func openDevice(t *testing.T) (*gpu.Device, *Device) {
	t.Helper()
	g, err := gpu.Open()
	require.NoError(t, err)
	memory := gpu.NewMemory(g)
	t.Cleanup(memory.Free)
	d, err := NewDevice(g, memory)
	require.NoError(t, err)
	return g, d
}

func TestDevice_RefusesKernelsOfOtherSources(t *testing.T) {
	g, err := gpu.Open()
	require.NoError(t, err)
	changed := fstest.MapFS{}
	names, err := fs.Glob(sources, "*")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(sources, name)
		require.NoError(t, err)
		changed[name] = &fstest.MapFile{Data: content}
	}
	_, err = g.Load(ptx, changed)
	require.NoError(t, err)
	for name, file := range changed {
		content := file.Data
		file.Data = append(slices.Clone(content), ' ')
		_, err := g.Load(ptx, changed)
		require.ErrorContains(t, err, "run scripts/ptx", name)
		file.Data = content
	}
	_, err = g.Load(ptx[strings.Index(ptx, "\n")+1:], sources)
	require.ErrorContains(t, err, "run scripts/ptx")
}

func fetch[T any](t *testing.T, g *gpu.Device, at gpu.Pointer, n int) []T {
	t.Helper()
	out := make([]T, n)
	if n > 0 {
		require.NoError(t, g.Get(unsafe.Pointer(&out[0]), at, n*int(unsafe.Sizeof(out[0]))))
	}
	return out
}

// prepareTurned turns no triangle back where the name says so: caps of weight 2 are then among the others.
func (s soup) prepareTurned(t *testing.T, name string) *Surface {
	t.Helper()
	asGiven := strings.HasSuffix(name, "as given")
	f := s.prepare(Options{AsGiven: asGiven})
	if asGiven {
		require.Contains(t, f.weight[f.solid:], int32(2))
	}
	return f
}

func TestDevice_FindsWhatTheCPUFinds(t *testing.T) {
	g, d := openDevice(t)
	dice := rand.New(rand.NewPCG(5, 6))
	clean := torus(40, 20, 3, 1)
	for name, s := range map[string]soup{
		"torus":              clean,
		"turned, as given":   clean.turned(0.3, dice),
		"cube":               cube([3]float64{0, 0, 0}, [3]float64{1, 1, 1}),
		"nodes on the sides": cube([3]float64{1, 1, 1}, [3]float64{2, 2, 2}),
		"a large triangle":   cube([3]float64{-3, -2, -1}, [3]float64{90, 20, 10}),
		"two balls":          ball(3, 1, [3]float64{}).with(ball(3, 1, [3]float64{0.7, 0.3, 0.2})),
		"doubled, turned":    ball(3, 1, [3]float64{}).doubled(0.1, dice).turned(0.2, dice),
		"shaken":             clean.shaken(0.02, dice),
		"1 % are missing":    clean.without(0.01, dice),
		"a fifth is missing": ball(3, 1, [3]float64{}).without(0.2, dice),
		"torn apart":         clean.torn(1e-3, dice),
	} {
		t.Run(name, func(t *testing.T) {
			f := s.prepareTurned(t, name)
			l := around(f, 24+dice.IntN(20))
			if name == "nodes on the sides" {
				l = Lattice{H: 0.25, N: [3]int32{13, 13, 13}}
			}
			want, err := f.Sample(l, 0, l.Slabs(), Want{Cuts: true}, nil)
			require.NoError(t, err)
			got, err := d.Sample(f, l)
			require.NoError(t, err)
			require.Equal(t, want.Inside, fetch[uint8](t, g, got.Inside, len(want.Inside)))
			require.Equal(t, len(want.Cuts.Node), got.Slots)
			require.Equal(t, want.Cuts.T, fetch[float32](t, g, got.T, len(want.Cuts.T)))
			require.Equal(t, want.Cuts.Triangle, fetch[int32](t, g, got.Triangle, len(want.Cuts.Triangle)))
		})
	}
}

// Holes that more edges go through than there is room for are closed as on the processors: in turns, down to one node a turn.
func TestDevice_FindsWhatTheCPUFinds_ThroughHolesOfAnySize(t *testing.T) {
	g, d := openDevice(t)
	open := cube([3]float64{}, [3]float64{1, 1, 1})
	open.triangles = open.triangles[2:]
	for name, s := range map[string]soup{"a side is missing": open, "a fifth is missing": ball(3, 1, [3]float64{}).without(0.2, rand.New(rand.NewPCG(9, 10)))} {
		f := s.prepare(Options{})
		l := around(f, 24)
		want, err := f.Sample(l, 0, l.Slabs(), Want{Cuts: true}, nil)
		require.NoError(t, err)
		through := 0
		for i, triangle := range want.Cuts.Triangle {
			if triangle < 0 && want.Cuts.T[i] >= 0 {
				through++
			}
		}
		for _, most := range []int{Edges, 3*Edges - 1, 100} {
			t.Run(fmt.Sprint(name, ", room for ", most), func(t *testing.T) {
				require.Greater(t, through, most)
				d.mostGaps = most
				got, err := d.Sample(f, l)
				require.NoError(t, err)
				require.Equal(t, want.Cuts.T, fetch[float32](t, g, got.T, len(want.Cuts.T)))
				require.Equal(t, want.Cuts.Triangle, fetch[int32](t, g, got.Triangle, len(want.Cuts.Triangle)))
			})
		}
	}
}

// However the slabs are cut, what is found is the same: single ones, too, and where the surface lies in a slab.
func TestDevice_FindsTheSameInAnySlabs(t *testing.T) {
	g, d := openDevice(t)
	dice := rand.New(rand.NewPCG(7, 8))
	for name, s := range map[string]soup{
		"torus":               torus(40, 20, 3, 1),
		"turned, as given":    torus(40, 20, 3, 1).turned(0.3, dice),
		"in slabs":            cube([3]float64{1, 1, 1}, [3]float64{2, 2, 2}),
		"a large triangle":    cube([3]float64{-3, -2, -1}, [3]float64{20, 20, 50}),
		"a fifth is missing":  ball(3, 1, [3]float64{}).without(0.2, dice),
		"shaken and 2 % gone": torus(40, 20, 3, 1).shaken(0.02, dice).without(0.02, dice),
	} {
		t.Run(name, func(t *testing.T) {
			f := s.prepareTurned(t, name)
			l := around(f, 24)
			if name == "in slabs" {
				l = Lattice{H: 0.25, N: [3]int32{13, 13, 13}}
			}
			want, err := f.Sample(l, 0, l.Slabs(), Want{Cuts: true}, nil)
			require.NoError(t, err)
			upTo := func(n int) func() int { return func() int { return 1 + dice.IntN(n) } }
			exactly := func(n int) func() int { return func() int { return n } }
			for _, many := range []func() int{exactly(1), exactly(3), exactly(7), upTo(3), upTo(11)} {
				w, err := d.Begin(f, l)
				require.NoError(t, err)
				at := 0
				for first, last := 0, 0; first < l.Slabs(); first = last {
					last = min(first+many(), l.Slabs())
					reach := min(last+Beyond, l.Slabs())
					inside, err := w.Sides(first, reach)
					require.NoError(t, err)
					begin := first * l.Slab()
					require.Equal(t, want.Inside[begin:reach*l.Slab()], fetch[uint8](t, g, inside, (reach-first)*l.Slab()))
					n, err := w.Owners(first, last, inside)
					require.NoError(t, err)
					require.LessOrEqual(t, Edges*(at+n), len(want.Cuts.T))
					shares, triangles := w.array("shares", 4*Edges*n), w.array("triangles", 4*Edges*n)
					require.NoError(t, w.Cuts(shares, triangles))
					require.Equal(t, want.Cuts.T[Edges*at:Edges*(at+n)], fetch[float32](t, g, shares, Edges*n))
					require.Equal(t, want.Cuts.Triangle[Edges*at:Edges*(at+n)], fetch[int32](t, g, triangles, Edges*n))
					at += n
				}
				require.Equal(t, len(want.Cuts.Node), at)
				w.End()
			}
		})
	}
}
