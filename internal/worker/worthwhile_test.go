package worker

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
)

// What will be too large to be kept is not made before anybody asks: who waited for it would have it made afresh.
func TestWorthwhile_WhereTheSurfaceIsKept(t *testing.T) {
	cube := engine.Model{Box: engine.Box{Max: [3]float64{1, 1, 1}}, Solids: []engine.Body{{Tag: 1, Measure: 1, Faces: []int{1, 2, 3, 4, 5, 6}}}}
	for tag := range 6 {
		cube.Faces = append(cube.Faces, engine.Body{Tag: tag + 1, Shape: "plane", Measure: 1})
	}
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	most := int64(estimate.Of(estimate.FactsOf(&cube), s).Triangles.High)
	require.Positive(t, most)
	const takes = 8 * 40 // an eighth of the memory is for one stage of a mesh
	require.True(t, worthwhile(&cube, s, takes*most))
	require.False(t, worthwhile(&cube, s, takes*most-takes))
	require.False(t, worthwhile(&cube, s, 0), "nothing is kept")
}
