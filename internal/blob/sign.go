package blob

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signer presigns what is asked of objects with a third of the work that the SDK makes of it: where the bucket is does not change from
// one to the next, and each mesh that is told of has half a dozen. It learns from a URL of the SDK's where that is, and takes over
// when it has made the very same: with a bucket or endpoint for which it does not, the SDK goes on.
type signer struct {
	credentials aws.CredentialsProvider
	region      string
	v4          *v4.Signer
	bucket      atomic.Pointer[url.URL] // its address; nil until it is known
}

func newSigner(credentials aws.CredentialsProvider, region string) *signer {
	return &signer{credentials: credentials, region: region, v4: v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = true // S3 does not escape paths twice
	})}
}

// sign returns the URL for an object, or asks the SDK for it. query has what does not belong to the signature.
func (s *signer) sign(ctx context.Context, method, key string, query url.Values, ttl time.Duration, sdk func() (string, error)) (string, error) {
	if bucket := s.bucket.Load(); bucket != nil {
		return s.signAt(ctx, bucket, method, key, query, ttl, time.Now())
	}
	signed, err := sdk()
	if err == nil {
		s.learn(ctx, signed, method, key, query, ttl)
	}
	return signed, err
}

// learn takes the address of the bucket from a URL of the SDK's, if that is what it would have signed itself at that time.
func (s *signer) learn(ctx context.Context, signed, method, key string, query url.Values, ttl time.Duration) {
	u, err := url.Parse(signed)
	if err != nil {
		return
	}
	at, err := time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
	path, ok := strings.CutSuffix(u.EscapedPath(), "/"+escapeKey(key))
	if err != nil || !ok {
		return
	}
	bucket := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}
	if bucket.EscapedPath() != path {
		return
	}
	if own, err := s.signAt(ctx, bucket, method, key, query, ttl, at); err == nil && own == signed {
		s.bucket.Store(bucket)
	}
}

func (s *signer) signAt(ctx context.Context, bucket *url.URL, method, key string, query url.Values, ttl time.Duration, at time.Time) (string, error) {
	credentials, err := s.credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	u := *bucket
	u.RawPath = u.Path + "/" + escapeKey(key)
	u.Path += "/" + key
	query.Set("X-Amz-Expires", strconv.FormatInt(int64(ttl/time.Second), 10))
	u.RawQuery = query.Encode()
	request := &http.Request{Method: method, URL: &u, Host: u.Host, Header: http.Header{}}
	signed, _, err := s.v4.PresignHTTP(ctx, credentials, request, unsignedPayload, "s3", s.region, at)
	return signed, err
}

// escapeKey is a key in a path as S3 signs it: all but what RFC 3986 never reserves, and slashes.
func escapeKey(key string) string {
	escaped := strings.ReplaceAll(url.QueryEscape(key), "+", "%20")
	return strings.ReplaceAll(escaped, "%2F", "/")
}
