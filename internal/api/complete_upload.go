package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/cadfile"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

type completeUploadOutput struct {
	Location string `header:"Location" doc:"path of the geometry"`
	Body     types.Geometry
}

func (s *Server) completeUpload(ctx context.Context, in *UploadPath) (*completeUploadOutput, error) {
	u, err := s.upload(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	g, err := s.geometryOf(ctx, u)
	if err != nil {
		return nil, err
	}
	return geometryCreated(g), nil
}

func geometryCreated(g store.Geometry) *completeUploadOutput {
	return &completeUploadOutput{Location: "/v1/geometries/" + g.ID, Body: toGeometry(g)}
}

// geometryOf returns the geometry that an upload became, or becomes now.
func (s *Server) geometryOf(ctx context.Context, u store.Upload) (store.Geometry, error) {
	owner := tenant(ctx)
	if u.GeometryID != nil {
		g, err := s.db.Geometry(ctx, owner, *u.GeometryID)
		if errors.Is(err, store.ErrNotFound) {
			err = refuse(http.StatusGone, types.CodeExpired, "The geometry that this upload became was deleted.")
		}
		return g, err
	}
	if time.Now().After(u.ExpiresAt) {
		return store.Geometry{}, refuse(http.StatusGone, types.CodeExpired, "The upload has expired. Begin another.")
	}
	if err := s.assemble(ctx, u); err != nil {
		return store.Geometry{}, err
	}
	n := store.NewGeometry{
		ID: id.New(id.Geometry), TenantID: owner, Filename: u.Filename, Units: u.Units, Size: u.Size,
		ObjectKey: u.ObjectKey, UploadID: u.ID, Traceparent: traceOf(ctx),
	}
	if u.ProjectID != nil {
		n.ProjectID = *u.ProjectID
	}
	if u.MultipartID == "" {
		// The URL that the file was PUT to still works: what it holds could be changed behind our back.
		n.ObjectKey = blob.GeometryKey(owner, n.ID)
		var err error
		if n.Expected, err = s.db.Expect(ctx, n.ObjectKey); err != nil {
			return store.Geometry{}, err
		}
	}
	g, err := s.adopt(ctx, u, &n)
	if n.ObjectKey != u.ObjectKey && (err != nil || g.ID != n.ID) {
		s.discard(ctx, n)
	}
	return g, err
}

// adopt makes the object of an upload the file of a new geometry. If another request was faster, it returns its geometry.
func (s *Server) adopt(ctx context.Context, u store.Upload, n *store.NewGeometry) (g store.Geometry, err error) {
	if n.Format, n.SHA256, err = s.inspect(ctx, u, n.ObjectKey); err != nil {
		var refused *types.Problem
		if errors.As(err, &refused) {
			if gone := s.db.DiscardUpload(ctx, n.TenantID, u.ID); gone != nil {
				return g, gone
			}
		}
		return g, err
	}
	g, err = s.jobs.CreateGeometry(ctx, *n)
	if errors.Is(err, store.ErrNotFound) { // of the project, unless the upload expired this moment
		err = refuse(http.StatusGone, types.CodeExpired, "The upload, or its project, is gone.")
	}
	return g, err
}

// assembly is how long another request may take to put the parts of an upload together.
const assembly = 10 * time.Second

// assemble makes sure that the whole object is there, in the size that was announced. Another request may be at it.
func (s *Server) assemble(ctx context.Context, u store.Upload) error {
	wanted := partsOf(u)
	for deadline := time.Now().Add(assembly); ; pause(ctx, 50*time.Millisecond) {
		arrived, state, err := s.arrived(ctx, u)
		if err != nil || state == uploadWhole {
			return err
		}
		if state == uploadOpen {
			if u.MultipartID == "" || len(arrived) < len(wanted) {
				return incomplete(len(arrived), len(wanted))
			}
			parts := make([]blob.Part, len(wanted))
			for i, p := range wanted {
				parts[i] = arrived[p.Number]
			}
			_, err = s.blobs.CompleteMultipart(ctx, u.ObjectKey, u.MultipartID, parts)
			if err == nil {
				continue // to look at what came of it
			}
			// Either the other request was faster, or a part was sent again this moment.
			if !errors.Is(err, blob.ErrNotFound) && !errors.Is(err, blob.ErrBadParts) {
				return err
			}
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return incomplete(len(arrived), len(wanted))
		}
	}
}

// incomplete is the problem of parts that have not arrived.
func incomplete(arrived, wanted int) *types.Problem {
	return refuse(http.StatusConflict, types.CodeIncomplete,
		fmt.Sprintf("%d of %d parts have arrived. GET the upload to see which.", arrived, wanted))
}

// inspect reads the object once: for the format by its first bytes, and the SHA-256 that names its content. If key is
// another than its own, the object is copied there on the way. A refusal is a *types.Problem.
func (s *Server) inspect(ctx context.Context, u store.Upload, key string) (engine.Format, string, error) {
	content, size, err := s.blobs.Get(ctx, u.ObjectKey)
	if err != nil {
		return "", "", err
	}
	defer content.Close()
	head := make([]byte, min(cadfile.SniffLen, size))
	if _, err := io.ReadFull(content, head); err != nil {
		return "", "", fmt.Errorf("read %s: %w", u.ObjectKey, err)
	}
	format, err := sniff(head, size, u.Filename, "body.file")
	if err != nil {
		return "", "", err
	}
	whole := io.MultiReader(bytes.NewReader(head), content)
	var n int64
	var sum string
	if key != u.ObjectKey {
		object, err := s.blobs.PutStream(ctx, key, whole, u.Size)
		if err != nil {
			return "", "", err
		}
		n, sum = object.Size, object.SHA256
	} else {
		hash := sha256.New()
		if n, err = io.Copy(hash, whole); err != nil {
			return "", "", fmt.Errorf("read %s: %w", u.ObjectKey, err)
		}
		sum = hex.EncodeToString(hash.Sum(nil))
	}
	if n != u.Size {
		return "", "", fmt.Errorf("read %s: %d bytes of %d: %w", u.ObjectKey, n, u.Size, io.ErrUnexpectedEOF)
	}
	return format, sum, nil
}
