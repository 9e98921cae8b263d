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

func TestUnfilled_IsWhatALatticeCannotDo(t *testing.T) {
	group := []Group{{Name: "wall", Dim: new(2), Entities: []int{1}}}
	for text, s := range map[string]Spec{
		"strategy":           {Strategy: HXT},
		"heal":               {Heal: HealOff},
		"order":              {Order: 2},
		"element":            {Element: HexDominant},
		"layers":             {Groups: group, Layers: []Layer{{Groups: []string{"wall"}, FirstHeight: 0.1}}},
		"size.wall_elements": {Size: Size{WallElements: 2}},
		"groups":             {Groups: []Group{{Name: "rim", Dim: new(1), Entities: []int{1}}}},
		"refine[1]": {Refine: []Refinement{
			{Entities: Entities{Faces: []int{1}}, Size: 1}, {Entities: Entities{Faces: []int{1}, Edges: []int{1}}, Size: 1},
		}},
		"refine[0].near": {Refine: []Refinement{{Near: &Near{Entities: Entities{Points: []int{1}}, From: 1}, Size: 1}}},
		"": {Size: Size{Growth: 1.2, Min: 0.1, TargetElements: 1000}, Groups: group, Refine: []Refinement{
			{Group: "wall", Size: 1}, {Entities: Entities{Faces: []int{1}, Solids: []int{1}}, Size: 1},
			{Near: &Near{Group: "wall", From: 1}, Size: 1}, {Sphere: &Sphere{Center: []float64{0, 0, 0}, Radius: 1}, Size: 1},
		}},
	} {
		resolved, err := s.Resolve()
		require.NoError(t, err)
		path, why := resolved.Unfilled()
		require.Equal(t, text, path)
		require.Equal(t, path == "", why == "")
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
