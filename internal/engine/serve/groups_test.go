package serve_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// readMesh reads the mesh file of an answer back.
func readMesh(t *testing.T, a answer) *mesh.Mesh {
	t.Helper()
	m, err := mesh.ReadMSH(filepath.Join(a.dir, "mesh.msh"))
	require.NoError(t, err)
	return m
}

// groups returns the physical groups of a mesh by name.
func groups(t *testing.T, m *mesh.Mesh) map[string]mesh.Group {
	t.Helper()
	out := map[string]mesh.Group{}
	for _, g := range m.Groups {
		require.NotContains(t, out, g.Name, "names are unique")
		out[g.Name] = g
	}
	return out
}

// area returns the total area of the triangles of faces.
func area(m *mesh.Mesh, faces []int) (sum float64) {
	for _, f := range faces {
		for _, b := range m.In(2, f) {
			for i := range b.Len() {
				e := b.Element(i)
				sum += triangleArea(m.At(e[0]), m.At(e[1]), m.At(e[2]))
			}
		}
	}
	return sum
}

func triangleArea(a, b, c [3]float64) float64 {
	var u, v [3]float64
	for k := range 3 {
		u[k], v[k] = b[k]-a[k], c[k]-a[k]
	}
	x, y, z := u[1]*v[2]-u[2]*v[1], u[2]*v[0]-u[0]*v[2], u[0]*v[1]-u[1]*v[0]
	return math.Sqrt(x*x+y*y+z*z) / 2
}

func dim(d int) *int { return &d }

func TestGroupsOfASpec_ArePhysicalGroupsOfEveryDimension(t *testing.T) {
	a := start(t).mesh(part(t), func(s *spec.Spec) {
		coarse(s)
		s.Groups = []spec.Group{
			{Name: "inlet", Dim: dim(2), Entities: []int{3, 1}}, {Name: "wall Ø", Dim: dim(2), Entities: []int{1, 2}},
			{Name: "rim", Dim: dim(1), Entities: []int{5}}, {Name: "probe", Dim: dim(0), Entities: []int{7}},
			{Name: "body", Dim: dim(3), Entities: []int{1}},
		}
	})
	requireSound(t, a)
	got := groups(t, readMesh(t, a))
	require.Len(t, got, 5, "the solid has one group of its own, with the name that was asked for")
	for name, want := range map[string]struct {
		dim      int
		entities []int
	}{"inlet": {2, []int{1, 3}}, "wall Ø": {2, []int{1, 2}}, "rim": {1, []int{5}}, "probe": {0, []int{7}}, "body": {3, []int{1}}} {
		require.Equal(t, want.dim, got[name].Dim, name)
		require.ElementsMatch(t, want.entities, got[name].Entities, name)
	}
}

func TestNamesAndColoursOfAFile_AreListedAndBecomeGroups(t *testing.T) {
	c := start(t)
	source := shared(t, "cad/step_boundary_colors.stp")
	model := c.do(engine.Request{Kind: engine.Import, Source: source}).Model
	require.Equal(t, []engine.FileGroup{
		{Name: "PartBody", Dim: 3, Entities: []int{1}},
		{Name: "color_00ff00", Dim: 2, Entities: []int{1}}, {Name: "color_ff0000", Dim: 2, Entities: []int{4}},
		{Name: "color_0080ff", Dim: 2, Entities: []int{6}},
	}, model.Groups, "the colour of the solid itself says nothing")
	require.Equal(t, [][2]int{{1, 12}}, model.CurveTags)
	require.Equal(t, [][2]int{{1, 8}}, model.PointTags)

	a := c.mesh(source, coarse)
	requireSound(t, a)
	got := groups(t, readMesh(t, a))
	require.Equal(t, []int{4}, got["color_ff0000"].Entities)
	require.Equal(t, 2, got["color_ff0000"].Dim)
	require.Equal(t, []int{1}, got["PartBody"].Entities)
}

