package cadfile

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// SniffLen is how many leading bytes Sniff wants to see. Fewer will do only where the file is shorter.
const SniffLen = 4096

// Sniff says which format a file holds, by its first SniffLen bytes and its size in bytes. The name decides nothing but
// the words of a refusal: a readable format under the extension of another is a format_mismatch, since it mostly is a
// mistake; and what looks like a damaged binary STL counts as one only where the name says so.
func Sniff(head []byte, size int64, name string) (engine.Format, *diagnosis.Diagnosis) {
	return "", diagnosis.New(diagnosis.UnsupportedFormat, "The file is of no format that is read here.")
}
