package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Identity names the mesh that a resolved spec asks for: two specs that differ in their formats only ask for the same mesh.
func (s Spec) Identity() string {
	s.Formats = nil
	canonical, err := json.Marshal(s)
	if err != nil {
		panic("spec: a resolved spec cannot be encoded: " + err.Error()) // its numbers are finite
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
