package testenv

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"meshgen/internal/devservers"
)

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

// S3 returns a new, empty bucket on the shared server.
func S3(t testing.TB) *Bucket {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.s3 == nil {
		shared.s3 = startS3(t)
	}
	return newBucket(t, shared.s3)
}

// NewS3 returns a bucket on a server of the test's own.
func NewS3(t testing.TB) *Bucket {
	t.Helper()
	server := startS3(t)
	t.Cleanup(func() { _ = server.Kill() })
	return newBucket(t, server)
}

func startS3(t testing.TB) *devservers.S3 {
	t.Helper()
	binaries := filepath.Join(RepoRoot(t), ".cache", "bin")
	server, err := devservers.NewS3(context.Background(), devservers.Options{Dir: folder(t, "s3")}, binaries)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func newBucket(t testing.TB, server *devservers.S3) *Bucket {
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
