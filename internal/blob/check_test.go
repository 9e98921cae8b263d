package blob

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

func TestCheck_AUsableBucketPassesAndKeepsNothing(t *testing.T) {
	s := shared(t)
	require.NoError(t, s.Check(deadline(t)))
	require.NoError(t, s.Ping(deadline(t)))
	requireEmpty(t, s)
}

func TestCheck_SaysWhatIsWrong(t *testing.T) {
	bucket := testenv.S3(t)
	gone := testenv.NewS3(t)
	require.NoError(t, gone.Server.Kill())
	for name, c := range map[string]struct {
		variables map[string]string
		says      string
	}{
		"no bucket":    {map[string]string{"MESHGEN_S3_BUCKET": "missing"}, `bucket "missing" at ` + bucket.Endpoint + " does not exist"},
		"wrong secret": {map[string]string{"MESHGEN_S3_SECRET_KEY": "wrong"}, "refuses the keys: check MESHGEN_S3_ACCESS_KEY"},
		"wrong key":    {map[string]string{"MESHGEN_S3_ACCESS_KEY": "wrong"}, "refuses the keys: check MESHGEN_S3_ACCESS_KEY"},
		"no server":    {map[string]string{"MESHGEN_S3_ENDPOINT": gone.Endpoint}, "cannot be reached: check MESHGEN_S3_ENDPOINT"},
		"wrong region": {map[string]string{"MESHGEN_S3_REGION": "eu-west-1"}, "is in another region: set MESHGEN_S3_REGION"},
	} {
		s := open(t, bucket, c.variables, map[string]string{"MESHGEN_S3_ATTEMPTS": "1"})
		require.ErrorContains(t, s.Check(deadline(t)), c.says, name)
		require.Error(t, s.Ping(deadline(t)), name)
	}
}

// A server that allows listing and refuses writing needs users and policies, which VersityGW keeps elsewhere.
func TestCheck_ABucketThatCannotBeWrittenIsNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"))
			return
		}
		_, _ = w.Write([]byte("<ListBucketResult></ListBucketResult>"))
	}))
	defer server.Close()
	s := open(t, &testenv.Bucket{Endpoint: server.URL, Name: "bucket", Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	err := s.Check(deadline(t))
	require.ErrorContains(t, err, "cannot write")
	require.ErrorContains(t, err, "denies access")
}

func TestEnsureBucket_MakesTheBucketOnceAndLetsPagesUseIt(t *testing.T) {
	bucket := testenv.S3(t)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_BUCKET": bucket.Name + "-new", "MESHGEN_S3_CORS_ORIGINS": "https://mesh.example"})
	require.Error(t, s.Check(deadline(t)))
	require.NoError(t, s.EnsureBucket(deadline(t)))
	require.NoError(t, s.EnsureBucket(deadline(t)))
	require.NoError(t, s.Check(deadline(t)))

	url, err := s.PresignPut(deadline(t), "a", 5)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(deadline(t), http.MethodOptions, url, nil)
	require.NoError(t, err)
	request.Header.Set("Origin", "https://mesh.example")
	request.Header.Set("Access-Control-Request-Method", http.MethodPut)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "https://mesh.example", response.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, response.Header.Get("Access-Control-Expose-Headers"), "ETag")
}

func TestCall_AServerThatHangsIsGivenUpInTime(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_TIMEOUT": "1s", "MESHGEN_S3_ATTEMPTS": "2"})
	require.NoError(t, s.Ping(deadline(t)))
	require.NoError(t, bucket.Server.Pause())
	start := time.Now()
	err := s.Ping(deadline(t))
	require.True(t, IsTemporary(err), "%v", err)
	require.ErrorContains(t, err, "cannot be reached")
	_, err = s.PutStream(deadline(t), "a", newReader([]byte("solid")), 10)
	require.True(t, IsTemporary(err), "%v", err)
	require.Less(t, time.Since(start), patience/2)
}

func TestConfig_DefaultsAreValidAndMistakesAreNamed(t *testing.T) {
	var good Config
	require.NoError(t, env.ParseWithOptions(&good, env.Options{Environment: map[string]string{}}))
	require.NoError(t, good.Validate())
	for variable, spoil := range map[string]func(*Config){
		"MESHGEN_S3_ENDPOINT":        func(c *Config) { c.Endpoint = "127.0.0.1:7070" },
		"MESHGEN_S3_PUBLIC_ENDPOINT": func(c *Config) { c.PublicEndpoint = "s3.example" },
		"MESHGEN_S3_REGION":          func(c *Config) { c.Region = "" },
		"MESHGEN_S3_BUCKET":          func(c *Config) { c.Bucket = "" },
		"MESHGEN_S3_SECRET_KEY":      func(c *Config) { c.AccessKey = "a" },
		"MESHGEN_S3_PRESIGN_TTL":     func(c *Config) { c.PresignTTL = 8 * 24 * time.Hour },
		"MESHGEN_S3_TIMEOUT":         func(c *Config) { c.Timeout = 0 },
		"MESHGEN_S3_ATTEMPTS":        func(c *Config) { c.Attempts = 0 },
	} {
		bad := good
		spoil(&bad)
		require.ErrorContains(t, bad.Validate(), variable)
	}
}

func TestKeys_HavePlacesOfTheirOwnWhateverTheyAreMadeOf(t *testing.T) {
	require.Equal(t, "t/acme/geometries/geo_1/source", GeometryKey("acme", "geo_1"))
	require.Equal(t, "t/acme/uploads/upl_1", UploadKey("acme", "upl_1"))
	require.Equal(t, "t/acme/jobs/job_1/2-tok/mesh.msh", ArtifactKey("acme", "job_1", 2, "tok", "mesh.msh"))
	require.Equal(t, "t/acme/jobs/job_1/2-tok/%2E%2E", ArtifactKey("acme", "job_1", 2, "tok", ".."))
	require.Equal(t, "t/acme/jobs/job_1/2-tok/..%2F..%2Fjob_2", ArtifactKey("acme", "job_1", 2, "tok", "../../job_2"))
	require.Equal(t, "t/%/jobs/%/", JobPrefix("", ""))

	seen := map[string]string{}
	for _, s := range []string{"", "%", "%25", ".", "%2E", "a/b", "a%2Fb", "a b", "a%20b", "Ø", "a", "A"} {
		p := part(s)
		require.Empty(t, seen[p], "%q and %q are the same part %q", s, seen[p], p)
		seen[p] = s
		require.NotContains(t, p, "/")
	}
}
