package cadfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// stepFile returns a STEP file of the given instances.
func stepFile(instances ...string) string {
	return "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('it''s a part'),'2;1');\n" +
		"FILE_NAME('part','2026-01-01T00:00:00',(''),(''),'','','');\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n" +
		strings.Join(instances, "\n") + "\nENDSEC;\nEND-ISO-10303-21;\n"
}

// dataLine is the line of a stepFile in which its first instance stands.
const dataLine = 8

func checkText(text string, format engine.Format) (Facts, *diagnosis.Diagnosis) {
	return check(strings.NewReader(text), int64(len(text)), "part."+string(format), format)
}

func requireStep(t *testing.T, text string) Facts {
	t.Helper()
	facts, d := checkText(text, engine.STEP)
	require.Nil(t, d)
	return facts
}

const point = "#1=CARTESIAN_POINT('',(1.,2.,3.));"

func TestCheckSTEP_TakesWhatTheFormatAllows(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                     stepFile(point),
		"lower case structure":      strings.ToLower(stepFile()[:13]) + stepFile(point)[13:],
		"CRLF":                      strings.ReplaceAll(stepFile(point), "\n", "\r\n"),
		"blank lines first":         "\n\n" + stepFile(point),
		"a comment first":           "/* made ** by / us */" + stepFile(point),
		"comments anywhere":         stepFile("#1/**/=/*#9*/CARTESIAN_POINT/***/('',(1./* one */,2.,3.)/*\n*/);"),
		"a number before a comment": stepFile("#1=CARTESIAN_POINT('',(1.,2.,3./**/));"),
		"quotes and signs in texts": stepFile("#1=PRODUCT('it''s #9; (NaN) /* */ ','',$,*);"),
		"a text of several lines":   stepFile("#1=PRODUCT('one\ntwo\n',());", "#2=PRODUCT('',(#1));"),
		"an empty text":             stepFile("#1=PRODUCT('','',(''));"),
		"binary and enumerations":   stepFile(`#1=X("0F",.T.,.UNSPECIFIED.,.U_1.);`),
		"every form of number":      stepFile("#1=X(1,-1,+1,1.,.5,-.5,1.E5,1.5e-300,1.E+2,123456789012345678);"),
		"a reference forward":       stepFile("#1=X(#2);", "#2=X();"),
		"several types at once":     stepFile("#1=(A(1)B('',(#2))C());", "#2=(A(1.) B());"),
		"a typed parameter":         stepFile("#1=X(LENGTH_MEASURE(2.5E1),PARAMETER_VALUE(0.));"),
		"a type of the user's":      stepFile("#1=!MINE(1);", "#2=X(!YOURS(2));"),
		"a point in the plane":      stepFile("#1=CARTESIAN_POINT('',(1.,2.));"),
		"a point far away":          stepFile("#1=CARTESIAN_POINT('',(1.E7,-1.E15,999999999999999.));"),
		"infinity of OpenCASCADE":   stepFile("#1=X(-2.E+100,2.E+100);"),
		"a named data section":      strings.Replace(stepFile(point), "DATA;", "DATA('one',('AUTOMOTIVE_DESIGN'));", 1),
		"two data sections":         strings.Replace(stepFile(point, "#2=X(#3);"), "END-ISO", "DATA;\n#3=X();\nENDSEC;\nEND-ISO", 1),
		"sections of the third edition": strings.Replace(stepFile(point), "DATA;",
			"ANCHOR;\n<a;b>=#1;\nENDSEC;\nREFERENCE;\n#2=<other.stp#x>;\nENDSEC;\nDATA;", 1) + "SIGNATURE;\nAB+/==\nENDSEC;\n",
		"anything after the end":  stepFile(point) + "\x00\x1aDATA; #1=#2",
		"high and sparse numbers": stepFile("#2147483647=X(#1999999999);", "#1999999999=X();"),
		"a long text":             stepFile("#1=X('" + strings.Repeat("x", 3*window) + "');"),
		"a long comment":          stepFile("/*" + strings.Repeat("*\n", 2*window) + "*/" + point),
		"a long list":             stepFile("#1=X((" + strings.Repeat("1.,", window) + "2.));"),
		"deep lists":              stepFile("#1=X(" + strings.Repeat("(", 5000) + strings.Repeat(")", 5000) + ");"),
		"words across the window": stepFile("#1=X();", strings.Repeat(" ", window-230), strings.Repeat("#2=CARTESIAN_POINT('',(1.25,2.,3.));", 40)),
	} {
		t.Run(name, func(t *testing.T) { requireStep(t, text) })
	}
}

