package surface

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/testenv"
)

// fact is what testdata/manifest.json says of a file.
type fact struct {
	Path             string  `json:"path"`
	Bytes            int64   `json:"bytes"`
	Triangles        int     `json:"triangles"`
	Watertight       bool    `json:"watertight"`
	Oriented         bool    `json:"oriented"`
	Shells           int     `json:"shells"`
	OpenEdges        int     `json:"open_edges"`
	NonManifoldEdges int     `json:"nonmanifold_edges"`
	Solids           int     `json:"solids"`
	Volume           float64 `json:"volume"`
	Diagonal         float64 `json:"diagonal"`
	testenv.Expected
	VolumeIfRepaired float64 `json:"volume_if_repaired"`
}

// corpus returns the STL files of a folder of the shared test geometry, and where they lie.
func corpus(t testing.TB, folder string) (root string, files []fact) {
	t.Helper()
	files = slices.DeleteFunc(testenv.Corpus[fact](t, folder), func(f fact) bool { return !strings.HasSuffix(f.Path, ".stl") })
	require.NotEmpty(t, files)
	return testenv.Shared(t, ""), files
}

func TestGoodSTLFiles_AreReadAsTheSolidsThatTheyEnclose(t *testing.T) {
	root, files := corpus(t, "stl")
	for _, f := range files {
		t.Run(filepath.Base(f.Path), func(t *testing.T) {
			m, d := Read(filepath.Join(root, f.Path))
			require.Nil(t, d)
			require.Len(t, m.Triangles, f.Triangles)
			require.InEpsilon(t, f.Diagonal, m.Box().Diagonal(), 1e-9)

			warnings, d := m.Repair()
			if filepath.Base(f.Path) == "object.stl" {
				// its eight open edges are two seams of which the points differ by 1e-16: a solid once they are joined
				require.Nil(t, d)
				require.NotEmpty(t, warnings)
				requireSound(t, m)
				return
			}
			if !f.Watertight {
				require.NotNil(t, d)
				require.Equal(t, diagnosis.NotWatertight, d.Code)
				require.Contains(t, d.Message, fmt.Sprintf("%d open edges", f.OpenEdges))
				if f.NonManifoldEdges > 0 {
					require.Contains(t, d.Message, fmt.Sprintf("%d edges more than two", f.NonManifoldEdges))
				}
				require.NotEmpty(t, d.Entities)
				require.NotNil(t, d.Entities[0].Point)
				return
			}
			require.Nil(t, d)
			require.Equal(t, f.Oriented, len(warnings) == 0, "%v", warnings)
			require.Len(t, m.Shells, f.Shells)
			require.Len(t, m.Solids, f.Solids)
			require.InEpsilon(t, f.Volume, m.Volume(), 1e-6)
			requireSound(t, m)
		})
	}
}

func TestBadSTLFiles_AreRefusedWithTheirCodeOrRepairedToTheirVolume(t *testing.T) {
	root, files := corpus(t, "bad")
	for _, f := range files {
		if slices.Contains([]string{f.Expect}, string(diagnosis.UnsupportedFormat)) {
			continue // package cadfile turns these away
		}
		t.Run(filepath.Base(f.Path), func(t *testing.T) {
			m, d := Read(filepath.Join(root, f.Path))
			var warnings []diagnosis.Diagnosis
			if d == nil {
				warnings, d = m.Repair()
			}
			if d != nil {
				require.True(t, f.Accepts(d.Code), "%v, but expected %s", d, f.Expect)
				require.NotEmpty(t, d.Message)
				require.NotEmpty(t, d.Hint)
				return
			}
			require.NotZero(t, f.VolumeIfRepaired, "accepted, but expected %s", f.Expect)
			// single precision has rounded the sphere's points, but not the cubes'
			require.InEpsilon(t, f.VolumeIfRepaired, m.Volume(), 1e-8)
			require.NotEmpty(t, warnings, "repaired without a word")
			requireSound(t, m)
		})
	}
}

func TestRefusals_SayWhereAndHowMuch(t *testing.T) {
	root, _ := corpus(t, "bad")
	for name, want := range map[string]struct {
		message string
		place   *[3]float64
	}{
		"count_max.stl":           {"says that it has 4294967295 triangles, and has bytes for 12", nil},
		"nan_vertex.stl":          {`Line 20: "nan"`, nil},
		"not_a_number.stl":        {`Line 20: "ten"`, nil},
		"nan_vertex_binary.stl":   {"Triangle 4: the coordinate z of corner 2", nil},
		"truncated_ascii.stl":     {"cut off: it ends at line 1033", nil},
		"open_cube.stl":           {"4 open edges around 1 hole; the largest is 14.1 across", &[3]float64{10, 5, 5}},
		"touching_cubes_edge.stl": {"At 1 edge more than two triangles meet", &[3]float64{10, 10, 5}},
		"overlapping_cubes.stl":   {"12 of its 24 triangles", &[3]float64{5, 10, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			m, d := Read(filepath.Join(root, "bad", name))
			if d == nil {
				_, d = m.Repair()
			}
			require.NotNil(t, d)
			require.Contains(t, d.Message, want.message)
			if want.place != nil {
				require.InDeltaSlice(t, want.place[:], d.Entities[0].Point[:], 1e-9)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	root, _ := corpus(b, "stl")
	for _, name := range []string{"motor.stl", "aneurysm_data.stl", "TR12J_OCC.stl"} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(root, "stl", name)
			info, err := os.Stat(path)
			require.NoError(b, err)
			b.SetBytes(info.Size())
			for b.Loop() {
				_, d := Read(path)
				require.Nil(b, d)
			}
		})
	}
}

func BenchmarkRepair(b *testing.B) {
	root, _ := corpus(b, "stl")
	for _, name := range []string{"propeller.stl", "TR12J_OCC.stl"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				m, d := Read(filepath.Join(root, "stl", name))
				b.StartTimer()
				require.Nil(b, d)
				_, d = m.Repair()
				require.Nil(b, d)
			}
		})
	}
}
