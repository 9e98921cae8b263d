package api

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/blob"
	"meshgen/internal/cadfile"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

const (
	// formOverhead is what a form may hold beside the file, in bytes.
	formOverhead = 1 << 20
	// maxFormValue bounds one text field of a form, in bytes.
	maxFormValue = 1 << 10
)

func (s *Server) addFormUpload(r chi.Router) {
	r.Post("/v1/upload", s.secured(auth.Write, func(w http.ResponseWriter, r *http.Request) {
		g, err := s.receive(w, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Location", "/v1/geometries/"+g.ID)
		writeJSON(w, http.StatusCreated, "application/json", toGeometry(g))
	}))
	s.describeFormUpload()
}

// receive streams the file of a form into S3 and creates its geometry. The fields may come before or after the file. If
// anything is wrong, nothing is left.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (store.Geometry, error) {
	form, err := s.openForm(w, r)
	if err != nil {
		return store.Geometry{}, err
	}
	ctx := r.Context()
	key, err := idempotencyKey(r)
	if err != nil {
		return store.Geometry{}, err
	}
	before, err := s.before(ctx, key)
	if err != nil {
		return store.Geometry{}, err
	}
	var room room
	if before == nil { // else nothing is to be stored
		if room, err = s.roomOf(ctx, max(r.ContentLength, 0)); err != nil {
			return store.Geometry{}, err
		}
	}
	f := formUpload{incoming: s.incoming(ctx, room)}
	f.new.IdempotencyKey, f.before = key, before
	g, err := f.run(ctx, form)
	f.settle(ctx, g, err)
	return g, err
}

// openForm checks what can be known before the body, and returns a reader that tells the client's faults from ours.
func (s *Server) openForm(w http.ResponseWriter, r *http.Request) (*openedForm, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return nil, refuse(http.StatusUnsupportedMediaType, types.CodeMediaType,
			"Send the file as the field \"file\" of a multipart/form-data form, as curl -F file=@part.step does.")
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > 70 { // RFC 2046
		return nil, refuse(http.StatusBadRequest, types.CodeMalformed, "The Content-Type of the form names no valid boundary.")
	}
	limit := s.cfg.MaxUpload + formOverhead
	if r.ContentLength > limit {
		return nil, s.tooLarge()
	}
	body := &clientBody{body: http.MaxBytesReader(w, r.Body, limit), conn: http.NewResponseController(w), idle: s.cfg.UploadIdle, server: s}
	return &openedForm{Reader: multipart.NewReader(body, boundary), body: body, end: []byte("--" + boundary + "--")}, nil
}

// openedForm is a form that knows whether it has come whole.
type openedForm struct {
	*multipart.Reader
	body *clientBody
	end  []byte // the line that closes it
}

// whole reports whether the closing line has come. The reader itself takes a form that was cut off in the head of a field
// for one that has ended.
func (f *openedForm) whole() bool { return bytes.Contains(f.body.tail, f.end) }

// tooLarge is the problem of a file that is larger than any may be, and where the request has it, if that is known.
func (s *Server) tooLarge(at ...string) *types.Problem {
	var fields []types.FieldError
	for _, location := range at {
		fields = append(fields, types.FieldError{Location: location, Message: "is too large"})
	}
	return diagnosed(http.StatusRequestEntityTooLarge,
		diagnosis.New(diagnosis.TooLarge, "The file is larger than %d bytes.", s.cfg.MaxUpload).
			WithHint("Send a smaller file, or ask the operator to raise the limit."), fields...)
}

// clientBody reads a request's body. It gives up on a client that sends nothing for a while, and what goes wrong is the
// client's fault: it comes out as a *types.Problem.
type clientBody struct {
	body   io.Reader
	conn   *http.ResponseController
	idle   time.Duration
	server *Server
	left   time.Time // until when the deadline holds that was set last
	tail   []byte    // the last bytes read
}

// keptTail is how many of the last bytes are kept: what may follow the closing line of a form, and that line.
const keptTail = 1 << 10

