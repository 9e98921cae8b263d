package mesher

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// BenchmarkLattice has an engine's mesher fill parts that it holds: all that a draft takes but the service. Read the processor time; the
// stages are wall time, of which those that overlap count once.
func BenchmarkLattice(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	m, err := Open()
	require.NoError(b, err)
	require.NoError(b, m.Warm())
	torus, bracket := written(b, "torus.stl", torusSTL(320, 80)), filepath.Join("..", "..", "examples", "filleted-bracket.step")
	for _, c := range []struct {
		name, path string
		format     engine.Format
		spec       spec.Spec
	}{
		{"torus/draft", torus, engine.STL, spec.Spec{Draft: true, Size: spec.Size{TargetElements: 400_000}}},
		{"torus/mesh", torus, engine.STL, spec.Spec{Strategy: spec.Lattice, Size: spec.Size{TargetElements: 400_000}}},
		{"bracket/draft", bracket, engine.STEP, spec.Spec{Draft: true}},
		{"bracket/mesh", bracket, engine.STEP, spec.Spec{Strategy: spec.Lattice, Size: spec.Size{TargetElements: 400_000}}},
	} {
		b.Run(c.name, func(b *testing.B) { m.benchmark(b, c.path, c.format, c.spec) })
	}
}

func (m *Mesher) benchmark(b *testing.B, path string, format engine.Format, s spec.Spec) {
	s, err := s.Resolve()
	require.NoError(b, err)
	content, err := os.ReadFile(path)
	require.NoError(b, err)
	sum := sha256.Sum256(content)
	req := engine.Request{
		Kind: engine.Mesh, Source: engine.Source{Path: path, Format: format, Units: "mm", SHA256: hex.EncodeToString(sum[:])},
		Tenant: "a", Keep: 1 << 30, Threads: runtime.GOMAXPROCS(0), Spec: s,
	}
	mesh := func() engine.Result {
		req.Dir, err = os.MkdirTemp(b.TempDir(), "")
		require.NoError(b, err)
		r := m.Run(req, deaf{})
		require.Nil(b, r.Error)
		return r
	}
	if s.Draft {
		req.Source.Units = "mm"
	}
	mesh() // the part is kept from now on
	stages := map[engine.Stage]float64{}
	tetrahedra := 0
	before := processorTime(b)
	for b.Loop() {
		r := mesh()
		for _, t := range r.Timings {
			stages[t.Stage] += t.Seconds
		}
		tetrahedra = r.Mesh.Elements["tetrahedron"]
	}
	spent := processorTime(b) - before
	b.ReportMetric(1e3*spent/float64(b.N), "cpu-ms/op")
	b.ReportMetric(1e9*spent/float64(b.N*tetrahedra), "cpu-ns/tetrahedron")
	for stage, seconds := range stages {
		b.ReportMetric(1e3*seconds/float64(b.N), string(stage)+"-ms")
	}
}

// deaf is told all and listens to nothing.
type deaf struct{}

func (deaf) Stage(engine.StageEvent)  {}
func (deaf) Log(engine.LogLine)       {}
func (deaf) Artifact(engine.Artifact) {}

func written(b *testing.B, name string, content []byte) string {
	path := filepath.Join(b.TempDir(), name)
	require.NoError(b, os.WriteFile(path, content, 0o644))
	return path
}

// torusSTL is a torus of 2·around·across triangles.
func torusSTL(around, across int) []byte {
	at := func(i, k int) [3]float32 {
		u, v := 2*math.Pi*float64(i%around)/float64(around), 2*math.Pi*float64(k%across)/float64(across)
		r := 30 + 10*math.Cos(v)
		return [3]float32{float32(r * math.Cos(u)), float32(r * math.Sin(u)), float32(10 * math.Sin(v))}
	}
	var out bytes.Buffer
	out.Write(make([]byte, 80))
	put := func(v any) { _ = binary.Write(&out, binary.LittleEndian, v) } // a buffer takes all
	put(uint32(2 * around * across))
	for i := range around {
		for k := range across {
			a, b, c, d := at(i, k), at(i+1, k), at(i+1, k+1), at(i, k+1)
			for _, t := range [][4][3]float32{{{}, a, b, c}, {{}, a, c, d}} {
				put(t)
				put(uint16(0))
			}
		}
	}
	return out.Bytes()
}
