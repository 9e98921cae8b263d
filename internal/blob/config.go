package blob

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"
)

// Config says which bucket to use and how to get there.
type Config struct {
	// Endpoint of an S3 that is not Amazon's, as in http://127.0.0.1:7070.
	Endpoint string `env:"MESHGEN_S3_ENDPOINT"`
	// PublicEndpoint is where browsers reach it; presigned URLs point there. Empty means Endpoint.
	PublicEndpoint string `env:"MESHGEN_S3_PUBLIC_ENDPOINT"`
	Region         string `env:"MESHGEN_S3_REGION" envDefault:"us-east-1"`
	Bucket         string `env:"MESHGEN_S3_BUCKET" envDefault:"meshgen"`
	// AccessKey and SecretKey; without both, the SDK looks for a role, a profile or AWS_* variables.
	AccessKey string `env:"MESHGEN_S3_ACCESS_KEY"`
	SecretKey string `env:"MESHGEN_S3_SECRET_KEY"`
	// PathStyle puts the bucket into the path of a URL; otherwise it is part of the host's name.
	PathStyle bool `env:"MESHGEN_S3_PATH_STYLE" envDefault:"true"`
	// PresignTTL is how long a presigned URL works; one signed with a role's keys ends with them if that is sooner.
	PresignTTL time.Duration `env:"MESHGEN_S3_PRESIGN_TTL" envDefault:"1h"`
	// Timeout bounds calls that carry no object, their retries included, and the wait for the answer to one that does.
	Timeout time.Duration `env:"MESHGEN_S3_TIMEOUT" envDefault:"15s"`
	// Attempts of each call.
	Attempts int `env:"MESHGEN_S3_ATTEMPTS" envDefault:"3"`
	// CORSOrigins may use presigned URLs from a page; EnsureBucket tells the bucket.
	CORSOrigins []string `env:"MESHGEN_S3_CORS_ORIGINS" envDefault:"*"`
}

// longestPresign is what version 4 signatures allow.
const longestPresign = 7 * 24 * time.Hour

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	for name, endpoint := range map[string]string{"MESHGEN_S3_ENDPOINT": c.Endpoint, "MESHGEN_S3_PUBLIC_ENDPOINT": c.PublicEndpoint} {
		if endpoint == "" {
			continue
		}
		u, err := url.Parse(endpoint)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return fmt.Errorf("%s: %q is not a URL such as http://127.0.0.1:7070", name, endpoint)
		}
	}
	switch {
	case c.Bucket == "":
		return errors.New("MESHGEN_S3_BUCKET must not be empty")
	case c.Region == "":
		return errors.New("MESHGEN_S3_REGION must not be empty")
	case (c.AccessKey == "") != (c.SecretKey == ""):
		return errors.New("MESHGEN_S3_ACCESS_KEY and MESHGEN_S3_SECRET_KEY belong together: set both or none")
	case c.PresignTTL < time.Second || c.PresignTTL > longestPresign:
		return fmt.Errorf("MESHGEN_S3_PRESIGN_TTL must be between 1s and %s", longestPresign)
	case c.Timeout < 100*time.Millisecond:
		return errors.New("MESHGEN_S3_TIMEOUT must be at least 100ms")
	case c.Attempts < 1:
		return errors.New("MESHGEN_S3_ATTEMPTS must be at least 1")
	}
	return nil
}

func (c Config) publicEndpoint() string {
	if c.PublicEndpoint != "" {
		return c.PublicEndpoint
	}
	return c.Endpoint
}

// trusted reports whether nobody stands between us and the endpoint.
func (c Config) trusted() bool {
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme != "http" || err == nil && ip.IsLoopback() // Amazon's own is reached by TLS
}

// plain reports whether the endpoint is reached without TLS.
func (c Config) plain() bool {
	u, err := url.Parse(c.Endpoint)
	return err == nil && u.Scheme == "http"
}

// where names the bucket for messages.
func (c Config) where() string {
	if c.Endpoint == "" {
		return fmt.Sprintf("bucket %q in %s", c.Bucket, c.Region)
	}
	return fmt.Sprintf("bucket %q at %s", c.Bucket, c.Endpoint)
}
