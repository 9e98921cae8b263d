package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
	"meshgen/internal/mesher"
	"meshgen/internal/quality"
	"meshgen/internal/spec"
)

// child makes one mesh and writes its outcome on the descriptor that its parent gave it.
func child(args []string) {
	runtime.LockOSThread()
	var o outcome
	var err error
	if args[0] == "ours" {
		o, err = ours(args[1])
	} else {
		o, err = bare(args[1], args[2])
	}
	if err != nil {
		o.Error = err.Error()
	}
	if err := json.NewEncoder(os.NewFile(3, "answer")).Encode(o); err != nil {
		os.Exit(1)
	}
}

// processor returns the seconds that this process has computed.
func processor() float64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()) / 1e9
}

func formatOf(path string) engine.Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".stp", ".step":
		return engine.STEP
	case ".igs", ".iges":
		return engine.IGES
	}
	return engine.BREP
}

// meter adds up the processor time of the stages that count.
type meter struct {
	since   float64
	seconds float64
}

var counted = []engine.Stage{engine.Stage1D, engine.Stage2D, engine.Stage3D, engine.StageOptimize}

func (m *meter) Stage(e engine.StageEvent) {
	now := processor()
	if m.since > 0 {
		m.seconds += now - m.since
	}
	m.since = 0
	if slices.Contains(counted, e.Stage) {
		m.since = now
	}
}
func (m *meter) Log(engine.LogLine)       {}
func (m *meter) Artifact(engine.Artifact) {}

// ours meshes with the default specification, as an engine does.
func ours(file string) (outcome, error) {
	dir, err := os.MkdirTemp("", "quality-")
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(dir)
	s, err := spec.Spec{Formats: []string{"msh"}, TimeLimit: "10m"}.Resolve()
	if err != nil {
		return outcome{}, err
	}
	m, err := mesher.Open()
	if err != nil {
		return outcome{}, err
	}
	var watch meter
	result := m.Run(engine.Request{
		ID: "1", Kind: engine.Mesh, Source: engine.Source{Path: file, Format: formatOf(file), Units: "mm"}, Dir: dir, Spec: s, Threads: 1,
	}, &watch)
	if result.Error != nil {
		return outcome{}, fmt.Errorf("%s: %s", result.Error.Code, result.Error.Message)
	}
	made, err := mesh.ReadMSH(filepath.Join(dir, "mesh.msh"))
	if err != nil {
		return outcome{}, err
	}
	o := outcome{Nodes: made.Nodes(), Seconds: watch.seconds}
	var gammas []float64
	for _, b := range made.Of(3) {
		if b.Kind != mesh.Tet4 {
			return o, fmt.Errorf("the mesh has elements of kind %s", b.Kind)
		}
		for i := range b.Len() {
			n := b.Element(i)
			gammas = append(gammas, quality.Tetrahedron(made.At(n[0]), made.At(n[1]), made.At(n[2]), made.At(n[3])).Gamma)
		}
	}
	o.measure(gammas)
	return o, nil
}

func (o *outcome) measure(gammas []float64) {
	if len(gammas) == 0 {
		o.Error = "no tetrahedra"
		return
	}
	slices.Sort(gammas)
	o.Tets, o.Min, o.First = len(gammas), gammas[0], gammas[len(gammas)/100]
	for _, g := range gammas {
		o.Mean += g / float64(len(gammas))
	}
}

// bare meshes as a script of Gmsh would that asks for the sizes of the default specification and leaves all else as it is.
func bare(file, factor string) (outcome, error) {
	f, err := strconv.ParseFloat(factor, 64)
	if err != nil {
		return outcome{}, err
	}
	if err := gmsh.Initialize(); err != nil {
		return outcome{}, err
	}
	defer gmsh.Finalize()
	if err := conformal(file); err != nil {
		return outcome{}, err
	}
	low, high, err := gmsh.BoundingBox(gmsh.DimTag{Dim: -1, Tag: -1})
	if err != nil {
		return outcome{}, err
	}
	s, err := spec.Spec{}.Resolve()
	if err != nil {
		return outcome{}, err
	}
	diagonal := distance(low, high)
	for _, option := range []struct {
		name  string
		value float64
	}{
		{"General.NumThreads", 1}, {"Mesh.MeshSizeMin", s.Size.MinEdge(diagonal)}, {"Mesh.MeshSizeMax", s.Size.MaxEdge(diagonal)},
		{"Mesh.MeshSizeFromPoints", 0}, {"Mesh.MeshSizeFromCurvature", s.Size.Chords()}, {"Mesh.MeshSizeFactor", f},
		{"Mesh.LcIntegrationPrecision", 1e-4}, // as ours, and much quicker than the default
	} {
		if err := gmsh.SetNumber(option.name, option.value); err != nil {
			return outcome{}, err
		}
	}
	began := processor()
	if err := gmsh.Generate(3); err != nil {
		return outcome{}, err
	}
	o := outcome{Seconds: processor() - began}
	tags, places, err := gmsh.Nodes(-1, -1)
	if err != nil {
		return o, err
	}
	defer tags.Free()
	defer places.Free()
	elements, corners, err := gmsh.Elements(gmsh.Tet4, -1)
	if err != nil {
		return o, err
	}
	defer elements.Free()
	defer corners.Free()
	o.Nodes = tags.Len()
	place := make(map[uint64]quality.Point, tags.Len())
	for i, tag := range tags.View() {
		place[tag] = quality.Point(places.View()[3*i : 3*i+3])
	}
	var gammas []float64
	for n := corners.View(); len(n) >= 4; n = n[4:] {
		gammas = append(gammas, quality.Tetrahedron(place[n[0]], place[n[1]], place[n[2]], place[n[3]]).Gamma)
	}
	o.measure(gammas)
	return o, nil
}

// conformal reads a file and makes solids that touch share their faces.
func conformal(file string) error {
	if err := gmsh.AddModel("part"); err != nil {
		return err
	}
	if _, err := gmsh.ImportShapes(file, string(formatOf(file)), true); err != nil {
		return err
	}
	solids, err := gmsh.OCCEntities(3)
	if err != nil {
		return err
	}
	if len(solids) == 0 {
		return fmt.Errorf("no solid")
	}
	if len(solids) > 1 {
		if _, _, err := gmsh.Fragment(solids, nil); err != nil {
			return err
		}
	}
	return gmsh.OCCSynchronize()
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(b[0]-a[0], b[1]-a[1]), b[2]-a[2])
}
