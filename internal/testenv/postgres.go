package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"meshgen/internal/devservers"
)

// Database is an empty database.
type Database struct {
	URL string
	// Server is the server that holds it.
	Server *devservers.Postgres
}

// Postgres returns a new, empty database on the shared server. It is dropped at the end of the test.
func Postgres(t testing.TB) *Database {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	return newDatabase(t, "")
}

// PreparedPostgres is Postgres with what prepare makes of an empty database: say, with our schema. The first call of a
// test binary prepares one, the others copy it.
func PreparedPostgres(t testing.TB, prepare func(ctx context.Context, url string) error) *Database {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.prepared == "" {
		server, name := sharedPostgres(t), databaseName()
		if err := server.CreateDatabase(context.Background(), name, ""); err != nil {
			t.Fatal(err)
		}
		if err := prepare(context.Background(), server.URL(name)); err != nil {
			t.Fatalf("prepare a database: %v", err)
		}
		shared.prepared = name
	}
	return newDatabase(t, shared.prepared)
}

// NewPostgres returns a database on a server of the test's own, which keeps its data through Stop or Kill and Start.
func NewPostgres(t testing.TB) *Database {
	t.Helper()
	dir := quickFolder(t, "postgres")
	server, name := startPostgres(t, dir), databaseName()
	t.Cleanup(func() {
		_ = server.Kill()
		_ = os.RemoveAll(dir)
	})
	if err := server.CreateDatabase(context.Background(), name, ""); err != nil {
		t.Fatal(err)
	}
	return &Database{URL: server.URL(name), Server: server}
}

func newDatabase(t testing.TB, template string) *Database {
	t.Helper()
	server, name := sharedPostgres(t), databaseName()
	if err := server.CreateDatabase(context.Background(), name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DropDatabase(context.Background(), name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return &Database{URL: server.URL(name), Server: server}
}

func sharedPostgres(t testing.TB) *devservers.Postgres {
	t.Helper()
	if shared.postgres == nil {
		shared.postgres = startPostgres(t, quickFolder(t, "postgres"))
	}
	return shared.postgres
}

// startPostgres starts a server on a copy of the one cluster that the test binary makes.
func startPostgres(t testing.TB, dir string) *devservers.Postgres {
	t.Helper()
	pristine.Lock()
	defer pristine.Unlock()
	if pristine.dir == "" {
		made := quickFolder(t, "cluster")
		if err := devservers.MakeCluster(context.Background(), devservers.Options{Dir: made, Volatile: true}); err != nil {
			t.Fatal(err)
		}
		pristine.dir = made
	}
	if out, err := exec.Command("cp", "-a", filepath.Join(pristine.dir, "data"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the cluster: %v: %s", err, out)
	}
	server, err := devservers.NewPostgres(context.Background(), devservers.Options{Dir: dir, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// pristine is a cluster that nobody has started.
var pristine struct {
	sync.Mutex
	dir string
}

func databaseName() string { return fmt.Sprintf("test%d", counter.Add(1)) }
