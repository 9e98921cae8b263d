package surface

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

// readBytes reads an STL from memory.
func readBytes(content []byte) (*Mesh, *diagnosis.Diagnosis) {
	return read(bytes.NewReader(content), int64(len(content)))
}

func TestRead_File_IsReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.stl")
	require.NoError(t, os.WriteFile(path, cube(0, 10).binary("part"), 0o600))
	m, d := Read(path)
	require.Nil(t, d)
	require.Len(t, m.Triangles, 12)

	_, d = Read(path + ".gone")
	require.Equal(t, diagnosis.Internal, d.Code)
}

func TestRead_BothEncodings_GiveTheSameTriangles(t *testing.T) {
	s := join(cube(0, 10), cube(-3, 2.5))
	a, d := readBytes(s.ascii())
	require.Nil(t, d)
	b, d := readBytes(s.binary("solid, says the free text; endsolid facet"))
	require.Nil(t, d)
	require.Equal(t, a.Vertices, b.Vertices)
	require.Equal(t, a.Triangles, b.Triangles)
	require.Len(t, a.Vertices, 16)
}

func TestRead_ASCII_TakesWhatWritersWrite(t *testing.T) {
	good := string(cube(0, 10).ascii())
	for name, text := range map[string]string{
		"capitals":                 strings.ToUpper(good),
		"CRLF":                     strings.ReplaceAll(good, "\n", "\r\n"),
		"CR":                       strings.Replace(strings.ReplaceAll(good, "\n", "\r"), "\r", "\n", 1),
		"byte order mark":          "\xef\xbb\xbf" + good,
		"leading blank lines":      "\n \t\n" + good,
		"trailing end of file":     good + "\x1a",
		"trailing zeros":           good + "\x00\x00\x00",
		"nan for a normal":         strings.ReplaceAll(good, "normal 0 0 0", "normal nan nan nan"),
		"no normal":                strings.ReplaceAll(good, "normal 0 0 0", ""),
		"no name":                  strings.ReplaceAll(good, " part", ""),
		"a name with facets in it": strings.Replace(good, "solid part", "solid facet vertex 1 2", 1),
		"colours":                  strings.ReplaceAll(good, "facet normal", "color 0.5 0.5 0.5\nfacet normal"),
		"exponents":                strings.ReplaceAll(good, "10", "1.0e+001"),
		"Fortran":                  strings.ReplaceAll(good, "10", "0.1D2"),
		"two solids":               strings.Replace(good, "facet", "endsolid\nsolid two\nfacet", 1),
		"a long blank":             strings.Replace(good, "facet", strings.Repeat(" ", 3*window)+"facet", 1),
	} {
		t.Run(name, func(t *testing.T) {
			m, d := readBytes([]byte(text))
			require.Nil(t, d)
			_, d = m.Repair()
			require.Nil(t, d)
			require.InDelta(t, 1000, m.Volume(), 1e-9)
		})
	}
	t.Run("all on one line", func(t *testing.T) {
		one := "solid part\n" + strings.ReplaceAll(strings.TrimPrefix(good, "solid part\n"), "\n", " ")
		m, d := readBytes([]byte(one))
		require.Nil(t, d)
		require.Len(t, m.Triangles, 12)
	})
}

func TestRead_ASCII_RefusesWithTheLine(t *testing.T) {
	good := string(cube(0, 10).ascii())
	line := func(n int, text string) string {
		lines := strings.SplitAfter(good, "\n")
		lines[n-1] = text + "\n"
		return strings.Join(lines, "")
	}
	for _, c := range []struct {
		name, text, message string
		code                diagnosis.Code
	}{
		{"word", line(4, "vertex 1 ten 3"), `Line 4: "ten" is not a finite number`, diagnosis.InvalidNumber},
		{"nan", line(5, "vertex 1 -NaN 3"), `Line 5: "-NaN" is not a finite number`, diagnosis.InvalidNumber},
		{"infinity", line(5, "vertex 1 Infinity 3"), `Line 5: "Infinity"`, diagnosis.InvalidNumber},
		{"overflow", line(6, "vertex 1 2 1e400"), `Line 6: the coordinate "1e400" is beyond any model`, diagnosis.InvalidNumber},
		{"huge", line(6, "vertex 1 2 -1.1e15"), `Line 6: the coordinate "-1.1e15" is beyond any model`, diagnosis.InvalidNumber},
		{"hexadecimal", line(6, "vertex 1 2 0x10"), `Line 6: "0x10"`, diagnosis.InvalidNumber},
		{"decimal comma", line(6, "vertex 1 2 1,5"), `Line 6: "1,5"`, diagnosis.InvalidNumber},
		{"missing coordinate", line(6, "vertex 1 2"), `Line 7: "endloop" is not a finite number`, diagnosis.InvalidNumber},
		{"four corners", line(6, "vertex 1 2 3\nvertex 1 2 4"), "Line 7: a facet of more than three corners", diagnosis.UnreadableFile},
		{"two corners", line(6, ""), `Line 7: "endloop" where "vertex" has to be`, diagnosis.UnreadableFile},
		{"strange word", line(3, "inner loop"), `Line 3: "inner" where "outer loop" has to be`, diagnosis.UnreadableFile},
		{"strange statement", line(8, "endfacet SystemCall"), `Line 8: "SystemCall" where "facet" or "endsolid"`, diagnosis.UnreadableFile},
		{"long word", line(8, "endfacet "+strings.Repeat("x", 3*window)), `"` + strings.Repeat("x", 32) + `"…`, diagnosis.UnreadableFile},
		{"cut in a facet", good[:len(good)/2], "The file is cut off: it ends at line", diagnosis.UnreadableFile},
		{"cut in a number", good[:strings.Index(good, "vertex")+len("vertex -")], "The file is cut off: it ends at line 4", diagnosis.UnreadableFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := readBytes([]byte(c.text))
			require.NotNil(t, d)
			require.Equal(t, c.code, d.Code, "%v", d)
			require.Contains(t, d.Message, c.message)
		})
	}
}

