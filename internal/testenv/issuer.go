package testenv

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// Issuer is an identity provider (OpenID Connect) that says where its keys are and signs what it is given.
type Issuer struct {
	t   testing.TB
	URL string
	// Close has nobody listen any more.
	Close func()
	// Away has it answer 503.
	Away atomic.Bool
	// Fetched counts how often its keys were asked for.
	Fetched atomic.Int64

	mu    sync.Mutex
	kid   int
	key   *rsa.PrivateKey
	known []jose.JSONWebKey
}

// NewIssuer starts an identity provider for the length of a test.
func NewIssuer(t testing.TB) *Issuer {
	i := &Issuer{t: t}
	i.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.Fetched.Add(1)
		i.mu.Lock()
		defer i.mu.Unlock()
		i.answer(w, jose.JSONWebKeySet{Keys: i.known})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.URL, i.Close = server.URL, server.Close
	return i
}

func (i *Issuer) answer(w http.ResponseWriter, v any) {
	if i.Away.Load() {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// Rotate has it sign with a fresh key and stand for that alone.
func (i *Issuer) Rotate() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(i.t, err)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kid++
	i.key = key
	i.known = []jose.JSONWebKey{{Key: key.Public(), KeyID: strconv.Itoa(i.kid), Algorithm: string(jose.RS256), Use: "sig"}}
}

// Token signs claims, to which those are added that every token has: an hour of life, its issuer, the audience meshgen, and the
// subject ada. A claim that is nil is left out.
func (i *Issuer) Token(claims map[string]any) string {
	now := time.Now()
	all := map[string]any{"iss": i.URL, "aud": "meshgen", "sub": "ada", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range claims {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return Sign(i.t, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: strconv.Itoa(i.kid)}}, all)
}

// Sign makes a token of claims with any key.
func Sign(t testing.TB, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	require.NoError(t, err)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(text)
	require.NoError(t, err)
	word, err := signed.CompactSerialize()
	require.NoError(t, err)
	return word
}
