package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/spf13/cobra"

	"meshgen/internal/client"
)

// app is one invocation.
type app struct {
	out, err screen
	json     bool // standard output is for a program
	quiet    bool // standard error is for errors only
	noColor  bool
	server   string
	apiKey   string
	parsed   bool // the command line was understood: what fails now is no matter of usage

	mu       sync.Mutex // what several pieces of work tell is told one after the other
	progress *progress
}

// Main runs a command line and returns the exit code.
func Main(args []string, stdout, stderr *os.File) int {
	a := &app{out: newScreen(stdout), err: newScreen(stderr)}
	ctx, stop := interruptible(context.Background(), a.err)
	defer stop()
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.finish(ctx, root.ExecuteContext(ctx))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "meshgen",
		Short: "Turn CAD files into volume meshes",
		Long: "Meshgen turns CAD files (STEP, IGES, BREP, STL) into volume meshes for simulation.\n\n" +
			"`meshgen mesh` works on this machine with no server. The other commands use a Meshgen service\n" +
			"(--server, MESHGEN_SERVER).",
		Example:       "  meshgen mesh part.step -o part.msh\n  meshgen submit part.step --size 2 -o part.vtk",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		PersistentPreRun: func(*cobra.Command, []string) {
			a.parsed = true
			if a.noColor {
				a.out.color, a.err.color = false, false
			}
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.server, "server", "", "address of the service (default MESHGEN_SERVER or http://localhost:8080)")
	flags.StringVar(&a.apiKey, "api-key", "", "API key (default MESHGEN_API_KEY, which other users of this machine cannot see)")
	flags.BoolVar(&a.json, "json", false, "print JSON on standard output, for programs")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print nothing but errors on standard error, and no summary")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (also NO_COLOR)")
	root.AddGroup(&cobra.Group{ID: "here", Title: "On this machine:"}, &cobra.Group{ID: "there", Title: "With a service:"},
		&cobra.Group{ID: "operator", Title: "With the database of a service:"})
	for _, c := range []*cobra.Command{a.meshCommand(), a.versionCommand()} {
		c.GroupID = "here"
		root.AddCommand(c)
	}
	for _, c := range []*cobra.Command{
		a.submitCommand(), a.batchCommand(), a.waitCommand(), a.statusCommand(), a.eventsCommand(), a.downloadCommand(),
		a.listCommand(), a.shareCommand(), a.webhookCommand(), a.cancelCommand(), a.removeCommand(), a.poolCommand(), a.doctorCommand(),
	} {
		c.GroupID = "there"
		root.AddCommand(c)
	}
	admin := a.adminCommand()
	admin.GroupID = "operator"
	root.AddCommand(admin)
	return root
}

// connect returns the client of the service.
func (a *app) connect() (*client.Client, error) {
	var cfg client.Config
	if err := env.Parse(&cfg); err != nil {
		return nil, usage("%s", err)
	}
	if a.server != "" {
		cfg.Server = a.server
		if !strings.Contains(cfg.Server, "://") {
			cfg.Server = "http://" + cfg.Server
		}
	}
	if a.apiKey != "" {
		cfg.APIKey = client.APIKey(a.apiKey)
	}
	cfg.UserAgent = "meshgen/" + version()
	cfg.Waiting = a.waiting
	c, err := client.New(cfg)
	if err != nil {
		return nil, usage("%s", err)
	}
	return c, nil
}

// waiting says that a call is about to be sent again: a person should not look at a terminal that says nothing.
func (a *app) waiting(err error) {
	if a.progress != nil {
		a.progress.waiting(err)
		return
	}
	a.remark("%s; trying again", firstLine(err))
}

// remark prints a line for a person on standard error, above the progress bar if there is one.
func (a *app) remark(format string, args ...any) {
	if a.quiet {
		return
	}
	a.aside(fmt.Sprintf(format, args...))
}

// aside prints a line on standard error, above the progress bar if there is one.
func (a *app) aside(line string) {
	if a.progress != nil {
		a.progress.above(line)
		return
	}
	a.err.line(line)
}

// print writes one JSON document as one line on standard output.
func (a *app) print(v any) error {
	e := json.NewEncoder(a.out.w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// below prints an answer on standard output while a bar stands on standard error, which may be the same terminal.
func (a *app) below(print func(screen)) {
	if a.progress == nil {
		print(a.out)
		return
	}
	a.progress.without(func() { print(a.out) })
}

// watch shows how far something is, until the returned function is called.
func (a *app) watch(subject string) (p *progress, stop func()) {
	p = newProgress(a.err, subject, a.progressStyle())
	a.progress = p
	return p, func() {
		p.stop()
		a.progress = nil
	}
}

func (a *app) progressStyle() progressStyle {
	switch {
	case a.quiet:
		return noProgress
	case a.err.canRedraw():
		return barProgress
	case a.json: // a program reads, nobody watches
		return noProgress
	}
	return lineProgress
}

// each does f for every argument. Failures are told as they happen; the first one is returned.
func (a *app) each(ctx context.Context, args []string, f func(arg string) error) error {
	var first error
	for _, arg := range args {
		err := f(arg)
		if ctx.Err() != nil {
			return errors.Join(first, err)
		}
		if err == nil {
			continue
		}
		err = a.tell(about(arg, err))
		if first == nil {
			first = err
		}
	}
	return first
}

// since is the time of an invocation, for summaries.
func since(began time.Time) float64 { return time.Since(began).Seconds() }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
