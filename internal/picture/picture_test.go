package picture_test

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
	"meshgen/internal/picture"
)

// cube is of two prisms, lying.
func cube() *mesh.Mesh {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1}}
	m.Blocks = []mesh.Block{{Dim: 3, Entity: 1, Kind: mesh.Prism6, Nodes: []uint64{1, 2, 3, 5, 6, 7, 1, 3, 4, 5, 7, 8}}}
	return m
}

// covered counts the pixels that are drawn, at least by half.
func covered(m image.Image) (n int) {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if _, _, _, a := m.At(x, y).RGBA(); a >= 0x8000 {
				n++
			}
		}
	}
	return n
}

func TestCube_FillsItsSquareAndLeavesTheRestTransparent(t *testing.T) {
	o := picture.Options{Width: 100, Height: 100, From: picture.Point{0, 0, 1}, Up: picture.Point{0, 1, 0}}
	require.InDelta(t, 92*92, covered(picture.Draw(cube(), o)), 200)
}

func TestCut_LeavesElementsWhole(t *testing.T) {
	o := picture.Options{Width: 100, Height: 100, From: picture.Point{0, 0, 1}, Up: picture.Point{0, 1, 0},
		Cut: &picture.Plane{Normal: picture.Point{-1, 1, 0}, At: picture.Point{0.5, 0.5, 0.5}}}
	require.InDelta(t, 92*92/2, covered(picture.Draw(cube(), o)), 250, "one of two prisms")
}

func TestCurvedEdge_IsDrawnAsItBends(t *testing.T) {
	// A triangle with two sides of 1, whose third is the arc of a circle.
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0.5, 0, 0, math.Sqrt2 / 2, math.Sqrt2 / 2, 0, 0, 0.5, 0}}
	m.Blocks = []mesh.Block{{Dim: 2, Entity: 1, Kind: mesh.Triangle6, Nodes: []uint64{1, 2, 3, 4, 5, 6}}}
	o := picture.Options{Width: 100, Height: 100, From: picture.Point{0, 0, 1}, Up: picture.Point{0, 1, 0}}
	require.InDelta(t, 92*92*math.Pi/4, covered(picture.Draw(m, o)), 200)
}
