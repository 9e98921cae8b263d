package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

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
	sent  map[string]*sending // by name: that which was started last
	paths map[string]string   // where the files are, by name
	done  map[string]store.Artifact
	err   error
}

// sending is one file on its way.
type sending struct {
	artifact store.Artifact // as it will be; not before known
	known    chan struct{}  // closed when that is known, or it is over
	once     sync.Once
	over     chan struct{}
}

func newSending() *sending { return &sending{known: make(chan struct{}), over: make(chan struct{})} }

// tell makes the artifact known, the first time that it is called.
func (s *sending) tell(a store.Artifact) {
	s.once.Do(func() {
		s.artifact = a
		close(s.known)
	})
}

func (r *run) newUploads(ctx context.Context) *uploads {
	u := &uploads{
		r: r, number: int(r.sets.Add(1)), job: ctx, log: -1,
		sent: map[string]*sending{}, paths: map[string]string{}, done: map[string]store.Artifact{},
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
	sent := newSending()
	u.mu.Lock()
	before := u.sent[a.Name]
	u.sent[a.Name], u.paths[a.Name] = sent, a.Path
	u.mu.Unlock()
	u.wg.Go(func() {
		widen()
		defer close(sent.over)
		defer sent.tell(store.Artifact{}) // of one that failed before
		if before != nil {
			<-before.over
		}
		artifact, err := u.send(a, size, held, sent)
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

// send stores a file, and says in sent what that makes of it as soon as it is known. What is shown before the job has ended is told when it is there.
func (u *uploads) send(a engine.Artifact, size int64, held []byte, sent *sending) (_ store.Artifact, err error) {
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
	artifact := store.Artifact{ID: id.New(id.Artifact), Name: a.Name, Format: a.Format, MediaType: a.MediaType, ObjectKey: key, Preview: a.Preview}
	options := blob.PutOptions{
		Hasty: u.r.kind() != engine.Mesh, // of a mesh most files are sent beside the engine's work, which needs the processor; after others nothing comes
		Tell: func(o blob.Object) {
			artifact.Size, artifact.SHA256 = o.Size, o.SHA256
			if !a.Preview {
				sent.tell(artifact)
			}
		},
	}
	err = u.r.retry(u.ctx, "upload", blob.IsTemporary, func(ctx context.Context) error {
		if held != nil {
			_, err := u.r.w.blobs.PutWith(ctx, key, bytes.NewReader(held), size, a.MediaType, options)
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
		_, err = u.r.w.blobs.PutWith(ctx, key, io.NewSectionReader(f, 0, size), size, a.MediaType, options)
		return err
	})
	if err != nil {
		return store.Artifact{}, fmt.Errorf("upload %s: %w", a.Name, err)
	}
	if a.Preview {
		err := u.r.retry(u.ctx, "preview", store.IsTemporary, func(ctx context.Context) error {
			return u.r.w.jobs.AddPreview(ctx, c, artifact)
		})
		if err != nil {
			return artifact, err
		}
	}
	u.r.events.add(queue.NewEvent{Type: jobs.EventArtifact, Data: jobs.ArtifactData{Name: a.Name, Format: a.Format, Size: artifact.Size, Preview: a.Preview}})
	sent.tell(artifact)
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

// expect returns the files as they will be, once that is known of all. Those that are shown already have arrived by then.
func (u *uploads) expect() ([]store.Artifact, error) {
	var files []store.Artifact
	for _, s := range u.last() {
		<-s.known
		files = append(files, s.artifact)
	}
	slices.SortFunc(files, func(a, b store.Artifact) int { return strings.Compare(a.ID, b.ID) })
	return files, u.failed()
}

// errLate says that files have not arrived in time.
var errLate = errors.New("files are on their way")

// arrive returns when all files have arrived, one has failed, or the time is over, with errLate.
func (u *uploads) arrive(within time.Duration) error {
	late := time.NewTimer(within)
	defer late.Stop()
	for _, s := range u.last() {
		select {
		case <-s.over:
		case <-late.C:
			return errors.Join(errLate, u.failed())
		}
	}
	return u.failed()
}

// last returns what was started last under each name.
func (u *uploads) last() []*sending {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Values(u.sent))
}

func (u *uploads) failed() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

// wait returns once all files have arrived, or one has failed.
func (u *uploads) wait() error {
	u.wg.Wait()
	return u.failed()
}

// abandon ends what is still on its way.
func (u *uploads) abandon() {
	u.cancel()
	u.wg.Wait()
}
