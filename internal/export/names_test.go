package export

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

func TestNames_AreWhatTheFormatAllowsAndStayDifferent(t *testing.T) {
	long := strings.Repeat("a", 119)
	for _, c := range []struct {
		rule
		asked, want []string
	}{
		{inpNames, []string{"inlet wall", "Inlet Wall", "12 bolts", "Ø", ""}, []string{"inlet_wall", "Inlet_Wall_2", "g_12_bolts", "g__", "g_"}},
		{foamNames, []string{"a b", "a;b", "a{b", "1"}, []string{"a_b", "a_b_2", "a_b_3", "g_1"}},
		{su2Names, []string{"wall 1", "wall\t1", ""}, []string{"wall_1", "wall_1_2", "_2"}},
		{anyName, []string{"Kugel Ø12", "Kugel Ø12"}, []string{"Kugel Ø12", "Kugel Ø12_2"}},
		{cgnsNames, []string{long + "x", long + "y"}, []string{long[:22], long[:17] + "_2"}},
		{unvNames, []string{"inlet wall", long, long}, []string{"inlet wall", long[:40], long[:35] + "_2"}},
	} {
		taken := c.rule.names()
		for i, name := range c.asked {
			got := taken.take(name)
			require.Equal(t, c.want[i], got, name)
			require.LessOrEqual(t, len(got), c.longest)
			require.True(t, utf8.ValidString(got))
		}
	}
}

func TestLongNameOfManyBytes_IsCutBetweenLetters(t *testing.T) {
	r := rule{longest: 9}
	require.Equal(t, "ØØØØ", r.fit("ØØØØØØ"))
}

func TestEveryFormatOfASpec_CanBeWritten(t *testing.T) {
	require.Len(t, Formats(), len(spec.Formats))
	for _, f := range spec.FileFormats {
		how, ok := Named(f.Name)
		require.True(t, ok, f.Name)
		require.Equal(t, "mesh"+f.Extension, how.File, "a download is called as the command line writes it")
		require.NotEmpty(t, how.MediaType)
		for _, shape := range []mesh.Shape{mesh.ATriangle, mesh.ATetrahedron} {
			for order := 1; order <= spec.MaxOrder; order++ {
				kind, _ := mesh.Of(shape, order)
				_, listed := how.cells[kind]
				require.Equal(t, order <= f.Order, listed || how.cells == nil, "%s in %s: the spec refuses what cannot be written", kind, f.Name)
			}
		}
	}
}

// tetrahedra is two of them that touch, in two solids.
func tetrahedra() *mesh.Mesh {
	return &mesh.Mesh{
		XYZ: []float64{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1},
		Blocks: []mesh.Block{
			{Dim: 2, Entity: 1, Kind: mesh.Triangle3, Tags: []uint64{1}, Nodes: []uint64{2, 3, 4}},
			{Dim: 2, Entity: 2, Kind: mesh.Triangle3, Tags: []uint64{2}, Nodes: []uint64{1, 3, 4}}, // points inwards
			{Dim: 3, Entity: 1, Kind: mesh.Tet4, Tags: []uint64{3}, Nodes: []uint64{1, 2, 3, 4}},
			{Dim: 3, Entity: 2, Kind: mesh.Tet4, Tags: []uint64{4}, Nodes: []uint64{2, 3, 4, 5}},
		},
		Groups: []mesh.Group{
			{Dim: 2, Tag: 1, Name: "between", Entities: []int{1}}, {Dim: 2, Tag: 2, Name: "side", Entities: []int{2}},
			{Dim: 2, Tag: 3, Name: "all", Entities: []int{1, 2}},
		},
	}
}

func TestFaces_KnowTheCellsOnBothSides(t *testing.T) {
	m := tetrahedra()
	topology := newTopology(m, m.Of(3))
	require.False(t, topology.outer(0))
	require.True(t, topology.outer(1))
	half := topology.side[0]
	cell, _ := topology.owner(half)
	require.Equal(t, 0, cell, "the lower cell comes first")
	cell, _ = topology.owner(topology.mate[half])
	require.Equal(t, 1, cell)
	require.Equal(t, topology.skin[half], topology.skin[topology.mate[half]])
	require.False(t, topology.turned(0, []uint64{2, 3, 4}))
	require.True(t, topology.turned(1, []uint64{1, 3, 4}))

	outside, inside := topology.surface(anyName, "rest")
	require.Equal(t, []string{"side", "rest"}, []string{outside[0].name, outside[1].name})
	require.Len(t, outside[0].halves, 1)
	require.Len(t, outside[1].halves, 5)
	require.Len(t, inside, 1)
	require.Equal(t, "between", inside[0].name)
}

func TestWhatARightFileLacks_IsTold(t *testing.T) {
	m := tetrahedra()
	words := func(format string) (out []string) {
		f, _ := Named(format)
		for _, d := range f.Remarks(m) {
			out = append(out, d.Message)
		}
		return out
	}
	require.Empty(t, words("inp"))
	for _, format := range []string{"vtk", "vtu"} {
		require.Equal(t, []string{"Format " + format + " has one group for each element; faces that are in several bear the first. Groups that lack some by that: all."}, words(format))
	}
	require.Equal(t, []string{
		"Format su2 gives each face one name; those that are in several groups keep the first (2).",
		"Faces between two solids are no boundary in su2 and are left out: of between.",
	}, words("su2"))
	m.Groups = m.Groups[:1]
	m.Groups[0].Name = "the wall"
	require.Equal(t, []string{`Format inp does not allow every name; written differently: "the wall" as "the_wall".`}, words("inp"))
}

func TestMeshWithoutVolumes_IsRefusedByFormatsMadeOfThem(t *testing.T) {
	m := tetrahedra()
	m.Blocks = m.Blocks[:2]
	for _, f := range Formats() {
		made := f.needsVolumes()
		require.Equal(t, made, f.Refuse(m) != nil, f.Name)
	}
}
