package worker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// maxUploads is how many files of a job are sent at once. A small put waits for the disk of the store, not for bytes.
const maxUploads = 4

// uploads are the files that one rung wrote, on their way to S3 side by side with the engine's further work.
type uploads struct {
	r      *run
	number int             // among those of the job: a put that was given up may still arrive, so that each has names of its own
	job    context.Context // ends with the job …
	ctx    context.Context // … and this with the files
	cancel context.CancelFunc
	wg     sync.WaitGroup

	log int64 // size of the log that was started; one goroutine at a time uses it

	mu    sync.Mutex
	sent  map[string]chan struct{} // by name: closed when the put that was started last is over
	paths map[string]string        // where the files are, by name
	done  map[string]store.Artifact
	err   error
}

func (r *run) newUploads(ctx context.Context) *uploads {
	u := &uploads{
		r: r, number: int(r.sets.Add(1)), job: ctx, log: -1,
		sent: map[string]chan struct{}{}, paths: map[string]string{}, done: map[string]store.Artifact{},
	}
	u.ctx, u.cancel = context.WithCancel(ctx)
	return u
}

// whole is the size of a file that is sent as it is.
const whole int64 = -1

// start sends a file that is complete, or the first size bytes of one that may still grow. A file that was started before
// is replaced.
func (u *uploads) start(a engine.Artifact, size int64) { u.startHeld(a, size, nil) }

// startHeld does as start does with size bytes that are held in memory, or with the file where there are none.
func (u *uploads) startHeld(a engine.Artifact, size int64, held []byte) {
	sent := make(chan struct{})
	u.mu.Lock()
	before := u.sent[a.Name]
	u.sent[a.Name], u.paths[a.Name] = sent, a.Path
	u.mu.Unlock()
	u.wg.Go(func() {
		widen()
		defer close(sent)
		if before != nil {
			<-before
		}
		artifact, err := u.send(a, size, held)
		u.mu.Lock()
		defer u.mu.Unlock()
		if err != nil {
			if u.err == nil {
				u.err = err
			}
			u.cancel() // the others need not go on
			return
		}
		u.done[a.Name] = artifact
	})
}

// startLog sends the job's log as it is now, unless that is under way already.
func (u *uploads) startLog() error {
	text, size, err := u.r.jobLog.flush()
	if err != nil {
		return err
	}
	if size != u.log {
		u.log = size
		u.startHeld(engine.Artifact{Name: "log.txt", Format: "log", Path: u.r.jobLog.path, MediaType: "text/plain; charset=utf-8"}, size, text)
	}
	return nil
}

func (u *uploads) send(a engine.Artifact, size int64, held []byte) (_ store.Artifact, err error) {
	_, end := u.r.traced(u.ctx, "put "+a.Format)
	defer func() { end(err) }()
	select {
	case u.r.puts <- struct{}{}:
		defer func() { <-u.r.puts }()
	case <-u.ctx.Done():
		return store.Artifact{}, u.ctx.Err()
	}
	c := u.r.claim
	key := blob.ArtifactKey(c.TenantID, c.JobID, c.Attempt, c.Token, fmt.Sprintf("%d-%s", u.number, a.Name))
	path, key, err := zipped(a, key, size)
	if err != nil {
		return store.Artifact{}, err
	}
	var object blob.Object
	err = u.r.retry(u.ctx, "upload", blob.IsTemporary, func(ctx context.Context) error {
		if held != nil {
			object, err = u.r.w.blobs.Put(ctx, key, bytes.NewReader(held), size, a.MediaType)
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		size := size
		if size == whole {
			info, err := f.Stat()
			if err != nil {
				return err
			}
			size = info.Size()
		}
		object, err = u.r.w.blobs.Put(ctx, key, io.NewSectionReader(f, 0, size), size, a.MediaType)
		return err
	})
	if err != nil {
		return store.Artifact{}, fmt.Errorf("upload %s: %w", a.Name, err)
	}
	artifact := store.Artifact{
		ID: id.New(id.Artifact), Name: a.Name, Format: a.Format, MediaType: a.MediaType,
		ObjectKey: key, Size: object.Size, SHA256: object.SHA256, Preview: a.Preview,
	}
	if a.Preview {
		err := u.r.retry(u.ctx, "preview", store.IsTemporary, func(ctx context.Context) error {
			return u.r.w.jobs.AddPreview(ctx, c, artifact)
		})
		if err != nil {
			return artifact, err
		}
	}
	u.r.events.add(queue.NewEvent{Type: jobs.EventArtifact, Data: jobs.ArtifactData{Name: a.Name, Format: a.Format, Size: object.Size, Preview: a.Preview}})
	return artifact, nil
}

// drop ends what is still on its way, and deletes what arrived.
func (u *uploads) drop() {
	u.abandon()
	var keys, previews []string
	for _, a := range u.done {
		keys = append(keys, a.ObjectKey)
		if a.Preview {
			previews = append(previews, a.ID)
		}
	}
	if len(keys) == 0 {
		return
	}
	if len(previews) > 0 { // whoever still sees them must not find them gone
		if err := u.r.w.jobs.DropPreviews(u.job, u.r.claim, previews...); err != nil {
			u.r.log.Warn("previews of a failed rung stay visible", "error", err)
			return
		}
	}
	if err := u.r.w.blobs.Delete(u.job, keys...); err != nil {
		u.r.log.Warn("files of a failed rung stay until the mesh is deleted", "error", err)
	}
}

// wait returns the files once all have arrived.
func (u *uploads) wait() ([]store.Artifact, error) {
	u.wg.Wait()
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.SortedFunc(maps.Values(u.done), func(a, b store.Artifact) int { return strings.Compare(a.ID, b.ID) }), u.err
}

// abandon ends what is still on its way.
func (u *uploads) abandon() {
	u.cancel()
	u.wg.Wait()
}
