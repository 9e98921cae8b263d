package blob

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// testBegin is before anything that a test stores.
var testBegin = time.Now().Add(-time.Hour)

func TestGet_WhatIsNotThereIsNotFound(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	path := filepath.Join(t.TempDir(), "file")
	_, _, err := s.Get(ctx, "missing")
	require.ErrorIs(t, err, ErrNotFound)
	require.False(t, IsTemporary(err))
	require.ErrorIs(t, s.GetToFile(ctx, "missing", path), ErrNotFound)
	require.NoFileExists(t, path)
	_, err = s.Head(ctx, "missing")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = s.ListParts(ctx, "missing", "0190163d-8694-739b-aea5-966c26f8ad91")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = s.CompleteMultipart(ctx, "missing", "0190163d-8694-739b-aea5-966c26f8ad91", []Part{{Number: 1, ETag: "x"}})
	require.Error(t, err) // Amazon misses the upload first, VersityGW the part
	require.False(t, IsTemporary(err))
}

func TestGetToFile_OverwritesNothing(t *testing.T) {
	s := shared(t)
	put(t, s, "a", []byte("solid"))
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
	require.ErrorIs(t, s.GetToFile(deadline(t), "a", path), os.ErrExist)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "mine", string(got))
}

// A server that breaks off in the middle is the one thing that VersityGW cannot be driven to do.
func TestGetToFile_AnObjectThatComesIncompletelyIsTemporaryAndLeavesNoFile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(1000))
		_, _ = w.Write(make([]byte, 400))
		w.(http.Flusher).Flush()
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).Close()
		}
	}))
	defer server.Close()
	s := open(t, &testenv.Bucket{Endpoint: server.URL, Name: "bucket", Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	path := filepath.Join(t.TempDir(), "file")
	err := s.GetToFile(deadline(t), "a", path)
	require.True(t, IsTemporary(err), "%v", err)
	require.NoFileExists(t, path)
}

func TestIsTemporary_ByWhatTheServerAnswers(t *testing.T) {
	status := http.StatusOK
	code := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
	}))
	defer server.Close()
	s := open(t, &testenv.Bucket{Endpoint: server.URL, Name: "bucket", Region: "us-east-1", AccessKey: "a", SecretKey: "b"},
		map[string]string{"MESHGEN_S3_ATTEMPTS": "1"})
	for _, c := range []struct {
		status    int
		code      string
		temporary bool
	}{
		{500, "InternalError", true}, {503, "SlowDown", true}, {429, "TooManyRequests", true}, {400, "RequestTimeout", true},
		{403, "AccessDenied", false}, {404, "NoSuchBucket", false}, {404, "NoSuchKey", false}, {501, "NotImplemented", false},
		{400, "InvalidArgument", false},
	} {
		status, code = c.status, c.code
		_, _, err := s.Get(deadline(t), "a")
		require.Error(t, err)
		require.Equal(t, c.temporary, IsTemporary(err), "%d %s: %v", c.status, c.code, err)
		require.Equal(t, !c.temporary, IsRefusal(err), "%d %s: %v", c.status, c.code, err)
	}
	require.False(t, IsRefusal(nil))
	require.False(t, IsRefusal(io.ErrUnexpectedEOF))
	require.False(t, IsTemporary(nil))
	require.False(t, IsTemporary(context.Canceled))
	require.True(t, IsTemporary(context.DeadlineExceeded))
}

func TestList_AndDeletePrefix_ReachOverPagesAndTouchNothingElse(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	for i := range 5 {
		put(t, s, ArtifactKey("acme", "job_1", 1, "x", fmt.Sprint("file", i)), []byte("solid"))
	}
	put(t, s, ArtifactKey("acme", "job_1", 2, "y", "file"), nil)
	put(t, s, ArtifactKey("acme", "job_11", 1, "x", "file"), nil)
	put(t, s, UploadKey("acme", "upl_1"), nil)

	var sizes []int64
	for info, err := range s.List(ctx, AttemptPrefix("acme", "job_1", 1, "x")) {
		require.NoError(t, err)
		require.NotEmpty(t, info.ETag)
		sizes = append(sizes, info.Size)
	}
	require.Equal(t, []int64{5, 5, 5, 5, 5}, sizes)

	require.NoError(t, s.DeletePrefix(ctx, AttemptPrefix("acme", "job_1", 1, "x")))
	require.NoError(t, s.DeletePrefix(ctx, AttemptPrefix("acme", "job_1", 1, "x")), "nothing there is no error")
	require.Len(t, keys(t, s), 3)
	require.NoError(t, s.DeletePrefix(ctx, JobPrefix("acme", "job_1")))
	require.NoError(t, s.DeletePrefix(ctx, UploadKey("acme", "upl_1")), "a whole key is a prefix as well")
	require.Equal(t, []string{ArtifactKey("acme", "job_11", 1, "x", "file")}, keys(t, s))
	require.ErrorContains(t, s.DeletePrefix(ctx, ""), "whole bucket")
}

func TestDeletePrefix_RemovesMoreThanOneRequestCan(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	// Folders of the server's data are the quickest way to a thousand objects.
	done := make(chan error)
	const n, writers = deletesAtOnce + 10, 8
	for w := range writers {
		go func() {
			var err error
			for i := w; i < n && err == nil; i += writers {
				_, err = s.PutStream(ctx, fmt.Sprintf("many/%d", i), newReader(nil), 1)
			}
			done <- err
		}()
	}
	for range writers {
		require.NoError(t, <-done)
	}
	require.Len(t, keys(t, s), n)
	require.NoError(t, s.DeletePrefix(ctx, "many/"))
	requireEmpty(t, s)
}

func TestDelete_IsSilentAboutWhatIsNotThere(t *testing.T) {
	s := shared(t)
	put(t, s, "a", nil)
	put(t, s, "b", nil)
	require.NoError(t, s.Delete(deadline(t)))
	require.NoError(t, s.Delete(deadline(t), "missing"))
	require.NoError(t, s.Delete(deadline(t), "a", "missing", "b"))
	requireEmpty(t, s)
}

func TestDeletePrefix_ForgetsUploadsThatNobodyFinished(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	for range 3 {
		_, err := s.CreateMultipart(ctx, UploadKey("acme", "upl_1"))
		require.NoError(t, err)
	}
	other, err := s.CreateMultipart(ctx, UploadKey("acme", "upl_2"))
	require.NoError(t, err)
	require.NoError(t, s.DeletePrefix(ctx, UploadKey("acme", "upl_1")))
	n, err := s.AbortPrefix(ctx, UploadKey("acme", "upl_1"))
	require.NoError(t, err)
	require.Zero(t, n, "they are gone already")
	_, err = s.ListParts(ctx, UploadKey("acme", "upl_2"), other)
	require.NoError(t, err, "that of another key goes on")
	n, err = s.AbortPrefix(ctx, "")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	requireEmpty(t, s)
}
