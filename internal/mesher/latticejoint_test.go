package mesher

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// Of three solids the last two touch. What is told of these is told of the same ones when the part is kept.
func TestLatticeOfKeptPart_TellsOfTheSolidsThatTouch(t *testing.T) {
	m := opened(t)
	require.NoError(t, gmsh.AddModel("three"))
	for i, box := range [][2][3]float64{{{-30, 0, 0}, {10, 10, 10}}, {{0, 0, 0}, {10, 10, 10}}, {{10, 4, 4}, {0.1, 0.1, 0.1}}} {
		tag, err := gmsh.AddBox(box[0], box[1])
		require.NoError(t, err)
		require.Equal(t, i+1, tag)
	}
	require.NoError(t, gmsh.OCCSynchronize())
	path := filepath.Join(t.TempDir(), "three.step")
	require.NoError(t, gmsh.Write(path))
	require.NoError(t, gmsh.Clear())
	stat, err := os.Stat(path)
	require.NoError(t, err)
	require.Positive(t, stat.Size())

	s, err := spec.Spec{Strategy: spec.Lattice, Size: spec.Size{Max: 2}, Formats: []string{"vtk"}}.Resolve()
	require.NoError(t, err)
	told := func(keep int64) (words []string) {
		result := m.Run(engine.Request{
			Kind: engine.Mesh, ID: "mesh", Dir: t.TempDir(), Tenant: "a", Keep: keep, Threads: 1, Spec: s,
			Source: engine.Source{Path: path, Format: engine.STEP, SHA256: "three"},
		}, &silent{})
		if result.Error != nil {
			words = append(words, result.Error.Message, fmt.Sprint(result.Error.Entities))
		}
		for _, w := range result.Warnings {
			if w.Code == diagnosis.Repaired {
				words = append(words, w.Message)
			}
		}
		return words
	}
	fresh := told(0)
	require.NotEmpty(t, fresh)
	require.Contains(t, fmt.Sprint(fresh), "2 solids that touch, the first of them solid 2")
	require.Equal(t, fresh, told(1<<30), "of what is kept just now")
	require.Equal(t, fresh, told(1<<30), "and of what was kept")
}
