package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/id"
)

// subjects refuses ids that cannot be of one of the kinds.
func subjects(args []string, kinds ...id.Kind) error {
	for _, arg := range args {
		if !isA(arg, kinds...) {
			return usage("%s is not the id of %s", arg, nouns(kinds))
		}
	}
	return nil
}

func isA(s string, kinds ...id.Kind) bool {
	for _, kind := range kinds {
		if id.Valid(kind, s) {
			return true
		}
	}
	return false
}

func nouns(kinds []id.Kind) string {
	names := map[id.Kind]string{id.Mesh: "a mesh (msh_…)", id.Geometry: "a geometry (geo_…)", id.Project: "a project (prj_…)", id.Batch: "a batch (bat_…)", id.Share: "a share link (shr_…)", id.Delivery: "a delivery (whk_…)", id.Endpoint: "an endpoint (whe_…)"}
	var parts []string
	for _, kind := range kinds {
		parts = append(parts, names[kind])
	}
	return strings.Join(parts, " or ")
}

func (a *app) waitCommand() *cobra.Command {
	var t targets
	c := &cobra.Command{
		Use:     "wait MESH...",
		Short:   "Wait for meshes, and fetch their files",
		Long:    "Follows meshes until they are final, prints a summary of each and fetches the files of -o.\nThe exit code says how they ended. Ctrl-C stops waiting and cancels nothing.",
		Example: "  meshgen submit part.step | xargs meshgen wait -o part.msh",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh); err != nil {
				return err
			}
			if err := t.check(args); err != nil {
				return err
			}
			return a.wait(c.Context(), args, &t)
		},
	}
	t.add(c)
	return c
}

func (a *app) wait(ctx context.Context, ids []string, t *targets) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	board, stop := a.board(ids)
	defer stop()
	var group errgroup.Group
	group.SetLimit(waiters)
	failures := make([]error, len(ids))
	began := time.Now()
	for i, meshID := range ids {
		var outs []output
		if len(t.paths) > 0 {
			outs = t.of(meshID)
		}
		group.Go(func() error {
			f := follow{app: a, client: c, board: board, slot: i, subject: meshID, outputs: outs, began: began}
			failures[i] = f.run(ctx, meshID, func(string) {})
			return nil
		})
	}
	_ = group.Wait() // they return nothing
	stop()
	return firstOf(failures)
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status ID...",
		Short: "Say where meshes, batches and geometries stand",
		Long:  "Says where meshes, batches and geometries stand, and of a mesh that succeeded what it is. --json prints the objects of the API, one a line.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh, id.Batch, id.Geometry); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.each(c.Context(), args, func(subject string) error { return a.status(c.Context(), service, subject) })
		},
	}
}

func (a *app) status(ctx context.Context, c *client.Client, subject string) error {
	if id.Valid(id.Geometry, subject) {
		g, err := c.Geometry(ctx, subject)
		if err != nil {
			return err
		}
		if a.json {
			return a.print(g)
		}
		a.printGeometry(g)
		return nil
	}
	if id.Valid(id.Batch, subject) {
		b, err := c.Batch(ctx, subject)
		if err != nil {
			return err
		}
		return a.printBatch(b)
	}
	m, err := c.Mesh(ctx, subject)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(m)
	}
	a.headline(m.ID, m.Status, m.Stage, m.Progress)
	a.warnings(m.ID, m.Warnings)
	switch {
	case m.Error != nil:
		a.printFailure(m.Error)
	case m.Status == "succeeded":
		s := summaryOfMesh(m)
		if g, err := c.Geometry(ctx, m.GeometryID); err == nil { // it is for a word only
			s.units = g.Units
		}
		for _, artifact := range m.Artifacts {
			if !artifact.Preview {
				s.outputs = append(s.outputs, output{Path: artifact.Name, Format: artifact.Format, Size: artifact.Size})
			}
		}
		s.print(a.out)
	}
	return nil
}

// headline prints a subject and where it stands.
func (a *app) headline(subject, status, stage string, progress float64) {
	line := a.out.paint(bold, subject) + "  " + a.out.paint(statusStyle(status), status)
	if status == "running" {
		line += "  " + strings.TrimSpace(percent(progress)) + "  " + stage
	}
	a.out.line(line)
}

