package cli

import (
	"os"
	"path/filepath"
	"testing"

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
}
