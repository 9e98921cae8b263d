package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestFile_TakesThePlaceOfNoneThatIsReadOrWrittenBesideIt(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("scan.stl", []byte("solid"), 0o600))
	require.NoError(t, os.Link("scan.stl", "linked.stl"))
	require.NoError(t, os.Symlink("scan.stl", "pointing.stl"))
	part, spec := named{"the part", "scan.stl"}, named{"--spec", ""}
	for _, path := range []string{"scan.stl", "./scan.stl", filepath.Join(dir, "scan.stl"), "linked.stl", "pointing.stl"} {
		require.ErrorContains(t, writable([]named{{"-o", path}}, part, spec), "is the file of the part", path)
	}
	require.ErrorContains(t, writable([]named{{"-o", "a.msh"}, {"--report", "./a.msh"}}, part, spec), "--report ./a.msh is the file of -o")
	require.ErrorContains(t, writable([]named{{"-o", "a.msh"}, {"--report", ""}, {"--log", "a.msh"}}, part), "--log a.msh is the file of -o")
	require.ErrorContains(t, writable([]named{{"-o", "-"}}, part, named{"--spec", "./-"}), "--spec")
	require.NoError(t, writable([]named{{"-o", "a.msh"}, {"--report", "a.json"}, {"--log", ""}}, part, spec))
	require.NoError(t, writable([]named{{"-o", "/dev/null"}, {"--report", "/dev/null"}}, part, spec), "nothing is lost")

	require.ErrorContains(t, (&targets{paths: []string{"scan.stl"}}).check([]string{"scan.stl"}), "is the file of the part")
	require.ErrorContains(t, (&targets{paths: []string{"./"}, formats: []string{"stl"}}).check([]string{"other.step", "scan.stl"}), "is the file of the part")
}

func TestFilesOfASubmission_AreToldApartFromTheSpecAndFromEachOther(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"s.json", "part.step", "there.msh"} {
		require.NoError(t, os.WriteFile(name, []byte("{}"), 0o600))
	}
	require.NoError(t, os.Symlink("there.msh", "link.msh"))
	require.NoError(t, os.Symlink(filepath.Join(dir, "new.msh"), "far.msh"))
	require.NoError(t, os.Symlink("far.msh", "farther.msh"))
	require.NoError(t, os.Symlink("round.msh", "round.msh"))
	check := func(paths ...string) error {
		to := targets{paths: paths, formats: slices.Repeat([]string{"msh"}, len(paths))}
		return to.check([]string{"part.step"}, named{"--spec", "s.json"})
	}
	require.ErrorContains(t, check("./s.json"), "-o ./s.json is the file of --spec")
	require.ErrorContains(t, check("there.msh", "link.msh"), "-o link.msh is the file of -o")
	require.ErrorContains(t, check("new.msh", "far.msh"), "-o far.msh is the file of -o", "of which neither is there")
	require.ErrorContains(t, check("farther.msh", "new.msh"), "-o new.msh is the file of -o")
	require.Error(t, check("round.msh"))
	require.NoError(t, check("new.msh", "link.msh"))
}

func TestArchive_TakesThePlaceOfNoPartOrSpec(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a.step", "b.step", "s.json", "scan"} {
		require.NoError(t, os.WriteFile(name, []byte("{}"), 0o600))
	}
	require.NoError(t, os.Symlink("a.step", "linked.zip"))
	check := func(out string) error {
		o := batchOptions{specs: []string{"s.json"}, out: out}
		_, err := o.request([]string{"a.step", "scan"}, nil)
		return err
	}
	for _, out := range []string{"a.step", "b.step", "new.STP", "new.iges", "x.brep", "x.stl"} { // -o *.step names b.step, if it comes first
		require.ErrorContains(t, check(out), "is the name of a CAD file", out)
	}
	require.ErrorContains(t, check("./scan"), "-o ./scan is the file of the part")
	require.ErrorContains(t, check("linked.zip"), "-o linked.zip is the file of the part")
	require.ErrorContains(t, check("s.json"), "-o s.json is the file of --spec")
	require.NoError(t, check("study.zip"))
}

func TestFilesOfManyParts_AreEachLookedAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	const n = 300
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprintf("part%d.step", i))
		require.NoError(t, os.WriteFile(parts[i], nil, 0o600))
	}
	to := targets{paths: []string{"meshes/"}}
	allocations := testing.AllocsPerRun(1, func() { require.NoError(t, to.check(parts)) })
	require.Less(t, allocations, 100.*n, "a pair of files costs allocations of its own where each part is looked at for each output")
}

func TestSpecThatSaysZero_IsNotTakenForOneThatSaysNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spec.json")
	read := func(text string) error {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := readSpec(file, nil)
		return err
	}
	for _, text := range []string{`{}`, `{"size": {}}`, `{"size": null, "order": null}`, `{"size": {"max": null, "min": 0.1}, "order": 2}`} {
		require.NoError(t, read(text), text)
	}
	require.ErrorContains(t, read(`{"order": 0}`), "order in "+file+": must not be 0")
	for _, name := range []string{"max", "min", "curvature", "growth", "fineness", "wall_elements", "target_elements"} {
		require.ErrorContains(t, read(`{"size": {"`+name+`": 0.0e5}}`), "size."+name, name)
	}
	for text, path := range map[string]string{
		`{"layers": [{"groups": ["wall"], "first_height": 1, "ratio": 0}]}`:                                         "layers[0].ratio",
		`{"layers": [{"groups": ["wall"], "first_height": 1, "count": 2}, {"groups": ["lid"], "count": 0}]}`:        "layers[1].count",
		`{"refine": [{"group": "wall", "size": 1}, {"near": {"group": "wall", "from": 1, "to": -0.0}, "size": 1}]}`: "refine[1].near.to",
	} {
		require.ErrorContains(t, read(text), path+" in "+file+": must not be 0", text)
	}
	require.NoError(t, read(`{"refine": [{"near": {"group": "wall", "from": 0, "to": 1}, "size": 1}], "layers": [{"groups": ["wall"], "first_height": 1}]}`))
}

func TestFlagThatSaysZero_IsNotTakenForOneThatSaysNothing(t *testing.T) {
	for _, flag := range []string{"--size=0", "--size=-0", "--size=0.0", "--curvature=-0e3", "--order=0", "--order=-0", "--wall-elements=0x0"} {
		var f specFlags
		c := &cobra.Command{}
		f.add(c)
		require.NoError(t, c.ParseFlags([]string{flag}))
		_, _, err := f.spec(nil)
		name, _, _ := strings.Cut(flag, "=")
		require.ErrorContains(t, err, name+": must not be 0", flag)
	}
}
