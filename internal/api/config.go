package api

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// The values of Config.Auth.
const (
	AuthOn  = "on"
	AuthOff = "off"
)

// Config of the HTTP server.
type Config struct {
	Listen        string `env:"MESHGEN_LISTEN" envDefault:"127.0.0.1:8080"`
	MetricsListen string `env:"MESHGEN_METRICS_LISTEN" envDefault:"127.0.0.1:9090"` // Prometheus; empty for none
	// Auth is on or off. While there are no API keys, on means that only this machine can connect.
	Auth string `env:"MESHGEN_AUTH" envDefault:"on"`
	// MaxUpload bounds a CAD file, in bytes.
	MaxUpload int64 `env:"MESHGEN_MAX_UPLOAD" envDefault:"2147483648"`
	// UploadIdle is how long a client that uploads may send nothing.
	UploadIdle time.Duration `env:"MESHGEN_UPLOAD_IDLE" envDefault:"60s"`
	// MaxElements refuses a mesh whose estimate is beyond it.
	MaxElements int64 `env:"MESHGEN_MAX_ELEMENTS" envDefault:"100000000"`
	// MaxBatch is how many meshes a batch may have.
	MaxBatch int `env:"MESHGEN_MAX_BATCH" envDefault:"1000"`
	// CORSOrigins are the origins, such as https://app.example.com, whose pages may call the API from a browser.
	CORSOrigins []string `env:"MESHGEN_CORS_ORIGINS"`
	// StopDelay is how long requests are still accepted after SIGTERM, while /readyz says that the process leaves.
	StopDelay time.Duration `env:"MESHGEN_STOP_DELAY" envDefault:"0s"`
	// StopTimeout is how long requests may take to end after that.
	StopTimeout time.Duration `env:"MESHGEN_STOP_TIMEOUT" envDefault:"20s"`
}

// Validate reports everything that is wrong with the configuration.
func (c Config) Validate() error {
	var bad []error
	refuse := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }

	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		refuse("MESHGEN_LISTEN must be host:port: %w", err)
	}
	if c.MetricsListen != "" {
		if _, _, err := net.SplitHostPort(c.MetricsListen); err != nil {
			refuse("MESHGEN_METRICS_LISTEN must be host:port: %w", err)
		}
	}
	switch c.Auth {
	case AuthOff:
	case AuthOn:
		if err == nil && !loopback(host) {
			refuse("MESHGEN_LISTEN=%s would let anybody who reaches this machine use the service: there are no API keys yet. "+
				"Listen on 127.0.0.1, or set MESHGEN_AUTH=off if something in front of it keeps strangers out", c.Listen)
		}
	default:
		refuse("MESHGEN_AUTH must be on or off, not %q", c.Auth)
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

// loopback reports whether only this machine can reach the host of a listen address.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
