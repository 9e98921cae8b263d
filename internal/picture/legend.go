package picture

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// legendHeight is what the legend takes at the bottom of a picture, in pixels.
const legendHeight = 54

// The ends of what is shown of a measure: bad first.
var ranges = map[string][2]float64{
	"gamma": {0, 1}, "sicn": {0, 1}, "jacobian": {0, 1}, "aspect": {5, 1}, "edge_ratio": {10, 1}, "skewness": {1, 0},
	"min_dihedral": {0, 70}, "max_dihedral": {180, 70}, "min_angle": {0, 60}, "max_angle": {180, 60},
}

// stops are colours from bad to good that people with any colour vision tell apart: dark red, orange, yellow, green, blue.
// They are lighter towards the middle and never as dark as ink.
var stops = []color.NRGBA{{0xb2, 0x18, 0x2b, 0xff}, {0xef, 0x8a, 0x46, 0xff}, {0xf7, 0xdc, 0x7a, 0xff}, {0x8f, 0xcf, 0xae, 0xff}, {0x3f, 0x8f, 0xc5, 0xff}}

// ramp returns the colour of a value of a measure.
func ramp(measure string, x float64) [3]float64 {
	ends, ok := ranges[measure]
	if !ok {
		ends = [2]float64{0, 1}
	}
	t := min(1, max(0, (x-ends[0])/(ends[1]-ends[0]))) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	a, b := linear(stops[i]), linear(stops[i+1])
	f := t - float64(i)
	return [3]float64{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1]), a[2] + f*(b[2]-a[2])}
}

// legend draws the scale of colours below the mesh, on a plate of its own that any background lets be read.
func legend(out *image.NRGBA, measure string) {
	face, err := goFace(15)
	if err != nil {
		return
	}
	defer face.Close()
	width, height := 372, legendHeight-8
	x0, y0 := (out.Rect.Dx()-width)/2, out.Rect.Dy()-legendHeight+2
	plate(out, x0, y0, width, height)
	ink := color.NRGBA{0x22, 0x2b, 0x36, 0xff}
	bar, left := 200, x0+128
	write(out, face, ink, x0+12, y0+28, measure)
	for x := range bar {
		ends := ranges[measure]
		c := ramp(measure, ends[0]+(ends[1]-ends[0])*(float64(x)+0.5)/float64(bar))
		for y := range 14 {
			out.SetNRGBA(left+x, y0+8+y, color.NRGBA{encode(c[0]), encode(c[1]), encode(c[2]), 255})
		}
	}
	ends := ranges[measure]
	for i := range 3 {
		text := strconv.FormatFloat(ends[0]+(ends[1]-ends[0])*float64(i)/2, 'g', 4, 64)
		w := font.MeasureString(face, text).Round()
		write(out, face, ink, left+i*bar/2-w/2, y0+39, text)
	}
}

func encode(x float64) uint8 { return uint8(math.Round(255 * math.Pow(min(max(x, 0), 1), 1/2.2))) }

func goFace(size float64) (font.Face, error) {
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
}

func write(out *image.NRGBA, face font.Face, c color.Color, x, y int, text string) {
	d := font.Drawer{Dst: out, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// plate draws a light plate with round corners.
func plate(out *image.NRGBA, x0, y0, w, h int) {
	const radius = 8.
	for y := range h {
		for x := range w {
			dx := max(radius-float64(x)-0.5, float64(x)+0.5-float64(w)+radius, 0)
			dy := max(radius-float64(y)-0.5, float64(y)+0.5-float64(h)+radius, 0)
			cover := min(1, max(0, radius+0.5-math.Hypot(dx, dy)))
			if cover > 0 {
				out.SetNRGBA(x0+x, y0+y, color.NRGBA{0xf4, 0xf6, 0xf8, uint8(255 * cover)})
			}
		}
	}
}
