package auth

// Secret is a variable of the configuration that is printed nowhere.
type Secret string

// String keeps it out of logs.
func (Secret) String() string { return "(secret)" }

// GoString keeps it out of logs.
func (s Secret) GoString() string { return s.String() }

// MarshalText keeps it out of logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
