package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// statusClientGone is what the log shows for a request whose client left; nobody reads the answer.
const statusClientGone = 499

// refuse returns a problem.
func refuse(status int, code, detail string, fields ...types.FieldError) *types.Problem {
	title := http.StatusText(status)
	if status == statusClientGone {
		title = "Client Closed Request"
	}
	return &types.Problem{Type: "about:blank", Title: title, Status: status, Code: code, Detail: detail, Errors: fields}
}

// invalid returns the problem of one bad field or more.
func invalid(fields ...types.FieldError) *types.Problem {
	return refuse(http.StatusUnprocessableEntity, types.CodeInvalid, summary(fields), fields...)
}

// unknown returns the problem of a name in the request that names nothing.
func unknown(location, value, what string) *types.Problem {
	p := invalid(types.FieldError{Location: location, Message: "there is no such " + what, Value: value})
	p.Code = types.CodeNotFound
	return p
}

// notFound returns the problem of a path that names nothing, or somebody else's thing.
func notFound(what string) *types.Problem {
	return refuse(http.StatusNotFound, types.CodeNotFound, "There is no such "+what+".")
}

// diagnosed returns the problem of a file or model that cannot be used.
func diagnosed(status int, d *diagnosis.Diagnosis, fields ...types.FieldError) *types.Problem {
	p := refuse(status, string(d.Code), d.Message, fields...)
	p.Diagnosis = d
	return p
}

// summary says in one sentence which fields are bad.
func summary(fields []types.FieldError) string {
	if len(fields) == 1 {
		return fields[0].Location + ": " + fields[0].Message
	}
	const shown = 5
	var names []string
	for _, f := range fields[:min(len(fields), shown)] {
		names = append(names, f.Location)
	}
	if len(fields) > shown {
		names = append(names, "…")
	}
	return fmt.Sprintf("%d fields are not valid: %s", len(fields), strings.Join(names, ", "))
}

// specFields turns what is wrong with a spec into fields of the body.
func specFields(errs spec.Errors) []types.FieldError {
	fields := make([]types.FieldError, 0, len(errs))
	for _, e := range errs {
		fields = append(fields, types.FieldError{Location: "body.spec." + e.Path, Message: e.Message, Value: e.Value})
	}
	return fields
}

// problem turns any error into one that tells the client what it may know. What went wrong on our side is logged.
func (s *Server) problem(ctx context.Context, err error) error {
	var p *types.Problem
	var failed *store.GeometryFailed
	var bad spec.Errors
	var full *jobs.Refused
	switch {
	case errors.As(err, &full):
		p = queueFull(full)
		p.RequestID = requestID(ctx)
		return retryAfter(p, strconv.Itoa(p.Limit.RetryAfter))
	case errors.As(err, &p):
		p.RequestID = requestID(ctx)
		return err // perhaps wrapped, with headers
	case errors.As(err, &failed) && failed.Field != "":
		p = unfilled(failed.Diagnosis, failed.Field, failed.Why)
	case errors.As(err, &failed):
		p = diagnosed(http.StatusUnprocessableEntity, failed.Diagnosis,
			types.FieldError{Location: "body.geometry_id", Message: "the geometry could not be imported"})
	case errors.As(err, &bad):
		p = invalid(specFields(bad)...)
	case errors.Is(err, store.ErrKeyReused):
		p = refuse(http.StatusUnprocessableEntity, types.CodeKeyReused, "The Idempotency-Key was used for another request.",
			types.FieldError{Location: atKey, Message: "was used with another body"})
	case errors.Is(err, store.ErrNotFound), errors.Is(err, blob.ErrNotFound):
		p = notFound("thing")
	case ctx.Err() != nil:
		p = refuse(statusClientGone, types.CodeTimeout, "The client went away.")
	case away(err):
		s.log.WarnContext(ctx, "a server behind the API is away", "request_id", requestID(ctx), "error", err)
		p = refuse(http.StatusServiceUnavailable, types.CodeUnavailable, "A server that this needs is away. Try again in a moment.")
		p.RequestID = requestID(ctx)
		return retryAfter(p, "2")
	default:
		s.log.ErrorContext(ctx, "request failed", "request_id", requestID(ctx), "error", err)
		p = refuse(http.StatusInternalServerError, types.CodeInternal, "This is our fault. If it stays, report it with the request_id.")
	}
	p.RequestID = requestID(ctx)
	return p
}

// unfilled returns the problem of a spec that cannot be meshed with the defect that a geometry has.
func unfilled(defect *diagnosis.Diagnosis, field, why string) *types.Problem {
	if defect.NoInside { // of no use to name the lattice, which fills others
		why = "no mesh can be made: nothing fills triangles that surround no place"
	}
	return diagnosed(http.StatusUnprocessableEntity, defect, types.FieldError{Location: "body.spec." + field, Message: why})
}

