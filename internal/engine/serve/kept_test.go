package serve_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// budget is enough for every part of these tests.
const budget = 1 << 30

// identified is a source by the hash of its content, as a worker gives it.
func identified(t *testing.T, s engine.Source) engine.Source {
	t.Helper()
	s.SHA256 = hashOf(t, s.Path)
	return s
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// keeping asks for work whose part is to be kept for tenant "a".
func (c *child) keeping(req engine.Request) answer {
	c.t.Helper()
	if req.Tenant == "" {
		req.Tenant = "a"
	}
	if req.Keep == 0 {
		req.Keep = budget
	}
	a := c.do(req)
	if a.Tidies && a.Error == nil && req.Keep == budget { // nothing has to go
		require.Equal(c.t, identities(a.expected), identities(a.Kept), "what it expected to keep")
	}
	return a
}

func identities(kept []engine.Kept) (out []engine.Kept) {
	for _, k := range kept {
		k.Bytes = 0
		out = append(out, k)
	}
	return out
}

func resolved(t *testing.T, s spec.Spec) spec.Spec {
	t.Helper()
	s, err := s.Resolve()
	require.NoError(t, err)
	return s
}

// requireSame requires two answers to be the same mesh: byte by byte, with the same words about it.
func requireSame(t *testing.T, fresh, kept answer) {
	t.Helper()
	require.Equal(t, fresh.Error, kept.Error)
	require.Equal(t, fresh.Warnings, kept.Warnings)
	if fresh.Error != nil {
		return
	}
	require.ElementsMatch(t, artifactNames(fresh), artifactNames(kept))
	for _, a := range fresh.artifacts {
		switch a.Format {
		case "report":
		case "msh": // Gmsh writes boxes of entities into it, which a picture of the part makes narrower
			a, b := readMesh(t, fresh), readMesh(t, kept)
			require.Equal(t, a.Groups, b.Groups)
			require.True(t, reflect.DeepEqual(a, b), "nodes and elements")
		default:
			require.Equal(t, hashOf(t, a.Path), hashOf(t, filepath.Join(kept.dir, a.Name)), "%s", a.Name)
		}
	}
	require.Equal(t, fresh.Mesh.Solids, kept.Mesh.Solids)
	require.Equal(t, fresh.Mesh.Measured, kept.Mesh.Measured)
}

// randomSpec is some spec that a part of the diagonal can be meshed by in no time.
func randomSpec(t *testing.T, r *rand.Rand, box engine.Box) spec.Spec {
	diagonal := 0.
	for k := range 3 {
		diagonal = max(diagonal, box.Max[k]-box.Min[k])
	}
	s := spec.Spec{Size: spec.Size{Max: diagonal * (0.05 + 0.1*r.Float64()), Curvature: float64(6 + r.IntN(8))}}
	switch r.IntN(10) {
	case 0:
		s.Strategy = spec.HXT
	case 1:
		s.Strategy = spec.Frontal
	case 2:
		s.Order = 2
	case 3:
		s.Size.Growth = 1.2 + r.Float64()/2
	case 4:
		s.Size = spec.Size{}
	case 5:
		s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{1 + r.IntN(3)}}, Size: s.Size.Max / 3}}
	case 6:
		s.Groups = []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1 + r.IntN(3), 4}}}
	case 7:
		s.Heal = spec.HealOff
	case 8:
		s.Element = spec.HexDominant
	case 9:
		s.Size.TargetElements, s.Size.Max = 2000+r.IntN(2000), 0
	}
	return resolved(t, s)
}

func TestKeptParts_MeshAsTheirFilesDo(t *testing.T) {
	t.Parallel()
	compareKept(t, 1, "testdata/t20_data.step", "testdata/two_solids.iges", "testdata/tee.step")
}

func TestLong_KeptPartsOfCorpus_MeshAsTheirFilesDo(t *testing.T) {
	names := os.Getenv("MESHGEN_KEPT")
	if names == "" {
		t.Skip("long")
	}
	files, err := filepath.Glob(names)
	require.NoError(t, err)
	compareKept(t, 4, files...)
}

// compareKept has one engine mesh files in turns by random specs, keeping them, and a fresh one by the same specs.
func compareKept(t *testing.T, rounds int, files ...string) {
	r := rand.New(rand.NewPCG(1, uint64(rounds)))
	hot, cold := start(t), start(t)
	var sources []engine.Source
	var names []string
	boxes := map[string]engine.Box{}
	for _, file := range files {
		source := identified(t, named(t, file))
		a := hot.keeping(engine.Request{Kind: engine.Import, Source: source})
		if a.Error != nil {
			continue
		}
		boxes[source.Path] = a.Model.Box
		sources, names = append(sources, source), append(names, filepath.Base(file))
	}
	for round := range rounds + 1 {
		for i, source := range sources {
			s := randomSpec(t, r, boxes[source.Path])
			t.Run(fmt.Sprintf("%s %d", names[i], round), func(t *testing.T) {
				known := hot.on(t).keeping(engine.Request{Kind: engine.Mesh, Source: source, Spec: s})
				fresh := cold.on(t).do(engine.Request{Kind: engine.Mesh, Source: source, Spec: s})
				requireSame(t, fresh, known)
				if known.Error == nil && round > 0 {
					t.Log(known.Mesh.Reused, known.took, fresh.took, known.Kept)
				}
			})
		}
	}
}

// The library counts groups over the life of a part; a mesh file has to say the same numbers each time.
func TestKeptParts_GroupsHaveTheSameNumbersEachTime(t *testing.T) {
	hot := start(t)
	source := identified(t, named(t, "testdata/tee.step"))
	s := resolved(t, spec.Spec{Size: spec.Size{Max: 20}, Groups: []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1}}}})
	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: s}
	first := hot.keeping(req)
	requireSame(t, first, hot.keeping(req))
}
