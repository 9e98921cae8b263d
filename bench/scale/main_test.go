package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnly_NamesWhatCanBeMeasured(t *testing.T) {
	wanted, err := chosen("reads,claims")
	require.NoError(t, err)
	require.Equal(t, []string{"reads", "claims"}, wanted)
	for _, wrong := range []string{"", "claim", "reads,", "reads, claims"} {
		_, err := chosen(wrong)
		require.ErrorContains(t, err, "-only: there is no", wrong)
	}
}