// queueFull returns the problem of work that has no room in the queue.
func queueFull(full *jobs.Refused) *types.Problem {
	limit := types.QueueLimit{
		Name: "queued", Class: string(full.Class), Allowed: full.Allowed, Waiting: full.Waiting, Asked: full.Asked,
		RetryAfter: int(math.Ceil(full.RetryAfter.Seconds())),
	}
	whose := ""
	if full.OfTenant {
		limit.Name, whose = "queued_of_tenant", " of yours"
	}
	detail := fmt.Sprintf("The queue is full: %d %s meshes%s wait, and %d may. There should be room in about %s.",
		full.Waiting, full.Class, whose, full.Allowed, full.RetryAfter)
	if full.Asked > 1 {
		detail = fmt.Sprintf("The queue has no room for %d meshes: %d %s meshes%s wait, and %d may. There should be room in about %s.",
			full.Asked, full.Waiting, full.Class, whose, full.Allowed, full.RetryAfter)
	}
	p := refuse(http.StatusTooManyRequests, types.CodeQueueFull, detail)
	p.Limit = &limit
	return p
}

// away reports whether the error is that of a server behind us that may be back soon.
func away(err error) bool {
	var answer *pgconn.PgError
	var connect *pgconn.ConnectError
	if errors.As(err, &answer) || errors.As(err, &connect) {
		return store.IsTemporary(err)
	}
	if pgconn.SafeToRetry(err) { // the connection was found closed: the request has not been sent
		return true
	}
	return queue.IsTemporary(err) || blob.IsTemporary(err)
}

func retryAfter(p *types.Problem, seconds string) error {
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {seconds}})
}

// fail answers a request that huma does not handle with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	err = s.problem(r.Context(), err)
	s.audit(r.Context(), s.operationOf(r), err)
	var withHeaders huma.HeadersError
	if errors.As(err, &withHeaders) {
		for name, values := range withHeaders.GetHeaders() {
			w.Header()[name] = values
		}
	}
	var p *types.Problem
	errors.As(err, &p)
	writeJSON(w, p.Status, types.ProblemJSON, p)
}

// operationOf returns the operation that a request is answered by; "" where there is none.
func (s *Server) operationOf(r *http.Request) string {
	route := chi.RouteContext(r.Context())
	if route == nil {
		return ""
	}
	item := s.api.OpenAPI().Paths[route.RoutePattern()]
	if item == nil {
		return ""
	}
	op := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodHead: item.Get, http.MethodPost: item.Post, http.MethodDelete: item.Delete}[r.Method]
	if op == nil {
		return ""
	}
	return op.OperationID
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

// configureHuma sets what huma keeps in package variables. It is the only user of huma in a process.
var configureHuma = sync.OnceFunc(func() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return fromHuma(status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := fromHuma(status, msg, errs)
		p.RequestID = requestID(ctx.Context())
		return p
	}
	huma.ValidateStrictCasing = true  // "Spec" is an unknown field
	huma.DefaultArrayNullable = false // a list that is there is never null
})

// codes of the statuses that huma answers by itself.
var humaCodes = map[int]string{
	http.StatusBadRequest:            types.CodeMalformed,
	http.StatusNotAcceptable:         types.CodeNotAcceptable,
	http.StatusRequestTimeout:        types.CodeTimeout,
	http.StatusRequestEntityTooLarge: types.CodeBodyTooLarge,
	http.StatusUnsupportedMediaType:  types.CodeMediaType,
	http.StatusUnprocessableEntity:   types.CodeInvalid,
}

// fromHuma turns what huma found wrong with a request into a problem.
func fromHuma(status int, msg string, errs []error) *types.Problem {
	var tooLarge *http.MaxBytesError
	for _, err := range errs {
		switch {
		case errors.As(err, &tooLarge):
			return bodyTooLarge()
		case errors.Is(err, io.ErrUnexpectedEOF):
			return refuse(http.StatusBadRequest, types.CodeMalformed, "The body ended before its Content-Length.")
		}
	}
	var fields []types.FieldError
	seen := map[string]bool{}
	for _, err := range errs {
		f := fieldError(err)
		if key := f.Location; !seen[key] { // the schema and a resolver may both see it
			seen[key] = true
			fields = append(fields, f)
		}
	}
	code, ok := humaCodes[status]
	switch {
	case !ok:
		return refuse(status, types.CodeInternal, "This is our fault. If it stays, report it with the request_id.")
	case status == http.StatusUnprocessableEntity && fields != nil:
		return invalid(fields...)
	case status == http.StatusBadRequest && fields != nil:
		msg = "The body is not valid JSON: " + fields[0].Message
	case status == http.StatusUnsupportedMediaType:
		msg = "The body must be application/json."
	}
	return refuse(status, code, msg, fields...)
}

func bodyTooLarge() *types.Problem {
	return refuse(http.StatusRequestEntityTooLarge, types.CodeBodyTooLarge, fmt.Sprintf("The body is larger than %d bytes.", maxBody))
}

// echoed is the length in bytes up to which a bad value is sent back.
const echoed = 200

func fieldError(err error) types.FieldError {
	var detailer huma.ErrorDetailer
	if !errors.As(err, &detailer) {
		return types.FieldError{Location: "body", Message: err.Error()}
	}
	d := detailer.ErrorDetail()
	f := types.FieldError{Location: d.Location, Message: d.Message}
	switch v := d.Value.(type) {
	case string:
		if len(v) <= echoed {
			f.Value = v
		}
	case float64, int, int64, bool:
		f.Value = v
	}
	if f.Value == "" {
		f.Value = nil
	}
	return f
}
