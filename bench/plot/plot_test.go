package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPictureOfTheReadmeIsOfTheResultsThatAreCommitted(t *testing.T) {
	drawn := filepath.Join(t.TempDir(), "changes.svg")
	require.NoError(t, run("../results/changes.md", drawn))
	got, err := os.ReadFile(drawn)
	require.NoError(t, err)
	committed, err := os.ReadFile("../../docs/images/changes.svg")
	require.NoError(t, err)
	require.Equal(t, string(got), string(committed), "draw it with `make plot`")
	for x := xml.NewDecoder(strings.NewReader(string(got))); ; {
		if _, err := x.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
}

func TestReadTable(t *testing.T) {
	rows, err := readTable("| machine | |\n|---|---|\n\n| changed | cold Python | cold engine | warm loop, Gmsh alone | the floor | **Meshgen** |\n|---|--:|--:|--:|--:|--:|\n" +
		"| first | 708.6 (732.2) | 1 (2) | 194.6 (207.0) | - | **216.9 (229.1)** |\n| same | - | - | - | - | **5.8 (8.6)** |\n\n20 rounds.\n\n| changed | other |\n")
	require.NoError(t, err)
	require.Equal(t, []row{{"first", []float64{708.6, 194.6, 216.9}}, {"same", []float64{0, 0, 5.8}}}, rows)
	_, err = readTable("| changed | Meshgen |\n")
	require.ErrorContains(t, err, "cold Python")
	_, err = readTable("nothing")
	require.Error(t, err)
}
