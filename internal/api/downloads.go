package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// exportWait is how long a download waits for a format that has to be written first.
const exportWait = 20 * time.Second

func (s *Server) addDownloads() {
	tags := []string{tagMeshes}
	add(s, huma.Operation{
		OperationID: "download-mesh", Method: http.MethodGet, Path: "/v1/meshes/{id}/download", Tags: tags,
		Summary: "Download a mesh",
		Description: "Redirects to a URL that holds the file. A format that was not asked for when the mesh was made is written now: " +
			"the answer waits for it, 20 s at most, and is then 503 with Retry-After.",
		DefaultStatus: http.StatusFound, Errors: []int{404, 409, 422}, RejectUnknownQueryParameters: true,
	}, s.download)
	add(s, huma.Operation{
		OperationID: "get-mesh-log", Method: http.MethodGet, Path: "/v1/meshes/{id}/log", Tags: tags,
		Summary: "Read the log of a mesh", Description: "The whole log as text; while the work goes on, what there is so far.",
		Errors: []int{404},
		Responses: map[string]*huma.Response{"200": {
			Description: "The log",
			Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, s.getLog)
}

type downloadInput struct {
	MeshPath
	Format string `query:"format" default:"msh" doc:"msh (Gmsh 4.1 binary), msh2 (Gmsh 2.2 binary), vtk (legacy binary), vtu (compressed), stl (the outer surface), unv (I-deas), inp (Abaqus), bdf (Nastran), su2, cgns, med, fluent (Ansys .msh), openfoam (polyMesh, zipped), glb (the outer surface), or report"`
	Asking
}

// Asking tells whether a file is asked for, or only asked about.
type Asking struct{ head bool }

// Resolve implements [huma.Resolver].
func (in *Asking) Resolve(ctx huma.Context) []error {
	in.head = ctx.Method() == http.MethodHead
	return nil
}

type downloadOutput struct {
	Location string `header:"Location" doc:"presigned URL of the file"`
}

func (s *Server) download(ctx context.Context, in *downloadInput) (*downloadOutput, error) {
	m, err := s.mesh(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	file, err := s.fileOf(ctx, m, in.Format)
	if err != nil {
		return nil, err
	}
	return s.lead(ctx, file, m.Filename, in.Asking)
}

// lead redirects to a file, at an address that answers what is asked: a signature is for one method.
func (s *Server) lead(ctx context.Context, file store.Artifact, source string, asking Asking) (*downloadOutput, error) {
	presign := s.blobs.PresignGet
	if asking.head {
		presign = s.blobs.PresignHead
	}
	url, err := presign(ctx, file.ObjectKey, downloadName(source, file.Name), file.MediaType)
	if err != nil {
		return nil, err
	}
	return &downloadOutput{Location: url}, nil
}

// fileOf returns the file of a mesh in a format, having it written if need be.
func (s *Server) fileOf(ctx context.Context, m store.Mesh, format string) (store.Artifact, error) {
	file, err := s.findFile(ctx, m.ID, format)
	if !errors.Is(err, errNoFile) {
		return file, err
	}
	if !slices.Contains(spec.Formats, format) {
		return file, invalid(types.FieldError{Location: "query.format", Value: format,
			Message: "must be one of " + strings.Join(spec.Formats, ", ")})
	}
	if m.Status != store.Succeeded {
		return file, noMesh(m)
	}
	export, err := s.jobs.RequestExport(ctx, tenant(ctx), m.ID, format)
	if err != nil {
		return file, err
	}
	job := export.Job
	if !job.Status.Final() {
		if job, err = s.waitForExport(ctx, job.ID); err != nil {
			return file, err
		}
	}
	switch {
	case job.Status == store.Succeeded:
		return s.findFile(ctx, m.ID, format)
	case job.Status.Final() && job.Error != nil:
		return file, diagnosed(http.StatusConflict, job.Error)
	case job.Status.Final():
		return file, refuse(http.StatusConflict, types.CodeCanceled, "The export was canceled.")
	}
	return file, retryAfter(refuse(http.StatusServiceUnavailable, types.CodeExportPending,
		"The file is being written. Ask again in a few seconds."), "5")
}

var errNoFile = errors.New("the mesh has no file of this format")

// findFile returns the newest file of a mesh in a format, or errNoFile.
func (s *Server) findFile(ctx context.Context, meshID, format string) (store.Artifact, error) {
	files, err := s.db.MeshArtifacts(ctx, tenant(ctx), meshID)
	if err != nil {
		return store.Artifact{}, err
	}
	for _, f := range slices.Backward(files) {
		if f.Format == format && !f.Preview {
			return f, nil
		}
	}
	return store.Artifact{}, errNoFile
}

func (s *Server) waitForExport(ctx context.Context, jobID string) (store.Job, error) {
	owner := tenant(ctx)
	load := func(ctx context.Context) (j store.Job, final bool, err error) {
		j, err = s.db.Job(ctx, owner, jobID)
		return j, j.Status.Final(), err
	}
	return await(ctx, s, store.Subject(engine.Export, jobID, "", ""), exportWait, load)
}

// noMesh is the problem of a mesh that has no result.
func noMesh(m store.Mesh) *types.Problem {
	switch m.Status {
	case store.Failed:
		if m.Error != nil {
			return diagnosed(http.StatusConflict, m.Error)
		}
		return refuse(http.StatusConflict, types.CodeInternal, "The mesh has failed.")
	case store.Canceled:
		return refuse(http.StatusConflict, types.CodeCanceled, "The mesh was canceled and has no files.")
	}
	return refuse(http.StatusConflict, types.CodeNotReady, "The mesh is not ready yet: it is "+string(m.Status)+".")
}

// logFormat is the format of the artifact that holds a job's log.
const logFormat = "log"

type logOutput struct {
	Body func(huma.Context)
}

func (s *Server) getLog(ctx context.Context, in *MeshPath) (*logOutput, error) {
	if err := pathID(id.Mesh, in.ID); err != nil {
		return nil, err
	}
	m, err := s.mesh(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var text io.ReadCloser
	var size int64 = -1
	file, err := s.findFile(ctx, m.ID, logFormat)
	switch {
	case errors.Is(err, errNoFile):
		if text, err = s.logSoFar(ctx, m.ID); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	default:
		if text, size, err = s.blobs.Get(ctx, file.ObjectKey); err != nil {
			return nil, err
		}
	}
	return &logOutput{func(hc huma.Context) {
		defer text.Close()
		hc.SetHeader("Content-Type", "text/plain; charset=utf-8")
		if size >= 0 {
			hc.SetHeader("Content-Length", fmt.Sprint(size))
		}
		hc.SetStatus(http.StatusOK)
		if _, err := io.Copy(hc.BodyWriter(), text); err != nil {
			s.log.WarnContext(ctx, "log not sent", "mesh", m.ID, "error", err)
		}
	}}, nil
}
