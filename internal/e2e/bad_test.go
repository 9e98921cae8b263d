package e2e

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

func createMesh(geometry string, s spec.Spec) types.CreateMesh {
	return types.CreateMesh{GeometryID: geometry, Spec: s}
}

// badFile is a hostile or damaged file and what the service may say of it.
type badFile struct {
	Path     string
	Expect   string
	Also     []string `json:"also_acceptable"`
	Repaired *float64 `json:"volume_if_repaired"`
}

// kinds are names of the list that are kinds of a code of ours; see package diagnosis.
var kinds = map[string]string{
	"truncated_file": "unreadable_file", "inconsistent_file": "unreadable_file", "timeout": "time_limit", "crashed": "engine_crashed",
}

// acceptable reports whether the code is an answer that the list allows.
func (b badFile) acceptable(code string) bool {
	for _, c := range append([]string{b.Expect}, b.Also...) {
		if code == c || code == kinds[c] {
			return true
		}
	}
	return false
}

// Every file is sent through the whole service: it answers with an acceptable code, at upload, import or meshing, or
// with a mesh of the right volume and a warning.
func TestBadFiles_EachIsAnsweredWithTheTruth(t *testing.T) {
	manifest, err := os.ReadFile(testenv.Shared(t, "manifest.json"))
	require.NoError(t, err)
	var list struct{ Files []badFile }
	require.NoError(t, json.Unmarshal(manifest, &list))
	// What the script in some of the files would make.
	traces := []string{"/tmp/pwned", "/tmp/pwned-by-printf"}
	for _, trace := range traces {
		require.NoFileExists(t, trace)
	}
	s := newSite(t)
	s.hire(testenv.Engine(t))
	for _, b := range list.Files {
		if filepath.Dir(b.Path) != "bad" {
			continue
		}
		t.Run(filepath.Base(b.Path), func(t *testing.T) {
			s.t = t
			content, err := os.ReadFile(testenv.Shared(t, b.Path))
			require.NoError(t, err)
			code, m := s.answer(filepath.Base(b.Path), content)
			if code != "" {
				require.True(t, b.acceptable(code), "answered %s, expected %s or one of %v", code, b.Expect, b.Also)
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
	if m.Error != nil {
		return string(m.Error.Code), m
	}
	require.Equal(s.t, "succeeded", m.Status)
	require.True(s.t, slices.ContainsFunc(m.Checks, func(c engine.Check) bool { return c.Passed }))
	return "", m
}
