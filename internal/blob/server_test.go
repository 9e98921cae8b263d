package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 60 * time.Second

// open returns a store in a bucket; further variables come on top of the defaults.
func open(t testing.TB, bucket *testenv.Bucket, variables ...map[string]string) *Store {
	t.Helper()
	var cfg Config
	environment := bucket.Env()
	for _, more := range variables {
		maps.Copy(environment, more)
	}
	require.NoError(t, env.ParseWithOptions(&cfg, env.Options{Environment: environment}))
	store, err := New(context.Background(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	require.NoError(t, err)
	return store
}

// shared returns a store in an empty bucket of the shared server.
func shared(t testing.TB) *Store { return open(t, testenv.S3(t)) }

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

// keys returns the keys of all objects.
func keys(t testing.TB, s *Store) []string {
	t.Helper()
	found := []string{}
	for info, err := range s.List(deadline(t), "") {
		require.NoError(t, err)
		found = append(found, info.Key)
	}
	return found
}

// requireEmpty requires that the bucket holds neither objects nor parts of unfinished ones.
func requireEmpty(t testing.TB, s *Store) {
	t.Helper()
	require.Empty(t, keys(t, s))
	out, err := s.client.ListMultipartUploads(deadline(t), &s3.ListMultipartUploadsInput{Bucket: aws.String(s.cfg.Bucket)})
	require.NoError(t, err)
	require.Empty(t, out.Uploads)
}

func put(t testing.TB, s *Store, key string, body []byte) Object {
	t.Helper()
	object, err := s.PutStream(deadline(t), key, newReader(body), 1<<40)
	require.NoError(t, err)
	return object
}
