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
	Limit     *QueueLimit          `json:"limit,omitempty" doc:"of queue_full: which limit keeps the work out"`
	RequestID string               `json:"request_id,omitempty" doc:"name of the request, also in the header X-Request-Id and in the server's log"`
}

// QueueLimit is a limit of what may wait, and how it was met.
type QueueLimit struct {
	Name       string `json:"name" enum:"queued,queued_of_tenant" doc:"meshes of all that wait, or those of the tenant"`
	Class      string `json:"class" enum:"interactive,batch" doc:"each class has the limit to itself"`
	Allowed    int    `json:"allowed" doc:"meshes that may wait"`
	Waiting    int    `json:"waiting" doc:"meshes that wait"`
	Asked      int    `json:"asked" doc:"meshes that were asked for"`
	RetryAfter int    `json:"retry_after" doc:"seconds after which there should be room, as in the header Retry-After"`
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

// The codes of problems that are not a diagnosis. The list is closed; Codes says what they mean.
const (
	CodeMalformed        = "malformed_request"
	CodeUnauthenticated  = "unauthenticated"
	CodeForbidden        = "forbidden"
	CodeCrossOrigin      = "cross_origin"
	CodeNotFound         = "not_found"
	CodeMethodNotAllowed = "method_not_allowed"
	CodeNotAcceptable    = "not_acceptable"
	CodeTimeout          = "request_timeout"
	CodeNotReady         = "not_ready"
	CodeCanceled         = "canceled"
	CodeIncomplete       = "upload_incomplete"
	CodeExpired          = "upload_expired"
	CodeTooManyRequests  = "too_many_requests"
	CodeStorageFull      = "storage_full"
	CodeKeyOver          = "key_over"
	CodeNoWebhooks       = "no_webhooks"
	CodeManyEndpoints    = "too_many_endpoints"
	CodeEndpointGone     = "endpoint_gone"
	CodeEndpointPaused   = "endpoint_paused"
	CodeNoLogin          = "no_login"
	CodeBodyTooLarge     = "body_too_large"
	CodeMediaType        = "unsupported_media_type"
	CodeInvalid          = "validation_failed"
	CodeKeyReused        = "idempotency_key_reused"
	CodeQueueFull        = "queue_full"
	CodeExportPending    = "export_pending"
	CodeUnavailable      = "temporarily_unavailable"
	CodeInternal         = "internal"
)

// Codes explains the codes, for the documentation.
var Codes = []struct{ Code, Status, Meaning string }{
	{CodeMalformed, "400", "not JSON, not a form, or cut off"},
	{CodeUnauthenticated, "401", "no API key was sent, or one that is not valid (any more)"},
	{CodeForbidden, "403", "the key's scope does not allow it"},
	{CodeCrossOrigin, "403", "a browser sent it for a page of another site, or without the header X-Meshgen-Page"},
	{CodeStorageFull, "403", "the tenant has stored as much as it may"},
	{CodeNotFound, "404, 422", "the path, or a name in the body, names nothing, or nothing of yours"},
	{CodeMethodNotAllowed, "405", "the header Allow says what is possible"},
	{CodeNotAcceptable, "406", "the answer cannot be had in the form asked for"},
	{CodeTimeout, "408", "the client sent too slowly"},
	{CodeNotReady, "409", "wait until it has succeeded"},
	{CodeCanceled, "409", "it was canceled and has no result"},
	{CodeIncomplete, "409", "parts of the upload are missing"},
	{CodeKeyOver, "409", "the key is revoked or has expired"},
	{CodeNoWebhooks, "409", "the service sends no webhooks"},
	{CodeManyEndpoints, "409", "there are as many endpoints of webhooks as may be"},
	{CodeEndpointGone, "409", "the endpoint of the delivery was removed"},
	{CodeEndpointPaused, "409", "resume the endpoint first"},
	{CodeNoLogin, "409", "the service asks for no key"},
	{CodeExpired, "410", "begin another upload"},
	{CodeBodyTooLarge, "413", "a JSON body beyond 1 MiB"},
	{CodeMediaType, "415", "a body that is neither JSON nor, for an upload, a form"},
	{CodeInvalid, "422", "errors lists every bad field"},
	{CodeKeyReused, "422", "the Idempotency-Key came with another body before"},
	{CodeTooManyRequests, "429", "the tenant sends more requests than it may; Retry-After says when to go on"},
	{CodeQueueFull, "429", "too many meshes wait, limit says of whom: ask again after Retry-After"},
	{CodeExportPending, "503", "the file is being written: ask again after Retry-After"},
	{CodeUnavailable, "503", "a server behind the API is away: ask again after Retry-After"},
	{CodeInternal, "500", "our fault: report it with the request_id"},
}
