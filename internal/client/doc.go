// Package client speaks to Meshgen's HTTP API. It is what the command line stands on.
//
//	call ──▶ send ──▶ answer         decoded into the API's own types (internal/api/types)
//	  ▲        │
//	  │        ├────▶ *Problem       the server understood and refused, or is not well (application/problem+json)
//	  └─ pause ┴────▶ *Unreachable   no answer came
//
// A call that may be sent twice is sent again, with growing pauses, while its failure is temporary and for Config.Patience
// at most: everything but an upload may be, since the creation of a mesh carries an Idempotency-Key. Follow keeps reading
// events over any number of connections, and Download picks up where a broken one ended, so that a restart of the server
// is not seen from here.
package client
