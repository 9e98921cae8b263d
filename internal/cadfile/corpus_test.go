package cadfile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/surface"
	"meshgen/internal/testenv"
)

// fact is what testdata/manifest.json says of a file.
type fact struct {
	Path   string `json:"path"`
	Format string `json:"format"`
	Unit   string `json:"unit"`
	Solids int    `json:"solids"`
	Faces  int    `json:"faces"`
	testenv.Expected
	VolumeIfRepaired float64 `json:"volume_if_repaired"`
}

// corpus returns the files of a folder of the shared test geometry, and where they lie.
func corpus(t testing.TB, folder string) (root string, files []fact) {
	t.Helper()
	return testenv.Shared(t, ""), testenv.Corpus[fact](t, folder)
}

// sniffFile sniffs a file under a name.
func sniffFile(t testing.TB, path, name string) (engine.Format, *diagnosis.Diagnosis) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return Sniff(content[:min(len(content), SniffLen)], int64(len(content)), name)
}

func TestGoodFiles_AreKnownByTheirContentUnderAnyHarmlessName(t *testing.T) {
	for _, folder := range []string{"cad", "stl"} {
		root, files := corpus(t, folder)
		for _, f := range files {
			want := engine.Format(strings.ToLower(strings.Fields(f.Format)[0]))
			for _, name := range []string{filepath.Base(f.Path), "part", "part.txt", "part." + strings.ToUpper(string(want)), ""} {
				got, d := sniffFile(t, filepath.Join(root, f.Path), name)
				require.Nil(t, d, "%s as %q", f.Path, name)
				require.Equal(t, want, got, "%s as %q", f.Path, name)
			}
		}
	}
}

func TestGoodCADFiles_PassWithTheirUnitsAndCounts(t *testing.T) {
	root, files := corpus(t, "cad")
	units := map[string]string{"inch": "in", "mm": "mm", "m": "m"}
	for _, f := range files {
		t.Run(filepath.Base(f.Path), func(t *testing.T) {
			format := engine.Format(strings.ToLower(f.Format))
			facts, d := Check(filepath.Join(root, f.Path), format)
			require.Nil(t, d)
			require.Empty(t, facts.Warnings)
			require.Positive(t, facts.Entities)
			require.Positive(t, facts.Faces)
			switch format {
			case engine.STEP:
				require.Equal(t, units[f.Unit], facts.DeclaredUnits)
				require.Positive(t, facts.Solids)
				require.LessOrEqual(t, facts.Solids, f.Solids) // an assembly uses a part more than once
			case engine.IGES:
				require.Equal(t, "mm", facts.DeclaredUnits)
				require.Equal(t, f.Faces, facts.Faces)
			case engine.BREP:
				require.LessOrEqual(t, facts.Solids, f.Solids)
				require.Empty(t, facts.DeclaredUnits)
			}
		})
	}
}

func TestBadFiles_AreTurnedAwayBeforeANativeReaderSeesThem(t *testing.T) {
	// what a reader of words cannot tell, and what hurts no native reader
	forTheEngine := []string{"curve_only.step", "surface_only.step"}
	root, files := corpus(t, "bad")
	for _, f := range files {
		name := filepath.Base(f.Path)
		if slices.Contains(forTheEngine, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(root, f.Path)
			format, d := sniffFile(t, path, name)
			if d == nil {
				_, d = Check(path, format)
			}
			if d == nil && format == engine.STL {
				var m *surface.Mesh
				if m, d = surface.Read(path); d == nil {
					_, d = m.Repair()
				}
				if d == nil {
					require.InEpsilon(t, f.VolumeIfRepaired, m.Volume(), 1e-8) // single precision has rounded the sphere
					return
				}
			}
			require.NotNil(t, d)
			require.True(t, f.Accepts(d.Code), "%v, but expected %s", d, f.Expect)
			require.NotEmpty(t, d.Hint)
		})
	}
}

func TestBadFiles_AreToldApartInWords(t *testing.T) {
	root, _ := corpus(t, "bad")
	for name, want := range map[string]string{
		"geo_script":              "a Gmsh script",
		"geo_script.step":         "named as STEP, but holds a Gmsh script",
		"gzip_of_step.step":       "a gzip archive",
		"html_error_page.stl":     "an HTML page",
		"step_renamed.stl":        "named as STL, but holds STEP",
		"stl_renamed.step":        "named as STEP, but holds STL",
		"random_bytes.step":       "binary data",
		"truncated.step":          "cut off: it ends at line 542, in the definition of #455",
		"dangling_reference.step": "(11 times); first in line 30: #17 (ADVANCED_FACE) refers to #9999999",
		"nan_coordinates.step":    `Line 24: "NaN" is not a finite number of a possible size, in the definition of #12 (CARTESIAN_POINT)`,
		"huge_coordinates.step":   `Line 117: "6.E+300"`,
		"self_reference.step":     "#15 (MANIFOLD_SOLID_BREP) refers to itself",
		"external_references.stp": `"TAIL.stp", "HEAD.stp", "MAINBODY.stp", "FOOT.stp"`,
		"header_only.step":        "no entity",
	} {
		path := filepath.Join(root, "bad", name)
		format, d := sniffFile(t, path, name)
		if d == nil {
			_, d = Check(path, format)
		}
		require.NotNil(t, d, name)
		require.Contains(t, d.Message, want, name)
	}
}

func BenchmarkCheck(b *testing.B) {
	root, _ := corpus(b, "cad")
	for _, c := range []struct {
		name   string
		format engine.Format
	}{
		{"linkrods.step", engine.STEP}, {"as1-oc-214.stp", engine.STEP}, {"t20_data.step", engine.STEP},
		{"hammer.iges", engine.IGES}, {"Motor-c.brep", engine.BREP},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := filepath.Join(root, "cad", c.name)
			info, err := os.Stat(path)
			require.NoError(b, err)
			b.SetBytes(info.Size())
			b.ReportAllocs()
			for b.Loop() {
				_, d := Check(path, c.format)
				require.Nil(b, d)
			}
		})
	}
}
