package testenv

import (
	"context"
	"fmt"
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
	if shared.postgres == nil {
		shared.postgres = startPostgres(t)
	}
	server, name := shared.postgres, databaseName()
	if err := server.CreateDatabase(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DropDatabase(context.Background(), name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return &Database{URL: server.URL(name), Server: server}
}

// NewPostgres returns a database on a server of the test's own, which keeps its data through Stop or Kill and Start.
func NewPostgres(t testing.TB) *Database {
	t.Helper()
	server, name := startPostgres(t), databaseName()
	t.Cleanup(func() { _ = server.Kill() })
	if err := server.CreateDatabase(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	return &Database{URL: server.URL(name), Server: server}
}

func startPostgres(t testing.TB) *devservers.Postgres {
	t.Helper()
	server, err := devservers.NewPostgres(context.Background(), devservers.Options{Dir: folder(t, "postgres"), Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func databaseName() string { return fmt.Sprintf("test%d", counter.Add(1)) }
