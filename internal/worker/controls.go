package worker

import (
	"context"

	"meshgen/internal/blob"
	"meshgen/internal/queue"
)

// listenToControls acts on what is said to all workers until ctx ends.
func (w *Worker) listenToControls(ctx context.Context) {
	for c := range w.queue.Controls(ctx) {
		switch c.Kind {
		case queue.ControlCancel:
			w.stop(c.JobID, errCanceled)
		case queue.ControlLook:
			w.look(c.JobID)
		case queue.ControlWarm:
			w.background.Go(func() { w.warm(ctx, *c.Source) })
		}
	}
}

// warm fetches the source of a geometry, so that the next job on it does not have to.
func (w *Worker) warm(ctx context.Context, s queue.Source) {
	_, _, release, err := w.cache.get(ctx, source{Tenant: s.Tenant, SHA256: s.SHA256, Format: s.Format, Size: s.Size},
		func(ctx context.Context, path string) error { return w.blobs.GetToFile(ctx, s.ObjectKey, path) })
	switch {
	case err == nil:
		release()
	case ctx.Err() == nil && !blob.IsTemporary(err):
		w.log.Warn("geometry not warmed", "object", s.ObjectKey, "error", err)
	}
}
