package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/cadfile"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

// batchOptions are the flags of `meshgen batch`.
type batchOptions struct {
	submitOptions
	specs   []string
	name    string
	out     string
	formats []string
}

func (a *app) batchCommand() *cobra.Command {
	var o batchOptions
	c := &cobra.Command{
		Use:   "batch FILE|ADDRESS|GEOMETRY...",
		Short: "Mesh many files by many specs, and fetch them as one archive",
		Long: "Sends CAD files and asks for a mesh of each by each spec; one at an address (https://…) is fetched by the service,\n" +
			"and a geometry that is there already is named by its id.\n\n" +
			"Prints the id of the batch. With --wait it follows the work and prints a row for each mesh; -o fetches\n" +
			"a ZIP with the files of all meshes and a manifest. Ctrl-C then cancels what is not finished.",
		Example: "  meshgen batch part1.step part2.step --spec coarse.json --spec fine.json -o study.zip\n" +
			"  meshgen batch variants/*.step --format msh --format vtk --wait -o variants.zip",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			request, err := o.request(args, c.InOrStdin)
			if err != nil {
				return err
			}
			return a.batch(c.Context(), args, &o, request)
		},
	}
	flags := c.Flags()
	flags.StringArrayVar(&o.specs, "spec", nil, "JSON `file` with a mesh spec, - for standard input; may be given several times (default: the default spec)")
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait for the meshes; -o implies it")
	flags.StringVarP(&o.out, "output", "o", "", "ZIP `file` to fetch")
	flags.StringArrayVar(&o.formats, "format", nil, "formats of the archive: "+strings.Join(downloadable, ", ")+" (default msh)")
	flags.StringVar(&o.name, "name", "", "what to call the batch")
	flags.StringVar(&o.project, "project", "", "project (id) to put the files and the batch into")
	flags.StringVar(&o.spec.units, "units", "", "unit of the numbers where the file has none (STL, BREP): "+strings.Join(spec.Units, ", "))
	flags.SortFlags = false
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(downloadable, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("units", cobra.FixedCompletions(spec.Units, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// checkOutput finds out whether the archive can be written, and takes the place of nothing that is read. That of a CAD file is
// not meant: -o variants/*.step names the first of the files, and the others are the parts.
func (o *batchOptions) checkOutput(parts []string) error {
	if o.out == "" {
		return nil
	}
	if cadfile.IsNamed(o.out) {
		return usage("-o %s is the name of a CAD file: the archive is a ZIP, such as -o study.zip", o.out)
	}
	var read []named
	for _, part := range parts {
		read = append(read, named{"the part", part})
	}
	for _, file := range o.specs {
		read = append(read, named{"--spec", file})
	}
	return writable([]named{{"-o", o.out}}, read...)
}

// request reads the spec files, and finds what is wrong with the flags before anything is sent.
func (o *batchOptions) request(parts []string, in func() io.Reader) (types.CreateBatch, error) {
	o.wait = o.wait || o.out != ""
	request := types.CreateBatch{Name: o.name, ProjectID: o.project}
	for _, f := range o.formats {
		if !slices.Contains(downloadable, f) {
			return request, usage("--format must be one of %s", strings.Join(downloadable, ", "))
		}
	}
	if len(o.formats) > 0 && o.out == "" {
		return request, usage("--format is of the archive: name it with -o")
	}
	if err := o.checkOutput(parts); err != nil {
		return request, err
	}
	if o.project != "" && !id.Valid(id.Project, o.project) {
		return request, usage("--project %s is not the id of a project (prj_…); see meshgen ls projects", o.project)
	}
	if o.spec.units != "" && !slices.Contains(spec.Units, o.spec.units) {
		return request, usage("--units must be one of %s", strings.Join(spec.Units, ", "))
	}
	var bad spec.Errors
	for _, file := range o.specs {
		asked, err := readSpec(file, in)
		if err == nil {
			_, err = asked.Resolve()
		}
		if fields, ok := errors.AsType[spec.Errors](err); ok {
			for _, e := range fields {
				if !strings.HasSuffix(e.Path, specPlace(file)) {
					e.Path += " in " + specPlace(file)
				}
				bad = append(bad, e)
			}
		} else if err != nil {
			return request, err
		}
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		if file == stdin {
			name = "stdin"
		}
		request.Specs = append(request.Specs, types.BatchSpec{Name: name, Spec: asked})
	}
	if len(request.Specs) == 1 { // there is nothing to tell apart
		request.Specs[0].Name = ""
	}
	if bad != nil {
		return request, bad
	}
	return request, nil
}

func (a *app) batch(ctx context.Context, args []string, o *batchOptions, request types.CreateBatch) error {
	for _, arg := range args {
		if err := o.sendable(arg); err != nil {
			return about(arg, err)
		}
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d parts", len(args))
	if len(args) == 1 {
		name = baseName(args[0])
	}
	p, stop := a.watch(name)
	defer stop()
	for i, arg := range args {
		geometryID := arg
		if !id.Valid(id.Geometry, arg) {
			p.set("sending", float64(i)/float64(len(args)))
			s := &submission{app: a, client: c, options: &o.submitOptions}
			g, err := s.geometry(ctx, &board{p: p, shares: make([]float64, 2)}, arg)
			if err != nil {
				return about(arg, err) // a batch is all of it or nothing
			}
			geometryID = g.ID
		}
		request.GeometryIDs = append(request.GeometryIDs, geometryID)
	}
	p.restart()
	b, err := createBatch(ctx, c, request, o.wait)
	if err != nil || !o.wait {
		stop()
		if err != nil {
			return err
		}
		return a.batchID(b)
	}
	b, err = awaitBatch(ctx, c, p, b)
	if ctx.Err() != nil {
		stop()
		a.takeBackBatch(ctx, c, b.ID)
		return context.Cause(ctx)
	}
	if err == nil && o.out != "" {
		p.set("download", 1)
		err = replace(o.out, func(w io.Writer) error { return c.Archive(ctx, b.ID, o.formats, w, nil) })
	}
	stop()
	if err != nil {
		return about(b.ID, err)
	}
	if err := a.printBatch(b); err != nil {
		return err
	}
	return batchFailure(b)
}

// createBatch asks for the batch. Where that is cut short, the request may have arrived though its answer did not: asked
// again with the same key, the server names the batch, which is taken back.
func createBatch(ctx context.Context, c *client.Client, request types.CreateBatch, waits bool) (types.Batch, error) {
	key := uuid.NewString()
	b, err := c.CreateBatch(ctx, request, key)
	if ctx.Err() != nil && waits {
		last, cancel := lastMoment(ctx)
		defer cancel()
		if b, e := c.CreateBatch(last, request, key); e == nil {
			_, _ = c.CancelBatch(last, b.ID) // what goes on is listed by meshgen ls
		}
		return b, context.Cause(ctx)
	}
	return b, err
}

// awaitBatch follows one mesh after the other: those that ended meanwhile cost nothing.
func awaitBatch(ctx context.Context, c *client.Client, p *progress, b types.Batch) (types.Batch, error) {
	for {
		// The rows, not the counts: the two may be of different moments.
		i := slices.IndexFunc(b.Items, func(i types.BatchItem) bool { return !client.Final(i.Status) })
		if i < 0 {
			return b, nil
		}
		n := b.Counts.Total
		done := n - b.Counts.Queued - b.Counts.Running
		p.set(fmt.Sprintf("%d of %d", done, n), float64(done)/float64(max(n, 1)))
		for _, err := range c.Follow(ctx, b.Items[i].MeshID, "") {
			if err != nil && !client.IsNotFound(err) { // one that somebody deleted is not waited for
				return b, err
			}
		}
		next, err := c.Batch(ctx, b.ID)
		if err != nil {
			return b, err
		}
		b = next
	}
}

func (a *app) takeBackBatch(ctx context.Context, c *client.Client, batchID string) {
	ctx, cancel := lastMoment(ctx)
	defer cancel()
	if _, err := c.CancelBatch(ctx, batchID); err != nil {
		a.remark("%s could not be canceled: %s", batchID, firstLine(err))
		return
	}
	a.remark("%s canceled", batchID)
}

// batchID prints what a program goes on with.
func (a *app) batchID(b types.Batch) error {
	if a.json {
		return a.print(b)
	}
	_, err := fmt.Fprintln(a.out.w, b.ID)
	return err
}

// batchStatus is the status of a batch as a whole, and how far it is.
func batchStatus(b types.BatchSummary) (status string, progress float64) {
	n := b.Counts
	switch {
	case !b.Done && n.Running+n.Succeeded+n.Failed+n.Canceled == 0:
		return "queued", 0
	case !b.Done:
		return "running", float64(n.Succeeded+n.Failed+n.Canceled) / float64(max(n.Total, 1))
	case n.Failed > 0:
		return "failed", 1
	case n.Canceled > 0:
		return "canceled", 1
	}
	return "succeeded", 1
}

// printBatch prints a row for each mesh.
func (a *app) printBatch(b types.Batch) error {
	if a.json {
		return a.print(b)
	}
	if a.quiet {
		return nil
	}
	status, progress := batchStatus(b.BatchSummary)
	a.headline(b.ID, status, "", progress)
	t := newTable("PART", "SPEC", "STATUS", ">ELEMENTS", ">MIN SICN", ">SECONDS", "WHY")
	for _, i := range b.Items {
		elements, sicn, took := "", "", ""
		if i.Status == "succeeded" {
			elements, sicn = count(i.Elements), fmt.Sprintf("%.3f", i.MinSICN)
		}
		if client.Final(i.Status) && i.Seconds > 0 {
			took = fmt.Sprintf("%.2f", i.Seconds)
		}
		t.row(i.Filename, b.Specs[i.Spec].Name, standing(i.Status, i.Progress), elements, sicn, took, i.ErrorCode)
	}
	column := t.index("STATUS")
	t.print(a.out, func(i int, cell string) style {
		if i == column {
			return statusStyle(cell)
		}
		return ""
	})
	return nil
}

// batchFailure is the error of a batch that is not whole: the exit code is that of the first mesh that failed.
func batchFailure(b types.Batch) error {
	for _, i := range b.Items {
		if i.Status == "failed" {
			d := diagnosis.New(diagnosis.Code(i.ErrorCode), "%d of %d meshes failed, the first of %s: %s", b.Counts.Failed, b.Counts.Total, i.Filename, i.Error)
			return about(b.ID, d)
		}
	}
	if b.Counts.Canceled > 0 {
		return &canceledError{b.ID}
	}
	return nil
}
