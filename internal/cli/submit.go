package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

// submitOptions are the flags of `meshgen submit`.
type submitOptions struct {
	spec    specFlags
	wait    bool
	batch   bool
	project string
	targets targets
}

func (a *app) submitCommand() *cobra.Command {
	var o submitOptions
	c := &cobra.Command{
		Use:   "submit FILE|ADDRESS|GEOMETRY...",
		Short: "Send files to the service and mesh them there",
		Long: "Uploads CAD files and asks for a mesh of each. One that is at an address (https://…) is fetched by the service,\n" +
			"and not by this machine; a geometry that is there already is named by its id.\n\n" +
			"Prints the id of each mesh, a line each. With --wait it follows the work, prints a summary\n" +
			"and fetches the files of -o; Ctrl-C then cancels what is not finished.",
		Example: "  meshgen submit part.step --wait\n" +
			"  meshgen submit part.step -o part.msh --size 2\n" +
			"  meshgen submit https://files.example.com/part.step -o part.msh\n" +
			"  meshgen submit variants/*.step -o meshes/ --format vtk --batch",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.submit(c.Context(), args, &o) },
	}
	flags := c.Flags()
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait for the meshes; -o implies it")
	o.targets.add(c)
	o.spec.add(c)
	flags.StringVar(&o.project, "project", "", "project (id) to put the files into")
	flags.BoolVar(&o.batch, "batch", false, "let work that somebody waits for go first")
	return c
}

