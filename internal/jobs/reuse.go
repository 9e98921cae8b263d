package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// A mesh that was made before is not made again. What names it is the tenant, the bytes of the file and how they are read, the
// spec as resolved without its formats, and the version of the engine. Where there is such a result, a further request for
// it has succeeded when it is recorded, with the files of the first by reference; formats that it lacks are written of the
// .msh by a worker. Nothing is said to have succeeded before its files were seen to be there: by CreateMesh where there is
// nothing to make, by the worker, while its engine writes, where formats are. Where the result is in the making, the request follows that job and ends with it (store/follow.go).

// Files is where objects are; a *blob.Store.
type Files interface {
	Head(ctx context.Context, key string) (blob.Info, error)
}

// reusable returns the mesh whose result answers the request, or "".
func (s *Service) reusable(ctx context.Context, n store.NewMesh) string {
	r, err := s.db.Reusable(ctx, n)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			s.log.WarnContext(ctx, "not known whether the mesh is there already", "error", err)
		}
		return ""
	}
	return s.standing(ctx, r)
}

// standing returns the mesh of a result, or "" where its files are not all there.
func (s *Service) standing(ctx context.Context, r store.Result) string {
	err := s.see(ctx, r.Files)
	switch {
	case err == nil:
		return r.MeshID
	case errors.Is(err, ErrFilesGone):
		s.log.ErrorContext(ctx, "files of a mesh are gone; it is made again", "mesh", r.MeshID, "error", err)
		if err := s.db.Forget(context.WithoutCancel(ctx), r.MeshID); err != nil {
			s.log.WarnContext(ctx, "the mesh without files is not forgotten", "mesh", r.MeshID, "error", err)
		}
	default:
		s.log.WarnContext(ctx, "not known whether the files of a mesh are there; it is made again", "mesh", r.MeshID, "error", err)
	}
	return ""
}

// ErrFilesGone says that files of a result are not there any more as they were.
var ErrFilesGone = errors.New("files of the result are gone")

// fileGone is an ErrFilesGone that names the object.
type fileGone struct {
	key string
	why error
}

func (e *fileGone) Error() string        { return fmt.Sprintf("%s: %s: %s", ErrFilesGone, e.key, e.why) }
func (e *fileGone) Is(target error) bool { return target == ErrFilesGone }

// see returns nil if the files are there, and an ErrFilesGone if one is not.
func (s *Service) see(ctx context.Context, files []store.Artifact) error {
	heads, ctx := errgroup.WithContext(ctx)
	for _, file := range files {
		heads.Go(func() error {
			info, err := s.files.Head(ctx, file.ObjectKey)
			switch {
			case errors.Is(err, blob.ErrNotFound):
				return &fileGone{file.ObjectKey, err}
			case err == nil && info.Size != file.Size:
				return &fileGone{file.ObjectKey, errWrongSize}
			}
			return err
		})
	}
	return heads.Wait()
}

// Lent are the files of another's result that the job of a claim was given.
func (s *Service) Lent(ctx context.Context, c store.Claim) ([]store.Artifact, error) {
	return s.db.Lent(ctx, c)
}

// SeeLent returns nil if the files that the job of a claim was given are there, and an ErrFilesGone if one is not: no request is given
// that any more, then. Any other error says that it is not known.
func (s *Service) SeeLent(ctx context.Context, c store.Claim, files []store.Artifact) error {
	err := s.see(ctx, files)
	if gone, ok := errors.AsType[*fileGone](err); ok {
		if err := s.db.ForgetFile(context.WithoutCancel(ctx), c.JobID, gone.key); err != nil {
			s.log.WarnContext(ctx, "the meshes that lack a file are not forgotten", "key", gone.key, "error", err)
		}
	}
	return err
}

var errWrongSize = errors.New("the object has not the size that it had")

// reusableAs returns the engine's version if the same request would be given the same result again by it. What the clock, a
// crash or a lack of memory had a say in is not repeated by itself: a race that decided the way is the clock's say, one that
// decided nothing is not.
func reusableAs(o store.Outcome) string {
	if o.Error != nil || o.Report == nil || o.Report.TimeCut || o.Report.Raced != nil {
		return ""
	}
	for _, tried := range o.Report.Tried {
		code, _, _ := strings.Cut(tried.Error, ":")
		if isAccidental(diagnosis.Code(code)) {
			return ""
		}
	}
	return o.Report.Versions["engine"]
}

func isAccidental(code diagnosis.Code) bool {
	switch code {
	case diagnosis.TimeLimit, diagnosis.OutOfMemory, diagnosis.EngineCrashed, diagnosis.Internal:
		return true
	}
	return false
}

// isShared reports whether who asks for the same fails for the same reason. A time limit is part of what is asked.
func isShared(failed *diagnosis.Diagnosis) bool {
	return failed != nil && (!isAccidental(failed.Code) || failed.Code == diagnosis.TimeLimit)
}

// followed has a mesh heard of that follows another.
func (s *Service) followed(ctx context.Context, c store.Created) {
	if c.LeaderRunning {
		s.look(ctx, c.Leader)
	} else {
		// A worker that came for it at that moment found its row locked.
		s.ring(ctx, queue.Bell{JobID: c.Leader})
	}
}

// SeeEngine records that a worker with engines of a version begins to work: results of others are not given any more.
func (s *Service) SeeEngine(ctx context.Context, version string) error {
	return s.db.SeeEngine(ctx, version)
}

// Remesh has a claim that was to write formats of another's result make the mesh itself.
func (s *Service) Remesh(ctx context.Context, c store.Claim) (store.Claim, error) {
	return s.db.Remesh(ctx, c)
}
