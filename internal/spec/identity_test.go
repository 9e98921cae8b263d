package spec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIdentity_IsThatOfTheMeshAskedFor(t *testing.T) {
	identity := func(s Spec) string {
		s, err := s.Resolve()
		require.NoError(t, err)
		return s.Identity()
	}
	plain := identity(Spec{})
	require.Equal(t, plain, identity(Spec{Strategy: Auto, Order: 1}), "defaults may be spelled out")
	require.Equal(t, plain, identity(Spec{Formats: []string{"stl", "su2"}}), "formats are not of the mesh")
	for _, other := range []Spec{
		{Order: 2}, {Strategy: HXT}, {Heal: HealOff}, {TimeLimit: "121s"}, {Units: "mm"}, {Size: Size{Max: 2}},
		{Refine: []Refinement{{Box: [][]float64{{0, 0, 0}, {1, 1, 1}}, Size: 0.2}}},
	} {
		require.NotEqual(t, plain, identity(other), "%+v", other)
	}
	require.NotEqual(t, identity(Spec{Size: Size{Max: 2}}), identity(Spec{Size: Size{Max: 2.0000000000000004}}), "in the last digit")
}
