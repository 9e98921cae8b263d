package mesher

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// A kept part keeps its groups as long as the same ones are wanted.
func TestGroupsAreTheSame_InWhateverOrder(t *testing.T) {
	groups := func() []mesh.Group {
		return []mesh.Group{{Dim: 3, Tag: 1, Name: "solid_1", Entities: []int{1}}, {Dim: 2, Tag: 2, Name: "inlet", Entities: []int{4, 2}}}
	}
	turned := groups()
	slices.Reverse(turned)
	slices.Reverse(turned[0].Entities)
	require.True(t, sameGroups(groups(), turned))
	for name, change := range map[string]func(g []mesh.Group) []mesh.Group{
		"one less":     func(g []mesh.Group) []mesh.Group { return g[:1] },
		"another name": func(g []mesh.Group) []mesh.Group { g[1].Name = "outlet"; return g },
		"another tag":  func(g []mesh.Group) []mesh.Group { g[1].Tag = 3; return g },
		"another face": func(g []mesh.Group) []mesh.Group { g[1].Entities[0] = 5; return g },
		"a face less":  func(g []mesh.Group) []mesh.Group { g[1].Entities = g[1].Entities[:1]; return g },
	} {
		require.False(t, sameGroups(groups(), change(groups())), name)
		require.False(t, sameGroups(change(groups()), groups()), name)
	}
}

// The library gives back nothing of a group that is removed: what is there is left.
func TestGroupsThatAreThere_AreNotMadeAgain(t *testing.T) {
	library(t)
	cube := box(t)
	cube.name = "cube"
	j := &job{source: source{solids: []solid{cube}}}
	require.NoError(t, j.group())
	made, err := physicalGroups()
	require.NoError(t, err)
	require.Equal(t, []mesh.Group{{Dim: 3, Tag: 1, Name: "cube", Entities: []int{1}}}, made)

	before := gmsh.HeapInUse()
	for range 100 {
		require.NoError(t, j.group())
	}
	require.Less(t, gmsh.HeapInUse()-before, int64(100*80), "of each that is removed 80 bytes would be left")
	j.source.solids[0].name = "other"
	require.NoError(t, j.group())
	changed, err := physicalGroups()
	require.NoError(t, err)
	require.Equal(t, "other", changed[0].Name)
	require.Len(t, changed, 1)
}