func (a *app) submit(ctx context.Context, args []string, o *submitOptions) error {
	o.wait = o.wait || len(o.targets.paths) > 0
	if err := o.targets.check(args, named{"--spec", o.spec.file}); err != nil {
		return err
	}
	asked, _, err := o.spec.spec(o.targets.wanted())
	if err != nil {
		return err
	}
	if o.project != "" && !id.Valid(id.Project, o.project) {
		return usage("--project %s is not the id of a project (prj_…); see meshgen ls projects", o.project)
	}
	for _, arg := range args {
		if err := o.sendable(arg); err != nil {
			return about(arg, err)
		}
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	s := &submission{app: a, client: c, options: o, spec: asked, began: time.Now()}
	return s.run(ctx, args)
}

// sendable finds what is wrong with an argument before anything is sent.
func (o *submitOptions) sendable(arg string) error {
	if id.Valid(id.Geometry, arg) {
		if o.spec.units != "" {
			return usage("--units belong to a file; those of a geometry were given when it was sent")
		}
		return nil
	}
	if isAddress(arg) {
		return checkAddress(arg)
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no such file")
	case err != nil:
		return usage("%s", err)
	case !info.Mode().IsRegular():
		return usage("is not a regular file")
	}
	return nil
}

// submission is one `meshgen submit` on its way.
type submission struct {
	app     *app
	client  *client.Client
	options *submitOptions
	spec    spec.Spec
	began   time.Time

	mu      sync.Mutex
	pending map[string]bool // meshes that are not known to be final
}

// waiters bounds how many meshes are followed at once: each takes a connection.
const waiters = 16

// run sends one file after the other, and waits for the meshes meanwhile.
func (s *submission) run(ctx context.Context, args []string) error {
	s.pending = map[string]bool{}
	board, stop := s.app.board(args)
	defer stop()
	var following errgroup.Group
	following.SetLimit(waiters)
	failures := make([]error, len(args)) // by argument: the first one decides the exit code
	for i, arg := range args {
		mesh, err := s.send(ctx, board, arg)
		if err != nil {
			failures[i] = s.app.conclude(ctx, about(arg, err))
			board.finish(i)
			if ctx.Err() != nil || exitCode(err) == exitUnreachable {
				break // the others would fare the same
			}
			continue
		}
		if !s.options.wait {
			if failures[i] = s.app.submitted(arg, mesh); failures[i] != nil {
				break
			}
			board.finish(i)
			continue
		}
		following.Go(func() error {
			f := follow{app: s.app, client: s.client, board: board, slot: i, subject: arg, outputs: s.options.targets.of(arg), began: s.began}
			failures[i] = f.run(ctx, mesh.ID, s.settle)
			return nil
		})
	}
	_ = following.Wait() // they return nothing
	stop()
	if ctx.Err() != nil && s.options.wait {
		s.takeBack(ctx)
	}
	return firstOf(failures)
}

func firstOf(failures []error) error {
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// send uploads a file or has it fetched, unless it names a geometry, and asks for its mesh.
func (s *submission) send(ctx context.Context, board *board, arg string) (types.Mesh, error) {
	geometryID := arg
	if !id.Valid(id.Geometry, arg) {
		geometry, err := s.geometry(ctx, board, arg)
		if err != nil {
			return types.Mesh{}, err
		}
		geometryID = geometry.ID
	}
	request := types.CreateMesh{GeometryID: geometryID, Spec: s.spec}
	if s.options.batch {
		request.Class = "batch"
	}
	key := uuid.NewString()
	mesh, err := s.client.CreateMesh(ctx, request, key)
	if ctx.Err() != nil && s.options.wait {
		// The request may have arrived though its answer did not: asked again with the same key, the server names the mesh.
		last, cancel := lastMoment(ctx)
		defer cancel()
		if mesh, e := s.client.CreateMesh(last, request, key); e == nil {
			s.track(mesh.ID)
		}
		return types.Mesh{}, context.Cause(ctx)
	}
	if err == nil {
		s.track(mesh.ID)
	}
	return mesh, err
}

// geometry makes a geometry of a file, here or at an address.
func (s *submission) geometry(ctx context.Context, board *board, arg string) (types.Geometry, error) {
	if isAddress(arg) {
		board.fetching()
		return s.fetch(ctx, arg)
	}
	return s.upload(ctx, board, arg)
}

func (s *submission) upload(ctx context.Context, board *board, path string) (types.Geometry, error) {
	f, err := os.Open(path)
	if err != nil {
		return types.Geometry{}, usage("%s", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return types.Geometry{}, err
	}
	board.sending(0)
	return s.client.Upload(ctx, client.UploadFile{
		Name: filepath.Base(path), Bytes: f, Size: info.Size(), Units: s.options.spec.units, ProjectID: s.options.project,
		Sent: func(n int64) { board.sending(float64(n) / float64(max(info.Size(), 1))) },
	})
}

func (s *submission) track(meshID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[meshID] = true
}

func (s *submission) settle(meshID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, meshID)
}

// lastMoment returns a context for what has to be said after ctx has ended.
func lastMoment(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

// takeBack cancels what is not finished.
func (s *submission) takeBack(ctx context.Context) {
	ctx, cancel := lastMoment(ctx)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(waiters)
	for meshID := range s.pending {
		group.Go(func() error {
			if _, err := s.client.CancelMesh(ctx, meshID); err != nil {
				s.app.remark("%s could not be canceled: %s", meshID, firstLine(err))
				return nil
			}
			s.app.remark("%s canceled", meshID)
			return nil
		})
	}
	_ = group.Wait() // what went wrong has been said
}

// submitted prints what a program goes on with: the id of the mesh.
func (a *app) submitted(arg string, mesh types.Mesh) error {
	if a.json {
		return a.print(followed{File: arg, Mesh: mesh, Outputs: []output{}})
	}
	_, err := fmt.Fprintln(a.out.w, mesh.ID)
	return err
}

// targets says where the files of meshes go.
type targets struct {
	paths   []string
	formats []string
	folder  bool // the one path is a folder
}

func (t *targets) add(c *cobra.Command) {
	c.Flags().StringArrayVarP(&t.paths, "output", "o", nil,
		"`file` to fetch: .msh, .vtk or .stl; may be given several times; a folder (…/) for many parts")
	c.Flags().StringArrayVar(&t.formats, "format", nil, "format of the -o in the same place, or formats to make: "+spec.FormatList())
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(spec.Formats, cobra.ShellCompDirectiveNoFileComp))
}

// check finds out whether the paths can be written, beside the subjects and what else is read, and belong to the subjects one to one.
func (t *targets) check(subjects []string, read ...named) error {
	if len(t.paths) == 0 {
		return nil
	}
	if len(t.paths) == 1 {
		info, err := os.Stat(t.paths[0])
		t.folder = strings.HasSuffix(t.paths[0], "/") || err == nil && info.IsDir()
	}
	if !t.folder {
		if len(subjects) > 1 {
			return usage("name a folder for the meshes of several parts, such as -o meshes/")
		}
		if _, err := outputs(t.paths, t.formats); err != nil {
			return err
		}
	} else if err := os.MkdirAll(t.paths[0], 0o777); err != nil {
		return usage("-o %s: %s", t.paths[0], err)
	}
	owners := map[string]string{}
	var written []named
	for _, subject := range subjects {
		read = append(read, named{"the part", subject})
		for _, o := range t.of(subject) {
			if other, ok := owners[o.Path]; ok {
				return usage("%s and %s would both be written to %s", shown(other), shown(subject), o.Path)
			}
			owners[o.Path] = subject
			written = append(written, named{"-o", o.Path})
		}
	}
	return writable(written, read...)
}

// of returns the files of a subject.
func (t *targets) of(subject string) []output {
	if !t.folder {
		outs, err := outputs(t.paths, t.formats)
		if err != nil {
			panic(err) // check lets no such paths pass
		}
		return outs
	}
	stem := strings.TrimSuffix(baseName(subject), filepath.Ext(baseName(subject)))
	var outs []output
	for _, format := range t.wanted() {
		name := stem + "." + format
		if format == "msh2" && len(t.wanted()) == 1 {
			name = stem + ".msh"
		}
		outs = append(outs, output{Path: filepath.Join(t.paths[0], name), Format: format})
	}
	return outs
}

// wanted returns the formats that the service has to make; none leaves it to the spec.
func (t *targets) wanted() []string {
	switch {
	case len(t.formats) > 0:
		return t.formats
	case t.folder:
		return []string{"msh"}
	case len(t.paths) == 0:
		return nil
	}
	var formats []string
	for _, path := range t.paths {
		formats = append(formats, formatOf(path))
	}
	return formats
}
