package blob

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// PresignGet returns a URL that downloads an object under a file name, whatever its key is. An empty content type leaves the
// one that was stored. It works for Config.PresignTTL, as all presigned URLs do.
func (s *Store) PresignGet(ctx context.Context, key, filename, contentType string) (string, error) {
	disposition := attachment(filename)
	query := url.Values{"response-content-disposition": {disposition}, "x-id": {"GetObject"}}
	if contentType != "" {
		query.Set("response-content-type", contentType)
	}
	signed, err := s.signer.sign(ctx, http.MethodGet, key, query, s.cfg.PresignTTL, func() (string, error) {
		request, err := s.presign.PresignGetObject(ctx, &s3.GetObjectInput{
			Bucket: &s.cfg.Bucket, Key: &key, ResponseContentDisposition: &disposition, ResponseContentType: orNil(contentType),
		})
		if err != nil {
			return "", err
		}
		return request.URL, nil
	})
	if err != nil {
		return "", wrap("presign", key, err)
	}
	return signed, nil
}

// PresignHead returns the URL of what PresignGet's would answer to a HEAD: a signature is for one method.
func (s *Store) PresignHead(ctx context.Context, key, filename, contentType string) (string, error) {
	disposition := attachment(filename)
	request, err := s.presign.PresignHeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &s.cfg.Bucket, Key: &key, ResponseContentDisposition: &disposition, ResponseContentType: orNil(contentType),
	})
	if err != nil {
		return "", wrap("presign", key, err)
	}
	return request.URL, nil
}

// PresignPut returns a URL that a PUT of exactly size bytes stores an object with. The size is part of the signature.
func (s *Store) PresignPut(ctx context.Context, key string, size int64) (string, error) {
	request, err := s.presign.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.cfg.Bucket, Key: &key, ContentLength: &size,
	})
	if err != nil {
		return "", wrap("presign", key, err)
	}
	return request.URL, nil
}

// PresignPart returns a URL that a PUT of exactly size bytes stores part number of an upload with. The answer's ETag
// header is needed to complete it, or ListParts.
func (s *Store) PresignPart(ctx context.Context, key, uploadID string, number int32, size int64) (string, error) {
	request, err := s.presign.PresignUploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID, PartNumber: &number, ContentLength: &size,
	})
	if err != nil {
		return "", wrap(fmt.Sprintf("presign part %d of", number), key, err)
	}
	return request.URL, nil
}

// attachment is a Content-Disposition that has the browser save a file under a name: for old clients in ASCII with what is
// unsafe replaced, and as RFC 6266 and RFC 8187 have it, in UTF-8.
func attachment(filename string) string {
	name := safeName(filename)
	ascii := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || r == '"' || r == '\\' || r == '%' { // some clients decode %XX here
			return '_'
		}
		return r
	}, name)
	disposition := `attachment; filename="` + ascii + `"`
	if ascii != name {
		// PathEscape leaves a few characters that RFC 8187 does not allow.
		escaped := strings.NewReplacer("'", "%27", "(", "%28", ")", "%29", "*", "%2A", ":", "%3A", "=", "%3D", "@", "%40", ",", "%2C").
			Replace(url.PathEscape(name))
		disposition += `; filename*=UTF-8''` + escaped
	}
	return disposition
}

// longestName leaves room for a suffix where file systems allow 255 bytes.
const longestName = 200

// safeName takes from a file name what could make it a path or break a header.
func safeName(filename string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == '/', r == '\\':
			return '_'
		case unicode.IsControl(r), r == utf8.RuneError, unicode.Is(unicode.Bidi_Control, r): // the last can hide an extension
			return -1
		}
		return r
	}, filename)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	for len(name) > longestName { // keep the end, which has the extension
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	if name == "" {
		return "download"
	}
	return name
}