func (a *app) printGeometry(g types.Geometry) {
	a.headline(g.ID, g.Status, g.Stage, g.Progress)
	a.warnings(g.ID, g.Warnings)
	line := func(label, format string, args ...any) {
		a.out.line("  " + a.out.paint(dim, fmt.Sprintf("%-8s", label)) + "  " + printable(fmt.Sprintf(format, args...)))
	}
	line("file", "%s  %s, %s", g.Filename, g.Format, size(g.Size))
	if g.Error != nil {
		a.printFailure(g.Error)
		return
	}
	if b := g.BoundingBox; b != nil {
		line("box", "%s × %s × %s %s", number(b.Max[0]-b.Min[0]), number(b.Max[1]-b.Min[1]), number(b.Max[2]-b.Min[2]), or(g.Units, "(no unit)"))
		line("model", "%s, %s, %s", plural(g.SolidCount, "solid"), plural(g.FaceCount, "face"), plural(g.CurveCount, "curve"))
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// printFailure prints a diagnosis as part of an answer: that the question could be answered is no error.
func (a *app) printFailure(d *diagnosis.Diagnosis) {
	on := screenOnly(a)
	on.say(d)
}

// screenOnly returns an app that says errors on standard output.
func screenOnly(a *app) *app { return &app{out: a.out, err: a.out} }

func (a *app) eventsCommand() *cobra.Command {
	after := ""
	c := &cobra.Command{
		Use:   "events ID",
		Short: "Follow what happens to a mesh or geometry",
		Long: "Prints what happens to a mesh or geometry, from the beginning, until it is final. A connection that\n" +
			"breaks is taken up again where it broke. --json prints an object a line, with id, type and data.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh, id.Geometry); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			for e, err := range service.Follow(c.Context(), args[0], after) {
				if err == nil {
					err = a.printEvent(e)
				}
				if err != nil {
					return about(args[0], err)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&after, "after", "", "begin behind the event of this `id`")
	return c
}

func (a *app) cancelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel MESH|BATCH...",
		Short: "Cancel meshes and batches",
		Long:  "Cancels meshes, and what has not ended of batches. One that is final stays as it is, which is no error.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh, id.Batch); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.each(c.Context(), args, func(meshID string) error {
				if id.Valid(id.Batch, meshID) {
					b, err := service.CancelBatch(c.Context(), meshID)
					if err != nil {
						return err
					}
					return a.printBatch(b)
				}
				m, err := service.CancelMesh(c.Context(), meshID)
				if err != nil {
					return err
				}
				if a.json {
					return a.print(m)
				}
				a.headline(m.ID, m.Status, m.Stage, m.Progress)
				return nil
			})
		},
	}
}

func (a *app) removeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rm ID...",
		Aliases: []string{"remove", "delete"},
		Short:   "Delete meshes, batches, geometries and projects, and take share links back",
		Long: "Deletes meshes, batches and geometries with their meshes, and projects with all that they hold. A share link\n" +
			"shows nothing from then on. Work that is not finished is canceled. There is no way back.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh, id.Batch, id.Geometry, id.Project, id.Share); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.each(c.Context(), args, func(subject string) error {
				if err := remove(c.Context(), service, subject); err != nil {
					return err
				}
				if a.json {
					return a.print(map[string]any{"id": subject, "deleted": true})
				}
				a.remark("%s deleted", subject)
				return nil
			})
		},
	}
}

func remove(ctx context.Context, c *client.Client, subject string) error {
	switch {
	case id.Valid(id.Mesh, subject):
		return c.DeleteMesh(ctx, subject)
	case id.Valid(id.Batch, subject):
		return c.DeleteBatch(ctx, subject)
	case id.Valid(id.Geometry, subject):
		return c.DeleteGeometry(ctx, subject)
	case id.Valid(id.Share, subject):
		return c.RevokeShare(ctx, subject)
	}
	return c.DeleteProject(ctx, subject)
}
