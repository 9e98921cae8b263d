package blob

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What storing and fetching a typical artifact costs: run with -benchtime=500x.

const artifactSize = 100 << 10

func BenchmarkPutFile(b *testing.B) {
	store := shared(b)
	path := filepath.Join(b.TempDir(), "mesh.msh")
	require.NoError(b, os.WriteFile(path, content(artifactSize), 0o600))
	for b.Loop() {
		f, err := os.Open(path)
		require.NoError(b, err)
		_, err = store.Put(context.Background(), ArtifactKey("t", "job", 1, "x", "mesh.msh"), f, artifactSize, "model/mesh")
		require.NoError(b, err)
		f.Close()
	}
}

func BenchmarkPutStream(b *testing.B) {
	store := shared(b)
	body := content(artifactSize)
	for b.Loop() {
		_, err := store.PutStream(context.Background(), GeometryKey("t", "geo"), bytes.NewReader(body), 1<<30)
		require.NoError(b, err)
	}
}

func BenchmarkPutFourSideBySide(b *testing.B) {
	store := shared(b)
	body := content(artifactSize)
	for b.Loop() {
		done := make(chan error)
		for i := range 4 {
			go func() {
				_, err := store.Put(context.Background(), ArtifactKey("t", "job", i, "x", "mesh.msh"), bytes.NewReader(body), artifactSize, "")
				done <- err
			}()
		}
		for range 4 {
			require.NoError(b, <-done)
		}
	}
}

func BenchmarkPutLarge(b *testing.B) {
	store := shared(b)
	body := content(64 << 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, err := store.Put(context.Background(), "large", bytes.NewReader(body), int64(len(body)), "")
		require.NoError(b, err)
	}
}

func BenchmarkGetToFile(b *testing.B) {
	store := shared(b)
	_, err := store.Put(context.Background(), "part", bytes.NewReader(content(artifactSize)), artifactSize, "")
	require.NoError(b, err)
	path := filepath.Join(b.TempDir(), "part.step")
	for b.Loop() {
		require.NoError(b, store.GetToFile(context.Background(), "part", path))
		require.NoError(b, os.Remove(path))
	}
}

func BenchmarkPresignGet(b *testing.B) {
	store := shared(b)
	for b.Loop() {
		_, err := store.PresignGet(context.Background(), "part", "part.step", "")
		require.NoError(b, err)
	}
}

// One file of 10 MB that nothing else is done beside.
func BenchmarkPutLastFile(b *testing.B) {
	const size = 10 << 20
	store := shared(b)
	path := filepath.Join(b.TempDir(), "mesh.inp")
	require.NoError(b, os.WriteFile(path, content(size), 0o600))
	for _, hasty := range []bool{false, true} {
		b.Run(fmt.Sprintf("hasty=%v", hasty), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				f, err := os.Open(path)
				require.NoError(b, err)
				_, err = store.PutWith(context.Background(), "mesh.inp", f, size, "", PutOptions{Hasty: hasty})
				require.NoError(b, err)
				f.Close()
			}
		})
	}
}
