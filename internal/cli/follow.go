package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
)

// follow waits for one mesh, and fetches its files.
type follow struct {
	app     *app
	client  *client.Client
	board   *board
	slot    int // on the board
	subject string
	outputs []output
	began   time.Time
}

// followed is what a program is told of a mesh.
type followed struct {
	File    string     `json:"file,omitempty"` // as given on the command line
	Mesh    types.Mesh `json:"mesh"`
	Outputs []output   `json:"outputs"`
}

// run returns when the mesh is final, its files are here and everybody has been told. settled is called once the mesh is
// known to be final.
func (f *follow) run(ctx context.Context, meshID string, settled func(meshID string)) error {
	mesh, err := f.await(ctx, meshID)
	if err == nil {
		settled(meshID)
	}
	if err == nil && mesh.Status == "succeeded" {
		err = f.fetch(ctx, mesh)
	}
	f.board.finish(f.slot)
	if err != nil {
		return f.app.conclude(ctx, about(f.subject, err))
	}
	unit := ""
	if mesh.Status == "succeeded" && !f.app.json && !f.app.quiet {
		if geometry, err := f.client.Geometry(ctx, mesh.GeometryID); err == nil { // it is for a word in the summary only
			unit = geometry.Units
		}
	}
	return f.app.ended(f.subject, mesh, f.outputs, unit, since(f.began))
}

// await follows the events until the mesh is final.
func (f *follow) await(ctx context.Context, meshID string) (types.Mesh, error) {
	f.board.set(f.slot, "queued", 0)
	for {
		for e, err := range f.client.Follow(ctx, meshID, "") {
			if err != nil {
				return types.Mesh{}, err
			}
			f.note(e)
		}
		// The end of the events is a courtesy; the mesh itself is the truth.
		mesh, err := f.client.Mesh(ctx, meshID)
		if err != nil || client.Final(mesh.Status) {
			return mesh, err
		}
	}
}

// note puts an event on the board. What cannot be read is no reason to stop waiting.
func (f *follow) note(e client.Event) {
	switch e.Type {
	case client.EventStage, client.EventProgress:
		if s, err := client.Decode[types.StageEvent](e); err == nil {
			f.board.set(f.slot, s.Stage, s.Progress)
		}
	case client.EventStatus:
		if s, err := client.Decode[types.StatusEvent](e); err == nil {
			f.board.set(f.slot, or(s.Stage, s.Status), s.Progress)
		}
	}
}

// fetch downloads the files that were asked for, and completes outputs.
func (f *follow) fetch(ctx context.Context, mesh types.Mesh) error {
	for i, o := range f.outputs {
		f.board.set(f.slot, "download", 1)
		artifact, err := fetch(ctx, f.client, mesh.ID, o, nil)
		if err != nil {
			return err
		}
		f.outputs[i].Size, f.outputs[i].SHA256 = artifact.Size, artifact.SHA256
	}
	return nil
}

// fetch replaces a file by a download.
func fetch(ctx context.Context, c *client.Client, meshID string, o output, progress func(done, all int64)) (artifact types.Artifact, err error) {
	err = replace(o.Path, func(w io.Writer) error {
		artifact, err = c.Download(ctx, meshID, o.Format, w, progress)
		return err
	})
	return artifact, err
}

// ended tells how a mesh ended.
func (a *app) ended(subject string, mesh types.Mesh, outs []output, unit string, total float64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.json {
		f := followed{File: subject, Mesh: mesh, Outputs: []output{}}
		if subject == mesh.ID {
			f.File = ""
		}
		if mesh.Status == "succeeded" {
			f.Outputs = append(f.Outputs, outs...)
		}
		if err := a.print(f); err != nil {
			return err
		}
	}
	a.warnings(baseName(subject), mesh.Warnings)
	if mesh.Status != "succeeded" {
		err := about(subject, meshFailure(mesh))
		a.say(err)
		return told{err}
	}
	if !a.json && !a.quiet {
		s := summaryOfMesh(mesh)
		s.title, s.outputs, s.units, s.total = shown(subject)+"  "+mesh.ID, outs, unit, total
		if subject == mesh.ID {
			s.title = mesh.ID
		}
		a.below(s.print)
	}
	return nil
}

// meshFailure returns why a final mesh has no result.
func meshFailure(mesh types.Mesh) error {
	switch {
	case mesh.Error != nil:
		d := *mesh.Error
		if len(d.Tried) == 0 {
			d.Tried = mesh.Tried
		}
		return &d
	case mesh.Status == "canceled":
		return &canceledError{mesh.ID}
	}
	return fmt.Errorf("%s is %s, and the service does not say why", mesh.ID, mesh.Status)
}

// conclude tells an error of one of several pieces of work. The end of ctx is told once, by finish.
func (a *app) conclude(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tell(err)
}

// board shows the progress of one piece of work, or of several as one.
type board struct {
	p     *progress
	names []string

	mu     sync.Mutex
	shares []float64
	done   int
}

func (a *app) board(subjects []string) (b *board, stop func()) {
	name := fmt.Sprintf("%d parts", len(subjects))
	if len(subjects) == 1 {
		name = baseName(subjects[0])
	}
	p, stop := a.watch(name)
	return &board{p: p, names: subjects, shares: make([]float64, len(subjects))}, sync.OnceFunc(stop)
}

// sending shows how much of a file is on its way; of several files that would say little.
func (b *board) sending(share float64) {
	if len(b.shares) > 1 {
		return
	}
	b.p.set("sending", share)
	if share >= 1 {
		b.p.restart()
	}
}

// fetching shows that the service gets the file from somewhere, which it does not tell how far it is with.
func (b *board) fetching() {
	if len(b.shares) == 1 {
		b.p.set("fetching", 0)
	}
}

func (b *board) set(slot int, stage string, share float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shares[slot] = max(b.shares[slot], share)
	b.show(stage)
}

func (b *board) finish(slot int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shares[slot] = 1
	b.done++
	b.show("")
}

// show draws what is now; b.mu is held.
func (b *board) show(stage string) {
	if len(b.shares) == 1 {
		if stage != "" {
			b.p.set(stage, b.shares[0])
		}
		return
	}
	sum := 0.0
	for _, s := range b.shares {
		sum += s
	}
	b.p.set(fmt.Sprintf("%d done", b.done), sum/float64(len(b.shares)))
}
