// Package oidc takes the tokens of an identity provider (OpenID Connect) for what they are: signed, by a key that the provider stands for
// now, for this service, and in time; and reads in them who asks, of which tenant, and what they may.
//
// The provider is found when the first token comes, and its keys are asked for again when a token bears one that is not known. Both
// may be away for a while without the service being so: who has an API key is not concerned.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"meshgen/internal/auth"
)

// Identity is what a token says.
type Identity struct {
	Subject string
	Tenant  string
	Scope   auth.Scope
	Until   time.Time
}

// ErrAway says that the provider could not be asked.
var ErrAway = errors.New("the identity provider cannot be reached")

// Refused says why a token is not taken.
type Refused string

func (r Refused) Error() string { return string(r) }

// Forbidden says why the bearer of a good token may do nothing here.
type Forbidden string

func (f Forbidden) Error() string { return string(f) }

const (
	// skew is how far the clocks of provider and service may be apart.
	skew = 30 * time.Second
	// scopeMark begins the scopes that are ours.
	scopeMark = "meshgen:"
	// longestSubject is what OpenID Connect allows.
	longestSubject = 255
)

// algorithms are those in which only the provider can sign. What is signed with a shared secret, or not at all, is refused.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// Verifier takes tokens. It may be used from many goroutines.
type Verifier struct {
	cfg       Config
	now       func() time.Time
	transport *sparing

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // once the provider is found
}

// New returns a Verifier. It asks nobody yet.
func New(cfg Config) *Verifier {
	return &Verifier{cfg: cfg, now: time.Now, transport: newSparing(http.DefaultTransport)}
}

// LooksLikeToken reports whether a word was meant to be a token: three parts with dots between.
func LooksLikeToken(word string) bool { return strings.Count(word, ".") == 2 }

// Verify returns what a token says. The error is Refused, Forbidden or ErrAway.
func (v *Verifier) Verify(ctx context.Context, word string) (Identity, error) {
	verifier, err := v.find(ctx)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrAway, err)
	}
	var signature error
	token, err := verifier.Verify(context.WithValue(ctx, signatureKey{}, &signature), word)
	if err != nil {
		var expired *oidc.TokenExpiredError
		var noAnswer *noAnswer
		switch {
		case errors.As(err, &expired):
			return Identity{}, Refused("The token expired at " + expired.Expiry.UTC().Format(time.RFC3339) + ".")
		case errors.As(signature, &noAnswer):
			return Identity{}, fmt.Errorf("%w: its keys: %w", ErrAway, noAnswer)
		case ctx.Err() != nil:
			return Identity{}, ctx.Err()
		case signature != nil:
			return Identity{}, Refused("The token is signed with a key that is none of the identity provider's.")
		}
		return Identity{}, Refused("The token is not taken: " + strings.TrimPrefix(err.Error(), "oidc: ") + ".")
	}
	return v.read(token)
}

// signatureKey is where in its context a token keeps what is wrong with its signature.
type signatureKey struct{}

// keySet keeps that: the library makes words of it, in which a key that nobody stands for and keys that could not be asked for look alike.
type keySet struct{ *oidc.RemoteKeySet }

// VerifySignature returns what is signed.
func (k keySet) VerifySignature(ctx context.Context, word string) ([]byte, error) {
	signed, err := k.RemoteKeySet.VerifySignature(ctx, word)
	*ctx.Value(signatureKey{}).(*error) = err
	return signed, err
}

// find returns the verifier of the provider's tokens, asking the provider for the address of its keys the first time.
func (v *Verifier) find(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.verifier != nil {
		return v.verifier, nil
	}
	client := &http.Client{Transport: v.transport, Timeout: fetchTimeout}
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), v.cfg.Issuer) // others wait for it, too
	if err != nil {
		return nil, err
	}
	var found struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&found); err != nil {
		return nil, err
	}
	keys := keySet{oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), found.Keys)} // it outlives the request
	v.verifier = oidc.NewVerifier(v.cfg.Issuer, keys, &oidc.Config{
		ClientID: v.cfg.Audience, SupportedSigningAlgs: algorithms, Now: func() time.Time { return v.now().Add(-skew) },
	})
	return v.verifier, nil
}

// read finds in the claims of a token who asks.
func (v *Verifier) read(token *oidc.IDToken) (Identity, error) {
	who := Identity{Subject: token.Subject, Until: token.Expiry}
	if who.Subject == "" || len(who.Subject) > longestSubject || strings.ContainsFunc(who.Subject, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return who, Refused("The token's claim sub is not the name of a subject.")
	}
	var claims map[string]json.RawMessage
	if err := token.Claims(&claims); err != nil {
		return who, Refused("The token's claims cannot be read.")
	}
	if err := json.Unmarshal(claims[v.cfg.TenantClaim], &who.Tenant); err != nil || auth.CheckTenantID(who.Tenant) != nil {
		return who, Forbidden(fmt.Sprintf("The token's claim %s does not name a tenant.", v.cfg.TenantClaim))
	}
	for _, word := range words(claims[v.cfg.ScopeClaim]) {
		scope, err := auth.ParseScope(strings.TrimPrefix(word, scopeMark))
		if strings.HasPrefix(word, scopeMark) && err == nil && scope.Includes(who.Scope) {
			who.Scope = scope
		}
	}
	if who.Scope == "" {
		return who, Forbidden(fmt.Sprintf("The token's claim %s holds none of meshgen:read, meshgen:write and meshgen:admin.", v.cfg.ScopeClaim))
	}
	return who, nil
}

// words reads a claim that is a list, or a text with spaces between.
func words(claim json.RawMessage) []string {
	var list []string
	if json.Unmarshal(claim, &list) == nil {
		return list
	}
	var text string
	if json.Unmarshal(claim, &text) != nil {
		return nil
	}
	return strings.Fields(text)
}
