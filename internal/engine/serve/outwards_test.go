package serve_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// inwards returns how many triangles and quadrangles around the solids point into the one that they bound, and how many there are.
func inwards(m *mesh.Mesh) (inward, all int) {
	key := func(corners []uint64) [4]uint64 {
		var k [4]uint64
		copy(k[4-len(corners):], corners)
		slices.Sort(k[:])
		return k
	}
	runs := func(corners []uint64) bool { // one of the two ways around
		at := slices.Index(corners, slices.Min(corners))
		return corners[(at+1)%len(corners)] < corners[(at+len(corners)-1)%len(corners)]
	}
	outwards := map[[4]uint64][]bool{}
	for _, b := range m.Of(3) {
		shape := b.Kind.Shape()
		for e := range b.Len() {
			for _, side := range shape.Faces() {
				var corners []uint64
				for _, k := range side {
					corners = append(corners, b.Element(e)[k])
				}
				outwards[key(corners)] = append(outwards[key(corners)], runs(corners))
			}
		}
	}
	for _, b := range m.Of(2) {
		for e := range b.Len() {
			corners := b.Element(e)[:b.Kind.Corners()]
			if of := outwards[key(corners)]; len(of) == 1 {
				all++
				if of[0] != runs(corners) {
					inward++
				}
			}
		}
	}
	return inward, all
}

// Of the face of the groove that the ring leaves free, the cut of the library takes what it knows of the ring's: it points the other way.
func TestFacesOfOneSolid_PointOutOfIt(t *testing.T) {
	c := start(t)
	source := identified(t, named(t, "testdata/clip.step"))
	for name, s := range map[string]spec.Spec{
		"tetrahedra": {}, "order 2": {Order: 2}, "hexahedra": {Strategy: spec.Hex}, "hex-dominant": {Element: spec.HexDominant}, "again": {},
	} {
		s.Size.Fineness = 2
		a := c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, s)})
		require.Nil(t, a.Error, name)
		inward, all := inwards(readMesh(t, a))
		require.Zero(t, inward, name)
		require.Greater(t, all, 100, name)
	}
}