func TestRead_ASCIIWithoutItsEnd_WarnsWhereNothingIsMissing(t *testing.T) {
	m, d := readBytes(bytes.TrimSuffix(cube(0, 10).ascii(), []byte("endsolid part\n")))
	require.Nil(t, d)
	warnings, d := m.Repair()
	require.Nil(t, d)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0].Message, `without "endsolid"`)
}

func TestRead_Binary_BelievesTheSizeAlone(t *testing.T) {
	good := cube(0, 10).binary("part")
	for _, c := range []struct {
		name    string
		content []byte
		code    diagnosis.Code
		message string
	}{
		{"cut off", good[:len(good)-1], diagnosis.UnreadableFile, "has 12 triangles, and has bytes for 11"},
		{"a triangle too many", append(bytes.Clone(good), make([]byte, 50)...), diagnosis.UnreadableFile, "bytes for 13"},
		{"no count", good[:83], diagnosis.UnreadableFile, "83 bytes"},
		{"one byte", []byte{0}, diagnosis.UnreadableFile, "1 bytes"},
		{"nothing", nil, diagnosis.EmptyFile, "no bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := readBytes(c.content)
			require.NotNil(t, d)
			require.Equal(t, c.code, d.Code)
			require.Contains(t, d.Message, c.message)
		})
	}
	m, d := readBytes(append(bytes.Clone(good), "trailer"...))
	require.Nil(t, d)
	warnings, d := m.Repair()
	require.Nil(t, d)
	require.Contains(t, warnings[0].Message, "7 bytes after the last triangle")
}

func TestRead_BinaryThatClaimsBillions_TakesNoMemoryForThem(t *testing.T) {
	content := cube(0, 10).binary("part")
	for i := range 4 {
		content[binaryHeader+i] = 0xff
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, d := readBytes(content)
	runtime.ReadMemStats(&after)
	require.NotNil(t, d)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestDetect_GoesByTheSizeFirst(t *testing.T) {
	ascii, bin := cube(0, 10).ascii(), cube(0, 10).binary("solid of facet endsolid")
	require.Equal(t, ASCII, Detect(ascii, int64(len(ascii))))
	require.Equal(t, Binary, Detect(bin, int64(len(bin))))
	require.Equal(t, Neither, Detect(bin, int64(len(bin))+1))
	require.Equal(t, Neither, Detect([]byte("solid as a rock"), 15))
	require.Equal(t, Neither, Detect([]byte("solidfacet endsolid"), 19))
	require.Equal(t, Neither, Detect(nil, 0))
}

func TestParseNumber_AgreesWithTheStandardLibrary(t *testing.T) {
	for _, text := range []string{"0", "-0", "+1", "1.", ".5", "-.5e3", "1e22", "1e23", "123456789012345678", "9007199254740993",
		"0.1", "1.0000000000000000000", "0.30000000000000004", "-3.315263509750366", "1e-400", "4.9e-324", "1.7976931348623157e308",
		"00001", "1E+005", "1e-22", "1e-23", "123456789.987654321e-5", "0e999999999999"} {
		want, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		got, ok := parseNumber([]byte(text))
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-", ".", "e5", "1e", "1e+", "1x", "0x1p3", "1_0", "inf", "nan", "--1", "1..2", "1e5.5", "1,5"} {
		_, ok := parseNumber([]byte(text))
		require.False(t, ok, text)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1.5e3", "-0.1D-2", "12345678901234567890.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseNumber([]byte(text))
		if !ok {
			return
		}
		want, _ := strconv.ParseFloat(strings.NewReplacer("d", "e", "D", "e").Replace(text), 64)
		if want != got {
			t.Fatalf("%q: %v, but the library reads %v", text, got, want)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(cube(0, 10).ascii())
	f.Add(cube(0, 10).binary("solid"))
	f.Add(join(cube(0, 10), cube(2, 6)).ascii())
	f.Add(join(cube(0, 10), cube(10, 10)).binary(""))
	f.Add(cutEdge(cube(0, 10), [3]float64{0, 0, 0}, [3]float64{10, 0, 0}, 3).binary(""))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, d := readBytes(content)
		if d == nil {
			for _, v := range m.Vertices {
				for _, x := range v {
					require.LessOrEqual(t, math.Abs(x), maxCoordinate)
				}
			}
			_, d = m.Repair()
		}
		if d != nil {
			require.True(t, d.Code.Known())
			require.NotEqual(t, diagnosis.Internal, d.Code)
			require.LessOrEqual(t, len(d.Entities), maxPlaces)
			return
		}
		requireSound(t, m)
	})
}
