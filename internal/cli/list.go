package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/id"
)

// listOptions are the flags of `meshgen ls`.
type listOptions struct {
	filter client.Filter
	page   client.Page
	all    bool
}

func (a *app) listCommand() *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:     "ls [meshes|batches|geometries|projects|shares]",
		Aliases: []string{"list"},
		Short:   "List meshes, batches, geometries, projects or share links, newest first",
		Long: "Lists meshes (or batches, geometries, projects, share links), newest first, a page at a time.\n" +
			"--json prints {\"items\": [...], \"next_cursor\": \"...\"}; the cursor is absent on the last page.",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"meshes", "batches", "geometries", "projects", "shares"},
		RunE: func(c *cobra.Command, args []string) error {
			what := "meshes"
			if len(args) == 1 {
				what = args[0]
			}
			if err := o.check(what); err != nil {
				return err
			}
			service, err := a.connect()
			if err != nil {
				return err
			}
			return a.list(c.Context(), service, what, o)
		},
	}
	flags := c.Flags()
	flags.IntVarP(&o.page.Limit, "limit", "n", 20, "items of a page, 1 to 200")
	flags.StringVar(&o.page.Cursor, "cursor", "", "where the page before ended")
	flags.BoolVarP(&o.all, "all", "a", false, "all pages")
	flags.StringVar(&o.filter.Status, "status", "", "meshes in this status: queued, running, succeeded, failed, canceled")
	flags.StringVar(&o.filter.GeometryID, "geometry", "", "meshes of this geometry (id)")
	flags.StringVar(&o.filter.ProjectID, "project", "", "meshes, batches or geometries of this project (id)")
	_ = c.RegisterFlagCompletionFunc("status",
		cobra.FixedCompletions([]string{"queued", "running", "succeeded", "failed", "canceled"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (o *listOptions) check(what string) error {
	if o.page.Limit < 1 || o.page.Limit > 200 {
		return usage("--limit must be 1 to 200 (is %d)", o.page.Limit)
	}
	if o.filter.Status != "" && what != "meshes" || o.filter.GeometryID != "" && what != "meshes" {
		return usage("--status and --geometry are for meshes")
	}
	if o.filter.ProjectID != "" && (what == "projects" || what == "shares") {
		return usage("--project is for meshes, batches and geometries")
	}
	if o.filter.ProjectID != "" && !id.Valid(id.Project, o.filter.ProjectID) {
		return usage("--project %s is not the id of a project (prj_…)", o.filter.ProjectID)
	}
	if o.filter.GeometryID != "" && !id.Valid(id.Geometry, o.filter.GeometryID) {
		return usage("--geometry %s is not the id of a geometry (geo_…)", o.filter.GeometryID)
	}
	return nil
}

func (a *app) list(ctx context.Context, c *client.Client, what string, o listOptions) error {
	switch what {
	case "geometries":
		return list(ctx, a, o, newTable("ID", "STATUS", "CREATED", ">SIZE", ">SOLIDS", ">FACES", "FILE"),
			func(p client.Page) ([]types.GeometrySummary, string, error) {
				l, err := c.Geometries(ctx, o.filter, p)
				return l.Items, l.NextCursor, err
			},
			func(g types.GeometrySummary) []string {
				solids, faces := "", ""
				if g.Status == "succeeded" {
					solids, faces = count(g.SolidCount), count(g.FaceCount)
				}
				return []string{g.ID, standing(g.Status, g.Progress), moment(g.CreatedAt), size(g.Size), solids, faces, g.Filename}
			})
	case "batches":
		return list(ctx, a, o, newTable("ID", "STATUS", "CREATED", ">MESHES", ">FAILED", "NAME"),
			func(p client.Page) ([]types.BatchSummary, string, error) {
				l, err := c.Batches(ctx, o.filter, p)
				return l.Items, l.NextCursor, err
			},
			func(b types.BatchSummary) []string {
				return []string{b.ID, standing(batchStatus(b)), moment(b.CreatedAt), count(b.Counts.Total), count(b.Counts.Failed), b.Name}
			})
	case "shares":
		return list(ctx, a, o, newTable("ID", "STATUS", "EXPIRES", "LAST USED", "MESH"),
			func(p client.Page) ([]types.Share, string, error) {
				l, err := c.Shares(ctx, p)
				return l.Items, l.NextCursor, err
			},
			func(s types.Share) []string {
				used := "never"
				if s.LastUsedAt != nil {
					used = moment(*s.LastUsedAt)
				}
				return []string{s.ID, s.Status, moment(s.ExpiresAt), used, s.MeshID}
			})
	case "projects":
		return list(ctx, a, o, newTable("ID", "CREATED", "NAME"),
			func(p client.Page) ([]types.Project, string, error) {
				l, err := c.Projects(ctx, p)
				return l.Items, l.NextCursor, err
			},
			func(p types.Project) []string { return []string{p.ID, moment(p.CreatedAt), p.Name} })
	}
	return list(ctx, a, o, newTable("ID", "STATUS", "CREATED", ">NODES", ">ELEMENTS", "STRATEGY", "WHY"),
		func(p client.Page) ([]types.MeshSummary, string, error) {
			l, err := c.Meshes(ctx, o.filter, p)
			return l.Items, l.NextCursor, err
		},
		func(m types.MeshSummary) []string {
			nodes, elements, why := "", "", ""
			if m.Counts != nil {
				nodes, elements = count(m.Counts.Nodes), count(volumeElements(m.Counts.Elements))
			}
			if m.Error != nil {
				why = string(m.Error.Code)
			}
			return []string{m.ID, standing(m.Status, m.Progress), moment(m.CreatedAt), nodes, elements, m.Strategy, why}
		})
}

// standing is a status, with how far it is where that says something.
func standing(status string, progress float64) string {
	if status == "running" {
		return status + " " + strings.TrimSpace(percent(progress))
	}
	return status
}

// volumeElements counts the elements that fill space.
func volumeElements(elements map[string]int) int {
	n := 0
	for _, kind := range []string{"tetrahedron", "hexahedron", "prism", "pyramid", "trihedron"} {
		n += elements[kind]
	}
	return n
}

// list prints a page, or all pages.
func list[T any](ctx context.Context, a *app, o listOptions, t *table, fetch func(client.Page) ([]T, string, error), row func(T) []string) error {
	items := []T{}
	page := o.page
	for {
		some, next, err := fetch(page)
		if err != nil {
			return err
		}
		items = append(items, some...)
		page.Cursor = next
		if next == "" || !o.all || ctx.Err() != nil {
			break
		}
	}
	if a.json {
		answer := map[string]any{"items": items}
		if page.Cursor != "" {
			answer["next_cursor"] = page.Cursor
		}
		return a.print(answer)
	}
	for _, item := range items {
		t.row(row(item)...)
	}
	if len(items) == 0 {
		a.remark("none")
		return nil
	}
	status := t.index("STATUS")
	t.print(a.out, func(column int, cell string) style {
		if column == status {
			return statusStyle(cell)
		}
		return ""
	})
	if page.Cursor != "" {
		a.remark("more: --cursor %s", page.Cursor)
	}
	return nil
}
