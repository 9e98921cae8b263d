package auth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse makes sure that a word is a key, a share link's or neither, and that neither gives itself away.
func FuzzParse(f *testing.F) {
	forged := func(prefix string) string {
		secret := strings.Repeat("0", secretLength)
		return KeyMark + prefix + "_" + secret + checksum(KeyMark, prefix, secret)
	}
	for _, word := range []string{forged("000000000000"), forged("\xff00000000000"), forged("00\x0000000000 "), NewKey().Reveal(), NewShareWord().Reveal(), "", KeyMark, ShareMark + "_", KeyMark + "000000000000_" + "0", "\x00\xff"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		key, err := ParseKey(word)
		share, wrong := ParseShareWord(word)
		require.True(t, err != nil || wrong != nil, "not both")
		if err != nil {
			require.Equal(t, Key{}, key)
			require.ErrorIs(t, err, ErrMalformed)
			key = share
		}
		if err != nil && wrong != nil {
			require.Equal(t, Key{}, share)
			return
		}
		require.Equal(t, word, key.Reveal())
		require.Regexp(t, "^[0-9a-z]{12}$", key.Prefix())
		require.True(t, SameHash(key.Hash(), hash(word)))
		require.Equal(t, wrong == nil, LooksLikeShare(word))
		secret := word[len(key.mark)+prefixLength+1:]
		for _, shown := range []string{key.String(), fmt.Sprintf("%v %+v %#v %s %q", key, key, key, key, key)} {
			require.NotContains(t, shown, secret)
		}
	})
}
