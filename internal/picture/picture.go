// Package picture draws meshes for the documentation: flat faces, crisp edges of elements, a measure as colour with its legend,
// and a cut that leaves elements whole. It draws on the processor, from far away (no perspective), and gives the same picture
// everywhere. The background is transparent: pages may be light or dark.
package picture

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"slices"

	"golang.org/x/image/draw"

	"meshgen/internal/mesh"
	"meshgen/internal/quality"
	"meshgen/internal/surface"
)

// Point is a place.
type Point = [3]float64

// Options say how a mesh is seen.
type Options struct {
	Width, Height int
	From          Point // direction from the mesh to the eye
	Up            Point // what is up in the picture; the z axis where it is zero
	// Colour is a measure to colour elements by, "" for plain faces.
	Colour string
	// Cut leaves out the elements whose middle is on the side of a plane that its normal points to.
	Cut *Plane
	// Close is how much nearer than the whole mesh the eye is, 1 where it is zero; Target is then what it looks at, as a share of
	// the bounding box.
	Close  float64
	Target *Point
}

// Plane is a plane across a mesh: At is a share of the bounding box.
type Plane struct{ Normal, At Point }

// Mesh reads a mesh from a .msh of ours, or triangles from an .stl.
func Mesh(path string) (*mesh.Mesh, error) {
	if len(path) < 4 || path[len(path)-4:] != ".stl" {
		return mesh.ReadMSH(path)
	}
	t, failure := surface.Read(path)
	if failure != nil {
		return nil, failure
	}
	m := &mesh.Mesh{XYZ: make([]float64, 3, 3*len(t.Vertices)+3)}
	for _, v := range t.Vertices {
		m.XYZ = append(m.XYZ, v[:]...)
	}
	b := mesh.Block{Dim: 2, Entity: 1, Kind: mesh.Triangle3}
	for _, triangle := range t.Triangles {
		for _, v := range triangle {
			b.Nodes = append(b.Nodes, uint64(v)+1)
		}
	}
	m.Blocks = []mesh.Block{b}
	return m, nil
}

// polygon is a face to be drawn.
type polygon struct {
	corners []Point
	rim     []Point    // the corners with what is between them on curved edges
	colour  [3]float64 // linear, before the light
	inner   bool       // shown by the cut
	painted bool       // by a measure
}

// oversampling is how many samples there are for a pixel in each direction: what makes edges smooth.
const oversampling = 3

// Draw draws a mesh.
func Draw(m *mesh.Mesh, o Options) image.Image {
	faces := visible(m, &o)
	c := newCanvas(o.Width*oversampling, o.Height*oversampling)
	v := look(m, faces, &o, c)
	for i := range faces {
		c.fill(v, &faces[i])
	}
	for i := range faces {
		c.outline(v, &faces[i])
	}
	out := image.NewNRGBA(image.Rect(0, 0, o.Width, o.Height))
	draw.BiLinear.Scale(out, out.Bounds(), c.image(), image.Rect(0, 0, c.w, c.h), draw.Src, nil)
	if o.Colour != "" {
		legend(out, o.Colour)
	}
	return out
}

// Save draws a mesh into a file.
func Save(path string, m *mesh.Mesh, o Options) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(f, Draw(m, o)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// box returns the bounding box of the nodes.
func box(m *mesh.Mesh) (low, high Point) {
	for k := range 3 {
		low[k], high[k] = math.Inf(1), math.Inf(-1)
		for n := 1; n <= m.Nodes(); n++ {
			x := m.XYZ[3*n+k]
			low[k], high[k] = min(low[k], x), max(high[k], x)
		}
	}
	return low, high
}

// share returns the place at a share of the bounding box.
func share(m *mesh.Mesh, at Point) (p Point) {
	low, high := box(m)
	for k := range 3 {
		p[k] = low[k] + at[k]*(high[k]-low[k])
	}
	return p
}

// visible returns the faces of elements that are left and that nothing left lies behind both sides of: the surface and what the
// cut lays bare. A mesh without volume shows its triangles.
func visible(m *mesh.Mesh, o *Options) []polygon {
	var out []polygon
	keep := func(Point) bool { return true }
	if o.Cut != nil {
		at := share(m, o.Cut.At)
		keep = func(p Point) bool { return dot(sub(p, at), o.Cut.Normal) <= 0 }
	}
	dim := 3
	if len(m.Of(3)) == 0 {
		dim = 2
	}
	type seen struct {
		polygon
		n int
	}
	faces := map[[4]uint64]*seen{}
	var order []*seen
	skin, curves := map[[4]uint64]bool{}, bendsOf(m)
	for _, b := range m.Of(2) {
		for e := range b.Len() {
			skin[key(b.Element(e)[:b.Kind.Corners()])] = true
		}
	}
	for _, b := range m.Of(dim) {
		shape := b.Kind.Shape()
		for e := range b.Len() {
			nodes := b.Element(e)[:shape.Corners()]
			corners := make([]Point, len(nodes))
			var middle Point
			for i, n := range nodes {
				corners[i] = m.At(n)
				for k := range 3 {
					middle[k] += corners[i][k] / float64(len(nodes))
				}
			}
			if !keep(middle) {
				continue
			}
			colour, painted := [3]float64{}, false
			if o.Colour != "" {
				v, _ := quality.Of(shape, corners)
				for _, measure := range quality.Measures() {
					if measure.Name() == o.Colour && v[measure] == v[measure] {
						colour, painted = ramp(o.Colour, v[measure]), true
					}
				}
			}
			list := shape.Faces()
			if dim == 2 {
				all := make([]int, len(nodes))
				for i := range all {
					all[i] = i
				}
				list = [][]int{all}
			}
			for _, f := range list {
				var ids []uint64
				p := polygon{colour: colour, painted: painted}
				for _, i := range f {
					ids = append(ids, nodes[i])
					p.corners = append(p.corners, corners[i])
				}
				p.rim = curves.around(ids, p.corners)
				k := key(ids)
				p.inner = dim == 3 && !skin[k]
				if !painted {
					p.colour = outerColour
					if p.inner {
						p.colour = innerColour
					}
				}
				s := faces[k]
				if s == nil {
					s = &seen{polygon: p}
					faces[k] = s
					order = append(order, s)
				}
				s.n++
			}
		}
	}
	for _, s := range order {
		if s.n == 1 {
			out = append(out, s.polygon)
		}
	}
	return out
}

func key(nodes []uint64) (k [4]uint64) {
	copy(k[:], nodes)
	slices.Sort(k[:])
	return k
}

// The colours of plain faces, linear: a calm blue outside, a warm one where the cut shows the inside.
var (
	outerColour = linear(color.NRGBA{0x8f, 0xb4, 0xd9, 0xff})
	innerColour = linear(color.NRGBA{0xf0, 0xc2, 0x78, 0xff})
)

func linear(c color.NRGBA) [3]float64 {
	return [3]float64{math.Pow(float64(c.R)/255, 2.2), math.Pow(float64(c.G)/255, 2.2), math.Pow(float64(c.B)/255, 2.2)}
}

func sub(a, b Point) Point { return Point{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func dot(a, b Point) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func cross(a, b Point) Point {
	return Point{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unit(a Point) Point {
	l := math.Sqrt(dot(a, a))
	if l == 0 {
		return a
	}
	return Point{a[0] / l, a[1] / l, a[2] / l}
}
