package blob

import (
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"
)

// From the second URL on they are ours, and the very ones that the SDK would have made.
func TestPresignGet_SignsAsTheSDKDoes(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"path":           {"MESHGEN_S3_ENDPOINT": "http://127.0.0.1:7070"},
		"path in a path": {"MESHGEN_S3_ENDPOINT": "https://proxy.example/s3/"},
		"host":           {"MESHGEN_S3_ENDPOINT": "https://s3.example", "MESHGEN_S3_PATH_STYLE": "false"},
		"AWS":            {"MESHGEN_S3_REGION": "eu-central-1", "MESHGEN_S3_PATH_STYLE": "false"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := env.ParseAsWithOptions[Config](env.Options{Environment: variables})
			require.NoError(t, err)
			cfg.Bucket, cfg.AccessKey, cfg.SecretKey = "parts", "key", "secret"
			s, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			require.Nil(t, s.signer.bucket.Load())
			first, err := s.PresignGet(t.Context(), "t/geo_1/source.step", "part.step", "")
			require.NoError(t, err)
			bucket := s.signer.bucket.Load()
			require.NotNil(t, bucket, first)
			for _, key := range []string{"a", "t/j/1/x/1-mesh.msh", "an odd +key%/(ü)~*'=&.msh"} {
				for _, kind := range []string{"", "model/step; a=b"} {
					s.signer.bucket.Store(nil)
					theirs, err := s.PresignGet(t.Context(), key, `Kugel Ø12 "x".step`, kind)
					require.NoError(t, err)
					u, err := url.Parse(theirs)
					require.NoError(t, err)
					at, err := time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
					require.NoError(t, err)
					query := url.Values{"response-content-disposition": {attachment(`Kugel Ø12 "x".step`)}, "x-id": {"GetObject"}}
					if kind != "" {
						query.Set("response-content-type", kind)
					}
					ours, err := s.signer.signAt(t.Context(), bucket, http.MethodGet, key, query, s.cfg.PresignTTL, at)
					require.NoError(t, err)
					require.Equal(t, theirs, ours)
				}
			}
		})
	}
}

// What the SDK signs in another way stays its own.
func TestSigner_LeavesToTheSDKWhatItDoesNotKnow(t *testing.T) {
	const key = "t/a.msh"
	s := newSigner(credentials.NewStaticCredentialsProvider("key", "secret", "token"), "eu-central-1")
	bucket := &url.URL{Scheme: "https", Host: "s3.example", Path: "/bucket"}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signed, err := s.signAt(t.Context(), bucket, http.MethodGet, key, url.Values{"x-id": {"GetObject"}}, time.Hour, at)
	require.NoError(t, err)
	require.Contains(t, signed, "X-Amz-Security-Token=token")
	for _, other := range []string{
		"https://s3.example/elsewhere.msh?X-Amz-Date=20260102T030405Z", // the key is another
		signed + "0",
		signed + "&x=y",
		"not a URL %",
	} {
		s.learn(t.Context(), other, http.MethodGet, key, url.Values{"x-id": {"GetObject"}}, time.Hour)
		require.Nil(t, s.bucket.Load(), other)
	}
	s.learn(t.Context(), signed, http.MethodGet, key, url.Values{"x-id": {"GetObject"}}, time.Hour)
	require.Equal(t, bucket, s.bucket.Load())
	s.credentials = aws.AnonymousCredentials{}
	_, err = s.sign(t.Context(), http.MethodGet, key, url.Values{}, time.Hour, nil)
	require.Error(t, err)
}
