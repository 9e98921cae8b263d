package spec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

func TestEveryReferenceThatThePartLacksIsNamed(t *testing.T) {
	part := spec.Part{Unit: "", Groups: map[string]int{"bolt": 3, "color_ff0000": 2},
		Has: func(dim, tag int) bool { return tag <= 10-dim }}
	fit := func(text string) (paths []string) {
		err := decode(t, text).Fit(part)
		if err == nil {
			return nil
		}
		var bad spec.Errors
		require.ErrorAs(t, err, &bad)
		for _, f := range bad {
			paths = append(paths, f.Path)
		}
		return paths
	}
	require.Empty(t, fit(`{}`))
	require.Empty(t, fit(`{"groups": [{"name": "inlet", "dim": 2, "entities": [8]}],
		"refine": [{"group": "inlet", "size": 1}, {"group": "bolt", "size": 1}, {"near": {"group": "color_ff0000", "from": 1}, "size": 1}, {"edges": [9], "size": 1}],
		"layers": [{"groups": ["inlet", "color_ff0000"], "first_height": 1}]}`))
	require.Equal(t, []string{
		"groups[0].entities[1]", "refine[0].group", "refine[1].edges[0]", "refine[1].solids[1]", "refine[2].near.group", "refine[3].near.points[0]",
		"layers[0].groups[0]", "layers[0].groups[1]", "units",
	}, fit(`{"units": "m", "groups": [{"name": "inlet", "dim": 2, "entities": [8, 9]}],
		"refine": [{"group": "outlet", "size": 1}, {"edges": [10], "solids": [1, 8], "size": 1}, {"near": {"group": "nut", "from": 1}, "size": 1},
			{"near": {"points": [11], "from": 1}, "size": 1}],
		"layers": [{"groups": ["bolt", "wall"], "first_height": 1}]}`))
}
