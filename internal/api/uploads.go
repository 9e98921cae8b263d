package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

const (
	// partSize of a presigned upload, in bytes: a part that fails is sent again, so it should not be much; S3 wants 5 MiB.
	partSize = 8 << 20
	// mostParts is how many parts S3 allows.
	mostParts = 10_000
	// uploadLife is how long an upload can be gone on with.
	uploadLife = 24 * time.Hour
)

type UploadPath struct {
	ID string `path:"id" doc:"upload" example:"upl_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addUploads() {
	tags := []string{tagGeometries}
	add(s, huma.Operation{
		OperationID: "create-upload", Method: http.MethodPost, Path: "/v1/uploads", Tags: tags,
		Summary: "Announce an upload straight to the object store",
		Description: "Answers with URLs to PUT the file's parts to, in any order and side by side. Each is exactly one part's bytes. " +
			"Then complete the upload. A file up to 8 MiB is one part.",
		DefaultStatus: http.StatusCreated, Errors: []int{413, 422},
	}, s.createUpload)
	add(s, huma.Operation{
		OperationID: "get-upload", Method: http.MethodGet, Path: "/v1/uploads/{id}", Tags: tags,
		Summary: "Resume an upload", Description: "Says which parts have arrived, and gives fresh URLs for the others.",
		Errors: []int{404},
	}, s.getUpload)
	add(s, huma.Operation{
		OperationID: "complete-upload", Method: http.MethodPost, Path: "/v1/uploads/{id}/complete", Tags: tags,
		Summary: "Complete an upload", Description: "Makes a geometry of the file once all parts have arrived. Repeating it returns the same geometry.",
		DefaultStatus: http.StatusCreated, Errors: []int{404, 409, 410, 422},
	}, s.completeUpload)
}

// createUploadInput checks what the schema cannot.
type createUploadInput struct {
	Body types.CreateUpload
}

// Resolve checks the form of the project's id.
func (in *createUploadInput) Resolve(huma.Context) []error {
	if err := bodyID(id.Project, "body.project_id", in.Body.ProjectID); err != nil {
		return []error{err}
	}
	return nil
}

type uploadOutput struct {
	Location string `header:"Location" doc:"path of the upload"`
	Body     types.Upload
}

func (s *Server) createUpload(ctx context.Context, in *createUploadInput) (*uploadOutput, error) {
	at := types.FieldError{Location: "body.size", Value: in.Body.Size}
	switch {
	case in.Body.Size == 0:
		at.Message = "an empty file holds nothing to mesh"
		return nil, diagnosed(http.StatusUnprocessableEntity, diagnosis.New(diagnosis.EmptyFile, "The file is empty."), at)
	case in.Body.Size > s.cfg.MaxUpload:
		p := s.tooLarge()
		at.Message = fmt.Sprintf("must be at most %d", s.cfg.MaxUpload)
		p.Errors = []types.FieldError{at}
		return nil, p
	}
	if err := s.storable(ctx, in.Body.Size); err != nil {
		return nil, err
	}
	owner := tenant(ctx)
	u := store.Upload{
		ID: id.New(id.Upload), Filename: cleanFilename(in.Body.Filename), Units: in.Body.Units, Size: in.Body.Size,
		PartSize: partSizeOf(in.Body.Size), ExpiresAt: time.Now().Add(uploadLife),
	}
	u.ObjectKey = blob.UploadKey(owner, u.ID)
	if in.Body.ProjectID != "" {
		u.ProjectID = &in.Body.ProjectID
	}
	var err error
	if u.Size > u.PartSize {
		if u.MultipartID, err = s.blobs.CreateMultipart(ctx, u.ObjectKey); err != nil {
			return nil, err
		}
	}
	created, err := s.db.CreateUpload(ctx, owner, u)
	if err != nil {
		s.abort(ctx, u)
		if errors.Is(err, store.ErrNotFound) {
			err = unknown("body.project_id", in.Body.ProjectID, "project")
		}
		return nil, err
	}
	out := &uploadOutput{Location: "/v1/uploads/" + u.ID}
	out.Body, err = s.describeUpload(ctx, created, nil)
	return out, err
}

// abort forgets the parts of an upload that was not recorded.
func (s *Server) abort(ctx context.Context, u store.Upload) {
	if u.MultipartID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	if err := s.blobs.AbortMultipart(ctx, u.ObjectKey, u.MultipartID); err != nil {
		s.log.WarnContext(ctx, "an upload that was not recorded stays open", "key", u.ObjectKey, "error", err)
	}
}

// partSizeOf returns the size of the parts of a file: 8 MiB, or more if it would take too many.
func partSizeOf(size int64) int64 {
	return max(partSize, (size+mostParts-1)/mostParts)
}

// partsOf returns the parts of an upload, none received.
func partsOf(u store.Upload) []types.UploadPart {
	var parts []types.UploadPart
	for offset := int64(0); offset < u.Size; offset += u.PartSize {
		parts = append(parts, types.UploadPart{Number: len(parts) + 1, Offset: offset, Size: min(u.PartSize, u.Size-offset)})
	}
	return parts
}

// uploadState is where an upload stands in S3.
type uploadState int

const (
	uploadOpen  uploadState = iota // parts can be sent
	uploadWhole                    // the object is there
	uploadGone                     // its parts are being put together this moment, or it was given up
)

// arrived returns what has arrived of an upload, by number; only parts of the right size count.
func (s *Server) arrived(ctx context.Context, u store.Upload) (map[int]blob.Part, uploadState, error) {
	wanted := partsOf(u)
	parts := map[int]blob.Part{}
	missing := uploadOpen
	if u.MultipartID != "" {
		listed, err := s.blobs.ListParts(ctx, u.ObjectKey, u.MultipartID)
		if err == nil {
			for _, p := range listed {
				if n := int(p.Number); n >= 1 && n <= len(wanted) && p.Size == wanted[n-1].Size {
					parts[n] = p
				}
			}
			return parts, uploadOpen, nil
		}
		if !errors.Is(err, blob.ErrNotFound) {
			return nil, 0, err
		}
		missing = uploadGone // or put together before, when the answer to that did not arrive
	}
	object, err := s.blobs.Head(ctx, u.ObjectKey)
	if errors.Is(err, blob.ErrNotFound) || err == nil && object.Size != u.Size {
		return parts, missing, nil
	}
	if err != nil {
		return nil, 0, err
	}
	for _, p := range wanted {
		parts[p.Number] = blob.Part{Number: int32(p.Number), Size: p.Size}
	}
	return parts, uploadWhole, nil
}

// describeUpload says how an upload stands, with URLs for the parts that are missing.
func (s *Server) describeUpload(ctx context.Context, u store.Upload, arrived map[int]blob.Part) (types.Upload, error) {
	t := types.Upload{
		ID: u.ID, Status: "pending", Filename: u.Filename, Size: u.Size, Units: u.Units, PartSize: u.PartSize,
		Parts: []types.UploadPart{}, ExpiresAt: u.ExpiresAt,
	}
	if u.ProjectID != nil {
		t.ProjectID = *u.ProjectID
	}
	if u.GeometryID != nil {
		t.Status, t.GeometryID, t.ReceivedBytes = "completed", *u.GeometryID, u.Size
		return t, nil
	}
	until := time.Now().Add(s.blobs.PresignTTL())
	t.URLsExpireAt = &until
	t.Parts = partsOf(u)
	for i := range t.Parts {
		p := &t.Parts[i]
		if _, ok := arrived[p.Number]; ok {
			p.Received = true
			t.ReceivedBytes += p.Size
			continue
		}
		var err error
		if u.MultipartID == "" {
			p.URL, err = s.blobs.PresignPut(ctx, u.ObjectKey, p.Size)
		} else {
			p.URL, err = s.blobs.PresignPart(ctx, u.ObjectKey, u.MultipartID, int32(p.Number), p.Size)
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// upload returns an upload of the asking tenant by the id in a path.
func (s *Server) upload(ctx context.Context, uploadID string) (store.Upload, error) {
	if err := pathID(id.Upload, uploadID); err != nil {
		return store.Upload{}, err
	}
	u, err := s.db.Upload(ctx, tenant(ctx), uploadID)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("upload")
	}
	return u, err
}

type uploadGetOutput struct{ Body types.Upload }

func (s *Server) getUpload(ctx context.Context, in *UploadPath) (*uploadGetOutput, error) {
	u, err := s.upload(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var parts map[int]blob.Part
	if u.GeometryID == nil {
		if parts, _, err = s.arrived(ctx, u); err != nil {
			return nil, err
		}
	}
	body, err := s.describeUpload(ctx, u, parts)
	return &uploadGetOutput{body}, err
}
