package auth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/auth"
)

func TestKey_ComesBackFromItsWord(t *testing.T) {
	k := auth.NewKey()
	require.Regexp(t, `^msh_live_[0-9a-hjkmnp-tv-z]{12}_[0-9a-hjkmnp-tv-z]{44}$`, k.Reveal())
	parsed, err := auth.ParseKey(k.Reveal())
	require.NoError(t, err)
	require.Equal(t, k, parsed)
	require.True(t, auth.SameHash(k.Hash(), parsed.Hash()))
	require.NotEqual(t, auth.NewKey().Reveal(), k.Reveal())
}

func TestKey_MistypedIsRefusedWithoutAskingAnybody(t *testing.T) {
	word := auth.NewKey().Reveal()
	for at := range word {
		for _, other := range "0z_ " {
			changed := word[:at] + string(other) + word[at+1:]
			if changed == word {
				continue
			}
			_, err := auth.ParseKey(changed)
			require.ErrorIs(t, err, auth.ErrMalformed, changed)
		}
		_, err := auth.ParseKey(word[:at])
		require.ErrorIs(t, err, auth.ErrMalformed)
	}
	_, err := auth.ParseKey(word + "0")
	require.ErrorIs(t, err, auth.ErrMalformed)
}

func TestShareWord_IsNoKeyNorTheOtherWayRound(t *testing.T) {
	word := auth.NewShareWord()
	require.Regexp(t, `^msh_share_[0-9a-hjkmnp-tv-z]{12}_[0-9a-hjkmnp-tv-z]{44}$`, word.Reveal())
	parsed, err := auth.ParseShareWord(word.Reveal())
	require.NoError(t, err)
	require.Equal(t, word, parsed)
	for _, as := range []string{word.Reveal(), auth.KeyMark + strings.TrimPrefix(word.Reveal(), auth.ShareMark)} {
		_, err = auth.ParseKey(as)
		require.ErrorIs(t, err, auth.ErrMalformed)
	}
	_, err = auth.ParseShareWord(auth.NewKey().Reveal())
	require.ErrorIs(t, err, auth.ErrMalformed)
}

func TestKey_IsNotPrinted(t *testing.T) {
	for _, k := range []auth.Key{auth.NewKey(), auth.NewShareWord()} {
		notPrinted(t, k)
	}
}

func notPrinted(t *testing.T, k auth.Key) {
	t.Helper()
	_, secret, _ := strings.Cut(k.Reveal(), k.Prefix()+"_")
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "key", k, "in", struct{ K auth.Key }{k})
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "key", k, "in", struct{ K auth.Key }{k})
	encoded, err := json.Marshal(map[string]any{"key": k})
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %s %q %v", k, k, k, k, &k), logged.String(), string(encoded)} {
		require.NotContains(t, text, secret)
		require.Contains(t, text, k.Prefix())
	}
}

func TestScopes_IncludeThoseBefore(t *testing.T) {
	for i, have := range auth.Scopes {
		for j, asked := range auth.Scopes {
			require.Equal(t, i >= j, have.Includes(asked), "%s for %s", have, asked)
		}
	}
	require.False(t, auth.Scope("").Includes(auth.Read))
	require.False(t, auth.Scope("root").Includes(auth.Read))
	_, err := auth.ParseScope("root")
	require.Error(t, err)
}

func TestTenantID_IsAPlainWord(t *testing.T) {
	for _, good := range []string{"default", "a", "acme-2", strings.Repeat("a", 63)} {
		require.NoError(t, auth.CheckTenantID(good), good)
	}
	for _, bad := range []string{"", "*", "A", "a b", "a'b", "a/b", "a.b", "-a", strings.Repeat("a", 64), "ü"} {
		require.ErrorIs(t, auth.CheckTenantID(bad), auth.ErrTenantID, bad)
	}
}
