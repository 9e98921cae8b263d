package serve_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// interleaving is one engine that is asked for all sorts of things of several parts in turns, of which many fail, are given up, or leave
// something with the part that the next has no use for.
type interleaving struct {
	random *rand.Rand
	hot    *child
	parts  []interleaved
}

// interleaved is a part, and what was asked of it last.
type interleaved struct {
	name   string
	rows   bool // faces are meshed in rows, where nobody asks for another size or curvature
	source engine.Source
	model  *engine.Model
	spec   spec.Spec
}

// size is the longest side of the part.
func (p *interleaved) size() (d float64) {
	for k := range 3 {
		d = max(d, p.model.Box.Max[k]-p.model.Box.Min[k])
	}
	return d
}

// Whatever an engine was asked for before, and however that ended, a mesh is what an engine that was just started makes, node for node, and
// so is a refusal, word for word.
func TestLong_AnyTurnOfRequests_TheMeshIsThatOfAFreshEngine(t *testing.T) {
	t.Parallel()
	turns := 16
	if n, err := strconv.Atoi(os.Getenv("MESHGEN_TURNS")); err == nil {
		turns = n
	}
	seed, _ := strconv.ParseUint(os.Getenv("MESHGEN_SEED"), 10, 64)
	i := &interleaving{random: rand.New(rand.NewPCG(3, seed)), hot: start(t).hurry()}
	sources := []engine.Source{
		named(t, "testdata/t20_data.step"), named(t, "testdata/tee.step"), named(t, "testdata/rod.step"), named(t, "testdata/two_boxes.step"),
		named(t, "testdata/two_solids.iges"), triangleTorus(t),
	}
	names := []string{"t20", "tee", "rod", "two boxes", "two solids", "torus"}
	for n, source := range sources {
		p := interleaved{name: names[n], rows: names[n] == "rod", source: identified(t, source)}
		p.model = i.hot.keeping(engine.Request{Kind: engine.Import, Source: p.source}).Model
		require.NotNil(t, p.model, p.name)
		i.parts = append(i.parts, p)
	}
	for turn := range turns {
		p := &i.parts[i.random.IntN(len(i.parts))]
		switch i.random.IntN(8) {
		case 0:
			a := i.hot.keeping(engine.Request{Kind: engine.Import, Source: p.source})
			require.Nil(t, a.Error)
			require.Equal(t, p.model, a.Model, "%s is described as before", p.name)
		case 1:
			s := i.made(t, p, false)
			a := i.hot.keeping(engine.Request{Kind: engine.Speculate, Source: p.source, Spec: s, Known: p.model})
			i.log(t, turn, p, s, "ahead in", a.took)
		case 2:
			i.giveUp(t, turn, p)
		default:
			i.compare(t, turn, p)
		}
	}
}

// compare asks for a mesh, like the one before in most, of the engine and of one that was just started.
func (i *interleaving) compare(t *testing.T, turn int, p *interleaved) {
	s := i.made(t, p, true)
	ok := t.Run(fmt.Sprintf("%d %s", turn, p.name), func(t *testing.T) {
		req := engine.Request{Kind: engine.Mesh, Source: p.source, Spec: s, Threads: 1, Known: p.model}
		if i.random.IntN(8) == 0 {
			req.MaxElements = 500
		}
		if i.random.IntN(8) == 0 && p.source.Format != engine.STL && !p.rows {
			req.Tuning = []engine.Tuning{{Mend: true}, {Faces: engine.Delaunay, Scale: 0.8}, {Anchor: true}, {Tessellate: true}}[i.random.IntN(4)]
		}
		known, fresh := i.hot.on(t).keeping(req), start(t).do(req)
		for _, a := range []*answer{&known, &fresh} { // of what is kept nobody has to be shown the faces meanwhile
			a.artifacts = slices.DeleteFunc(a.artifacts, func(a engine.Artifact) bool { return a.Preview })
		}
		requireSame(t, fresh, known)
		if known.Error != nil {
			i.log(t, turn, p, s, req.Tuning, known.Error.Code)
			return
		}
		require.Equal(t, fresh.Mesh.Lattice, known.Mesh.Lattice)
		require.Equal(t, fresh.Mesh.Surface, known.Mesh.Surface)
		require.Equal(t, fresh.Mesh.Optimized, known.Mesh.Optimized)
		require.Equal(t, fresh.Mesh.Straightened, known.Mesh.Straightened)
		require.Equal(t, fresh.Mesh.Layers, known.Mesh.Layers)
		i.log(t, turn, p, s, req.Tuning, known.Mesh.Reused)
	})
	require.True(t, ok, "what comes after that says nothing")
}

