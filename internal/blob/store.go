package blob

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Store is a bucket. Its methods may be called from many goroutines.
type Store struct {
	cfg     Config
	log     *slog.Logger
	client  *s3.Client
	presign *s3.PresignClient
	signer  *signer
	// trusted tells that nobody can change a body on its way, over TLS or on loopback: the signature need not cover its SHA-256 then, which
	// costs the server a pass.
	trusted bool
	// plain tells that connections are not encrypted, so that the kernel can send files over them.
	plain bool
	// largestSingle is that of the package, but in tests.
	largestSingle int64
}

// Object is what was stored.
type Object struct {
	Key    string
	Size   int64
	SHA256 string // hexadecimal
	ETag   string
}

// Info is what the bucket knows of an object.
type Info struct {
	Key         string
	Size        int64
	ETag        string
	ContentType string // not in listings
	Modified    time.Time
}

const (
	// idleConnections kept to S3, so that files put side by side do not dial.
	idleConnections = 64
	// idleFor is shorter than servers usually wait, so that it is us who hang up.
	idleFor      = 50 * time.Second
	dialTimeout  = 3 * time.Second
	longestPause = time.Second // between two attempts
	bufferSize   = 64 << 10    // of a connection, each way: the default of 4 KiB costs a system call for each
)

// New returns a Store for a valid configuration. It does not connect to S3, but may look for a role's keys.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	httpClient := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) {
			d.Timeout = dialTimeout
			d.KeepAliveConfig = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 4}
		}).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 2*idleConnections, idleConnections
			t.IdleConnTimeout = idleFor
			t.ResponseHeaderTimeout = cfg.Timeout
			t.WriteBufferSize, t.ReadBufferSize = bufferSize, bufferSize
			t.DisableCompression = true
		})
	options := []func(*config.LoadOptions) error{
		config.WithRegion(cfg.Region),
		config.WithHTTPClient(httpClient),
		// The SDK's quota of retries is shared by all calls: a short outage would use it up for everyone.
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff, o.RateLimiter = cfg.Attempts, longestPause, ratelimit.None
			})
		}),
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
	}
	if cfg.AccessKey != "" {
		options = append(options, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(cfg.AccessKey, cfg.SecretKey, "")))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	client := func(endpoint string) *s3.Client {
		return s3.NewFromConfig(loaded, func(o *s3.Options) {
			o.UsePathStyle = cfg.PathStyle
			o.HTTPClient = fileSender{o.HTTPClient}
			if endpoint != "" {
				o.BaseEndpoint = aws.String(endpoint)
			}
		})
	}
	return &Store{
		signer: newSigner(loaded.Credentials, cfg.Region), cfg: cfg, log: log, client: client(cfg.Endpoint), trusted: cfg.trusted(), plain: cfg.plain(), largestSingle: largestSingle,
		presign: s3.NewPresignClient(client(cfg.publicEndpoint()), s3.WithPresignExpires(cfg.PresignTTL)),
	}, nil
}

// PresignTTL is how long presigned URLs work.
func (s *Store) PresignTTL() time.Duration { return s.cfg.PresignTTL }

// bounded adds the timeout of a call that carries no object.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.cfg.Timeout)
}

// cleanupTime bounds the removal of what a failed or cancelled call may have left.
const cleanupTime = 5 * time.Second

// afterwards is a context for cleaning up when ctx may have ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
}
