// Package auth is who asks, and what they may do: API keys, their scopes, the words of share links, and what is known of a caller.
// It knows neither HTTP nor Postgres.
//
// A key is one word, made by us and shown once:
//
//	msh_live_ 7q2k9d4m1x0v _ 4s8…40 letters…z1m9 3k0p
//	          │              │                   └ checksum: a mistyped key is refused without asking the database
//	          │              └ secret: 200 random bits
//	          └ prefix: 60 random bits by which the key is found, and named in lists and logs
//
// The word of a share link is made alike, with another mark. Postgres holds the SHA-256 of the whole. Passwords need a slow hash, since people choose them and machines can guess
// them; nobody guesses 200 random bits, however fast the hash, and a slow one would cost every request.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"
)

const (
	// KeyMark begins every key, so that people and scanners for leaked secrets know one when they see it.
	KeyMark = "msh_live_"
	// ShareMark begins the word of every share link.
	ShareMark = "msh_share_"

	prefixLength   = 12 // letters of 5 bits
	secretLength   = 40
	checksumLength = 4
)

// letters are those of Crockford's base 32: none is mistaken for another.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var letters = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// ErrMalformed says that a word is no key that we have ever made.
var ErrMalformed = errors.New("that is not an API key: it begins with " + KeyMark + " and is copied whole")

// Key is an API key, or the word of a share link, as its owner has it. It is printed, logged and encoded as its prefix only.
type Key struct {
	mark   string
	prefix string
	word   string
}

// NewKey returns a fresh key.
func NewKey() Key { return fresh(KeyMark) }

// NewShareWord returns a fresh word of a share link.
func NewShareWord() Key { return fresh(ShareMark) }

func fresh(mark string) Key {
	prefix := random(prefixLength)
	secret := random(secretLength)
	return Key{mark: mark, prefix: prefix, word: mark + prefix + "_" + secret + checksum(mark, prefix, secret)}
}

// random returns n random letters.
func random(n int) string {
	b := make([]byte, (n*5+7)/8)
	_, _ = rand.Read(b) // never fails; see crypto/rand
	return letters.EncodeToString(b)[:n]
}

func checksum(mark, prefix, secret string) string {
	sum := sha256.Sum256([]byte(mark + prefix + "_" + secret))
	return letters.EncodeToString(sum[:])[:checksumLength]
}

// ParseKey reads a key that somebody sent.
func ParseKey(word string) (Key, error) { return parse(KeyMark, word) }

// ParseShareWord reads the word of a share link that somebody sent.
func ParseShareWord(word string) (Key, error) { return parse(ShareMark, word) }

func parse(mark, word string) (Key, error) {
	rest, marked := strings.CutPrefix(word, mark)
	prefix, tail, parted := strings.Cut(rest, "_")
	if !marked || !parted || len(prefix) != prefixLength || len(tail) != secretLength+checksumLength {
		return Key{}, ErrMalformed
	}
	if strings.Trim(prefix, alphabet) != "" || strings.Trim(tail, alphabet) != "" { // anybody can make the checksum of anything, and Postgres takes no other bytes
		return Key{}, ErrMalformed
	}
	if subtle.ConstantTimeCompare([]byte(tail[secretLength:]), []byte(checksum(mark, prefix, tail[:secretLength]))) != 1 {
		return Key{}, ErrMalformed
	}
	return Key{mark: mark, prefix: prefix, word: word}, nil
}

// LooksLikeShare reports whether a word was meant to be that of a share link.
func LooksLikeShare(word string) bool { return strings.HasPrefix(word, ShareMark) }

// Prefix names the key without giving it away.
func (k Key) Prefix() string { return k.prefix }

// Reveal returns the key itself, to be shown to its owner once.
func (k Key) Reveal() string { return k.word }

// Hash returns what is stored of the key.
func (k Key) Hash() []byte { return hash(k.word) }

// String keeps the key out of logs.
func (k Key) String() string { return k.mark + k.prefix + "_…" }

// GoString keeps the key out of logs.
func (k Key) GoString() string { return k.String() }

// MarshalText keeps the key out of logs.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func hash(word string) []byte {
	sum := sha256.Sum256([]byte(word))
	return sum[:]
}

// SameHash reports whether two hashes are equal, in a time that does not tell where they differ.
func SameHash(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
