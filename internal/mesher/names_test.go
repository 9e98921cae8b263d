package mesher

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameOfASolid_IsTheProductAtTheEndOfItsPath(t *testing.T) {
	for path, want := range map[string]string{
		"Shapes/as1/rod-assembly_1/rod-assembly/nut_1/nut & & 256": "nut",
		"Shapes/AS1_PE_ASM/PLATE/PLATE/=>[0:1:1:3]/SOLID":          "PLATE",
		"Shapes/Open CASCADE STEP translator 7.8 14":               "",
		"Shapes/":                "",
		"Shapes":                 "",
		"":                       "",
		"Shapes/Nuts & bolts":    "Nuts & bolts",
		"Shapes/Default\x01":     "Default",
		"Shapes/Part/Cube/Cube":  "Cube",
		"Shapes/dm1/nut_6/ nut ": "nut",
	} {
		require.Equal(t, want, cleanName(path), path)
	}
}

func TestGroups_HaveNamesOfTheirOwn(t *testing.T) {
	long := strings.Repeat("Ø", 100)
	names := groupNames([]solid{
		{tag: 1, name: "nut"}, {tag: 2, name: "bolt"}, {tag: 3, name: "nut"}, {tag: 4}, {tag: 5, name: "nut_1"}, {tag: 6},
		{tag: 7, name: `3" pipe`}, {tag: 8, name: long}, {tag: 9, name: long},
	}, nil, map[string]bool{})
	require.Equal(t, []string{"nut_1", "bolt", "nut_2", "solid_4", "nut_1_1", "solid_6", "3' pipe"}, names[:7])
	seen := map[string]bool{}
	for _, name := range names {
		require.False(t, seen[name], name)
		require.LessOrEqual(t, len(name), 127)
		seen[name] = true
	}
}

const namedStep = `ISO-10303-21;
DATA;
#7 = PRODUCT('id','assembly; of ''parts''','',(#8));
#1=PRODUCT_DEFINITION_FORMATION('','',#7);
#37 = PRODUCT('p1','Part 1','',(#8));
#36 = PRODUCT_DEFINITION_FORMATION_WITH_SPECIFIED_SOURCE ( 'any' , $, #37 , .NOT_KNOWN. );
#35 = PRODUCT_DEFINITION('design',
  '',#36,#9);
#34 = PRODUCT_DEFINITION_SHAPE('',$,#35);
#39 = SHAPE_DEFINITION_REPRESENTATION(#34,#50);
#50 = SHAPE_REPRESENTATION('',(#11),#371);
#51 = SHAPE_REPRESENTATION_RELATIONSHIP('','',#50,#40);
#40 = ADVANCED_BREP_SHAPE_REPRESENTATION('',(#11,#41),#371);
#41 = MANIFOLD_SOLID_BREP('Kugel \X2\00D8\X0\12',#42);
#60 = PRODUCT('p2','Part 2','',(#8));
#61 = PRODUCT_DEFINITION_FORMATION('','',#60);
#62 = PRODUCT_DEFINITION('','',#61,#9);
#63 = PRODUCT_DEFINITION_SHAPE('','',#62);
#64 = SHAPE_DEFINITION_REPRESENTATION(#63,#65);
#65 = ADVANCED_BREP_SHAPE_REPRESENTATION('',(#66,#67),#371);
#66 = MANIFOLD_SOLID_BREP('left',#42);
#67 = MANIFOLD_SOLID_BREP('right',#42);
#70 = PRODUCT('p3','Part 3','',(#8));
#71 = PRODUCT_DEFINITION_FORMATION('','',#70);
#72 = PRODUCT_DEFINITION('','',#71,#9);
#73 = PRODUCT_DEFINITION_SHAPE('','',#72);
#74 = SHAPE_DEFINITION_REPRESENTATION(#73,#75);
#75 = ADVANCED_BREP_SHAPE_REPRESENTATION('',(#76),#371);
#76 = BREP_WITH_VOIDS('#76',#42,(#43));
ENDSEC;
END-ISO-10303-21;
`

func TestBodyOfAProduct_GivesItsNameWhereItIsTheOnlyOne(t *testing.T) {
	// Part 2 has two bodies, and that of part 3 repeats its number instead of a name.
	require.Equal(t, map[string]string{"Part 1": "Kugel Ø12"}, bodyNames([]byte(namedStep)))
	require.Empty(t, bodyNames([]byte(namedStep[:400])), "a file that is cut off")
	require.Empty(t, bodyNames(nil))
}

func TestStringsOfSTEP_AreDecoded(t *testing.T) {
	for in, want := range map[string]string{
		`it''s`:                     "it's",
		`\X2\00D800E9\X0\12`:        "Øé12",
		`\X2\D83DDE00\X0\`:          "😀",
		`\X4\0001F600\X0\`:          "😀",
		`\X\D8`:                     "Ø",
		`\S\X`:                      "Ø",
		`plain`:                     "plain",
		`\X2\zz\X0\`:                `\X2\zz\X0\`,
		`C:\\parts`:                 `C:\\parts`,
		`\X2\00D8\X0\ \X2\00C4\X0\`: "Ø Ä",
	} {
		require.Equal(t, want, decodeStep(in), in)
	}
}
