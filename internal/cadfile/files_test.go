package cadfile_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/cadfile"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/testenv"
)

// sniff looks at a file as an upload does.
func sniff(t *testing.T, path string) (engine.Format, *diagnosis.Diagnosis) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	head, err := io.ReadAll(io.LimitReader(f, cadfile.SniffLen))
	require.NoError(t, err)
	return cadfile.Sniff(head, info.Size(), filepath.Base(path))
}

func TestGoodFilesPassBothGates(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t, "cad"), "*"))
	require.NoError(t, err)
	stl, err := filepath.Glob(filepath.Join(testenv.Shared(t, "stl"), "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range append(files, stl...) {
		format, d := sniff(t, path)
		require.Nil(t, d, path)
		_, d = cadfile.Check(path, format)
		require.Nil(t, d, path)
	}
}

func TestDeclaredUnitsAreRead(t *testing.T) {
	for name, units := range map[string]string{
		"cube-mm.step": "mm", "cube-m.step": "m", "cube-in.step": "in", "as1_pe_203.stp": "in", "dm1-id-214.stp": "in", "t20_data.step": "mm",
	} {
		facts, d := cadfile.Check(testenv.Shared(t, "cad/"+name), engine.STEP)
		require.Nil(t, d, name)
		require.Equal(t, units, facts.DeclaredUnits, name)
	}
}

func TestBadFilesAreRefusedBeforeANativeReaderSeesThem(t *testing.T) {
	for name, code := range map[string]diagnosis.Code{
		"empty.step":              diagnosis.EmptyFile,
		"empty.stl":               diagnosis.EmptyFile,
		"random_bytes.step":       diagnosis.UnsupportedFormat,
		"gzip_of_step.step":       diagnosis.UnsupportedFormat,
		"gzip_bomb.step.gz":       diagnosis.UnsupportedFormat,
		"html_error_page.stl":     diagnosis.UnsupportedFormat,
		"geo_script":              diagnosis.UnsupportedFormat,
		"geo_script.step":         diagnosis.UnsupportedFormat,
		"geo_script.stl":          diagnosis.UnsupportedFormat,
		"geo_script.txt":          diagnosis.UnsupportedFormat,
		"step_renamed.stl":        diagnosis.FormatMismatch,
		"stl_renamed.step":        diagnosis.FormatMismatch,
		"truncated.step":          diagnosis.UnreadableFile,
		"dangling_reference.step": diagnosis.UnreadableFile,
		"nan_coordinates.step":    diagnosis.InvalidNumber,
		"huge_coordinates.step":   diagnosis.InvalidNumber,
		"header_only.step":        diagnosis.EmptyModel,
		"external_references.stp": diagnosis.ExternalReferences,
	} {
		path := testenv.Shared(t, "bad/"+name)
		format, d := sniff(t, path)
		if d == nil {
			_, d = cadfile.Check(path, format)
		}
		require.NotNil(t, d, name)
		require.Equal(t, code, d.Code, "%s: %s", name, d.Message)
		require.NotEmpty(t, d.Hint, name)
	}
}

func TestNameDoesNotDecide(t *testing.T) {
	step := []byte("ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,0.,0.));\nENDSEC;\nEND-ISO-10303-21;\n")
	for _, name := range []string{"part.step", "part.STP", "part", "$(touch x).unknown", strings.Repeat("a", 300)} {
		format, d := cadfile.Sniff(step, int64(len(step)), name)
		require.Nil(t, d, name)
		require.Equal(t, engine.STEP, format)
	}
}

// No input may make the gates crash or read beyond the file.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=A('it''s',(1.,#2,$,*,.T.));#2=B();\nENDSEC;\nEND-ISO-10303-21;\n"))
	f.Add([]byte("solid x\nfacet normal 0 0 0\nendsolid"))
	f.Add([]byte("DBRep_DrawableShape\n\nCASCADE Topology V1, (c) Matra-Datavision\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "part")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		format, d := cadfile.Sniff(content[:min(len(content), cadfile.SniffLen)], int64(len(content)), "part")
		if d != nil {
			require.True(t, d.Code.Known())
			return
		}
		if _, d := cadfile.Check(path, format); d != nil {
			require.True(t, d.Code.Known())
		}
	})
}
