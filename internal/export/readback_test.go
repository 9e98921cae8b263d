package export_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// read is what a reader says of a file; see testdata/read.py.
type read struct {
	Error     string                `json:"error"`
	Counts    map[string]int        `json:"counts"`
	Volume    float64               `json:"volume"`
	Least     float64               `json:"least"` // smallest volume of an element
	Groups    map[string][2]float64 `json:"groups"`
	Nodes     map[string]int        `json:"node_groups"`
	Triangles int                   `json:"triangles"`
	Area      float64               `json:"area"`
	Open      int                   `json:"open"` // edges of one triangle, or of more than two
	Named     map[string][]int      `json:"named"`
	Faces     []int                 `json:"faces"`
	Strayed   float64               `json:"strayed"` // how far nodes are from the middle of their edge, in lengths of it
	OK        bool                  `json:"ok"`
	Text      string                `json:"text"`
	FaceZones map[string]int        `json:"face_zones"`
	Surfaces  []string              `json:"surfaces"`
	Entities  int                   `json:"entities"`
	Seconds   float64               `json:"seconds"`
	Interface *interfaces           `json:"interface"` // where there are straight tetrahedra alone
}

// interfaces is how many sides of tetrahedra lie between two solids, and outside, and whether they, and they alone, are triangles of faces.
type interfaces struct {
	Between int  `json:"between"`
	Outside int  `json:"outside"`
	Sound   bool `json:"sound"`
}

// readAll has every file read, in one process: imports take longer than reading.
func readAll(t *testing.T, files map[string]map[string]string) map[string]map[string]read {
	t.Helper()
	input, err := json.Marshal(files)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), testenv.Readers(t), "testdata/read.py")
	cmd.Stdin = bytes.NewReader(input)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	require.NoError(t, cmd.Run(), words.String())
	var answer map[string]map[string]read
	require.NoError(t, json.Unmarshal(out.Bytes(), &answer), out.String())
	return answer
}

// example is a mesh in files, and what is to be found in them.
type example struct {
	made
	name     string
	curved   bool    // what readers measure is not what the corners say
	volume   float64 // of the mesh, where it is curved
	contact  float64 // the area of the group of that name, which is all that lies between two solids
	expected *facts
}

func TestLong_WrittenFiles_AreReadBackByOthers(t *testing.T) {
	p := engines(t)
	examples := examplesOf(t, p)
	files := map[string]map[string]string{}
	for _, e := range examples {
		delete(e.files, "report")
		files[e.name] = e.files
	}
	answers := readAll(t, files)
	for _, e := range examples {
		for _, format := range spec.Formats {
			got, written := answers[e.name][format]
			if !written {
				continue
			}
			t.Run(e.name+"/"+format, func(t *testing.T) {
				require.Empty(t, got.Error)
				e.check(t, format, got)
			})
		}
	}
}

// upTo lists the formats that hold elements of an order, but for some.
func upTo(order int, without ...string) (out []string) {
	for _, f := range spec.FileFormats {
		if f.Order >= order && !slices.Contains(without, f.Name) {
			out = append(out, f.Name)
		}
	}
	return out
}

func group(name string, dim int, entities ...int) spec.Group {
	return spec.Group{Name: name, Dim: &dim, Entities: entities}
}

func examplesOf(t *testing.T, p *pool.Pool) []example {
	t.Helper()
	var out []example
	groups := []spec.Group{
		group("inlet wall", 2, 1, 2), group("outlet", 2, 5), group("Kugel Ø12", 3, 1), group("edge", 1, 1, 2), group("corner", 0, 3),
	}
	for order, name := range []string{1: "part", 2: "curved part", 3: "cubic part"} {
		if order == 0 {
			continue
		}
		m := meshed(t, p, part(t), engine.STEP, spec.Spec{Order: order, Size: spec.Size{Fineness: 1}, Groups: groups, Formats: upTo(order)})
		out = append(out, example{made: m, name: name, curved: order > 1, volume: m.Mesh.Volume})
	}
	two := 2
	for name, s := range map[string]spec.Spec{
		"layers of order 2": {Groups: []spec.Group{{Name: "wall", Dim: &two, Entities: []int{1}}},
			Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.1}}},
		"hexahedra of order 2": {Strategy: spec.Hex},
	} {
		s.Order, s.Size, s.Formats = 2, spec.Size{Fineness: 3}, upTo(2)
		m := meshed(t, p, pipe(t), engine.STEP, s)
		out = append(out, example{made: m, name: name, curved: true, volume: m.Mesh.Volume})
	}
	// the faces of the two boxes: one is between them, and in two groups
	out = append(out, example{name: "two solids", made: meshed(t, p, touchingBoxes(t), engine.BREP, spec.Spec{
		Size: spec.Size{Fineness: 1},
		Groups: []spec.Group{
			group("left", 3, 1), group("both", 3, 1, 2), group("ends", 2, 1, 2), group("walls", 2, 2, 3), group("Walls", 2, 4),
		},
		Formats: upTo(1),
	})})
	// the same by one lattice, of a file that has a face of each box where they touch: both of them are the one between
	out = append(out, example{name: "two solids by a lattice", contact: 100, made: meshed(t, p, twoBoxes(t), engine.STEP, spec.Spec{
		Strategy: spec.Lattice, Size: spec.Size{TargetElements: 6000},
		Groups:  []spec.Group{group("left", 3, 1), group("right", 3, 2), group("contact", 2, 2, 7), group("ends", 2, 1, 8)},
		Formats: []string{"msh", "vtk", "vtu"},
	})})
	for _, x := range []struct {
		name    string
		order   int
		pyramid bool
		without []string
	}{
		{"all shapes", 1, true, []string{"unv"}},
		{"all shapes of order 2", 2, true, []string{"unv", "inp", "med"}},
		{"hexahedron and prism of order 2", 2, false, nil},
		{"hexahedron and prism of order 3", 3, false, []string{"cgns", "msh2"}}, // Gmsh measures and writes no such prism
	} {
		m := exported(t, p, mixed(t, x.order, x.pyramid), upTo(x.order, append(x.without, "msh")...)...)
		require.Nil(t, m.Error)
		out = append(out, example{made: m, name: x.name})
	}
	for i := range out {
		out[i].expected = factsOf(t, out[i].files["msh"])
	}
	return out
}

