package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// Idempotent is the header by which a request that makes something names itself.
type Idempotent struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"a name of this request that the client makes up, such as a UUID"`
}

const (
	// longestKey is how long an Idempotency-Key may be, as Idempotent says.
	longestKey = 255
	atKey      = "header.Idempotency-Key"
	notUTF8    = "must be UTF-8"
)

// Resolve checks what the schema cannot.
func (in *Idempotent) Resolve(huma.Context) []error {
	if utf8.ValidString(in.IdempotencyKey) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: atKey, Message: notUTF8}}
}

// idempotencyKey is the key of a request that huma does not read.
func idempotencyKey(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	switch {
	case utf8.RuneCountInString(key) > longestKey:
		return "", invalid(types.FieldError{Location: atKey, Message: fmt.Sprintf("expected length <= %d", longestKey)})
	case !utf8.ValidString(key):
		return "", invalid(types.FieldError{Location: atKey, Message: notUTF8})
	}
	return key, nil
}

// requestHash tells requests apart that came under the same Idempotency-Key, whatever the order of their fields.
func requestHash(body any) (string, error) {
	canonical, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// before returns the geometry that a request with this key made; nil if there was none.
func (s *Server) before(ctx context.Context, key string) (*store.Geometry, error) {
	if key == "" {
		return nil, nil
	}
	g, err := s.db.GeometryOfKey(ctx, tenant(ctx), key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &g, err
}

// uploadIdentity is what makes two uploads the same request: not the bytes of the form, whose boundary is another each time.
type uploadIdentity struct {
	SHA256, Filename, ProjectID, Units string
}

// identify gives an upload the hash of its request, once its file is known.
func (f *incoming) identify() (err error) {
	if f.new.IdempotencyKey != "" {
		n := f.new
		f.new.RequestHash, err = requestHash(uploadIdentity{n.SHA256, n.Filename, n.ProjectID, n.Units})
	}
	return err
}

// compare reads the file of an upload whose key made a geometry before, to know whether it is the same one. One that is longer
// is not, and is not read to its end.
func (f *incoming) compare(from io.Reader, fault func(error) error) error {
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(from, f.before.Size+1))
	switch {
	case err != nil:
		return fault(err)
	case n > f.before.Size:
		return store.ErrKeyReused
	}
	f.new.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// same returns the geometry that the request made before, if it is the same request.
func (f *incoming) same() (store.Geometry, error) {
	if f.before.RequestHash != f.new.RequestHash {
		return store.Geometry{}, store.ErrKeyReused
	}
	return *f.before, nil
}

// idempotencyParam describes the header for operations that huma does not read.
func idempotencyParam() *huma.Param {
	longest := longestKey
	return &huma.Param{
		Name: "Idempotency-Key", In: "header", Description: "a name of this request that the client makes up, such as a UUID",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest},
	}
}
