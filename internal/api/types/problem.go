package types

import "meshgen/internal/diagnosis"

// Problem is every error of the API, as application/problem+json (RFC 9457).
type Problem struct {
	Type      string               `json:"type" doc:"always about:blank: code tells the problems apart"`
	Title     string               `json:"title" doc:"what the status means"`
	Status    int                  `json:"status" doc:"HTTP status"`
	Code      string               `json:"code" doc:"stable name of the problem: a word of the API's own, or the code of the diagnosis" example:"not_found"`
	Detail    string               `json:"detail" doc:"one sentence for a person"`
	Errors    []FieldError         `json:"errors,omitempty" doc:"every bad field"`
	Diagnosis *diagnosis.Diagnosis `json:"diagnosis,omitempty" doc:"what is wrong with the file or the model"`
	RequestID string               `json:"request_id,omitempty" doc:"name of the request, also in the header X-Request-Id and in the server's log"`
}

// Error returns the code and the detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the media type of a problem in a format.
func (p *Problem) ContentType(format string) string {
	if format == "application/json" {
		return ProblemJSON
	}
	return format
}

// ProblemJSON is the media type of problems.
const ProblemJSON = "application/problem+json"

// FieldError is what is wrong with one part of the request.
type FieldError struct {
	Location string `json:"location" doc:"path of the part, beginning with body, query, path or header" example:"body.spec.size.max"`
	Message  string `json:"message" doc:"what is wrong with it"`
	Value    any    `json:"value,omitempty" doc:"as sent, if it is short"`
}

// The codes of problems that are not a diagnosis. The list is closed.
const (
	CodeMalformed          = "malformed_request"       // 400: not JSON, not a multipart form, cut off
	CodeCrossOrigin        = "cross_origin"            // 403: a browser sent it for another site
	CodeNotFound           = "not_found"               // 404, and 422 for a name in the body
	CodeMethodNotAllowed   = "method_not_allowed"      // 405
	CodeNotAcceptable      = "not_acceptable"          // 406
	CodeTimeout            = "request_timeout"         // 408: the client sent too slowly
	CodeNotReady           = "not_ready"               // 409: wait for it to succeed
	CodeCanceled           = "canceled"                // 409: it was canceled, and has no result
	CodeIncomplete         = "upload_incomplete"       // 409: parts are missing
	CodeExpired            = "upload_expired"          // 410
	CodeBodyTooLarge       = "body_too_large"          // 413: a JSON body beyond 1 MiB
	CodeMediaType          = "unsupported_media_type"  // 415: of the request, such as XML
	CodeInvalid            = "validation_failed"       // 422: errors lists the fields
	CodeKeyReused          = "idempotency_key_reused"  // 422: with another body
	CodeExportPending      = "export_pending"          // 503: ask again after Retry-After
	CodeUnavailable        = "temporarily_unavailable" // 503: a server behind this one is away
	CodeInternal           = "internal"                // 500
	CodeRequestHeaderLarge = "headers_too_large"       // 431
)