// log says what a turn was.
func (*interleaving) log(t *testing.T, turn int, p *interleaved, s spec.Spec, what ...any) {
	asked, err := json.Marshal(s)
	require.NoError(t, err)
	t.Log(append([]any{turn, p.name, string(asked)}, what...)...)
}

// giveUp has the engine mesh ahead, and leave off after some of its messages.
func (i *interleaving) giveUp(t *testing.T, turn int, p *interleaved) {
	id := fmt.Sprint("guess", turn)
	after := i.random.IntN(12)
	s := i.made(t, p, false)
	i.log(t, turn, p, s, "given up after messages:", after)
	i.hot.send(i.hot.lay(engine.Request{
		ID: id, Kind: engine.Speculate, Source: p.source, Spec: s, Tenant: "a", Keep: budget, Threads: 1, Known: p.model,
	}))
	for n := 0; ; n++ {
		if n == after {
			i.hot.send(engine.Request{ID: id, Kind: engine.Drop})
		}
		if m := i.hot.next(); m.Type == engine.TypeResult {
			if n < after { // so that no later one is taken for it
				i.hot.send(engine.Request{ID: id, Kind: engine.Drop})
			}
			return
		}
	}
}

// made changes the part's spec in something, or makes up another. One that is to be meshed ahead is by faces.
func (i *interleaving) made(t *testing.T, p *interleaved, any bool) spec.Spec {
	r := i.random
	for {
		s := p.spec
		if s.Formats == nil || r.IntN(4) == 0 {
			s = spec.Spec{Size: spec.Size{Max: p.size() * (0.1 + 0.1*r.Float64()), Curvature: float64(5 + r.IntN(6))}, Formats: []string{"vtk"}}
		}
		kind := r.IntN(14)
		if p.rows { // anything else would be a long mesh
			s.Size = spec.Size{Fineness: 1}
			kind = []int{0, 4, 6, 10}[r.IntN(4)]
		}
		switch kind {
		case 0:
			s.Strategy = []string{spec.Delaunay, spec.Frontal, spec.HXT}[r.IntN(3)]
		case 1: // which takes long
			s.Strategy = map[bool]string{true: spec.MMG, false: spec.HXT}[p.name == "t20"]
		case 2:
			s.Strategy = spec.Hex
		case 3:
			s.Strategy = spec.Lattice
		case 4, 5:
			s.Order = 1 + r.IntN(3)
		case 6:
			s.Groups = []spec.Group{{Name: "some", Dim: new(2), Entities: []int{1 + r.IntN(3)}}}
		case 7: // of which no part has that many faces
			s.Groups = []spec.Group{{Name: "none", Dim: new(2), Entities: []int{9999}}}
		case 8:
			s.Element = []string{spec.Tet, spec.HexDominant}[r.IntN(2)]
		case 9:
			s.Groups = []spec.Group{{Name: "wall", Dim: new(2), Entities: []int{1}}}
			s.Layers = []spec.Layer{{Groups: []string{"wall"}, FirstHeight: s.Size.MaxEdge(p.size()) / 40, Count: 2}}
		case 10:
			s.Formats = [][]string{{"vtk"}, {"msh", "inp"}, {"unv", "msh2"}, {"stl", "su2"}}[r.IntN(4)] // med says when it was written
		case 11:
			s.Size.Growth = []float64{0, 1.4}[r.IntN(2)]
		case 12:
			s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{1 + r.IntN(2)}}, Size: s.Size.MaxEdge(p.size()) / 2}}
		case 13:
			s.Size = spec.Size{TargetElements: 1000 + r.IntN(1000)}
		}
		made, err := s.Resolve()
		if err != nil || !any && (made.Strategy == spec.Lattice || len(made.Layers) > 0 || made.Element != spec.Tet) {
			p.spec = spec.Spec{}
			continue
		}
		p.spec = s
		return made
	}
}
