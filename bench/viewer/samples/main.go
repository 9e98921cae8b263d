// Command samples writes meshes of a known size and shape as the page is given them, and as the peers of its bench read them.
//
//	samples [-surface 1000000] [-volume 1000000] [-peers] FOLDER
//
//	surface.glb  a ball's surface of a million triangles, in six faces, with five measures (docs/viewer-format.md)
//	ball.glb     the surface of the ball that volume.glb fills
//	volume.glb   a million tetrahedra
//	peer.glb     with -peers: surface.glb's triangles as plain glTF (float positions, 32-bit indices, gamma as _GAMMA)
//	peer.stl     the same as binary STL
//	peer.vtp     the same as VTK's XML, appended and raw, with gamma of each triangle
//
// Every file is gzipped, as it is served.
package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"meshgen/internal/export/view"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
)

func main() {
	surface := flag.Int("surface", 1_000_000, "triangles of the surface")
	volume := flag.Int("volume", 1_000_000, "tetrahedra of the volume")
	peers := flag.Bool("peers", false, "write what other viewers read, too")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(flag.Arg(0), *surface, *volume, *peers); err != nil {
		fmt.Fprintln(os.Stderr, "samples:", err)
		os.Exit(1)
	}
}

func write(folder string, triangles, tetrahedra int, peers bool) error {
	large := shell(int(math.Ceil(math.Sqrt(float64(triangles) / 12))))
	surface := view.SurfaceOf(large, nil, measures(large)...)
	surface.Units = "mm"
	if err := file(folder, "surface.glb", surface.WriteGLB); err != nil {
		return err
	}

	full := filled(int(math.Ceil(math.Cbrt(float64(tetrahedra) / 6))))
	ball := view.SurfaceOf(full, nil, measures(full)...)
	ball.Units = "mm"
	if err := file(folder, "ball.glb", ball.WriteGLB); err != nil {
		return err
	}
	volume := view.VolumeOf(full, nil, measures(full)...)
	volume.Units, volume.Surface = "mm", ball.Vertices()
	if err := file(folder, "volume.glb", volume.WriteGLB); err != nil {
		return err
	}
	if !peers {
		return nil
	}
	p := peerOf(surface)
	for name, f := range map[string]func(io.Writer) error{"peer.glb": p.glb, "peer.stl": p.stl, "peer.vtp": p.vtp} {
		if err := file(folder, name, f); err != nil {
			return err
		}
	}
	return nil
}

func file(folder, name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := write(z); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// grid is the nodes of a cube of n³ cells that are needed, moved to a ball with a radius of 50.
type grid struct {
	n    int
	mesh *mesh.Mesh
	node map[[3]int]uint64
	dice *rand.Rand
}

func newGrid(n int) *grid {
	return &grid{n: n, mesh: &mesh.Mesh{XYZ: []float64{0, 0, 0}}, node: map[[3]int]uint64{}, dice: rand.New(rand.NewPCG(1, 2))}
}

// at returns the node at a corner of the cells. Nodes lie a little beside their places, as those of a real mesh do.
func (g *grid) at(x, y, z int) uint64 {
	key := [3]int{x, y, z}
	if known, ok := g.node[key]; ok {
		return known
	}
	var p [3]float64
	longest, length := 0., 0.
	for k, i := range key {
		v := float64(i)
		if i > 0 && i < g.n {
			v += 0.3 * (g.dice.Float64() - 0.5)
		}
		p[k] = 2*v/float64(g.n) - 1
		longest = max(longest, math.Abs(p[k]))
		length += p[k] * p[k]
	}
	scale := 0.
	if length > 0 {
		scale = 50 * longest / math.Sqrt(length)
	}
	g.mesh.XYZ = append(g.mesh.XYZ, scale*p[0], scale*p[1], scale*p[2])
	number := uint64(len(g.mesh.XYZ)/3 - 1)
	g.node[key] = number
	return number
}

// sides adds the surface as triangles: two for each square, in a face for each side of the cube.
func (g *grid) sides() {
	tag := uint64(0)
	for side := range 6 {
		axis, far := side/2, side%2
		u, v := (axis+1)%3, (axis+2)%3
		block := mesh.Block{Dim: 2, Entity: side + 1, Kind: mesh.Triangle3}
		for i := range g.n {
			for j := range g.n {
				corner := func(a, b int) uint64 {
					var at [3]int
					at[axis], at[u], at[v] = far*g.n, i+a, j+b
					return g.at(at[0], at[1], at[2])
				}
				a, b, c, d := corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)
				if far == 0 {
					b, d = d, b
				}
				block.Nodes = append(block.Nodes, a, b, c, a, c, d)
				block.Tags = append(block.Tags, tag+1, tag+2)
				tag += 2
			}
		}
		g.mesh.Blocks = append(g.mesh.Blocks, block)
	}
}

// shell is the surface of a ball, of 12 n² triangles.
func shell(n int) *mesh.Mesh {
	g := newGrid(n)
	g.sides()
	return g.mesh
}

// filled is a ball of 6 n³ tetrahedra and its surface.
func filled(n int) *mesh.Mesh {
	g := newGrid(n)
	block := mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
	for z := range n {
		for y := range n {
			for x := range n {
				for i, way := range [][3]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}} {
					at := [3]int{x, y, z}
					nodes := []uint64{g.at(x, y, z)}
					for _, k := range way {
						at[k]++
						nodes = append(nodes, g.at(at[0], at[1], at[2]))
					}
					if i >= 3 { // the other way round the diagonal
						nodes[1], nodes[2] = nodes[2], nodes[1]
					}
					block.Nodes = append(block.Nodes, nodes...)
					block.Tags = append(block.Tags, uint64(12*n*n+len(block.Tags)+1))
				}
			}
		}
	}
	g.sides()
	g.mesh.Blocks = append(g.mesh.Blocks, block)
	return g.mesh
}

// measures are those that the engine writes; a triangle's are those of the tetrahedron that stands on it towards the middle.
func measures(m *mesh.Mesh) []view.Measure {
	var out []view.Measure
	for _, s := range []struct {
		measure quality.Measure
		high    float64
	}{{quality.Gamma, 1}, {quality.SICN, 1}, {quality.Jacobian, 1}, {quality.Skewness, 1}, {quality.MinDihedral, 90}} {
		out = append(out, view.Measure{Name: s.measure.Name(), High: s.high, Of: func(b *mesh.Block) func(int) float64 {
			return func(e int) float64 {
				corners := make([]quality.Point, 0, 4)
				for _, node := range b.Element(e) {
					corners = append(corners, m.At(node))
				}
				if b.Dim == 2 {
					corners = append(corners, below(corners))
				}
				all, _ := quality.Of(mesh.ATetrahedron, corners)
				return all[s.measure]
			}
		}})
	}
	return out
}

// below is the tip of a regular tetrahedron, nearly, that stands on a triangle of a ball.
func below(t []quality.Point) (tip quality.Point) {
	edge, length := 0., 0.
	for k := range 3 {
		tip[k] = (t[0][k] + t[1][k] + t[2][k]) / 3
		edge += (t[1][k] - t[0][k]) * (t[1][k] - t[0][k])
		length += tip[k] * tip[k]
	}
	share := 1 - 0.8*math.Sqrt(edge/length)
	for k := range 3 {
		tip[k] *= share
	}
	return tip
}
