package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPartsOf_TakesTheNamesOfParts(t *testing.T) {
	names := func(parts []part) (all []string) {
		for _, p := range parts {
			all = append(all, p.name)
		}
		return all
	}
	all, err := partsOf("")
	require.NoError(t, err)
	require.Equal(t, names(parts), names(all))
	some, err := partsOf("winding,filling")
	require.NoError(t, err)
	require.Equal(t, []string{"filling", "winding"}, names(some), "in the order of the page")
	for _, wrong := range []string{"wind", "winding,", "winding, peers"} {
		_, err := partsOf(wrong)
		require.ErrorContains(t, err, "there is no part")
	}
}

// What a peer says stays in its cell.
func TestInRow_LeavesTheTableWhole(t *testing.T) {
	require.Equal(t, "a / b c", inRow(errors.New("a | b\nc")))
}
