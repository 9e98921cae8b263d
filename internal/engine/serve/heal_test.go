package serve_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// asItIs asks for a mesh of a geometry that nothing may change.
func (c *child) asItIs(source engine.Source) answer {
	c.t.Helper()
	return c.mesh(source, func(s *spec.Spec) { s.Heal, s.Size.Fineness = spec.HealOff, 2 })
}

func warns(a answer, of string) bool {
	return slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool { return strings.Contains(w.Message, of) })
}

func TestHealOff_SolidsThatTouchStayApartAndTheReportSaysSo(t *testing.T) {
	c := start(t)
	source := shared(t, "cad/gen_touching_boxes.step")
	mended, plain := c.mesh(source, func(s *spec.Spec) { s.Size.Fineness = 2 }), c.asItIs(source)
	for _, a := range []answer{mended, plain} {
		requireSound(t, a)
		require.InEpsilon(t, 12000, a.Mesh.Volume, 1e-6)
	}
	require.Equal(t, spec.HealAuto, mended.Mesh.Heal)
	require.Equal(t, spec.HealOff, plain.Mesh.Heal)
	require.False(t, warns(mended, "Heal is off"))
	require.True(t, warns(plain, "Heal is off, so that 12 solids that touch are not cut"))
	require.Equal(t, 12*8, plain.Mesh.Elements["point"], "each box has corners of its own")
	require.Less(t, mended.Mesh.Elements["point"], 12*8, "boxes share corners")
}

func TestHealOff_FacesAreNotSewn(t *testing.T) {
	a := start(t).asItIs(named(t, "testdata/two_solids.iges"))
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.NoVolume, a.Error.Code)
	require.Contains(t, a.Error.Hint, "heal")
}

func TestHealOff_TrianglesAreFilledAsTheyAreOrNotAtAll(t *testing.T) {
	c := start(t)
	requireSound(t, c.asItIs(shared(t, "stl/gen_hollow_sphere.stl")))
	for _, file := range []string{"bad/flipped_some.stl", "bad/duplicated_triangles.stl", "bad/cube_with_zero_area_triangle.stl", "bad/pinhole_sphere.stl"} {
		a := c.asItIs(shared(t, file))
		require.NotNil(t, a.Error, file)
		require.Equal(t, diagnosis.UnfitSpec, a.Error.Code, file)
		require.Contains(t, a.Error.Message, "Heal is off", file)
		require.Empty(t, a.Warnings, "nothing was repaired: %s", file)
	}
}

func TestFileWhoseShapesContradictThemselves_IsUnreadableAndNotOurFault(t *testing.T) {
	// an edge of it ends far from where its curve does, so that the library makes no entities of it
	a := start(t).do(engine.Request{Kind: engine.Import, Source: named(t, "testdata/unsound.brep")})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.UnreadableFile, a.Error.Code)
	require.Contains(t, a.Error.Message, "contradict themselves")
}