func TestCheckSTEP_WindowEdges_SplitNothing(t *testing.T) {
	// the same instances, moved over the edge of the window byte by byte
	instances := "#1=(A(1.5E1)B('it''s',(#2)));#2=CARTESIAN_POINT('',(1.25E0,-2.,3.));/* c */#3=X(.T.,\"0F\",#1);"
	for shift := range len(instances) + 2 {
		head := stepFile("#4=X();")
		fill := window - strings.Index(head, "#4") - shift
		text := strings.Replace(head, "#4=X();", strings.Repeat(" ", fill)+instances, 1)
		facts := requireStep(t, text)
		require.Equal(t, 3, facts.Entities)
	}
}

func TestCheckSTEP_RefusesWithLineAndEntity(t *testing.T) {
	for _, c := range []struct {
		name, text, message string
		code                diagnosis.Code
	}{
		{"NaN", stepFile("#7=CARTESIAN_POINT('',(NaN,2.,3.));"), `Line 8: "NaN" is not a finite number of a possible size, in the definition of #7 (CARTESIAN_POINT)`, diagnosis.InvalidNumber},
		{"negative NaN", stepFile("#7=X(-nan(ind));"), `"-nan"`, diagnosis.InvalidNumber},
		{"Microsoft's infinity", stepFile("#7=X(1.#INF);"), `"1.#INF"`, diagnosis.InvalidNumber},
		{"infinity", stepFile("#7=X((1.,INF));"), `"INF"`, diagnosis.InvalidNumber},
		{"word for a coordinate", stepFile("#7=CARTESIAN_POINT('',(ten,2.,3.));"), `the word "ten"`, diagnosis.InvalidNumber},
		{"word for a value", stepFile("#7=X(ten);"), `Line 8: the word "ten" where a value has to be`, diagnosis.UnreadableFile},
		{"decimal commas", stepFile("#7=CARTESIAN_POINT('',(1,5,2,5,3,5));"), "has 6 coordinates", diagnosis.InvalidNumber},
		{"no coordinate", stepFile("#7=CARTESIAN_POINT('',());"), "has 0 coordinates", diagnosis.InvalidNumber},
		{"unset coordinate", stepFile("#7=CARTESIAN_POINT('',(1.,$,3.));"), `"$"`, diagnosis.InvalidNumber},
		{"huge coordinate", stepFile("#7=CARTESIAN_POINT('',(1.,1.1E15,3.));"), `"1.1E15"`, diagnosis.InvalidNumber},
		{"long coordinate", stepFile("#7=CARTESIAN_POINT('',(1.,12345678901234567890.,3.));"), "is not a finite number of a possible size", diagnosis.InvalidNumber},
		{"huge number", stepFile("#7=X(1.E101);"), `"1.E101"`, diagnosis.InvalidNumber},
		{"overflow", stepFile("#7=X(-1.E+999999);"), `"-1.E+999999"`, diagnosis.InvalidNumber},
		{"Fortran", stepFile("#7=X(1.D2);"), `"1.D2"`, diagnosis.InvalidNumber},
		{"a sign alone", stepFile("#7=X(-);"), `"-"`, diagnosis.InvalidNumber},

		{"itself", stepFile("#7=X(1,(#7));"), "#7 (X) refers to itself", diagnosis.UnreadableFile},
		{"missing entity", stepFile(point, "#2=X(#1,#9);", "#3=X(#99);"), "(2 times); first in line 9: #2 (X) refers to #9", diagnosis.UnreadableFile},
		{"missing high entity", stepFile(point, "#2=X(#2000000000);"), "#2 (X) refers to #2000000000", diagnosis.UnreadableFile},
		{"number out of range", stepFile("#2147483648=X();"), `the entity number "#2147483648=X();`, diagnosis.UnreadableFile},
		{"no number", stepFile("#=X();"), "an entity number", diagnosis.UnreadableFile},

		{"byte order mark", "\xef\xbb\xbf" + stepFile(point), "byte order mark", diagnosis.UnreadableFile},
		{"blank in the first word", strings.Replace(stepFile(point), "ISO-10303-21;", "ISO-10303-21 ;", 1), "the semicolon after ISO-10303-21", diagnosis.UnreadableFile},
		{"no header", strings.Replace(stepFile(point), stepFile()[14:strings.Index(stepFile(), "DATA;")], "", 1), "no HEADER section", diagnosis.UnreadableFile},
		{"no data", stepFile()[:strings.Index(stepFile(), "DATA;")] + "END-ISO-10303-21;", "no DATA section", diagnosis.UnreadableFile},
		{"no entity", stepFile(), "no entity", diagnosis.EmptyModel},
		{"no end", strings.Replace(stepFile(point), "END-ISO-10303-21;", "", 1), "cut off: it ends at line 11, before END-ISO-10303-21", diagnosis.UnreadableFile},
		{"no semicolon at the end", strings.Replace(stepFile(point), "END-ISO-10303-21;", "END-ISO-10303-21", 1), "cut off", diagnosis.UnreadableFile},
		{"no ENDSEC", strings.Replace(stepFile(point), "ENDSEC;\nEND-ISO", "END-ISO", 1), "an entity or ENDSEC", diagnosis.UnreadableFile},
		{"strange section", strings.Replace(stepFile(point), "DATA;", "DATUM;", 1), "the name of a section", diagnosis.UnreadableFile},
		{"missing semicolon", stepFile("#1=X()", "#2=X();"), `Line 9: "#2=X();" where ';' has to be, in the definition of #1 (X)`, diagnosis.UnreadableFile},
		{"missing parenthesis", stepFile("#1=X((1);", "#2=X();"), "a parameter", diagnosis.UnreadableFile},
		{"parenthesis too many", stepFile("#1=X(1));"), "where ';' has to be", diagnosis.UnreadableFile},
		{"missing equals", stepFile("#1 X();"), "where '=' has to be", diagnosis.UnreadableFile},
		{"missing parameters", stepFile("#1=X;"), "the parameters of #1 (X)", diagnosis.UnreadableFile},
		{"open text", stepFile("#1=X('abc);"), "the text that begins in line 8 has no end", diagnosis.UnreadableFile},
		{"open comment", stepFile("/* #1=X();"), "The comment that begins in line 8 has no end", diagnosis.UnreadableFile},
		{"open enumeration", stepFile("#1=X(.T);"), "an enumeration", diagnosis.UnreadableFile},
		{"stray slash", stepFile("#1=X(1./2.);"), "Line 8", diagnosis.UnreadableFile},
		{"stray bytes", stepFile("#1=X(\x01\x02);"), `"\x01\x02`, diagnosis.UnreadableFile},
		{"long word", stepFile("#1=" + strings.Repeat("X", 2*window) + "();"), "a keyword", diagnosis.UnreadableFile},
		{"building", strings.Replace(stepFile(point), "AUTOMOTIVE_DESIGN", "ifc4", 1), "a building model (IFC4)", diagnosis.UnsupportedFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := checkText(c.text, engine.STEP)
			require.NotNil(t, d)
			require.Equal(t, c.code, d.Code, "%v", d)
			require.Contains(t, d.Message, c.message)
		})
	}
}

