package devservers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// Options of a server.
type Options struct {
	Dir  string // for its data; made if absent, kept when it stops
	Port int    // 0 takes a free one
	// Log, if set, receives what the server says.
	Log io.Writer
	// Volatile lets PostgreSQL skip the disk (fsync off): for tests that measure nothing.
	Volatile bool
}

func (o *Options) prepare() error {
	if o.Port == 0 {
		port, err := FreePort()
		if err != nil {
			return err
		}
		o.Port = port
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	return os.MkdirAll(o.Dir, 0o755)
}

// Postgres is a PostgreSQL server with the superuser meshgen, who needs no password from loopback.
type Postgres struct{ Process }

// URL returns the address of a database.
func (p *Postgres) URL(database string) string {
	return fmt.Sprintf("postgres://meshgen@127.0.0.1:%d/%s?sslmode=disable", p.Port, database)
}

// NewPostgres starts PostgreSQL, making its cluster and the database meshgen at the first start.
func NewPostgres(ctx context.Context, o Options) (*Postgres, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	server, err := program("postgres", "/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	credential, err := unprivileged()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "data")
	if err := initCluster(ctx, filepath.Dir(server), data, credential); err != nil {
		return nil, err
	}
	p := &Postgres{}
	p.Process = Process{
		Name: "postgres", Port: o.Port, term: syscall.SIGINT, log: o.Log, // SIGINT is its "fast shutdown"
		make: func() (*exec.Cmd, error) {
			args := []string{"-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(o.Port), "-k", "", "-c", "max_connections=300", "-c", "log_min_messages=warning"}
			if o.Volatile {
				args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
			}
			cmd := exec.Command(server, args...)
			cmd.Dir = data
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
			return cmd, nil
		},
		ready: func(ctx context.Context) error {
			conn, err := pgx.Connect(ctx, p.URL("postgres"))
			if err != nil {
				return err
			}
			return conn.Close(ctx)
		},
	}
	if err := p.Start(ctx); err != nil {
		return nil, err
	}
	return p, errors.Join(p.CreateDatabase(ctx, "meshgen"))
}

// CreateDatabase makes an empty database, unless there is one of the name.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return err
}

// initCluster makes a cluster in data, unless there is one.
func initCluster(ctx context.Context, bin, data string, credential *syscall.Credential) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	if credential != nil {
		if err := os.Chown(data, int(credential.Uid), int(credential.Gid)); err != nil {
			return err
		}
		if err := reachable(data); err != nil {
			return err
		}
	}
	// --no-sync: the first start would be lost with the machine, and nothing else.
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "meshgen", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	cmd.Dir = data
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// reachable lets other users pass through the folders above path that we own: a temporary folder is private by default,
// and PostgreSQL runs as another user.
func reachable(path string) error {
	for dir := filepath.Dir(path); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(dir, info.Mode().Perm()|0o001); err != nil {
				return fmt.Errorf("PostgreSQL cannot reach %s: %w", path, err)
			}
		}
	}
	return nil
}

// Redis is a Redis server with the policies that production asks for.
type Redis struct{ Process }

// URL returns its address.
func (r *Redis) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", r.Port) }

// NewRedis starts Redis. Further settings are given as on its command line: "--maxmemory-policy", "allkeys-lru".
func NewRedis(ctx context.Context, o Options, settings ...string) (*Redis, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	server, err := program("redis-server")
	if err != nil {
		return nil, err
	}
	r := &Redis{}
	r.Process = Process{
		Name: "redis", Port: o.Port, term: syscall.SIGTERM, log: o.Log,
		make: func() (*exec.Cmd, error) {
			args := []string{"--port", strconv.Itoa(o.Port), "--bind", "127.0.0.1", "--dir", o.Dir, "--save", "",
				"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--loglevel", "warning"}
			return exec.Command(server, append(args, settings...)...), nil
		},
		ready: func(ctx context.Context) error {
			client := r.Client()
			defer client.Close()
			return client.Ping(ctx).Err()
		},
	}
	return r, r.Start(ctx)
}

// Client returns a client that tries once and keeps nothing.
func (r *Redis) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port)), MaxRetries: -1, PoolSize: 1})
}

// Flush makes Redis forget everything.
func (r *Redis) Flush(ctx context.Context) error {
	client := r.Client()
	defer client.Close()
	return client.FlushAll(ctx).Err()
}

// S3 is VersityGW over a folder.
type S3 struct{ Process }

// The keys of the root account of every S3 that this package starts.
const (
	S3AccessKey = "meshgen"
	S3SecretKey = "meshgen-on-loopback"
	S3Region    = "us-east-1"
)

// Endpoint returns its address.
func (s *S3) Endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", s.Port) }

// NewS3 starts VersityGW; binaries are looked for in the folders given, then in PATH.
func NewS3(ctx context.Context, o Options, binaries ...string) (*S3, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	server, err := program("versitygw", binaries...)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "buckets")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	s := &S3{}
	s.Process = Process{
		Name: "s3", Port: o.Port, term: syscall.SIGTERM, log: o.Log,
		make: func() (*exec.Cmd, error) {
			cmd := exec.Command(server, "--port", fmt.Sprintf("127.0.0.1:%d", o.Port), "--region", S3Region, "--quiet", "--health", "/health", "posix", data)
			cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+S3AccessKey, "ROOT_SECRET_KEY="+S3SecretKey)
			return cmd, nil
		},
		ready: func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint()+"/health", nil)
			if err != nil {
				return err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("health: %s", resp.Status)
			}
			return nil
		},
	}
	return s, s.Start(ctx)
}