func (b *clientBody) Read(p []byte) (int, error) {
	if now := time.Now(); b.left.Sub(now) < b.idle/2 { // setting it for every read would cost
		b.left = now.Add(b.idle)
		if err := b.conn.SetReadDeadline(b.left); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return 0, err
		}
	}
	n, err := b.body.Read(p)
	b.tail = append(b.tail, p[max(0, n-keptTail):n]...)
	b.tail = b.tail[max(0, len(b.tail)-keptTail):]
	if err == nil {
		return n, nil
	}
	var tooLarge *http.MaxBytesError
	switch {
	case err == io.EOF:
		// The server reads on, to notice a client that leaves. After an error the deadline stays: it drains the body.
		_ = b.conn.SetReadDeadline(time.Time{})
		return n, io.EOF
	case errors.As(err, &tooLarge):
		return n, b.server.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, refuse(http.StatusRequestTimeout, types.CodeTimeout, "Nothing came for too long.")
	}
	return n, refuse(http.StatusBadRequest, types.CodeMalformed, "The body ended before its Content-Length: "+err.Error())
}

// incoming is a file on its way, that becomes a geometry.
type incoming struct {
	server *Server
	new    store.NewGeometry
	room   room // of the tenant, when the request came
	stored bool
	before *store.Geometry // that the same request, by its key, has made; then nothing is stored
}

// incoming returns one for a request, which is to be settled.
func (s *Server) incoming(ctx context.Context, room room) incoming {
	f := incoming{server: s, room: room, new: store.NewGeometry{ID: id.New(id.Geometry), TenantID: tenant(ctx), Traceparent: traceOf(ctx)}}
	f.new.ObjectKey = blob.GeometryKey(f.new.TenantID, f.new.ID)
	return f
}

// settle discards the file if it became no geometry: something went wrong, or the same request was faster.
func (f *incoming) settle(ctx context.Context, g store.Geometry, err error) {
	if f.stored && (err != nil || g.ID != f.new.ID) {
		f.server.discard(ctx, f.new)
	}
}

// create makes the geometry of what was kept.
func (f *incoming) create(ctx context.Context) (store.Geometry, error) {
	g, err := f.server.jobs.CreateGeometry(ctx, f.new)
	if errors.Is(err, store.ErrNotFound) {
		err = unknown("body.project_id", f.new.ProjectID, "project")
	}
	if errors.Is(err, store.ErrTooLate) {
		err = refuse(http.StatusRequestTimeout, types.CodeTimeout, "The file took too long to come.")
	}
	return g, err
}

// formUpload is one form on its way.
type formUpload struct {
	incoming
	seen []string
}

func (f *formUpload) run(ctx context.Context, form *openedForm) (store.Geometry, error) {
	for {
		part, err := form.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return store.Geometry{}, broken(err)
		}
		if err := f.take(ctx, part); err != nil {
			return store.Geometry{}, err
		}
	}
	if !form.whole() {
		return store.Geometry{}, refuse(http.StatusBadRequest, types.CodeMalformed, "The form is broken: its closing line is missing.")
	}
	if !slices.Contains(f.seen, "file") {
		return store.Geometry{}, invalid(types.FieldError{Location: "body.file", Message: "is missing"})
	}
	if err := f.identify(); err != nil {
		return store.Geometry{}, err
	}
	if f.before != nil {
		return f.same()
	}
	return f.create(ctx)
}

// broken is what went wrong with reading the form, as a problem.
func broken(err error) error {
	var p *types.Problem
	if errors.As(err, &p) { // of clientBody
		return p
	}
	return refuse(http.StatusBadRequest, types.CodeMalformed, "The form is broken: "+err.Error())
}

// take handles one field of the form.
func (f *formUpload) take(ctx context.Context, part *multipart.Part) error {
	name := part.FormName()
	if slices.Contains(f.seen, name) {
		return invalid(types.FieldError{Location: "body." + name, Message: "came twice"})
	}
	switch name {
	case "file":
		f.seen = append(f.seen, name)
		return f.store(ctx, part)
	case "project_id", "units":
		f.seen = append(f.seen, name)
		value, err := io.ReadAll(io.LimitReader(part, maxFormValue+1))
		if err != nil {
			return broken(err)
		}
		return f.set(ctx, name, strings.TrimSpace(string(value)))
	}
	return invalid(types.FieldError{Location: "body." + cleanFilename(name), Message: "unexpected property"})
}

func (f *formUpload) set(ctx context.Context, name, value string) error {
	switch {
	case value == "": // as a browser sends a field that nobody filled in
		return nil
	case name == "units":
		if !slices.Contains(spec.Units, value) {
			return invalid(types.FieldError{Location: "body.units", Message: "must be one of " + strings.Join(spec.Units, ", ")})
		}
		f.new.Units = value
		return nil
	case !id.Valid(id.Project, value):
		return unknown("body.project_id", "", "project")
	}
	f.new.ProjectID = value
	if f.stored || f.before != nil {
		return nil // it is looked up when the geometry is created, or was
	}
	_, err := f.server.db.Project(ctx, f.new.TenantID, value)
	if errors.Is(err, store.ErrNotFound) {
		return unknown("body.project_id", value, "project") // before gigabytes come
	}
	return err
}

