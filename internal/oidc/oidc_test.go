package oidc

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"meshgen/internal/auth"
	"meshgen/internal/testenv"
)

func verifierOf(i *testenv.Issuer) *Verifier {
	return New(Config{Issuer: i.URL, Audience: "meshgen", TenantClaim: "tenant", ScopeClaim: "scope"})
}

// good are the claims of somebody who may write.
func good(changes ...any) map[string]any {
	claims := map[string]any{"tenant": "acme", "scope": "openid meshgen:read meshgen:write"}
	for n := 0; n < len(changes); n += 2 {
		claims[changes[n].(string)] = changes[n+1]
	}
	return claims
}

func TestToken_SaysWhoAsks(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	v := verifierOf(issuer)
	who, err := v.Verify(t.Context(), issuer.Token(good()))
	require.NoError(t, err)
	require.Equal(t, Identity{Subject: "ada", Tenant: "acme", Scope: auth.Write, Until: who.Until}, who)
	require.WithinDuration(t, time.Now().Add(time.Hour), who.Until, time.Minute)
	for _, scopes := range []any{[]string{"meshgen:admin", "meshgen:read"}, "meshgen:admin"} {
		who, err = v.Verify(t.Context(), issuer.Token(good("scope", scopes, "aud", []string{"other", "meshgen"})))
		require.NoError(t, err)
		require.Equal(t, auth.Admin, who.Scope)
	}
}

func TestToken_ThatIsNotForUsOrNotInTimeIsRefused(t *testing.T) {
	issuer, other := testenv.NewIssuer(t), testenv.NewIssuer(t)
	v := verifierOf(issuer)
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	stolen, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	claims := good("iss", issuer.URL, "aud", "meshgen", "sub", "ada", "exp", at(time.Hour))
	signed := func(algorithm jose.SignatureAlgorithm, key any) string {
		return testenv.Sign(t, jose.SigningKey{Algorithm: algorithm, Key: key}, claims)
	}
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	valid := issuer.Token(good())
	parts := strings.Split(valid, ".")
	for name, word := range map[string]string{
		"another audience":  issuer.Token(good("aud", "billing")),
		"no audience":       issuer.Token(good("aud", nil)),
		"another issuer":    other.Token(good("iss", issuer.URL)),
		"the other's own":   other.Token(good()),
		"issuer named else": issuer.Token(good("iss", other.URL)),
		"expired":           issuer.Token(good("exp", at(-skew-time.Second))),
		"no end":            issuer.Token(good("exp", nil)),
		"not yet":           issuer.Token(good("nbf", at(time.Hour))),
		"another key":       signed(jose.RS256, stolen),
		"a shared secret":   signed(jose.HS256, []byte(strings.Repeat("x", 32))),
		"no signature":      encode(`{"alg":"none"}`) + "." + parts[1] + ".",
		"changed":           parts[0] + "." + encode(`{"sub":"eve"}`) + "." + parts[2],
		"nonsense":          "a.b.c",
		"no subject":        issuer.Token(good("sub", "")),
		"a strange subject": issuer.Token(good("sub", "a\nb")),
	} {
		_, err := v.Verify(t.Context(), word)
		var refused Refused
		require.ErrorAs(t, err, &refused, name)
		require.NotContains(t, err.Error(), parts[2], name)
	}
	for claim, changed := range map[string]any{"tenant": "../other", "scope": "openid read write"} {
		for _, value := range []any{changed, nil, 7} {
			_, err := v.Verify(t.Context(), issuer.Token(good(claim, value)))
			var forbidden Forbidden
			require.ErrorAs(t, err, &forbidden, "%s %v", claim, value)
			require.ErrorContains(t, err, claim)
		}
	}
}

func TestToken_ClocksMayBeALittleApart(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	v := verifierOf(issuer)
	word := issuer.Token(good())
	ends := time.Now().Add(time.Hour)
	v.now = func() time.Time { return ends.Add(skew - 5*time.Second) }
	_, err := v.Verify(t.Context(), word)
	require.NoError(t, err)
	v.now = func() time.Time { return ends.Add(skew + 5*time.Second) }
	_, err = v.Verify(t.Context(), word)
	require.ErrorContains(t, err, "expired at")
}

func TestKeysOfTheIssuer_AreChangedWithoutUs(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	v := verifierOf(issuer)
	old := issuer.Token(good())
	_, err := v.Verify(t.Context(), old)
	require.NoError(t, err)
	issuer.Rotate()
	age(v)
	fresh := issuer.Token(good())
	soon := func(taken bool, word, why string) {
		t.Helper()
		require.Eventually(t, func() bool {
			_, err := v.Verify(t.Context(), word)
			return (err == nil) == taken
		}, patience, time.Millisecond, why)
	}
	soon(true, fresh, "its key is the issuer's now")
	soon(false, old, "its key is none of the issuer's any more")
	require.EqualValues(t, 2, issuer.Fetched.Load(), "a key that is not known makes us ask, and not again at once")
}

