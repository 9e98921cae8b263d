package serve_test

import (
	"slices"
	"strings"
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

// Of the face of the groove that the ring leaves free, the cut of the library takes what it knows of the ring's: it points the other way, in each
// mesh that the library makes. A lattice's triangles are not the library's.
func TestFacesOfOneSolid_PointOutOfIt(t *testing.T) {
	c := start(t)
	source := identified(t, named(t, "testdata/clip.step"))
	two := 2
	layer := spec.Spec{ // on another face: the groove's is between two solids for the rest
		Groups: []spec.Group{{Name: "wall", Dim: &two, Entities: []int{7}}},
		Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.1, Count: 2}},
	}
	for _, k := range []struct {
		name string
		spec spec.Spec
		kept bool // the mesh is that of an earlier case
	}{
		{name: "tetrahedra"},
		{name: "again", kept: true},
		{name: "order 2", spec: spec.Spec{Order: 2}, kept: true},
		{name: "order 3", spec: spec.Spec{Order: 3}, kept: true},
		{name: "hexahedra", spec: spec.Spec{Strategy: spec.Hex}},
		{name: "hex-dominant", spec: spec.Spec{Element: spec.HexDominant}},
		{name: "HXT", spec: spec.Spec{Strategy: spec.HXT}},
		{name: "layer", spec: layer},
		{name: "lattice", spec: spec.Spec{Strategy: spec.Lattice}},
	} {
		k.spec.Size.Fineness = 2
		a := c.keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, k.spec)})
		require.Nil(t, a.Error, k.name)
		require.Equal(t, k.kept, slices.Contains(a.Mesh.Reused, engine.Stage3D), k.name)
		m := readMesh(t, a)
		inward, all := inwards(m)
		require.Zero(t, inward, k.name)
		require.Greater(t, all, 100, k.name)
		turned := slices.ContainsFunc(a.log, func(l engine.LogLine) bool { return strings.HasPrefix(l.Text, "Turned 1 face ") })
		require.Equal(t, k.spec.Strategy != spec.Lattice, turned, k.name)
		if len(k.spec.Layers) > 0 {
			require.NotZero(t, m.Shapes()["prism"], k.name)
		}
	}
}
