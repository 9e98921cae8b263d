package e2e

import (
	"errors"
	"math"
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

// createMesh asks for a mesh that is to be made, whatever there is already.
func createMesh(geometry string, s spec.Spec) types.CreateMesh {
	reuse := false
	return types.CreateMesh{GeometryID: geometry, Spec: s, Reuse: &reuse}
}

// badFile is a hostile or damaged file and what the service may say of it.
type badFile struct {
	Path string
	testenv.Expected
	Repaired *float64 `json:"volume_if_repaired"`
}

// Every file is sent through the whole service: it answers with an acceptable code, at upload, import or meshing, as the defect of a surface
// that a lattice fills if it surrounds something, or with a mesh of the right volume and a warning.
func TestBadFiles_EachIsAnsweredWithTheTruth(t *testing.T) {
	// What the script in some of the files would make.
	traces := []string{"/tmp/pwned", "/tmp/pwned-by-printf"}
	for _, trace := range traces {
		require.NoFileExists(t, trace)
	}
	s := newSite(t)
	s.hire(testenv.Engine(t))
	for _, b := range testenv.Corpus[badFile](t, "bad") {
		t.Run(filepath.Base(b.Path), func(t *testing.T) {
			s.t = t
			content, err := os.ReadFile(testenv.Shared(t, b.Path))
			require.NoError(t, err)
			code, m := s.answer(filepath.Base(b.Path), content)
			if code != "" {
				require.True(t, b.Accepts(diagnosis.Code(code)), "answered %s, expected %s or one of %v", code, b.Expect, b.AlsoAcceptable)
				return
			}
			require.NotNil(t, b.Repaired, "a mesh was made of a file that cannot have one")
			require.Less(t, math.Abs(m.Volume-*b.Repaired), *b.Repaired*0.02, "volume")
		})
	}
	for _, trace := range traces {
		require.NoFileExists(t, trace)
	}
	s.t = t
	s.succeeded(s.mesh(part(t, ""), spec.Spec{})) // the service goes on
}

// answer returns the code with which the service refused the file, or the mesh that it made.
func (s *site) answer(name string, content []byte) (code string, m types.Mesh) {
	s.t.Helper()
	g, err := s.upload(name, content)
	var problem *client.Problem
	if errors.As(err, &problem) {
		return problem.Code, m
	}
	require.NoError(s.t, err)
	s.follow(g.ID, isDone)
	g, err = s.Geometry(s.t.Context(), g.ID)
	require.NoError(s.t, err)
	if g.Error != nil {
		require.NotEmpty(s.t, g.Error.Message)
		require.NotEmpty(s.t, g.Error.Hint)
		return string(g.Error.Code), m
	}
	m, err = s.CreateMesh(s.t.Context(), createMesh(g.ID, spec.Spec{}), "")
	require.NoError(s.t, err)
	s.follow(m.ID, isDone)
	m, err = s.Mesh(s.t.Context(), m.ID)
	require.NoError(s.t, err)
	if g.Defect != nil && m.Error == nil { // filled all the same
		require.Equal(s.t, spec.Lattice, m.Strategy)
		require.True(s.t, slices.ContainsFunc(m.Warnings, func(w diagnosis.Diagnosis) bool { return w.Code == g.Defect.Code }))
		return string(g.Defect.Code), m
	}
	if m.Error != nil {
		require.True(s.t, g.Defect == nil || m.Error.Code == diagnosis.NoVolume, "what surrounds something is meshed: %s", m.Error)
		return string(m.Error.Code), m
	}
	require.Equal(s.t, "succeeded", m.Status)
	require.NotEmpty(s.t, m.Checks)
	for _, c := range m.Checks {
		require.True(s.t, c.Passed, c.Name)
	}
	return "", m
}