func TestCheckSTEP_CutAnywhere_IsNoticed(t *testing.T) {
	text := strings.TrimSpace(stepFile("#1=(A(1.5)B('it''s',(#2)));", "#2=CARTESIAN_POINT('',(1.,2.,3.));/* c */"))
	for n := len("ISO-10303-21"); n < len(text); n++ {
		_, d := checkText(text[:n], engine.STEP)
		require.NotNil(t, d, "cut after %q", text[:n])
		require.NotEqual(t, diagnosis.Internal, d.Code)
	}
}

func TestCheckSTEP_StylesThatReferToNothing_OnlyWarn(t *testing.T) {
	facts := requireStep(t, stepFile(point, "#2=STYLED_ITEM('',(#8),#1);", "#3=PRESENTATION_LAYER_ASSIGNMENT('','',(#9));"))
	require.Len(t, facts.Warnings, 1)
	require.Contains(t, facts.Warnings[0].Message, "(2 times); first in line 9: #2 (STYLED_ITEM) refers to #8")
}

func TestCheckSTEP_OtherFiles(t *testing.T) {
	document := "#5=DOCUMENT_FILE('wheel.STP','','',#1,'',$);"
	_, d := checkText(stepFile(point, document, "#6=DOCUMENT_FILE('manual.pdf','','',#1,'',$);"), engine.STEP)
	require.NotNil(t, d)
	require.Equal(t, diagnosis.ExternalReferences, d.Code)
	require.Contains(t, d.Message, `other files that do: "wheel.STP".`)

	facts := requireStep(t, stepFile(point, document, "#6=MANIFOLD_SOLID_BREP('',#1);"))
	require.Len(t, facts.Warnings, 1)
	require.Equal(t, diagnosis.ExternalReferences, facts.Warnings[0].Code)

	facts = requireStep(t, stepFile(point, "#6=DOCUMENT_FILE('manual.pdf','','',#1,'',$);"))
	require.Empty(t, facts.Warnings)
}