// What readers may differ by: they add up in other orders, and write single precision (stl, glb) or six digits (checkMesh).
const (
	rounding = 1e-6
	coarsely = 2e-5
	// what a curved element's measure may differ by: readers integrate differently, some divide it
	curving = 0.02
)

func (e example) check(t *testing.T, format string, got read) {
	volume, tolerance := e.expected.volume, rounding
	if e.curved {
		volume, tolerance = e.volume, curving/4
	}
	surface := e.expected.surface()
	switch format {
	case "stl", "glb":
		require.InEpsilon(t, volume, got.Volume, max(tolerance, coarsely))
		require.InEpsilon(t, surface.measure, got.Area, max(4*tolerance, coarsely))
		if format == "stl" {
			require.Zero(t, got.Open, "the surface is closed")
		}
		if format == "glb" {
			named := map[string][]int{}
			for _, g := range e.expected.mesh.Groups {
				for _, entity := range g.Entities {
					if g.Dim == 2 && e.expected.of(2, []int{entity}, true).count > 0 && e.expected.mesh.GroupsOf(2, entity)[0].Tag == g.Tag {
						named[g.Name] = append(named[g.Name], entity)
					}
				}
			}
			require.Equal(t, named, got.Named)
		}
		return
	case "bdf":
		most := rounding
		if e.curved {
			most = 0.25
		}
		require.Less(t, got.Strayed, most, "nodes lie on their edges")
	case "openfoam", "fluent":
		require.True(t, got.OK, got.Text)
		tolerance = coarsely
	}
	require.Equal(t, e.expected.counts, got.Counts)
	if got.Interface != nil {
		require.Equal(t, e.expected.interfaces(), *got.Interface)
	}
	if e.contact > 0 {
		require.NotNil(t, got.Interface)
		require.InEpsilon(t, e.contact, got.Groups["contact"][1], rounding)
		require.Equal(t, got.Interface.Between, int(got.Groups["contact"][0]))
		require.Len(t, e.expected.mesh.Groups, 4, "each group is there once")
	}
	if format == "msh" { // Gmsh's own; that it reads back whole is checked by the engine and by what this compares with
		if got.Groups != nil {
			e.checkGroups(t, format, got)
		}
		return
	}
	require.InEpsilon(t, volume, got.Volume, tolerance)
	if format != "openfoam" {
		require.Positive(t, got.Least, "no element is inside out")
	}
	e.checkGroups(t, format, got)
}

func (e example) checkGroups(t *testing.T, format string, got read) {
	f := e.expected
	want := map[string]size{}
	switch format {
	case "msh", "inp", "unv", "med":
		want = f.whole(format)
	case "vtk", "vtu", "msh2", "cgns", "bdf":
		want = f.divided(format, []int{3, 2}, false, "")
	case "su2":
		want = f.divided(format, []int{2}, true, "default")
	case "fluent":
		want = f.divided(format, []int{3, 2}, true, "default")
	case "openfoam":
		want = f.divided(format, []int{3, 2}, true, "defaultFaces")
	}
	require.NotEmpty(t, want)
	for name, found := range got.Groups {
		if _, expected := want[name]; !expected && !slices.Contains([]string{"edge", "corner"}, name) {
			t.Errorf("there is a group %q of %v elements", name, found[0])
		}
	}
	for name, size := range want {
		found, ok := got.Groups[name]
		require.True(t, ok, "%q is not among %v", name, slices.Sorted(maps.Keys(got.Groups)))
		require.Equal(t, size.count, int(found[0]), name)
		tolerance := coarsely
		if e.curved {
			tolerance = curving
		}
		if format != "cgns" { // whose reader leaves groups aside
			require.InEpsilon(t, size.measure, found[1], tolerance, name)
		}
	}
	if len(f.mesh.Of(1)) > 0 && f.mesh.GroupsOf(1, 1) != nil {
		switch format { // groups of edges and points are sets of nodes
		case "inp", "unv":
			require.Greater(t, got.Nodes["edge"], 2)
			require.Equal(t, 1, got.Nodes["corner"])
		case "bdf":
			require.Greater(t, got.Nodes["1"], 2)
			require.Equal(t, 1, got.Nodes["2"])
		}
	}
}

func TestFormatThatCannotHoldAMesh_SaysSo(t *testing.T) {
	p := engines(t)
	for format, words := range map[string]string{
		"unv": "Format unv cannot hold pyramids of order 2.",
		"med": "Format med cannot hold pyramids of order 2.",
		"inp": "Format inp cannot hold pyramids of order 2.",
	} {
		m := exported(t, p, mixed(t, 2, true), format)
		require.NotNil(t, m.Error)
		require.Equal(t, diagnosis.UnsupportedFormat, m.Error.Code)
		require.Equal(t, words, m.Error.Message)
		require.NotEmpty(t, m.Error.Hint)
		require.NotContains(t, m.files, format)
	}
}
