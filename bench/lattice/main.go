// Command lattice measures how fast a surface is filled by a lattice, from triangles and from a field that is ready, with Gmsh's HXT
// as a peer in the same run, and what becomes of dirty surfaces. It prints a page of Markdown; bench/README.md explains it.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/field"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
	"meshgen/internal/threads"
)

// rounds is how often each is measured: the median counts, or the least where a part says so.
const rounds = 5

var only = flag.String("only", "", "some of filling, kept, hxt, dirt, winding, peers, with commas between; empty for all")

func main() {
	gpu := flag.Bool("gpu", false, "measure a GPU, beside the processors, and nothing else")
	flag.Parse()
	what := run
	if *gpu {
		what = onGPU
	}
	if err := what(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// part is what may be run alone.
type part struct {
	name string
	run  func() error
}

var parts = []part{{"filling", filling}, {"kept", kept}, {"hxt", peer}, {"dirt", dirt}, {"winding", winding}, {"peers", fillByPeers}}

// partsOf returns those of a list of names with commas between; all where it is empty.
func partsOf(names string) ([]part, error) {
	if names == "" {
		return parts, nil
	}
	wanted := strings.Split(names, ",")
	for _, name := range wanted {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return nil, fmt.Errorf("-only %s: there is no part %q", names, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return !slices.Contains(wanted, p.name) }), nil
}

func run() error {
	asked, err := partsOf(*only)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // Gmsh's
	fmt.Printf("# Lattice\n\nOn %s, %s, load average %s. Medians of %d where no other is named. The surface is a torus of %d triangles.\n", machine.Processor(),
		time.Now().UTC().Format("2006-01-02"), machine.Load(), rounds, len(torus(320, 80).triangles))
	for _, part := range asked {
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

// filling measures clean surfaces.
func filling() error {
	bandwidth := writing()
	fmt.Printf("\n## Filling\n\nReady is the time from signs and cuts to the mesh, in memory that was used before; whole is from the triangles, and has their preparation in it. "+
		"Share is how much of what all processors together can write, %.1f GB/s when they set memory to zero, the arrays of the mesh are of the time ready.\n\n"+
		"| tetrahedra | ready, ms | M/s | share | whole, ms | M/s | least angle | mean gamma | volume off | deviation / h | bytes a tetrahedron |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", bandwidth/1e9)
	s := torus(320, 80)
	for _, n := range []int{400_000, 3_000_000, 9_000_000, 27_000_000, 70_000_000} {
		if need, free := n*wholeBytes, machine.FreeMemory(); need > free {
			fmt.Printf("| %d | left out: %d MiB of memory are free, %d needed | | | | | | | | | |\n", n, free>>20, need>>20)
			continue
		}
		if err := s.row(n, bandwidth); err != nil {
			return err
		}
	}
	return nil
}

// wholeBytes is how much memory is free for each tetrahedron before any is made: more than they take.
const wholeBytes = 60

// written is how large the arrays of a mesh are.
func written(m *lattice.Mesh) int { return 8*len(m.XYZ) + 4*(len(m.On)+len(m.Tets)+len(m.Tris)) }

// writing is how many bytes all processors write a second, to memory that was used before and is too large for caches.
func writing() float64 {
	const each = 256 << 20
	parts := make([][]byte, runtime.GOMAXPROCS(0))
	for i := range parts {
		parts[i] = make([]byte, each)
	}
	write := func() error {
		threads.Run(len(parts), func(i int) { clear(parts[i]) })
		return nil
	}
	_ = write() // which touches the memory
	took, _ := median(write)
	return float64(each*len(parts)) / took.Seconds()
}

func (s soup) row(n int, bandwidth float64) error {
	m := &lattice.Mesher{}
	defer m.Free()
	h := lattice.Edge(s.volume(), n)
	var mesh *lattice.Mesh
	whole, err := median(func() (err error) {
		mesh, err = s.fill(m, h, lattice.Grading{})
		return err
	})
	if err != nil {
		return err
	}
	surface, err := field.Prepare(s.vertices, s.triangles, field.Options{})
	if err != nil {
		return err
	}
	low, high := surface.Box()
	g := lattice.Around(low, high, h)
	l := field.Lattice{Origin: g.Origin, H: g.H, N: [3]int32{int32(g.N[0]), int32(g.N[1]), int32(g.N[2])}}
	samples, err := surface.Sample(l, 0, l.Slabs(), field.Want{Cuts: true}, nil)
	if err != nil {
		return err
	}
	known := &lattice.Field{Grid: g, Inside: samples.Inside, T: samples.Cuts.T, Triangle: samples.Cuts.Triangle}
	ready, err := median(func() error {
		mesh, err = m.Mesh(known)
		return err
	})
	if err != nil {
		return err
	}
	tets := len(mesh.Tets) / 4
	q := lattice.Measure(mesh.XYZ, mesh.Tets, 0)
	truth, err := mesh.Compare(surface, h, lattice.Samples(s.vertices, s.triangles), 0)
	if err != nil {
		return err
	}
	rate := func(d time.Duration) float64 { return float64(tets) / d.Seconds() / 1e6 }
	fmt.Printf("| %d | %.0f | %.0f | %.0f %% | %.0f | %.1f | %.1f° | %.2f | %+.3f %% | %.2f | %.0f |\n", tets, ready.Seconds()*1e3, rate(ready),
		100*float64(written(mesh))/ready.Seconds()/bandwidth, whole.Seconds()*1e3, rate(whole),
		q.Least, q.Gamma, 100*(mesh.Volume()/s.volume()-1), max(truth.OfMesh.Max, truth.OfSurface.Max)/h,
		float64(m.Held()+len(samples.Inside)+4*len(samples.Cuts.Node)+8*len(samples.Cuts.T))/float64(tets))
	return nil
}

// peer has HXT fill a box: its three-dimensional stage alone is timed, with the surface mesh there.
func peer() error {
	if err := gmsh.Initialize(); err != nil {
		return err
	}
	if err := gmsh.SetNumber("General.Terminal", 0); err != nil {
		return err
	}
	fmt.Printf("\n## HXT\n\nGmsh %s fills a box; the third dimension alone is timed, its surface being meshed.\n\n| threads | tetrahedra | ms | M/s |\n|--:|--:|--:|--:|\n", gmsh.Version)
	for _, threads := range []int{1, runtime.NumCPU()} {
		if err := gmsh.Clear(); err != nil {
			return err
		}
		if _, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1}); err != nil {
			return err
		}
		for name, value := range map[string]float64{"Mesh.Algorithm3D": 10, "Mesh.MeshSizeMax": 0.0165, "Mesh.MeshSizeMin": 0.0165,
			"Mesh.Optimize": 0, "General.NumThreads": float64(threads)} {
			if err := gmsh.SetNumber(name, value); err != nil {
				return err
			}
		}
		if err := gmsh.OCCSynchronize(); err != nil {
			return err
		}
		if err := gmsh.Generate(2); err != nil {
			return err
		}
		begin := time.Now()
		if err := gmsh.Generate(3); err != nil {
			return err
		}
		took := time.Since(begin)
		tags, nodes, err := gmsh.Elements(4, -1)
		if err != nil {
			return err
		}
		n := tags.Len()
		tags.Free()
		nodes.Free()
		fmt.Printf("| %d | %d | %.0f | %.2f |\n", threads, n, took.Seconds()*1e3, float64(n)/took.Seconds()/1e6)
	}
	return nil
}

// dirt fills what is damaged.
func dirt() error {
	fmt.Printf("\n## Dirt\n\nThe torus again, damaged, and filled with about a million tetrahedra. Volumes are against the clean one's; two that overlap have no such.\n\n" +
		"| surface | triangles | prepared, ms | filled, ms | tetrahedra | volume | least angle |\n|---|--:|--:|--:|--:|--:|--:|\n")
	clean := torus(320, 80)
	h := lattice.Edge(clean.volume(), 1_000_000)
	for _, d := range damages(clean) {
		m := &lattice.Mesher{}
		var surface *field.Surface
		prepared, err := median(func() (err error) {
			surface, err = field.Prepare(d.vertices, d.triangles, field.Options{})
			return err
		})
		if err != nil {
			return err
		}
		var mesh *lattice.Mesh
		filled, err := median(func() (err error) {
			mesh, err = m.Fill(surface, h, lattice.Grading{})
			return err
		})
		if err != nil {
			return err
		}
		q := lattice.Measure(mesh.XYZ, mesh.Tets, 0)
		fmt.Printf("| %s | %d | %.0f | %.0f | %d | %+.2f %% | %.1f° |\n", d.name, len(d.triangles), prepared.Seconds()*1e3, filled.Seconds()*1e3,
			len(mesh.Tets)/4, 100*(q.Volume/clean.volume()-1), q.Least)
		m.Free()
	}
	return nil
}

func median(f func() error) (time.Duration, error) {
	var all [rounds]time.Duration
	for i := range all {
		begin := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		all[i] = time.Since(begin)
	}
	return middle(all[:]), nil
}

// volume is what the triangles enclose.
func (s soup) volume() (sum float64) {
	for _, t := range s.triangles {
		a, b, c := s.vertices[t[0]], s.vertices[t[1]], s.vertices[t[2]]
		sum += (a[0]*(b[1]*c[2]-b[2]*c[1]) + a[1]*(b[2]*c[0]-b[0]*c[2]) + a[2]*(b[0]*c[1]-b[1]*c[0])) / 6
	}
	return math.Abs(sum)
}
