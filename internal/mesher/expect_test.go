package mesher

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

func TestNumberOfTriangles_IsKnownBeforeFacesAreMeshed(t *testing.T) {
	library(t)
	for _, fineness := range []float64{4, 6} {
		s, err := spec.Spec{Size: spec.Size{Fineness: fineness}}.Resolve()
		require.NoError(t, err)
		require.NoError(t, gmsh.Clear())
		require.NoError(t, gmsh.RestoreDefaults())
		require.NoError(t, gmsh.AddModel("part"))
		_, err = gmsh.ImportShapes("../engine/serve/testdata/t20_data.step", "step", true)
		require.NoError(t, err)
		require.NoError(t, gmsh.OCCSynchronize())
		volume, err := gmsh.Mass(gmsh.DimTag{Dim: 3, Tag: 1})
		require.NoError(t, err)
		_, faces, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 3, Tag: 1})
		require.NoError(t, err)

		j := &job{req: engine.Request{Kind: engine.Mesh, Spec: s}, track: newTracker(engine.Mesh, &recorder{})}
		j.source.solids = []solid{{tag: 1, volume: volume, faces: faces}}
		j.source.low, j.source.high, err = gmsh.BoundingBox(gmsh.DimTag{Dim: -1, Tag: -1})
		require.NoError(t, err)
		diagonal := j.source.diagonal()
		require.NoError(t, set(j.meshingOptions(diagonal)))
		j.chords, err = j.newChords(diagonal)
		require.NoError(t, err)
		j.sizes, err = j.plainSizes()
		require.NoError(t, err)
		j.sizes.chords = j.chords
		require.NoError(t, j.sizes.install())
		require.NoError(t, gmsh.Generate(1))
		require.NoError(t, j.chords.grow(j.growth(), 1))
		expected, err := j.estimateTriangles()
		require.NoError(t, err)

		require.NoError(t, gmsh.Generate(2))
		tags, nodes, err := gmsh.Elements(int(mesh.Triangle3), -1)
		require.NoError(t, err)
		require.InEpsilon(t, tags.Len(), expected, 0.25, "fineness %g", fineness)
		tags.Free()
		nodes.Free()
	}
}
