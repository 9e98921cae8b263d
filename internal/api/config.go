package api

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"meshgen/internal/auth"
)

// The values of Config.Auth.
const (
	AuthOn  = "on"
	AuthOff = "off"
)

// noMetrics is the MetricsListen of an API that tells Prometheus nothing.
const noMetrics = "off"

// Config of the HTTP server.
type Config struct {
	Listen        string `env:"MESHGEN_LISTEN" envDefault:"127.0.0.1:8080"`
	MetricsListen string `env:"MESHGEN_METRICS_LISTEN" envDefault:"127.0.0.1:9090"` // Prometheus; off for none
	// Auth is on or off. With off, whoever reaches the address can do everything, and all is of one tenant.
	Auth string `env:"MESHGEN_AUTH" envDefault:"on"`
	// AdminKey is an API key (`meshgen admin keys generate`) that is recorded at start, once, with the scope admin in the tenant
	// default: the first key, where nobody can run `meshgen admin`.
	AdminKey auth.Secret `env:"MESHGEN_ADMIN_KEY"`
	// SessionLife is how long a browser stays logged in.
	SessionLife time.Duration `env:"MESHGEN_SESSION_LIFE" envDefault:"168h"`
	// RequestsPerSecond is how many requests a tenant may send to each API process, on average over 5 s; what is more is
	// refused with 429. 0 for no limit; there is none with Auth off.
	RequestsPerSecond int `env:"MESHGEN_REQUESTS_PER_SECOND" envDefault:"100"`
	// MaxBytesOfTenant is how much a tenant may store: a tenant that has it uploads and meshes nothing more. 0 for no limit.
	MaxBytesOfTenant int64 `env:"MESHGEN_MAX_BYTES_OF_TENANT" envDefault:"0"`
	// MaxUpload bounds a CAD file, in bytes.
	MaxUpload int64 `env:"MESHGEN_MAX_UPLOAD" envDefault:"2147483648"`
	// UploadIdle is how long a client that uploads may send nothing.
	UploadIdle time.Duration `env:"MESHGEN_UPLOAD_IDLE" envDefault:"60s"`
	// HeadWithin is how long a client may take for the head of a request, BodyWithin for a body that is no upload. Zero: 10 s and 5 s.
	HeadWithin, BodyWithin time.Duration
	// MaxElements refuses a mesh whose estimate is beyond it.
	MaxElements int64 `env:"MESHGEN_MAX_ELEMENTS" envDefault:"100000000"`
	// MaxBatch is how many meshes a batch may have.
	MaxBatch int `env:"MESHGEN_MAX_BATCH" envDefault:"1000"`
	// CORSOrigins are the origins, such as https://app.example.com, whose pages may call the API from a browser.
	CORSOrigins []string `env:"MESHGEN_CORS_ORIGINS"`
	// TrustedProxies are networks, such as 10.0.0.0/8, of the proxies in front: what they say in X-Forwarded-For is where a request came from,
	// in the log and in the audit log.
	TrustedProxies []netip.Prefix `env:"MESHGEN_TRUSTED_PROXIES"`
	// StopDelay is how long requests are still accepted after SIGTERM, while /readyz says that the process leaves.
	StopDelay time.Duration `env:"MESHGEN_STOP_DELAY" envDefault:"0s"`
	// StopTimeout is how long requests may take to end after that.
	StopTimeout time.Duration `env:"MESHGEN_STOP_TIMEOUT" envDefault:"20s"`
}

// Validate reports everything that is wrong with the configuration.
func (c Config) Validate() error {
	var bad []error
	refuse := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }

	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		refuse("MESHGEN_LISTEN must be host:port: %w", err)
	}
	if c.MetricsListen != noMetrics {
		if _, _, err := net.SplitHostPort(c.MetricsListen); err != nil {
			refuse("MESHGEN_METRICS_LISTEN must be host:port: %w", err)
		}
	}
	if c.Auth != AuthOff && c.Auth != AuthOn {
		refuse("MESHGEN_AUTH must be on or off, not %q", c.Auth)
	}
	if c.AdminKey != "" {
		if _, err := auth.ParseKey(string(c.AdminKey)); err != nil {
			refuse("MESHGEN_ADMIN_KEY: %w (`meshgen admin keys generate` makes one)", err)
		}
	}
	if c.SessionLife <= 0 {
		refuse("MESHGEN_SESSION_LIFE must be positive")
	}
	if c.RequestsPerSecond < 0 || c.RequestsPerSecond > 1_000_000 {
		refuse("MESHGEN_REQUESTS_PER_SECOND must be from 0 to 1000000")
	}
	if c.MaxBytesOfTenant < 0 {
		refuse("MESHGEN_MAX_BYTES_OF_TENANT must not be negative")
	}
	if c.MaxUpload < 1 {
		refuse("MESHGEN_MAX_UPLOAD must be at least 1 byte")
	}
	if c.UploadIdle <= 0 {
		refuse("MESHGEN_UPLOAD_IDLE must be positive")
	}
	if c.MaxElements < 1 {
		refuse("MESHGEN_MAX_ELEMENTS must be at least 1")
	}
	if c.MaxBatch < 1 {
		refuse("MESHGEN_MAX_BATCH must be at least 1")
	}
	if c.StopDelay < 0 || c.StopTimeout <= 0 {
		refuse("MESHGEN_STOP_DELAY must not be negative, and MESHGEN_STOP_TIMEOUT must be positive")
	}
	for _, origin := range c.CORSOrigins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			refuse("MESHGEN_CORS_ORIGINS: %q is not an origin such as https://app.example.com", origin)
		}
	}
	return errors.Join(bad...)
}

// loopback reports whether a host is this machine as seen from itself.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
