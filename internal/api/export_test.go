package api

// Audited is for tests.
var Audited = audited

// Remembers reports whether a mesh of a geometry can be asked for without reading that.
func (s *Server) Remembers(tenant, geometryID string) bool {
	return s.facts.get(tenant+"/"+geometryID) != nil
}
