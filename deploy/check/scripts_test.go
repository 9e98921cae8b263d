package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script runs a script of deploy/ with programs that this test stands in for, each a script of bash that is told where to write what it was asked.
func script(t *testing.T, path string, env []string, programs map[string]string, args ...string) (told string, err error) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "told")
	for name, body := range programs {
		body = "#!/bin/bash\necho \"" + name + " $*\" >>" + log + "\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o700))
	}
	cmd := exec.Command(filepath.Join(root, path), args...)
	cmd.Env = append(os.Environ(), append(env, "PATH="+dir+":"+os.Getenv("PATH"))...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	text, readErr := os.ReadFile(log)
	require.NoError(t, readErr)
	return string(text), err
}

// Where Docker cannot say what runs, nothing is started beside it and nothing is stopped.
func TestUpdate_EndsWhereDockerDoesNotAnswer(t *testing.T) {
	told, err := script(t, "deploy/compose/update", nil, map[string]string{"docker": `[[ " $* " != *" ps "* ]]`})
	require.Error(t, err)
	require.Contains(t, told, "run --rm --no-deps migrate")
	require.NotContains(t, told, " up ")
	require.NotContains(t, told, "docker stop")
}

// What stands on a command line can be read by every user of a machine.
func TestBackup_HasThePasswordOnNoCommandLine(t *testing.T) {
	env := []string{`MESHGEN_DATABASE_URL=postgres://me:p%40ss\\w%25rd@db:5432/meshgen?sslmode=disable`}
	pg := `[[ $PGPASSWORD == 'p@ss\\w%rd' && "$*" == *postgres://me@db:5432/meshgen?sslmode=disable* ]] || exit 1; for a; do [[ $a != --file=* ]] || : >"${a#--file=}"; done; echo 0`
	programs := map[string]string{"pg_dump": pg, "psql": pg, "pg_restore": pg, "rclone": ""}
	folder := t.TempDir()
	for _, name := range []string{"backup", "restore"} {
		told, err := script(t, "deploy/backup/"+name, env, programs, folder)
		require.NoError(t, err)
		require.Contains(t, told, "rclone")
		require.Contains(t, told, "pg_")
		require.NotContains(t, strings.ReplaceAll(told, "password", ""), "ss\\w")
	}
	for _, other := range []string{"postgres://me@db/meshgen?password=secret", "host=db password=secret"} {
		cmd := exec.Command(filepath.Join(root, "deploy/backup/backup"), folder)
		cmd.Env = append(os.Environ(), "MESHGEN_DATABASE_URL="+other)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.NotContains(t, string(out), "secret")
	}
}
