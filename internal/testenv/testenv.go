// Package testenv gives tests the real servers: PostgreSQL, Redis and S3, and the engine's binary.
//
// What a test asks for by Postgres, Redis or S3 is shared by the test binary and started at the first call; each call
// returns a database or bucket of its own. A test that stops, pauses or flushes a server asks for a private one
// (NewPostgres, NewRedis, NewS3). Main stops everything:
//
//	func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }
//
// The servers die with the test binary, however that ends; the folders of one that was killed are removed by the next.
package testenv

import (
	"sync"
	"sync/atomic"
	"testing"

	"meshgen/internal/devservers"
)

// Main runs the tests and stops what they have started.
func Main(m *testing.M) int {
	defer stopShared()
	return m.Run()
}

// shared is what the tests of one binary have in common.
var shared struct {
	mu       sync.Mutex
	postgres *devservers.Postgres
	prepared string // the database that PreparedPostgres copies
	redis    *devservers.Redis
	s3       *devservers.S3
}

// counter numbers databases and buckets.
var counter atomic.Int64

func stopShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.postgres != nil {
		_ = shared.postgres.Kill()
	}
	if shared.redis != nil {
		_ = shared.redis.Kill()
	}
	if shared.s3 != nil {
		_ = shared.s3.Kill()
	}
	removeFolders()
}
