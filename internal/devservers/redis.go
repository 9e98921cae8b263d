package devservers

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Redis is a Redis server with the policies that production asks for.
type Redis struct{ Process }

// URL returns its address.
func (r *Redis) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", r.Port) }

// NewRedis starts Redis. Further settings are given as on its command line: "--maxmemory-policy", "allkeys-lru".
func NewRedis(ctx context.Context, o Options, settings ...string) (*Redis, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	server, err := installed("redis-server")
	if err != nil {
		return nil, err
	}
	r := &Redis{}
	r.Process = Process{
		Name: "redis", term: syscall.SIGTERM, log: o.Log,
		make: func() (*exec.Cmd, error) {
			args := []string{"--port", strconv.Itoa(r.Port), "--bind", "127.0.0.1", "--dir", o.Dir, "--save", "",
				"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--loglevel", "warning"}
			cmd := exec.Command(server, append(args, settings...)...)
			cmd.Dir = o.Dir
			return cmd, nil
		},
		ready: func(ctx context.Context) error {
			client := r.Client()
			defer client.Close()
			return client.Ping(ctx).Err() // answers an error while it loads its data
		},
	}
	return r, r.startOn(ctx, o.Port)
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
