package picture

import (
	"image"
	"image/color"
	"math"

	"meshgen/internal/mesh"
)

// canvas is samples with their distance.
type canvas struct {
	w, h   int
	colour [][3]float32
	cover  []float32
	depth  []float32 // towards the eye
}

func newCanvas(w, h int) *canvas {
	c := &canvas{w: w, h: h, colour: make([][3]float32, w*h), cover: make([]float32, w*h), depth: make([]float32, w*h)}
	for i := range c.depth {
		c.depth[i] = float32(math.Inf(-1))
	}
	return c
}

func (c *canvas) image() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, c.w, c.h))
	for i, p := range c.colour {
		if c.cover[i] == 0 {
			continue
		}
		to8 := func(x float32) uint8 { return uint8(math.Round(255 * math.Pow(float64(min(max(x, 0), 1)), 1/2.2))) }
		out.SetNRGBA(i%c.w, i/c.w, color.NRGBA{to8(p[0]), to8(p[1]), to8(p[2]), 255})
	}
	return out
}

// view takes places to the canvas.
type view struct {
	right, up, to Point // unit vectors in the picture, and towards the eye
	centre        Point
	scale         float64
	x, y          float64
}

// margin is left free around the mesh, as a share of the picture; the legend stands in it.
const margin = 0.04

func look(m *mesh.Mesh, faces []polygon, o *Options, c *canvas) *view {
	v := &view{to: unit(o.From)}
	up := o.Up
	if up == (Point{}) {
		up = Point{0, 0, 1}
	}
	v.right = unit(cross(up, v.to))
	v.up = cross(v.to, v.right)
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, f := range faces {
		for _, p := range f.rim {
			for k, axis := range [2]Point{v.right, v.up} {
				low[k], high[k] = min(low[k], dot(p, axis)), max(high[k], dot(p, axis))
			}
		}
	}
	bottom := 0.
	if o.Colour != "" {
		bottom = legendHeight * oversampling
	}
	w, h := float64(c.w)*(1-2*margin), (float64(c.h)-bottom)*(1-2*margin)
	v.scale = min(w/(high[0]-low[0]), h/(high[1]-low[1]))
	middle := [2]float64{(low[0] + high[0]) / 2, (low[1] + high[1]) / 2}
	if o.Close > 1 {
		v.scale *= o.Close
		if o.Target != nil {
			at := share(m, *o.Target)
			middle = [2]float64{dot(at, v.right), dot(at, v.up)}
		}
	}
	v.x, v.y = float64(c.w)/2-v.scale*middle[0], (float64(c.h)-bottom)/2+v.scale*middle[1]
	return v
}

// project returns the place on the canvas, and how near it is in samples.
func (v *view) project(p Point) Point {
	return Point{v.x + v.scale*dot(p, v.right), v.y - v.scale*dot(p, v.up), v.scale * dot(p, v.to)}
}

// light is where the light comes from: over the left shoulder.
func (v *view) light(normal Point) float64 {
	n := unit(normal)
	if dot(n, v.to) < 0 {
		n = Point{-n[0], -n[1], -n[2]}
	}
	from := unit(Point{
		v.to[0] + 0.7*v.up[0] - 0.5*v.right[0], v.to[1] + 0.7*v.up[1] - 0.5*v.right[1], v.to[2] + 0.7*v.up[2] - 0.5*v.right[2],
	})
	return 0.42 + 0.62*max(0, dot(n, from))
}

// fill draws a face, as triangles: around its middle where its edges are curved.
func (c *canvas) fill(v *view, p *polygon) {
	normal := cross(sub(p.corners[1], p.corners[0]), sub(p.corners[2], p.corners[0]))
	if len(p.corners) == 4 {
		normal = cross(sub(p.corners[2], p.corners[0]), sub(p.corners[3], p.corners[1]))
	}
	light := v.light(normal)
	if p.painted { // the colour says something: shade it less
		light = 0.65 + 0.38*light
	}
	colour := [3]float32{float32(p.colour[0] * light), float32(p.colour[1] * light), float32(p.colour[2] * light)}
	if len(p.rim) > len(p.corners) {
		var middle Point
		for _, r := range p.rim {
			for k := range middle {
				middle[k] += r[k] / float64(len(p.rim))
			}
		}
		for i, r := range p.rim {
			c.triangle(v.project(middle), v.project(r), v.project(p.rim[(i+1)%len(p.rim)]), colour)
		}
		return
	}
	for i := 2; i < len(p.corners); i++ {
		c.triangle(v.project(p.corners[0]), v.project(p.corners[i-1]), v.project(p.corners[i]), colour)
	}
}

func (c *canvas) triangle(a, b, d Point, colour [3]float32) {
	area := (b[0]-a[0])*(d[1]-a[1]) - (b[1]-a[1])*(d[0]-a[0])
	if area == 0 {
		return
	}
	x0, x1 := max(0, int(math.Floor(min(a[0], b[0], d[0])))), min(c.w-1, int(math.Ceil(max(a[0], b[0], d[0]))))
	y0, y1 := max(0, int(math.Floor(min(a[1], b[1], d[1])))), min(c.h-1, int(math.Ceil(max(a[1], b[1], d[1]))))
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			s := ((px-a[0])*(d[1]-a[1]) - (py-a[1])*(d[0]-a[0])) / area
			t := ((b[0]-a[0])*(py-a[1]) - (b[1]-a[1])*(px-a[0])) / area
			if s < 0 || t < 0 || s+t > 1 {
				continue
			}
			z := float32(a[2] + s*(b[2]-a[2]) + t*(d[2]-a[2]))
			if at := y*c.w + x; z > c.depth[at] {
				c.depth[at], c.colour[at], c.cover[at] = z, colour, 1
			}
		}
	}
}

// pen is the width of an edge in pixels.
const pen = 0.9

// outline draws the edges of a face where nothing lies before them, darker than the face.
func (c *canvas) outline(v *view, p *polygon) {
	ink := [3]float32{0.012, 0.02, 0.035}
	parts := len(p.rim) / len(p.corners) // of each edge
	for i := range p.rim {
		a, b := v.project(p.rim[i]), v.project(p.rim[(i+1)%len(p.rim)])
		length := math.Hypot(b[0]-a[0], b[1]-a[1])
		// Lines between elements that are hardly larger than the pen would blacken the face.
		strength := float32(min(1, float64(parts)*length/(8*oversampling))) * 0.85
		steps := int(length) + 1
		radius := pen * oversampling / 2
		for k := 0; k <= steps; k++ {
			t := float64(k) / float64(steps)
			x, y, z := a[0]+t*(b[0]-a[0]), a[1]+t*(b[1]-a[1]), a[2]+t*(b[2]-a[2])
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					px, py := int(x)+dx, int(y)+dy
					if px < 0 || py < 0 || px >= c.w || py >= c.h || math.Hypot(float64(px)+0.5-x, float64(py)+0.5-y) > radius {
						continue
					}
					at := py*c.w + px
					if float32(z)+2.5*oversampling < c.depth[at] || c.cover[at] == 0 || c.cover[at] > 1 {
						continue
					}
					for q := range 3 {
						c.colour[at][q] = c.colour[at][q]*(1-strength) + ink[q]*strength
					}
					c.cover[at] = 2 // inked once
				}
			}
		}
	}
}
