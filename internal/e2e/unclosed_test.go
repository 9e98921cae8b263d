package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// Each kind of dirt is sent, and asked for in every way before anybody has looked at it.
func TestLong_SurfacesThatDoNotClose_AreMeshedByALatticeAndNothingElse(t *testing.T) {
	s := newSite(t)
	ask := func(g types.Geometry, sp spec.Spec) types.Mesh {
		m, err := s.CreateMesh(t.Context(), createMesh(g.ID, sp), "")
		require.NoError(t, err)
		return m
	}
	size := spec.Size{TargetElements: 20_000}
	type asked struct {
		testenv.Dirty
		geometry, doomed                types.Geometry
		auto, lattice, draft, hxt, gone types.Mesh
	}
	var all []asked
	for _, d := range testenv.DirtySurfaces() {
		g, err := s.upload("dirty.stl", d.STL)
		require.NoError(t, err)
		doomed, err := s.upload("doomed.stl", d.STL)
		require.NoError(t, err)
		a := asked{
			Dirty: d, geometry: g, doomed: doomed, gone: ask(doomed, spec.Spec{Size: size}),
			lattice: ask(g, spec.Spec{Strategy: spec.Lattice, Size: size}),
			draft:   ask(g, spec.Spec{Draft: true, Size: size}),
		}
		a.auto = a.lattice
		if !d.Mended { // others mesh it then, and that takes time
			a.auto, a.hxt = ask(g, spec.Spec{Size: size}), ask(g, spec.Spec{Strategy: spec.HXT, Size: size})
		}
		all = append(all, a)
	}
	for _, a := range all {
		require.NoError(t, s.DeleteGeometry(t.Context(), a.doomed.ID))
	}
	s.hire(testenv.Engine(t))
	for _, a := range all {
		s.follow(a.geometry.ID, isDone)
		g, err := s.Geometry(t.Context(), a.geometry.ID)
		require.NoError(t, err)
		require.Equal(t, "succeeded", g.Status, a.Name)
		require.Nil(t, g.Error)
		require.NotNil(t, g.Preview, a.Name)
		require.Positive(t, g.Estimates[0].Tetrahedra.Expected)
		for _, m := range []types.Mesh{a.auto, a.lattice, a.draft} {
			m = s.succeeded(m)
			if !a.Overlap {
				require.InEpsilon(t, a.Volume, m.Volume, 2*a.Off, a.Name)
			}
			named := slices.ContainsFunc(m.Warnings, func(w diagnosis.Diagnosis) bool {
				return g.Defect != nil && w.Code == g.Defect.Code && len(w.Entities) > 0
			})
			require.Equal(t, !a.Mended, named, "%s: the mesh says what was wrong", a.Name)
		}
		_, err = s.Mesh(t.Context(), a.gone.ID)
		require.Error(t, err, "it went with its geometry")
		if a.Mended {
			require.Nil(t, g.Defect, a.Name)
			continue
		}
		require.Contains(t, diagnosis.Unclosed, g.Defect.Code, a.Name)
		require.NotNil(t, g.Defect.Entities[0].Point, a.Name)
		auto, err := s.Mesh(t.Context(), a.auto.ID)
		require.NoError(t, err)
		require.Equal(t, []any{spec.Auto, spec.Lattice}, []any{auto.Spec.Strategy, auto.Strategy}, a.Name)

		s.follow(a.hxt.ID, isDone)
		hxt, err := s.Mesh(t.Context(), a.hxt.ID)
		require.NoError(t, err)
		require.Equal(t, "failed", hxt.Status, a.Name)
		require.Equal(t, g.Defect, hxt.Error, a.Name)
		require.Zero(t, hxt.Attempt, "nobody tried")
		_, err = s.CreateMesh(t.Context(), createMesh(g.ID, spec.Spec{Strategy: spec.HXT}), "")
		var p *client.Problem
		require.True(t, errors.As(err, &p), "%v", err)
		require.Equal(t, string(g.Defect.Code), p.Code)
		require.Equal(t, "body.spec.strategy", p.Errors[0].Location)
	}
}

// The command line has no import before it: auto meets the defect on its way.
func TestCommandLine_FillsWhatDoesNotClose(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scan.stl")
	require.NoError(t, os.WriteFile(file, testenv.DirtySurfaces()[0].STL, 0o600))
	out := filepath.Join(t.TempDir(), "scan.msh")
	env := []string{"MESHGEN_ENGINE=" + testenv.Engine(t), "MESHGEN_SCRATCH=" + t.TempDir()}
	_, said, code := meshgen(t, env, "mesh", file, "-o", out, "--target-elements", "20000")
	require.Zero(t, code, said)
	require.FileExists(t, out)
	require.Contains(t, said, "1 hole")
}
