package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 30 * time.Second

// s3Server is a VersityGW of the test's own, which it may stop and misconfigure.
type s3Server struct {
	t    testing.TB
	port string
	dir  string
	args []string
	cmd  *exec.Cmd
}

func versitygw(t testing.TB) string {
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path
	}
	path, err := filepath.Abs("../../.cache/bin/versitygw")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatal("versitygw is not installed; scripts/setup builds it")
	}
	return path
}

// startS3 starts an S3 server with the keys "access" and "secret" and no bucket.
func startS3(t testing.TB) *s3Server {
	t.Helper()
	s := &s3Server{t: t, dir: t.TempDir()}
	for s.port == "" {
		// Below the ports that the system gives to clients, so that nobody takes it while the server restarts.
		port := strconv.Itoa(12000 + rand.IntN(8000))
		if probe, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			probe.Close()
			s.port = port
		}
	}
	s.args = []string{"--access", "access", "--secret", "secret", "--port", "127.0.0.1:" + s.port, "--quiet", "--keep-alive",
		"--iam-cache-disable", "posix", s.dir}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server, again with what it had stored, and waits until it listens.
func (s *s3Server) Start() {
	s.t.Helper()
	s.cmd = exec.Command(versitygw(s.t), s.args...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var output bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &output, &output
	require.NoError(s.t, s.cmd.Start())
	require.Eventually(s.t, func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, patience, 5*time.Millisecond, "versitygw does not listen: %s", &output)
}

// Kill ends the server as a crash would.
func (s *s3Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// Config is the default configuration with this server.
func (s *s3Server) Config() Config {
	var cfg Config
	require.NoError(s.t, env.ParseWithOptions(&cfg, env.Options{Environment: map[string]string{}}))
	cfg.Endpoint = "http://127.0.0.1:" + s.port
	cfg.AccessKey, cfg.SecretKey = "access", "secret"
	return cfg
}

// Store returns a store on the server, with its bucket; change adapts the configuration.
func (s *s3Server) Store(change ...func(*Config)) *Store {
	s.t.Helper()
	store := s.store(change...)
	require.NoError(s.t, store.EnsureBucket(context.Background()))
	return store
}

func (s *s3Server) store(change ...func(*Config)) *Store {
	cfg := s.Config()
	for _, f := range change {
		f(&cfg)
	}
	store, err := New(context.Background(), cfg, slog.New(slog.NewTextHandler(s.t.Output(), nil)))
	require.NoError(s.t, err)
	return store
}

// leftovers returns every file in the bucket's folder, unfinished uploads included.
func (s *s3Server) leftovers() (files []string) {
	require.NoError(s.t, filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func deadline(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// content makes n bytes that are the same in every run.
func content(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
