package cadfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// igesRecords writes the lines of a section.
func igesRecords(section byte, lines ...string) (out []string) {
	for i, line := range lines {
		out = append(out, fmt.Sprintf("%-72s%c%7d", line, section, i+1))
	}
	return out
}

// igesParameterLine writes columns 1 to 72 of a parameter record.
func igesParameterLine(text string, entity int) string { return fmt.Sprintf("%-64s%8d", text, entity) }

const (
	igesGlobal  = "1H,,1H;,4Hpart,9Hpart.iges,4Hhere,4Hthat,32,38,6,308,15,4Hpart,1.,2,2HMM,1,0.01,;"
	igesLine    = "110,0.,0.,0.,1.D1,-2.5E0,3;"
	igesSurface = "144,1,1,0,1;"
)

// igesFile returns the lines of a file with an entity for each parameter text, of the type that the text begins with.
func igesFile(global string, parameters ...string) []string {
	var d, p []string
	for i, text := range parameters {
		kind, _, _ := strings.Cut(text, ",")
		d = append(d, fmt.Sprintf("%8s%8d%8d", kind, i+1, 0), fmt.Sprintf("%8s%8d", kind, 0))
		for len(text) > 64 {
			p = append(p, igesParameterLine(text[:64], 2*i+1))
			text = text[64:]
		}
		p = append(p, igesParameterLine(text, 2*i+1))
	}
	var g []string
	for ; len(global) > 72; global = global[72:] {
		g = append(g, global[:72])
	}
	g = append(g, global)
	out := append(igesRecords('S', "a part"), igesRecords('G', g...)...)
	out = append(out, igesRecords('D', d...)...)
	out = append(out, igesRecords('P', p...)...)
	return append(out, igesRecords('T', fmt.Sprintf("S%7dG%7dD%7dP%7d", 1, len(g), len(d), len(p)))...)
}

func lines(l []string) string { return strings.Join(l, "\n") + "\n" }

// without returns the lines without one.
func without(l []string, i int) []string { return append(append([]string{}, l[:i]...), l[i+1:]...) }

// spline returns the parameters of a B-spline curve (126) of degree 1 with two poles, and of n numbers too few.
func spline(missing int) string {
	numbers := strings.Split("126,1,1,0,0,1,0,0.,0.,1.,1.,1.,1.,0.,0.,0.,1.,0.,0.,0.,1.", ",")
	return strings.Join(numbers[:len(numbers)-missing], ",") + ";"
}

func TestCheckIGES_TakesWhatTheFormatAllows(t *testing.T) {
	good := igesFile(igesGlobal, igesLine, igesSurface)
	for name, text := range map[string]string{
		"plain":                    lines(good),
		"CRLF":                     strings.ReplaceAll(lines(good), "\n", "\r\n"),
		"no line ends":             strings.Join(good, ""),
		"blank lines":              strings.ReplaceAll(lines(good), "\n", "\n\n"),
		"no last line end":         strings.TrimSpace(lines(good)),
		"words beyond column 80":   strings.ReplaceAll(lines(good), "\n", " and more of this\n"),
		"default delimiters":       lines(igesFile(",,"+igesGlobal[8:], igesLine)),
		"delimiters of its own":    lines(igesFile("1H/,1H!,"[:4]+"/1H!/"+strings.NewReplacer(",", "/", ";", "!").Replace(igesGlobal[8:]), strings.NewReplacer(",", "/", ";", "!").Replace(igesLine))),
		"texts with delimiters":    lines(igesFile(igesGlobal, "406,2,5H1,;NaN,3H;;;;", igesLine)),
		"a text over two records":  lines(igesFile(igesGlobal, "406,1,80H"+strings.Repeat("x,;y", 20)+";", igesLine)),
		"a comment after the end":  lines(igesFile(igesGlobal, igesLine+" NaN, this is not read")),
		"missing parameters":       lines(igesFile(igesGlobal, "110,0.,,0.,1.,,;")),
		"words outside geometry":   lines(igesFile(igesGlobal, "5001,NaN,some;", igesLine)),
		"a spline":                 lines(igesFile(igesGlobal, spline(0))),
		"large coefficients":       lines(igesFile(igesGlobal, "104,1,1.D20,0.,1.,0.,0.,-1.E21,0.,1.,0.,1.,0.;")),
		"anything after the end":   lines(good) + "hello\n",
		"sections that end in one": lines(good[:len(good)-1]) + "S      1" + strings.Repeat(" ", 64) + "T      1",
	} {
		t.Run(name, func(t *testing.T) {
			facts, d := checkText(text, engine.IGES)
			require.Nil(t, d)
			require.Positive(t, facts.Entities)
		})
	}
}

