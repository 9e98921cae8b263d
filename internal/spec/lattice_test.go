package spec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLattice_RefusesWhatItCannotMake(t *testing.T) {
	group := []Group{{Name: "wall", Dim: new(2), Entities: []int{1}}}
	for path, s := range map[string]Spec{
		"order":              {Order: 2},
		"element":            {Element: HexDominant},
		"layers":             {Groups: group, Layers: []Layer{{Groups: []string{"wall"}, FirstHeight: 0.1}}},
		"size.wall_elements": {Size: Size{WallElements: 2}},
	} {
		for _, strategy := range []string{Lattice, Auto} {
			s.Strategy, s.Draft = strategy, strategy == Auto
			_, err := s.Resolve()
			require.ErrorContains(t, err, path, "%s %+v", strategy, s)
		}
	}
	for _, strategy := range []string{Delaunay, HXT, Hex} {
		_, err := Spec{Draft: true, Strategy: strategy}.Resolve()
		require.ErrorContains(t, err, "must be auto or lattice where draft is set")
	}
}

func TestDraft_IsByLatticeAndAMeshOfItsOwn(t *testing.T) {
	resolve := func(s Spec) Spec {
		s, err := s.Resolve()
		require.NoError(t, err)
		return s
	}
	draft := resolve(Spec{Draft: true})
	require.Equal(t, Lattice, draft.Strategy)
	require.Equal(t, []string{"msh"}, draft.Formats)
	require.Equal(t, []string{"msh", "vtu"}, resolve(Spec{Draft: true, Formats: []string{"vtu", "msh"}}).Formats)
	require.Equal(t, draft, resolve(draft))
	for _, other := range []Spec{{}, {Strategy: Lattice}} {
		require.NotEqual(t, resolve(other).Identity(), draft.Identity(), "no draft answers a request for a mesh")
	}
}