// store takes the file.
func (f *formUpload) store(ctx context.Context, part *multipart.Part) error {
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	f.new.Filename = cleanFilename(params["filename"])
	if f.before != nil {
		return f.compare(part, broken)
	}
	return f.keep(ctx, part, "body.file", broken)
}

// keep streams a file into S3, after a look at its first bytes. fault makes a problem of what goes wrong with reading it, and at is
// where the request names it.
func (f *incoming) keep(ctx context.Context, from io.Reader, at string, fault func(error) error) error {
	head := make([]byte, cadfile.SniffLen)
	n, err := fill(from, head)
	if err != nil && err != io.EOF {
		return fault(err)
	}
	head = head[:n]
	size := int64(n)
	if err == nil { // there is more
		size = promisedSize(head)
	}
	if _, err := sniff(head, size, f.new.Filename, at); err != nil {
		return err
	}
	if f.new.Expected, err = f.server.db.Expect(ctx, f.new.ObjectKey); err != nil {
		return err
	}
	file := &faultyReader{from: from, fault: fault}
	object, err := f.server.blobs.PutStream(ctx, f.new.ObjectKey, io.MultiReader(bytes.NewReader(head), file), min(f.server.cfg.MaxUpload, f.room.left()))
	switch {
	case errors.Is(err, blob.ErrTooLarge) && f.room.left() < f.server.cfg.MaxUpload:
		return f.room.full()
	case errors.Is(err, blob.ErrTooLarge):
		return f.server.tooLarge(at)
	case file.err != nil:
		return file.err // the client's fault, however S3 took it
	case err != nil:
		return fmt.Errorf("store the file: %w", err)
	}
	f.stored = true
	f.server.metrics.uploaded.Add(float64(object.Size))
	f.new.Size, f.new.SHA256 = object.Size, object.SHA256
	// Now that the size is known, the format can be told for certain.
	f.new.Format, err = sniff(head, object.Size, f.new.Filename, at)
	return err
}

// fill reads until the buffer is full or the reader ends, and leaves the reader's error as it is: a form that was cut off
// must not pass for one that has ended.
func fill(r io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = r.Read(buffer[n:])
		n += more
	}
	return n, err
}

// promisedSize is the size of a file of which only the first bytes have come: what they say, if they are those of a
// binary STL. Other formats do not depend on it, but have to be larger than what has come.
func promisedSize(head []byte) int64 {
	const header, triangle = 84, 50
	if !cadfile.LooksLikeBinarySTL(head) {
		return int64(len(head)) + 1
	}
	return header + triangle*int64(binary.LittleEndian.Uint32(head[header-4:]))
}

// faultyReader remembers what went wrong with reading.
type faultyReader struct {
	from  io.Reader
	fault func(error) error
	err   error
}

func (r *faultyReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	if err != nil && err != io.EOF {
		r.err = r.fault(err)
	}
	return n, err
}

// sniff is cadfile.Sniff with its refusal as a problem.
func sniff(head []byte, size int64, name, at string) (engine.Format, error) {
	format, refused := cadfile.Sniff(head, size, name)
	if refused != nil {
		return "", diagnosed(http.StatusUnprocessableEntity, refused, types.FieldError{Location: at, Message: refused.Message})
	}
	return format, nil
}

// discardTime bounds the removal of an object that was stored in vain.
const discardTime = 10 * time.Second

// discard removes the file of a geometry that was not created. If it is unknown whether the commit took place, the file
// stays: if it did not, the file is not expected for ever (store.Expect).
func (s *Server) discard(ctx context.Context, n store.NewGeometry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	if _, err := s.db.Geometry(ctx, n.TenantID, n.ID); !errors.Is(err, store.ErrNotFound) {
		s.log.WarnContext(ctx, "the file of a failed upload stays", "key", n.ObjectKey, "request_id", requestID(ctx), "error", err)
		return
	}
	if err := s.blobs.Delete(ctx, n.ObjectKey); err != nil {
		s.log.WarnContext(ctx, "the file of a failed upload stays", "key", n.ObjectKey, "request_id", requestID(ctx), "error", err)
	}
}
