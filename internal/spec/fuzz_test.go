package spec

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzResolve makes sure that any spec is resolved, once and for all, or refused with the paths of its fields.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"draft": true}`, `{"strategy": "hex", "order": 2, "units": "mm", "time_limit": "120s", "formats": ["msh", "vtk", "msh"]}`,
		`{"size": {"fineness": 5, "max": 2, "min": 0.2, "curvature": 12, "growth": 1.3, "target_elements": 200000}}`,
		`{"refine": [{"group": "inlet", "size": 0.1}, {"box": [[0,0,0],[1,1,1]], "size": 0.2}], "groups": [{"name": "inlet", "dim": 2, "entities": [12, 13]}]}`,
		`{"layers": [{"groups": ["wall"], "first_height": 1e-4, "ratio": 1.2, "count": 5}], "groups": [{"name": "wall", "dim": 2, "entities": [1]}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Spec
		if json.Unmarshal(text, &s) != nil {
			return
		}
		resolved, err := s.Resolve()
		if err != nil {
			var bad Errors
			require.True(t, errors.As(err, &bad), "%v", err)
			require.NotEmpty(t, bad)
			for _, e := range bad {
				require.NotEmpty(t, e.Path, "%v", err)
			}
			return
		}
		again, err := resolved.Resolve()
		require.NoError(t, err)
		require.Equal(t, resolved, again)
		require.Equal(t, resolved.Identity(), again.Identity())
		require.Positive(t, resolved.Limit())
		var back Spec
		kept, err := json.Marshal(resolved)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(kept, &back))
		require.Equal(t, resolved.Identity(), back.Identity(), "as it is kept in the database")
	})
}
