package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigurationPageIsNotStale(t *testing.T) {
	var want bytes.Buffer
	require.NoError(t, write(&want, "../.."))
	have, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Equal(t, want.String(), string(have), "run `make generate`")
}
