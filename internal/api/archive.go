package api

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

func (s *Server) addArchive() {
	add(s, huma.Operation{
		OperationID: "download-batch", Method: http.MethodGet, Path: "/v1/batches/{id}/archive", Tags: []string{tagBatches},
		Summary: "Download a batch",
		Description: "A ZIP of the files of every mesh that has succeeded, made as it is sent. manifest.json and manifest.csv come first: " +
			"each mesh with its spec, counts, files and their SHA-256, or why it failed. Formats that were not asked for when the meshes were made are written now: " +
			"the answer waits for them, 20 s at most, and is then 503 with Retry-After. 409 until every mesh is final. " +
			"A connection that ends early is a failure: what came has no directory, and no program opens it.",
		Errors: []int{404, 409, 422}, RejectUnknownQueryParameters: true,
		Responses: map[string]*huma.Response{"200": {
			Description: "The archive",
			Content:     map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}, s.getArchive)
}

type archiveInput struct {
	BatchPath
	Formats []string `query:"format" maxItems:"16" doc:"formats, with commas between them: those of download-mesh, and log; msh if absent" example:"msh,vtk"`
}

type archiveOutput struct {
	Body func(huma.Context)
}

// kept are the formats that every mesh has or cannot have.
var kept = []string{"report", logFormat}

func (s *Server) getArchive(ctx context.Context, in *archiveInput) (*archiveOutput, error) {
	formats := in.Formats
	if len(formats) == 0 {
		formats = []string{"msh"}
	}
	var written []string
	for _, f := range formats {
		switch {
		case slices.Contains(spec.Formats, f):
			written = append(written, f)
		case !slices.Contains(kept, f):
			return nil, invalid(types.FieldError{Location: "query.format", Value: f,
				Message: "must be of " + strings.Join(spec.Formats, ", ") + ", " + strings.Join(kept, ", ")})
		}
	}
	b, err := s.batch(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if n := b.Unfinished(); n > 0 {
		return nil, refuse(http.StatusConflict, types.CodeNotReady, fmt.Sprintf(
			"The batch is not ready yet: %d of its meshes have not ended. Wait for them, or cancel them.", n))
	}
	failed, err := s.writeMissing(ctx, b.ID, written)
	if err != nil {
		return nil, err
	}
	a, err := s.planArchive(ctx, b, formats, failed)
	if err != nil {
		return nil, err
	}
	return &archiveOutput{func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="`+a.filename()+`"`)
		w.Header().Set("X-Accel-Buffering", "no") // nginx would hold back much of it
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodHead {
			return
		}
		if err := a.write(ctx, s, w); err != nil {
			s.log.WarnContext(ctx, "archive not sent", "batch", b.ID, "error", err)
			panic(http.ErrAbortHandler) // the client must not take it for a whole one
		}
	}}, nil
}

// meshFormat names a file of a batch.
type meshFormat struct{ meshID, format string }

// writeMissing returns once every succeeded mesh of a batch has a file in each of the formats, or cannot have it: then
// it says why.
func (s *Server) writeMissing(ctx context.Context, batchID string, formats []string) (failed map[meshFormat]string, err error) {
	owner := tenant(ctx)
	deadline := time.Now().Add(exportWait)
	exports, err := s.jobs.RequestBatchExports(ctx, owner, batchID, formats)
	if err != nil {
		return nil, err
	}
	failed = map[meshFormat]string{}
	for i, e := range exports {
		job := e.Job
		if !job.Status.Final() {
			load := func(ctx context.Context) (j store.Job, final bool, err error) {
				j, err = s.db.Job(ctx, owner, e.ID)
				return j, j.Status.Final(), err
			}
			if job, err = await(ctx, s, store.Subject(engine.Export, e.ID, "", ""), max(0, time.Until(deadline)), load); err != nil {
				return nil, err
			}
		}
		switch {
		case !job.Status.Final():
			return nil, retryAfter(refuse(http.StatusServiceUnavailable, types.CodeExportPending, fmt.Sprintf(
				"Files are being written, %d at most are missing. Ask again in a few seconds.", len(exports)-i)), "5")
		case job.Error != nil:
			failed[meshFormat{e.MeshID, e.Format}] = job.Error.Message
		case job.Status == store.Canceled:
			failed[meshFormat{e.MeshID, e.Format}] = "the export was canceled"
		}
	}
	return failed, nil
}

// archive is what a ZIP of a batch will hold.
type archive struct {
	batch    types.BatchSummary
	manifest types.BatchManifest
	files    []archiveFile
}

type archiveFile struct {
	name string // in the archive
	store.Artifact
}

func (s *Server) planArchive(ctx context.Context, b store.MeshBatch, formats []string, failed map[meshFormat]string) (*archive, error) {
	items, err := s.db.BatchItems(ctx, tenant(ctx), b.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.BatchFiles(ctx, tenant(ctx), b.ID, formats)
	if err != nil {
		return nil, err
	}
	have := map[meshFormat]store.Artifact{}
	for _, r := range rows {
		have[meshFormat{r.MeshID, r.Format}] = r.Artifact
	}
	a := &archive{batch: toBatchSummary(b)}
	a.manifest = types.BatchManifest{BatchSummary: a.batch, Items: []types.ManifestItem{}}
	names := newNames(manifestJSON, manifestCSV)
	for _, i := range items {
		one := types.ManifestItem{BatchItem: toBatchItem(i), SpecName: b.Specs[i.Spec].Name, Counts: i.Elements, Files: []types.ManifestFile{}}
		stem := names.stem(i.Filename, one.SpecName)
		for _, format := range formats {
			file, there := have[meshFormat{i.MeshID, format}]
			why, known := failed[meshFormat{i.MeshID, format}]
			switch {
			case there:
				name := names.claim(downloadName(stem+".", file.Name))
				a.files = append(a.files, archiveFile{name, file})
				one.Files = append(one.Files, types.ManifestFile{Format: format, Name: name, Size: file.Size, SHA256: file.SHA256})
			case known || i.Status == store.Succeeded:
				one.Files = append(one.Files, types.ManifestFile{Format: format, Error: cmp.Or(why, "there is no such file")})
			}
		}
		a.manifest.Items = append(a.manifest.Items, one)
	}
	return a, nil
}

func (a *archive) filename() string {
	return cmp.Or(safeStem(a.batch.Name), a.batch.ID) + ".zip"
}

// compressed are the formats that hold no air.
var compressed = []string{"vtu", "glb", "openfoam", "cgns", "med"}

// archiveIdle is how long a client may take nothing of an archive.
const archiveIdle = time.Minute

// write sends the archive. It holds no file as a whole, and ends with the client.
func (a *archive) write(ctx context.Context, s *Server, w http.ResponseWriter) error {
	out := &patient{w: w, conn: http.NewResponseController(w)}
	defer func() { _ = out.conn.SetWriteDeadline(time.Time{}) }() // the connection may serve another request
	z := zip.NewWriter(out)
	level := flate.BestSpeed
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
	if err := a.writeManifests(z); err != nil {
		return err
	}
	for _, f := range a.files {
		level = flate.BestSpeed
		if slices.Contains(compressed, f.Format) {
			level = flate.NoCompression
		}
		if err := s.copyInto(ctx, z, f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return z.Close()
}

func (s *Server) copyInto(ctx context.Context, z *zip.Writer, f archiveFile) error {
	entry, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: f.CreatedAt})
	if err != nil {
		return err
	}
	content, _, err := s.blobs.Get(ctx, f.ObjectKey)
	if err != nil {
		return err
	}
	defer content.Close()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(entry, hash), content)
	if err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); n != f.Size || sum != f.SHA256 {
		return errDamaged
	}
	return nil
}

var errDamaged = errors.New("the object is not what was stored")

// patient is a response whose client may be slow, but not forever.
type patient struct {
	w    io.Writer
	conn *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(archiveIdle)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}
