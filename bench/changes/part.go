package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"

	"meshgen/internal/engine"
)

// part is a STEP file.
type part struct {
	path    string
	content []byte
}

// newPart writes a file of the same geometry as content that has a mark, so that it is another file than those with other marks: what was kept
// of them is of no use for it.
func newPart(content []byte, path, mark string) (*part, error) {
	head := []byte("ISO-10303-21;")
	if !bytes.Contains(content, head) {
		return nil, fmt.Errorf("%s: the part is no STEP file: it has no %q", mark, head)
	}
	p := &part{path: path, content: bytes.Replace(content, head, fmt.Appendf(nil, "%s\n/* %s */", head, mark), 1)}
	return p, os.WriteFile(path, p.content, 0o644)
}

func (p *part) source() engine.Source {
	return engine.Source{Path: p.path, Format: engine.STEP, SHA256: fmt.Sprintf("%x", sha256.Sum256(p.content))}
}
