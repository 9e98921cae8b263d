package devservers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

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

// NewS3 starts VersityGW; its binary is looked for in the folders given, then in PATH.
func NewS3(ctx context.Context, o Options, folders ...string) (*S3, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	server, err := installed("versitygw", folders...)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "buckets")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	// --data-integrity-etag: the ETag is made of the checksum that a body is checked against, or of a CRC-64 that the server makes where none
	// comes along, as by presigned URLs. By default it is an MD5, which nobody asks for and which takes VersityGW more than all
	// else that it does with a large object.
	backend := []string{"posix", "--data-integrity-etag"}
	if !extendedAttributes(data) {
		sidecar := filepath.Join(o.Dir, "metadata")
		if err := os.MkdirAll(sidecar, 0o755); err != nil {
			return nil, err
		}
		backend = append(backend, "--sidecar", sidecar)
	}
	backend = append(backend, data)
	s := &S3{}
	s.Process = Process{
		Name: "s3", term: syscall.SIGTERM, log: o.Log,
		make: func() (*exec.Cmd, error) {
			args := []string{"--port", fmt.Sprintf("127.0.0.1:%d", s.Port), "--region", S3Region, "--quiet", "--keep-alive", "--health", "/health"}
			cmd := exec.Command(server, append(args, backend...)...)
			cmd.Dir = o.Dir
			cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+S3AccessKey, "ROOT_SECRET_KEY="+S3SecretKey)
			return cmd, nil
		},
		ready: s.healthy,
	}
	return s, s.startOn(ctx, o.Port)
}

func (s *S3) healthy(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint()+"/health", nil)
	if err != nil {
		return err
	}
	// A connection of its own: one that was kept may lead to a server that is gone.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s", resp.Status)
	}
	return nil
}

// extendedAttributes reports whether the file system of dir takes them. VersityGW keeps content types, checksums and
// the like there; some file systems in memory have none, and then it keeps them in files beside.
func extendedAttributes(dir string) bool {
	err := unix.Setxattr(dir, "user.meshgen", []byte("1"), 0)
	return !errors.Is(err, unix.ENOTSUP)
}
