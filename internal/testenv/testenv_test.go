package testenv_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// childVariable makes the test binary start servers and wait to be killed.
const childVariable = "MESHGEN_TESTENV_CHILD"

func TestMain(m *testing.M) {
	os.Exit(testenv.Main(m))
}

func TestDatabasesAreSeparate(t *testing.T) {
	a, b := testenv.Postgres(t), testenv.Postgres(t)
	require.NotEqual(t, a.URL, b.URL)
	conn, err := pgx.Connect(t.Context(), a.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `CREATE TABLE here ()`)
	require.NoError(t, err)
	other, err := pgx.Connect(t.Context(), b.URL)
	require.NoError(t, err)
	defer other.Close(t.Context())
	_, err = other.Exec(t.Context(), `SELECT FROM here`)
	require.Error(t, err)
}

func TestDataSurvivesAKill(t *testing.T) {
	db := testenv.NewPostgres(t)
	conn, err := pgx.Connect(t.Context(), db.URL)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `CREATE TABLE kept ()`)
	require.NoError(t, err)
	conn.Close(t.Context())
	require.NoError(t, db.Server.Kill())
	_, err = pgx.Connect(t.Context(), db.URL)
	require.Error(t, err)
	require.NoError(t, db.Server.Start(t.Context()))
	conn, err = pgx.Connect(t.Context(), db.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `SELECT FROM kept`)
	require.NoError(t, err)
}

func TestPausedServerHangs_AndGoesOn(t *testing.T) {
	r := testenv.NewRedis(t)
	client := r.Server.Client()
	defer client.Close()
	require.NoError(t, r.Server.Pause())
	answered := make(chan error, 1)
	go func() { answered <- client.Ping(t.Context()).Err() }()
	select {
	case err := <-answered:
		t.Fatalf("a paused server answered: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	require.NoError(t, r.Server.Resume())
	require.NoError(t, <-answered)
}

// The servers must not outlive a test binary that is killed, say by a time limit of CI.
func TestBinaryIsKilled_ServersEnd(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		pg, redis, s3 := testenv.Postgres(t), testenv.Redis(t), testenv.S3(t)
		fmt.Printf("\nSERVERS %s %s %s\n", pg.URL, redis.URL, s3.Endpoint)
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestBinaryIsKilled_ServersEnd$", "-test.v")
	child.Env = append(os.Environ(), childVariable+"=1")
	in, err := child.StdinPipe()
	require.NoError(t, err)
	defer in.Close()
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var addresses [3]string
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if n, _ := fmt.Sscanf(scanner.Text(), "SERVERS %s %s %s", &addresses[0], &addresses[1], &addresses[2]); n == 3 {
			break
		}
	}
	require.NotEmpty(t, addresses[2], "the child did not start its servers")
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	for _, address := range addresses {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			conn, err := net.Dial("tcp", u.Host)
			if err == nil {
				conn.Close()
			}
			return err != nil
		}, 20*time.Second, 20*time.Millisecond, "%s still answers", u.Host)
	}
}
