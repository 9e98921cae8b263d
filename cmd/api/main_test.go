package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/auth"
	"meshgen/internal/devservers"
	"meshgen/internal/id"
	"meshgen/internal/testenv"
)

const patience = 30 * time.Second

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// environment is that of an API on servers of its own; its bucket has no name yet that exists.
func environment(t *testing.T) map[string]string {
	t.Helper()
	port, err := devservers.FreePort()
	require.NoError(t, err)
	env := map[string]string{
		"MESHGEN_LISTEN": fmt.Sprintf("127.0.0.1:%d", port), "MESHGEN_METRICS_LISTEN": "127.0.0.1:0", "MESHGEN_DATABASE_URL": testenv.Postgres(t).URL,
		"MESHGEN_REDIS_URL": testenv.Redis(t).URL, "MESHGEN_REDIS_PREFIX": id.New(id.Job) + ":", "MESHGEN_START_PATIENCE": "0s",
	}
	for name, value := range testenv.S3(t).Env() {
		env[name] = value
	}
	env["MESHGEN_S3_BUCKET"] += "-fresh"
	env["MESHGEN_ADMIN_KEY"] = auth.NewKey().Reveal()
	return env
}

func command(t *testing.T, env map[string]string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "MESHGEN_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return cmd, &said
}

func binary(t *testing.T) string {
	t.Helper()
	return testenv.Program(t, "api")
}

func TestAPI_FromNothingToServing(t *testing.T) {
	env := environment(t)
	fails := func(what, why string, args ...string) {
		t.Helper()
		cmd, said := command(t, env, args...)
		require.Error(t, cmd.Run(), what)
		require.Contains(t, said.String(), why, what)
	}
	works := func(args ...string) string {
		t.Helper()
		cmd, said := command(t, env, args...)
		require.NoError(t, cmd.Run(), "%s: %s", args, said)
		return said.String()
	}
	fails("no schema, no bucket", "run `api migrate`")
	fails("no schema, no bucket", "does not exist")
	works("migrate")
	works("migrate")
	works("bucket")
	works("bucket")
	fails("nobody listens", "refused", "healthcheck")
	fails("no such command", "usage:", "start")

	cmd, said := command(t, env)
	require.NoError(t, cmd.Start())
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	url := "http://" + env["MESHGEN_LISTEN"]
	require.Eventually(t, func() bool {
		response, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, patience, 20*time.Millisecond)
	works("healthcheck")

	nobody, err := http.Get(url + "/v1/events")
	require.NoError(t, err)
	nobody.Body.Close()
	require.Equal(t, http.StatusUnauthorized, nobody.StatusCode)
	request, err := http.NewRequest(http.MethodGet, url+"/v1/events", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+env["MESHGEN_ADMIN_KEY"])
	stream, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer stream.Body.Close()
	require.Equal(t, http.StatusOK, stream.StatusCode, "the first key is the operator's")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-exited:
		require.NoError(t, err, "%s", said)
	case <-time.After(patience):
		t.Fatal("SIGTERM does not end it")
	}
	require.Contains(t, said.String(), `"msg":"stopped"`)
	require.NotContains(t, said.String(), env["MESHGEN_ADMIN_KEY"])
}

func TestAPI_PrintsItsContract(t *testing.T) {
	cmd, said := command(t, nil, "openapi")
	require.NoError(t, cmd.Run())
	committed, err := os.ReadFile(filepath.Join(testenv.RepoRoot(t), "docs", "openapi.yaml"))
	require.NoError(t, err)
	require.Equal(t, string(committed), said.String(), "docs/openapi.yaml is stale: run make generate")
}