// patience is how long what a fetch has brought may take to count. The library has those who come while it fetches wait for what that
// brings, and answers them a moment before it keeps the keys and lets others fetch: who comes in that moment is given what came before.
const patience = 10 * time.Second

// asked verifies a word after the provider has changed, with keys that are asked for anew, until the answer is the one wanted.
func asked(t *testing.T, v *Verifier, word string, wanted func(error) bool, why string) (err error) {
	t.Helper()
	require.Eventually(t, func() bool {
		age(v)
		_, err = v.Verify(t.Context(), word)
		return wanted(err)
	}, patience, time.Millisecond, why)
	return err
}

func taken(err error) bool  { return err == nil }
func isAway(err error) bool { return errors.Is(err, ErrAway) }

// age has what was asked for been asked for long ago.
func age(v *Verifier) {
	v.transport.mu.Lock()
	defer v.transport.mu.Unlock()
	for _, k := range v.transport.answers {
		k.mu.Lock()
		k.at = k.at.Add(-fetchEvery)
		k.mu.Unlock()
	}
}

func TestIssuerThatIsAway_IsNotTheTokensFault(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	issuer.Away.Store(true)
	v := verifierOf(issuer)
	_, err := v.Verify(t.Context(), issuer.Token(good()))
	require.ErrorIs(t, err, ErrAway)
	issuer.Away.Store(false)
	asked(t, v, issuer.Token(good()), taken, "it is there again")
	issuer.Away.Store(true)
	age(v)
	_, err = v.Verify(t.Context(), issuer.Token(good()))
	require.NoError(t, err, "its keys are known")
	issuer.Rotate()
	asked(t, v, issuer.Token(good()), isAway, "its keys are others now")
}

// Who is to blame is told apart: a token whose key nobody stands for, a provider that fails, and one that cannot be reached.
func TestToken_ThatIsRefusedSaysWhetherTheProviderIsToBlame(t *testing.T) {
	issuer := testenv.NewIssuer(t)
	v := verifierOf(issuer)
	_, err := v.Verify(t.Context(), issuer.Token(good()))
	require.NoError(t, err)
	unknown := testenv.NewIssuer(t).Token(good("iss", issuer.URL))
	var refused Refused
	_, err = v.Verify(t.Context(), unknown)
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "a key that is none of the identity provider's")

	issuer.Away.Store(true)
	issuer.Rotate()
	fresh := issuer.Token(good())
	err = asked(t, v, fresh, isAway, "its key is not known, and nobody can be asked")
	require.ErrorContains(t, err, "its keys: no answer from "+issuer.URL+"/keys: it answers 503")

	issuer.Away.Store(false)
	asked(t, v, fresh, taken, "its key is the issuer's now")
	issuer.Away.Store(true)
	asked(t, v, unknown, isAway, "its key may be one that the provider has just made")
	_, err = v.Verify(t.Context(), issuer.Token(good("aud", "billing")))
	require.ErrorAs(t, err, &refused, "its key is known, whether the provider is away or not")
	require.ErrorContains(t, err, "audience")

	issuer.Close()
	asked(t, v, unknown, func(err error) bool { return isAway(err) && strings.Contains(err.Error(), "connection refused") }, "nobody answers")

	left, leave := context.WithCancel(t.Context())
	leave()
	age(v)
	_, err = v.Verify(left, unknown)
	require.NotErrorAs(t, err, &refused, "the client left before the provider was asked")
}

func TestConfig_NeedsWhatMakesTokensSafe(t *testing.T) {
	full := Config{Issuer: "https://id.example.com/realm", Audience: "meshgen", TenantClaim: "tenant", ScopeClaim: "scope"}
	require.NoError(t, full.Validate())
	require.NoError(t, Config{}.Validate())
	for name, change := range map[string]func(*Config){
		"MESHGEN_OIDC_ISSUER":       func(c *Config) { c.Issuer = "http://id.example.com" },
		"MESHGEN_OIDC_AUDIENCE":     func(c *Config) { c.Audience = "" },
		"MESHGEN_OIDC_TENANT_CLAIM": func(c *Config) { c.TenantClaim = "" },
	} {
		c := full
		change(&c)
		require.ErrorContains(t, c.Validate(), name)
	}
}
