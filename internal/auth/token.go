package auth

// Token is a random word that names a session: like a key, only its hash is stored.
type Token string

// tokenLength is 250 bits.
const tokenLength = 50

// NewToken returns a fresh token.
func NewToken() Token { return Token(random(tokenLength)) }

// Hash returns what is stored of the token.
func (t Token) Hash() []byte { return hash(string(t)) }

// String keeps the token out of logs.
func (Token) String() string { return "(token)" }

// GoString keeps the token out of logs.
func (t Token) GoString() string { return t.String() }

// MarshalText keeps the token out of logs.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
