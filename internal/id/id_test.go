package id_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/id"
)

func TestNamesSortByAgeAndAreValidForTheirKindAlone(t *testing.T) {
	a, b := id.New(id.Mesh), id.New(id.Mesh)
	require.Less(t, a, b)
	require.True(t, id.Valid(id.Mesh, a))
	require.False(t, id.Valid(id.Geometry, a))
	for _, s := range []string{"", "msh_", "msh_x", a + "0", a[:len(a)-1], "MSH" + a[3:], "msh_0190163D-8694-739B-AEA5-966C26F8AD91", "msh_{190163d-8694-739b-aea5-966c26f8ad91}"} {
		require.False(t, id.Valid(id.Mesh, s), s)
	}
}
