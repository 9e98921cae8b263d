package spec

import "slices"

// refuseUnserved refuses what the engine does not do yet: asking for it must not be ignored in silence. Each line goes with
// the change that makes the engine do it.
func (s *Spec) refuseUnserved(bad *refusals) {
	for _, part := range []struct {
		path  string
		asked bool
	}{
		{"element", s.Element == HexDominant},
	} {
		refused := slices.ContainsFunc(*bad, func(e FieldError) bool { return e.Path == part.path })
		if part.asked && !refused {
			bad.add(part.path, nil, "what is asked for is not available in this version")
		}
	}
}
