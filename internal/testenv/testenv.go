// Package testenv gives tests the real servers: PostgreSQL, Redis and S3, and the engine's binary.
//
// What a test asks for by Postgres, Redis or S3 is shared by the test binary and started at the first call; each call
// returns a database, key space or bucket of its own. A test that stops, pauses or flushes a server asks for a private
// one (NewPostgres, NewRedis, NewS3). Main stops everything:
//
//	func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }
package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sys/unix"

	"meshgen/internal/devservers"
)

// Database is an empty database.
type Database struct {
	URL string
	// Server is the server that holds it.
	Server *devservers.Postgres
}

// Bucket is an empty bucket.
type Bucket struct {
	Endpoint, Region, Name, AccessKey, SecretKey string
	Server                                       *devservers.S3
}

// Env returns the variables that make package blob use the bucket.
func (b *Bucket) Env() map[string]string {
	return map[string]string{
		"MESHGEN_S3_ENDPOINT": b.Endpoint, "MESHGEN_S3_REGION": b.Region, "MESHGEN_S3_BUCKET": b.Name,
		"MESHGEN_S3_ACCESS_KEY": b.AccessKey, "MESHGEN_S3_SECRET_KEY": b.SecretKey,
	}
}

// RedisServer is a Redis; tests that share one use prefixes of their own.
type RedisServer struct {
	URL    string
	Server *devservers.Redis
}

// Main runs the tests and stops what they have started.
func Main(m *testing.M) int {
	defer shared.stop()
	return m.Run()
}

// servers are what the tests of one binary share.
type servers struct {
	mu       sync.Mutex
	dir      string
	postgres *devservers.Postgres
	redis    *devservers.Redis
	s3       *devservers.S3
}

var (
	shared  servers
	counter atomic.Int64
)

func (s *servers) folder(t testing.TB) string {
	t.Helper()
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "meshgen-test-")
		if err != nil {
			t.Fatal(err)
		}
		s.dir = dir
	}
	return s.dir
}

func (s *servers) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres != nil {
		_ = s.postgres.Kill()
	}
	if s.redis != nil {
		_ = s.redis.Kill()
	}
	if s.s3 != nil {
		_ = s.s3.Kill()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// Postgres returns a new, empty database on the shared server.
func Postgres(t testing.TB) *Database {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.postgres == nil {
		dir := filepath.Join(shared.folder(t), "postgres")
		p, err := devservers.NewPostgres(context.Background(), devservers.Options{Dir: dir, Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		shared.postgres = p
	}
	return database(t, shared.postgres)
}

// NewPostgres returns a database on a server of the test's own, which keeps its data through Kill and Start.
func NewPostgres(t testing.TB) *Database {
	t.Helper()
	p, err := devservers.NewPostgres(context.Background(), devservers.Options{Dir: folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	return database(t, p)
}

func database(t testing.TB, p *devservers.Postgres) *Database {
	t.Helper()
	name := fmt.Sprintf("test%d", counter.Add(1))
	if err := p.CreateDatabase(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	return &Database{URL: p.URL(name), Server: p}
}

// Redis returns the shared Redis.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.redis == nil {
		r, err := devservers.NewRedis(context.Background(), devservers.Options{Dir: filepath.Join(shared.folder(t), "redis")})
		if err != nil {
			t.Fatal(err)
		}
		shared.redis = r
	}
	return &RedisServer{URL: shared.redis.URL(), Server: shared.redis}
}

// NewRedis returns a Redis of the test's own.
func NewRedis(t testing.TB, settings ...string) *RedisServer {
	t.Helper()
	r, err := devservers.NewRedis(context.Background(), devservers.Options{Dir: folder(t)}, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Kill() })
	return &RedisServer{URL: r.URL(), Server: r}
}

// S3 returns a new, empty bucket on the shared server.
func S3(t testing.TB) *Bucket {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.s3 == nil {
		s, err := devservers.NewS3(context.Background(), devservers.Options{Dir: filepath.Join(shared.folder(t), "s3")}, binaries(t))
		if err != nil {
			t.Fatal(err)
		}
		shared.s3 = s
	}
	return bucket(t, shared.s3)
}

// NewS3 returns a bucket on a server of the test's own.
func NewS3(t testing.TB) *Bucket {
	t.Helper()
	s, err := devservers.NewS3(context.Background(), devservers.Options{Dir: folder(t)}, binaries(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Kill() })
	return bucket(t, s)
}

func bucket(t testing.TB, server *devservers.S3) *Bucket {
	t.Helper()
	b := &Bucket{
		Endpoint: server.Endpoint(), Region: devservers.S3Region, Name: fmt.Sprintf("test%d", counter.Add(1)),
		AccessKey: devservers.S3AccessKey, SecretKey: devservers.S3SecretKey, Server: server,
	}
	client := s3.New(s3.Options{
		BaseEndpoint: &b.Endpoint, Region: b.Region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(b.AccessKey, b.SecretKey, ""),
	})
	if _, err := client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &b.Name}); err != nil {
		t.Fatal(err)
	}
	return b
}

// folder is a temporary folder whose removal is tried and no more: a server that was killed may still be writing.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "meshgen-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// RepoRoot returns the root of the checkout.
func RepoRoot(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	if !filepath.IsAbs(here) { // built with -trimpath
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for ; dir != "/"; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				return dir
			}
		}
		t.Fatal("the tests do not run inside the checkout")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(here)))
}

func binaries(t testing.TB) string { return filepath.Join(RepoRoot(t), ".cache", "bin") }

// Shared returns the path of a file of the shared test data, or skips the test where that is not beside the checkout.
func Shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(RepoRoot(t), "..", "shared", "testdata", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skip("shared/testdata is not beside this checkout")
	}
	return path
}

// Engine returns the path of the engine's binary, built from this checkout.
func Engine(t testing.TB) string {
	t.Helper()
	return Build(t, "engine", "./cmd/engine")
}

// FaultyEngine returns the path of an engine that fails on demand; see internal/engine/serve.
func FaultyEngine(t testing.TB) string {
	t.Helper()
	return Build(t, "engine-faults", "./cmd/engine", "-tags", "faults")
}

// Build builds a package of this checkout as bin/name and returns the path. The lock keeps test binaries that run side
// by side from writing the same file; what is up to date is not written.
func Build(t testing.TB, name, pkg string, flags ...string) string {
	t.Helper()
	root := RepoRoot(t)
	bin := filepath.Join(root, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(bin, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(bin, name)
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath"}, flags...), "-o", path, pkg)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return path
}