func TestCheckIGES_RefusesWithTheLine(t *testing.T) {
	good := igesFile(igesGlobal, igesLine, igesSurface) // S at 1, G at 2 and 3, D at 4 to 7, P at 8 and 9, T at 10
	require.Len(t, good, 10)
	number := func(text string) string { return lines(igesFile(igesGlobal, "110,0.,"+text+",0.,1.,2.,3.;")) }
	for _, c := range []struct {
		name, text, message string
		code                diagnosis.Code
	}{
		{"NaN", number("NaN"), `Line 6: "NaN" is not a finite number of a possible size, in an entity of type 110`, diagnosis.InvalidNumber},
		{"word", number("ten"), `"ten"`, diagnosis.InvalidNumber},
		{"huge coordinate", number("1.1D15"), `"1.1D15"`, diagnosis.InvalidNumber},
		{"long coordinate", number(strings.Repeat("9", 40)), `"99999999`, diagnosis.InvalidNumber},
		{"two numbers", number("1.-2."), `"1.-2."`, diagnosis.InvalidNumber},
		{"spline without its numbers", lines(igesFile(igesGlobal, spline(1))), "fewer numbers than its counts ask for", diagnosis.UnreadableFile},
		{"spline that claims much", lines(igesFile(igesGlobal, "126,1000000000,1,0,0,1,0,0.,1.;")), "fewer numbers", diagnosis.UnreadableFile},
		{"surface that claims much", lines(igesFile(igesGlobal, "128,4,99999,2,2,0,0,0,0,0,0.,1.;")), "fewer numbers", diagnosis.UnreadableFile},
		{"surface that claims less than nothing", lines(igesFile(igesGlobal, "128,-5,-5,2,2,0,0,0,0,0,0.,1.;")), "fewer numbers", diagnosis.UnreadableFile},

		{"missing directory record", lines(without(good, 4)), "Line 5: record 3 of section D follows record 1", diagnosis.UnreadableFile},
		{"missing parameter record", lines(without(good, 7)), "Line 8: record 2 of section P follows record 0", diagnosis.UnreadableFile},
		{"missing last parameter record", lines(without(good, 8)), "section P has 2 records, and has 1", diagnosis.UnreadableFile},
		{"odd directory", lines(without(good, 6)), "has 3 records, which is no even number", diagnosis.UnreadableFile},
		{"no terminate record", lines(good[:9]), "cut off: it ends at line 10, in section P", diagnosis.UnreadableFile},
		{"cut in the directory", lines(good[:5]) + good[5][:30], "cut off: it ends at line 6, in section D", diagnosis.UnreadableFile},
		{"parameters first", lines(append(append(append([]string{}, good[:3]...), good[7:9]...), good[3:7]...)), "Line 6: a record of section D after one of section P", diagnosis.UnreadableFile},
		{"no directory", lines(append(append([]string{}, good[:3]...), good[7:]...)), "no entity", diagnosis.EmptyModel},
		{"no parameters", lines(append(append([]string{}, good[:7]...), good[9:]...)), "no parameters", diagnosis.UnreadableFile},
		{"open parameters", lines(igesFile(igesGlobal, "110,0.,0.,0.")), "have no end", diagnosis.UnreadableFile},
		{"strange section", strings.Replace(lines(good), "D      2", "X      2", 1), `Line 5: column 73 does not name a section, but holds "X"`, diagnosis.UnreadableFile},
		{"a short line", strings.Replace(lines(good), good[4], "short", 1), `Line 5: column 73 does not name a section, but holds " "`, diagnosis.UnreadableFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := checkText(c.text, engine.IGES)
			require.NotNil(t, d)
			require.Equal(t, c.code, d.Code, "%v", d)
			require.Contains(t, d.Message, c.message)
		})
	}
}

func TestCheckIGES_DeclaredUnits(t *testing.T) {
	for _, c := range []struct{ flag, name, want string }{
		{"1", "2HIN", "in"}, {"2", "2HMM", "mm"}, {"4", "2HFT", "ft"}, {"6", "1HM", "m"}, {"9", "2HUM", "um"},
		{"10", "2HCM", "cm"}, {"8", "3HMIL", "mil"}, {"3", "4HINCH", "in"}, {"3", "2HMM", "mm"}, {"3", "5HCUBIT", ""},
		{"", "", "in"}, {"77", "", ""},
	} {
		global := strings.Replace(igesGlobal, "1.,2,2HMM,", "1.,"+c.flag+","+c.name+",", 1)
		facts, d := checkText(lines(igesFile(global, igesLine)), engine.IGES)
		require.Nil(t, d)
		require.Equal(t, c.want, facts.DeclaredUnits, "%v", c)
	}
}

func TestCheckIGES_CountsFacesAndSolids(t *testing.T) {
	facts, d := checkText(lines(igesFile(igesGlobal, igesLine, igesSurface, "143,1,1,1;", "186,1,1,0;", "510,1,0;")), engine.IGES)
	require.Nil(t, d)
	require.Equal(t, [3]int{5, 1, 3}, [3]int{facts.Entities, facts.Solids, facts.Faces})
}

func FuzzCheckIGES(f *testing.F) {
	f.Add(lines(igesFile(igesGlobal, igesLine, igesSurface, "406,2,5H1,;NaN,3H;;;;", spline(0))))
	f.Add(strings.Join(igesFile(igesGlobal, igesLine), ""))
	f.Fuzz(func(t *testing.T, text string) { fuzzCheck(t, text, engine.IGES) })
}
