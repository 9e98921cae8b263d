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
	const (
		t20 = "../engine/serve/testdata/t20_data.step"
		// A plate whose middle, which is looked at, lies just beside a tiny hole: that alone says that there will be a million.
		pierced = "testdata/pierced.step"
	)
	for _, part := range []struct {
		path             string
		fineness, within float64
	}{{t20, 4, 0.25}, {t20, 6, 0.25}, {pierced, 5, 0.5}} {
		fineness := part.fineness
		s, err := spec.Spec{Size: spec.Size{Fineness: fineness}}.Resolve()
		require.NoError(t, err)
		require.NoError(t, gmsh.Clear())
		require.NoError(t, gmsh.RestoreDefaults())
		require.NoError(t, gmsh.AddModel("part"))
		_, err = gmsh.ImportShapes(part.path, "step", true)
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
		require.InEpsilon(t, tags.Len(), expected, part.within, "%s, fineness %g", part.path, fineness)
		tags.Free()
		nodes.Free()
	}
}