func TestCheckSTEP_DeclaredUnits(t *testing.T) {
	metre := func(id int, prefix string) string {
		return fmt.Sprintf("#%d=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(%s,.METRE.));", id, prefix)
	}
	converted := func(id int, name string, factor string, base int) string {
		return fmt.Sprintf("#%d=(CONVERSION_BASED_UNIT('%s',#%d)LENGTH_UNIT()NAMED_UNIT(#1));#%d=LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(%s),#%d);",
			id, name, id+1, id+1, factor, base)
	}
	context := func(id int, units ...string) string {
		return fmt.Sprintf("#%d=(GEOMETRIC_REPRESENTATION_CONTEXT(3)GLOBAL_UNIT_ASSIGNED_CONTEXT((%s))REPRESENTATION_CONTEXT('',''));",
			id, strings.Join(units, ","))
	}
	radian := "#30=(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.));"
	for _, c := range []struct {
		want      string
		instances []string
	}{
		{"mm", []string{metre(2, ".MILLI."), radian, context(3, "#30", "#2")}},
		{"m", []string{metre(2, "$"), context(3, "#2")}},
		{"cm", []string{metre(2, ".CENTI."), context(3, "#2")}},
		{"um", []string{context(3, "#2"), metre(2, ".MICRO.")}},
		{"in", []string{metre(2, ".MILLI."), converted(4, "INCH", "25.4", 2), context(3, "#4")}},
		{"in", []string{metre(2, "$"), converted(4, "anything", "2.54E-2", 2), context(3, "#4")}},
		{"ft", []string{metre(2, ".CENTI."), converted(4, "INCH", "2.54", 2), converted(6, "FOOT", "12.", 4), context(3, "#6")}},
		{"mil", []string{metre(2, ".MILLI."), converted(4, "MIL", "0.0254", 2), context(3, "#4")}},
		{"3 mm", []string{metre(2, ".MILLI."), converted(4, "BARLEYCORN", "3.", 2), context(3, "#4")}},
		{"mixed", []string{metre(2, ".MILLI."), metre(5, "$"), context(3, "#2"), context(4, "#5")}},
		{"mm", []string{metre(2, ".MILLI."), metre(5, ".MILLI."), context(3, "#2"), context(4, "#5")}},
		{"mm", []string{metre(2, ".MILLI."), metre(5, "$"), context(3, "#2")}}, // a unit that nothing uses
		{"", []string{metre(2, ".MILLI.")}},
		{"", []string{converted(4, "LOOP", "1.", 4), context(3, "#4")}},
	} {
		facts := requireStep(t, stepFile(append(c.instances, "#1=X();")...))
		require.Equal(t, c.want, facts.DeclaredUnits, "%v", c.instances)
	}
}

func TestCheckSTEP_CountsWhatDefinesShapes(t *testing.T) {
	facts := requireStep(t, stepFile("#1=MANIFOLD_SOLID_BREP('',#3);", "#2=BREP_WITH_VOIDS('',#3,());", "#3=CLOSED_SHELL('',(#4,#5));",
		"#4=ADVANCED_FACE('',(),$,.T.);", "#5=FACE_SURFACE('',(),$,.T.);"))
	require.Equal(t, [3]int{5, 2, 2}, [3]int{facts.Entities, facts.Solids, facts.Faces})
}

func TestCheckSTEP_NumbersSpreadWide_TakeMemoryLikeTheFile(t *testing.T) {
	// each number in a place of its own: what a bit field over all numbers, or pages of one, would pay for dearly
	var text strings.Builder
	dice := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		fmt.Fprintf(&text, "#%d=X();", dice.IntN(maxID))
	}
	file := stepFile(text.String())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, d := check(bytes.NewReader([]byte(file)), int64(len(file)), "part.step", engine.STEP)
	runtime.ReadMemStats(&after)
	require.Nil(t, d)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*len(file)))
}

func FuzzCheckSTEP(f *testing.F) {
	f.Add(stepFile(point))
	f.Add(stepFile("#1=(A(1.5E1)B('it''s',(#2)));", "#2=X(.T.,\"0F\",$,*,#1,#9);/* c */"))
	f.Add(stepFile("#2=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));", "#3=(GLOBAL_UNIT_ASSIGNED_CONTEXT((#2)));",
		"#5=DOCUMENT_FILE('wheel.STP','','',#2,'',$);"))
	f.Fuzz(func(t *testing.T, text string) { fuzzCheck(t, text, engine.STEP) })
}

// fuzzCheck makes sure that a check ends with an answer of the vocabulary, and the same one twice.
func fuzzCheck(t *testing.T, text string, format engine.Format) {
	facts, d := checkText(text, format)
	again, e := checkText(text, format)
	require.Equal(t, facts, again)
	require.Equal(t, d, e)
	if d != nil {
		require.True(t, d.Code.Known())
		require.NotEqual(t, diagnosis.Internal, d.Code)
		require.Less(t, len(d.Message), 2000)
		return
	}
	require.Positive(t, facts.Entities)
}
