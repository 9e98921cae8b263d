package export_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// patience bounds one request: they take a second or two.
const patience = 2 * time.Minute

// engines starts a pool of one real engine.
func engines(t *testing.T) *pool.Pool {
	t.Helper()
	cfg, err := pool.Load()
	require.NoError(t, err)
	cfg.Path, cfg.Engines, cfg.Spares, cfg.Scratch = testenv.Engine(t), 1, 0, t.TempDir()
	p, err := pool.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, p.Close(ctx))
	})
	require.NoError(t, p.Start(t.Context()))
	return p
}

// made is the files of one request by format.
type made struct {
	engine.Result
	files map[string]string
}

func run(t *testing.T, p *pool.Pool, req engine.Request) made {
	t.Helper()
	req.ID, req.Threads, req.Dir = t.Name(), 1, t.TempDir()
	m := made{files: map[string]string{}}
	out, err := p.Run(t.Context(), req, pool.Limits{Time: patience}, func(message engine.Message) {
		if message.Type == engine.TypeArtifact {
			m.files[message.Artifact.Format] = message.Artifact.Path
		}
	})
	require.NoError(t, err)
	m.Result = out.Result
	return m
}

// meshed has the engine mesh a file, by a spec, into formats.
func meshed(t *testing.T, p *pool.Pool, path string, format engine.Format, s spec.Spec) made {
	t.Helper()
	resolved, err := s.Resolve()
	require.NoError(t, err)
	m := run(t, p, engine.Request{Kind: engine.Mesh, Source: engine.Source{Path: path, Format: format}, Spec: resolved})
	require.Nil(t, m.Error)
	return m
}

// exported has the engine write a mesh file in further formats.
func exported(t *testing.T, p *pool.Pool, path string, formats ...string) made {
	t.Helper()
	m := run(t, p, engine.Request{Kind: engine.Export, Source: engine.Source{Path: path, Format: engine.MSH}, Formats: formats})
	m.files["msh"] = path
	return m
}

// library lends Gmsh to a function that builds a model, and writes what it built to a file.
func library(t *testing.T, name string, build func() error) string {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	require.NoError(t, gmsh.Initialize())
	defer func() { require.NoError(t, gmsh.Finalize()) }()
	for option, value := range map[string]float64{"General.Terminal": 0, "Mesh.Binary": 1, "Mesh.SaveAll": 1} {
		require.NoError(t, gmsh.SetNumber(option, value))
	}
	require.NoError(t, gmsh.AddModel("model"))
	require.NoError(t, build())
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, gmsh.Write(path))
	return path
}

// touchingBoxes writes two boxes of 10 and 20 mm3 that share a face, as CAD.
func touchingBoxes(t *testing.T) string {
	t.Helper()
	return library(t, "source.brep", func() error {
		if _, err := gmsh.AddBox([3]float64{}, [3]float64{1, 2, 5}); err != nil {
			return err
		}
		if _, err := gmsh.AddBox([3]float64{1, 0, 0}, [3]float64{2, 2, 5}); err != nil {
			return err
		}
		return gmsh.OCCSynchronize()
	})
}

// mixed writes a mesh of one element of each shape, raised to an order: a hexahedron of edge 1, which is a solid; and on its
// sides a pyramid, a prism and a tetrahedron between these, which are another. Without the pyramid and the tetrahedron
// it is what has a name in every format.
func mixed(t *testing.T, order int, withPyramid bool) string {
	t.Helper()
	places := []float64{
		0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, // 1 to 8: the hexahedron
		0, 0.25, 2, 1, 0.25, 2, // 9, 10: the ridge of the prism on top of it: one slope is steeper
		2, 0.5, 0.5, // 11: the tip of the pyramid beside it
	}
	numbers := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	hexahedron := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	prism := []uint64{5, 8, 9, 6, 7, 10}
	pyramid := []uint64{2, 3, 7, 6, 11}
	tetrahedron := []uint64{6, 7, 10, 11}
	if !withPyramid {
		places, numbers = places[:30], numbers[:10]
	}
	type surface struct {
		name       string
		quads, tri []uint64
	}
	faces := []surface{
		{name: "floor", quads: []uint64{1, 4, 3, 2}},
		{name: "side walls", quads: []uint64{1, 2, 6, 5, 4, 8, 7, 3}}, // the second points inwards
		{name: "interface", quads: []uint64{5, 6, 7, 8}},
		{name: "roof Ø", quads: []uint64{5, 6, 10, 9}, tri: []uint64{5, 9, 8}},
		{name: "slope", quads: []uint64{8, 9, 10, 7}},
	}
	rest := surface{quads: []uint64{1, 5, 8, 4}}
	if withPyramid {
		faces[2].quads = append(faces[2].quads, 2, 3, 7, 6)
		rest.tri = []uint64{2, 3, 11, 3, 7, 11, 6, 2, 11, 6, 10, 11, 7, 10, 11}
	} else {
		rest.quads, rest.tri = append(rest.quads, 2, 3, 7, 6), []uint64{6, 7, 10}
	}
	if order > 1 {
		// Curved faces are complete, as those of a real mesh; straight ones may be left to the writers.
		faces = append(faces, rest)
	}
	return library(t, "mixed.msh", func() error {
		tags := [2]int{}
		for i := range tags {
			tag, err := gmsh.AddDiscreteEntity(3, nil)
			if err != nil {
				return err
			}
			tags[i] = tag
		}
		steps := []error{
			gmsh.AddNodes(3, tags[0], numbers, places),
			gmsh.AddElements(tags[0], 5, hexahedron),
			gmsh.AddElements(tags[1], 6, prism),
		}
		if withPyramid {
			steps = append(steps, gmsh.AddElements(tags[1], 7, pyramid), gmsh.AddElements(tags[1], 4, tetrahedron))
		}
		for i, name := range []string{"block", "rest of it"} {
			_, err := gmsh.AddPhysicalGroup(3, []int{tags[i]}, -1, name)
			steps = append(steps, err)
		}
		for _, f := range faces {
			tag, err := gmsh.AddDiscreteEntity(2, nil)
			steps = append(steps, err, gmsh.AddElements(tag, 3, f.quads), gmsh.AddElements(tag, 2, f.tri))
			if f.name != "" {
				_, err = gmsh.AddPhysicalGroup(2, []int{tag}, -1, f.name)
				steps = append(steps, err)
			}
		}
		if order > 1 {
			steps = append(steps, gmsh.SetOrder(order))
		}
		steps = append(steps, gmsh.RenumberNodes(), gmsh.RenumberElements())
		for _, err := range steps {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// part returns the path of the machine part, under the name of a format.
func part(t *testing.T) string { return copied(t, "../pool/testdata/t20_data.step") }

// pipe returns the path of a straight piece of pipe, whose face 1 is the wall.
func pipe(t *testing.T) string { return copied(t, "../engine/serve/testdata/pipe.step") }

// twoBoxes returns the path of two boxes that touch, each with a face of its own there.
func twoBoxes(t *testing.T) string { return copied(t, "../engine/serve/testdata/two_boxes.step") }

func copied(t *testing.T, from string) string {
	t.Helper()
	step, err := os.ReadFile(from)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "source.step")
	require.NoError(t, os.WriteFile(path, step, 0o600))
	return path
}
