package cadfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// brepFile is an edge between two vertices, in a compound.
const brepFile = `DBRep_DrawableShape

CASCADE Topology V1, (c) Matra-Datavision
Locations 0
Curve2ds 0
Curves 1
1 0 0 0 1 0 0 
Polygon3D 0
PolygonOnTriangulations 0
Surfaces 0
Triangulations 0

TShapes 4
Ve
1e-07
0 0 0
0 0

0101101
*
Ve
1e-07
1000000 0 0
0 0

0101101
*
Ed
 1e-07 1 1 0
1  1 0 0 1000000
0

0101000
+4 0 -3 0 *
Co

1100000
+2 0 *

+1 0 
`

func TestCheckBREP_TakesWhatOpenCASCADEWrites(t *testing.T) {
	for name, text := range map[string]string{
		"plain":            brepFile,
		"CRLF":             strings.ReplaceAll(brepFile, "\n", "\r\n"),
		"without DBRep":    brepFile[strings.Index(brepFile, "CASCADE"):],
		"a later version":  strings.Replace(brepFile, "V1, (c) Matra-Datavision", "V3, (c) Open Cascade", 1),
		"infinite edges":   strings.Replace(brepFile, "1  1 0 0 1000000", "1  1 0 -2e+100 2e+100", 1),
		"polygons":         strings.Replace(brepFile, "PolygonOnTriangulations 0", "PolygonOnTriangulations 1\n2 1 2 \np 0.1 1 0 1 ", 1),
		"no last line end": strings.TrimSpace(brepFile),
	} {
		t.Run(name, func(t *testing.T) {
			facts, d := checkText(text, engine.BREP)
			require.Nil(t, d)
			require.Equal(t, 4, facts.Entities)
		})
	}
}

func TestCheckBREP_RefusesWhatItsReaderWouldBelieve(t *testing.T) {
	change := func(from, to string) string {
		require.Contains(t, brepFile, from)
		return strings.Replace(brepFile, from, to, 1)
	}
	for _, c := range []struct {
		name, text, message string
		code                diagnosis.Code
	}{
		{"nan in a curve", change("1 0 0 0 1 0 0", "1 0 nan 0 1 0 0"), `Line 7: "nan" is not a finite number of a possible size, in section Curves`, diagnosis.InvalidNumber},
		{"word in a curve", change("1 0 0 0 1 0 0", "1 0 ten 0 1 0 0"), `Line 7: "ten" where a number or the section Polygon3D has to be`, diagnosis.UnreadableFile},
		{"huge number in a curve", change("1 0 0 0 1 0 0", "1 0 1e300 0 1 0 0"), `"1e300"`, diagnosis.InvalidNumber},
		{"nan in a vertex", change("1000000 0 0\n", "-nan 0 0\n"), `"-nan"`, diagnosis.InvalidNumber},
		{"infinity in a vertex", change("1000000 0 0\n", "inf 0 0\n"), `"inf"`, diagnosis.InvalidNumber},
		{"huge number in a vertex", change("1000000 0 0\n", "0 1e101 0\n"), `"1e101"`, diagnosis.InvalidNumber},
		{"count beyond the file", change("Polygon3D 0", "Polygon3D 99999999"), "says that it has 99999999 things", diagnosis.UnreadableFile},
		{"count beyond all", change("Curves 1", "Curves 99999999999999999999"), "the number of things in section Curves", diagnosis.UnreadableFile},
		{"negative count", change("Surfaces 0", "Surfaces -1"), `"-1"`, diagnosis.UnreadableFile},
		{"missing section", change("Surfaces 0\n", ""), `"Triangulations" where a number or the section Surfaces`, diagnosis.UnreadableFile},
		{"more shapes than there are", change("TShapes 4", "TShapes 5"), "Line 34: shape 3 of 5 refers to one that does not come before it", diagnosis.UnreadableFile},
		{"fewer shapes than there are", change("TShapes 4", "TShapes 3"), "Line 34: shape 3 of 3 refers to one that does not come before it", diagnosis.UnreadableFile},
		{"no shapes", change("TShapes 4", "TShapes 0"), "no shape", diagnosis.EmptyModel},
		{"a shape that refers to itself", change("+2 0 *", "+1 0 *"), "shape 4 of 4 refers to one that does not come before it", diagnosis.UnreadableFile},
		{"a shape that refers to nothing", change("+4 0 -3 0 *", "+4 0 -9999 0 *"), "Line 34: shape 3 of 4 refers", diagnosis.UnreadableFile},
		{"a file about nothing", change("\n+1 0 \n", "\n+9 0 \n"), `"+9" where the number of the shape that the file is about`, diagnosis.UnreadableFile},
		{"a file about an empty shape", change("\n+1 0 \n", "\n*\n"), "about none of them", diagnosis.EmptyModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := checkText(c.text, engine.BREP)
			require.NotNil(t, d)
			require.Equal(t, c.code, d.Code, "%v", d)
			require.Contains(t, d.Message, c.message)
		})
	}
}

func TestCheckBREP_CutAnywhere_IsNoticed(t *testing.T) {
	whole := strings.TrimSuffix(strings.TrimSpace(brepFile), "+1 0")
	for n := strings.Index(brepFile, "V1") + 1; n < len(whole); n++ {
		_, d := checkText(brepFile[:n], engine.BREP)
		require.NotNil(t, d, "cut after %q", brepFile[:n])
		require.Equal(t, diagnosis.UnreadableFile, d.Code)
	}
}

func FuzzCheckBREP(f *testing.F) {
	f.Add(brepFile)
	f.Fuzz(func(t *testing.T, text string) { fuzzCheck(t, text, engine.BREP) })
}