func TestLayersOfAFile_AreListed(t *testing.T) {
	model := start(t).do(engine.Request{Kind: engine.Import, Source: shared(t, "cad/as1-oc-214.stp")}).Model
	require.Equal(t, []string{"256"}, model.Solids[0].Layers)
	require.Equal(t, "nut", model.Solids[0].Name)
	byName := map[string]engine.FileGroup{}
	for _, g := range model.Groups {
		byName[g.Name] = g
	}
	require.Len(t, byName["nut"].Entities, 8)
	require.Equal(t, 3, byName["nut"].Dim)
	require.Contains(t, byName["layer_256"].Entities, model.Solids[0].Tag)
}

func TestGroupsFollowFacesThatAreCut(t *testing.T) {
	// Three solids that touch: the pin stands on the plate and cuts a disc out of its top, which both share then.
	c := start(t)
	source := shared(t, "cad/gen_named_coloured.step")
	model := c.do(engine.Request{Kind: engine.Import, Source: source}).Model
	top, bottom := 6, 9 // of the plate, of the pin
	require.InDelta(t, 400, model.Faces[top-1].Measure, 1e-6)
	a := c.mesh(source, func(s *spec.Spec) {
		s.Groups = []spec.Group{
			{Name: "top", Dim: dim(2), Entities: []int{top}}, {Name: "foot", Dim: dim(2), Entities: []int{bottom}},
			{Name: "side", Dim: dim(2), Entities: []int{1}}, {Name: "edge", Dim: dim(1), Entities: []int{1}},
			{Name: "corner", Dim: dim(0), Entities: []int{1}}, {Name: "both", Dim: dim(3), Entities: []int{1, 2}},
		}
	})
	requireSound(t, a)
	m := readMesh(t, a)
	got := groups(t, m)
	require.Len(t, got["top"].Entities, 2)
	require.InDelta(t, 400, area(m, got["top"].Entities), 1e-6)
	require.Len(t, got["foot"].Entities, 1)
	require.Subset(t, got["top"].Entities, got["foot"].Entities, "the disc is in both")
	require.InEpsilon(t, math.Pi*16, area(m, got["foot"].Entities), 0.01)
	require.InDelta(t, 100, area(m, got["side"].Entities), 1e-6)
	require.Len(t, got["edge"].Entities, 1)
	require.Len(t, got["corner"].Entities, 1)
	require.Len(t, got["both"].Entities, 2)
	require.Len(t, got["base plate"].Entities, 1)

	edge := m.In(1, got["edge"].Entities[0])[0]
	for _, node := range edge.Nodes {
		p := m.At(node)
		require.InDelta(t, 0, math.Hypot(p[0], p[1]), 1e-9, "edge 1 stands at the origin")
	}
}

func TestEntitiesThatTheGeometryDoesNotHave_AreTold(t *testing.T) {
	c := start(t)
	for place, change := range map[string]func(*spec.Spec){
		"groups[0].entities: the geometry has no face 99": func(s *spec.Spec) {
			s.Groups = []spec.Group{{Name: "inlet", Dim: dim(2), Entities: []int{1, 99}}}
		},
		"refine[0].group: the geometry has no group": func(s *spec.Spec) {
			s.Refine = []spec.Refinement{{Group: "outlet", Size: 1}}
		},
		"refine[0].near.edges: the geometry has no edge 999": func(s *spec.Spec) {
			s.Refine = []spec.Refinement{{Near: &spec.Near{Entities: spec.Entities{Edges: []int{999}}, From: 1}, Size: 1}}
		},
		"units": func(s *spec.Spec) { s.Units = "mm" },
	} {
		source := part(t)
		if place == "units" {
			source = shared(t, "cad/mal_vis.brep")
		}
		a := c.mesh(source, change)
		require.NotNil(t, a.Error, place)
		require.Equal(t, diagnosis.UnfitSpec, a.Error.Code)
		require.Contains(t, a.Error.Message, place)
		require.NotEmpty(t, a.Error.Hint)
	}
}
