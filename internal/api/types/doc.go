// Package types is what the HTTP API receives and answers, as Go types: the source of the OpenAPI document, and what a
// Go client decodes into. It holds no behaviour and imports the vocabularies only (spec, diagnosis, engine), so that a
// client does not pull in the server.
//
// The doc, enum and other tags are read by the generator of the OpenAPI document. A field that may be absent has
// omitempty or omitzero; every other is always there, and a list that is there is never null.
package types
