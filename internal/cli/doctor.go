package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"meshgen/internal/client"
)

// doctor looks at an installation from outside, as its users do, or at the machine of a worker, and says for each thing
// that is wrong what to do about it.
type doctor struct {
	app      *app
	findings []finding
}

// finding is one thing that was looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Do   string `json:"do,omitempty"`
}

// errNotWell ends a look that found something.
var errNotWell = errors.New("not all is well")

func (a *app) doctorCommand() *cobra.Command {
	var here, lookOnly bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at an installation and say what to do",
		Long: "Asks the service whether it and its servers are well, looks at its workers and its queue, and has a cube meshed, as a\n" +
			"user would; what it made is deleted again. With --here it looks at this machine instead: whether an engine starts,\n" +
			"within its walls. It ends with 5 if something is wrong.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d := &doctor{app: a}
			if here {
				d.lookHere(c.Context())
			} else {
				service, err := a.connect()
				if err != nil {
					return err
				}
				d.lookAt(c.Context(), service, !lookOnly)
			}
			if cause := context.Cause(c.Context()); cause != nil {
				return cause
			}
			return d.conclude()
		},
	}
	c.Flags().BoolVar(&here, "here", false, "look at this machine, where a worker is to run")
	c.Flags().BoolVar(&lookOnly, "look-only", false, "mesh nothing")
	c.MarkFlagsMutuallyExclusive("here", "look-only")
	return c
}

// well records that something is as it should be.
func (d *doctor) well(what, says string, args ...any) {
	d.add(finding{What: what, OK: true, Says: fmt.Sprintf(says, args...)})
}

// wrong records that something is not, and what to do.
func (d *doctor) wrong(what, says, do string) {
	d.add(finding{What: what, Says: says, Do: do})
}

func (d *doctor) add(f finding) {
	d.findings = append(d.findings, f)
	if d.app.json {
		return
	}
	out := d.app.out
	mark := out.paint(green, "well ")
	if !f.OK {
		mark = out.paint(red, "WRONG")
	}
	out.line(fmt.Sprintf("%s  %-9s %s", mark, f.What, printable(f.Says)))
	if f.Do != "" {
		out.line("                 " + out.paint(bold, "do: ") + f.Do)
	}
}

func (d *doctor) conclude() error {
	if d.app.json {
		if err := d.app.print(d.findings); err != nil {
			return err
		}
	}
	for _, f := range d.findings {
		if !f.OK {
			return told{errNotWell}
		}
	}
	return nil
}

// lookAt looks at a service: what does not answer ends the look.
func (d *doctor) lookAt(ctx context.Context, service *client.Client, mesh bool) {
	if !d.lookAtAPI(ctx, service) || !d.lookAtWorkers(ctx, service) || !mesh {
		return
	}
	d.meshCube(ctx, service)
}

// what to do about a server that the API cannot use, by its name in /readyz.
var serverAdvice = map[string]string{
	"postgres": "start it, or mend MESHGEN_DATABASE_URL; if its schema is older, run `api migrate`. The API's log has the reason",
	"redis":    "start it, or mend MESHGEN_REDIS_URL; jobs go on meanwhile, more slowly. The API's log has the reason",
	"s3":       "look at MESHGEN_S3_ENDPOINT, the bucket (`api bucket` makes it) and the keys or the role. The API's log has the reason",
	"process":  "nothing, if it is being replaced: another process should answer in a moment",
}

func (d *doctor) lookAtAPI(ctx context.Context, service *client.Client) bool {
	began := time.Now()
	ready, err := service.Ready(ctx)
	if err != nil {
		d.wrong("api", firstLine(err), "is it running, and is this its address (--server, MESHGEN_SERVER)? At start it says in its log what it waits for")
		return false
	}
	d.well("api", "%s answers in %s", service.Server(), seconds(time.Since(began).Seconds()))
	all := true
	for _, check := range ready.Checks {
		if check.OK {
			d.well(check.Name, "can be used by the API")
			continue
		}
		all = false
		d.wrong(check.Name, check.Reason, serverAdvice[check.Name])
	}
	return all
}

// longWait is how old the oldest job may be before a person should know.
const longWait = 2 * time.Minute

func (d *doctor) lookAtWorkers(ctx context.Context, service *client.Client) bool {
	pool, err := service.Pool(ctx)
	if p, ok := errors.AsType[*client.Problem](err); ok && (p.Status == 401 || p.Status == 403) {
		d.wrong("key", p.Detail, "give a key in MESHGEN_API_KEY; `meshgen admin keys create` makes the first one")
		return false
	}
	if err != nil {
		d.wrong("workers", firstLine(err), "the API's log has the reason")
		return false
	}
	if len(pool.Workers) == 0 {
		d.wrong("workers", "none has reported itself in the last 15 seconds", "start one. If one runs: its log says what it waits for, and `worker healthcheck` beside it whether it reaches Redis")
		return false
	}
	ready, versions := 0, map[string]bool{}
	for _, w := range pool.Workers {
		warm := 0
		for _, e := range w.Pool.Engines {
			if slices.Contains([]string{"warm", "speculating", "busy"}, e.State) {
				warm++
			}
		}
		ready += warm
		versions[w.Engine.EngineVersion] = true
		name := fmt.Sprintf("%s on %s", w.ID, w.Host)
		switch {
		case warm == 0:
			d.wrong("worker", fmt.Sprintf("%s: no engine is ready. %s", name, firstLine(errors.New(w.Pool.LastStartError))),
				"run `meshgen doctor --here` on that machine, in the worker's image")
		case w.Engine.Walls.Landlock == 0 || !w.Engine.Walls.Seccomp:
			d.wrong("worker", name+": its engines run without all of their walls", "set MESHGEN_ENGINE_SANDBOX=require, on Linux 6.2 or later with Landlock: docs/security.md")
		default:
			d.well("worker", "%s: %d of %d engines ready, Landlock %d and seccomp", name, warm, w.Pool.Capacity+w.Pool.Spares, w.Engine.Walls.Landlock)
		}
	}
	if len(versions) > 1 {
		d.wrong("versions", fmt.Sprintf("workers hold %d versions of the engine", len(versions)), "nothing, while an update is under way; otherwise give all workers one image: results are reused within a version only")
	}
	q := pool.Queue
	if oldest := time.Duration(q.OldestSeconds * float64(time.Second)); oldest > longWait {
		d.wrong("queue", fmt.Sprintf("%d jobs wait, the oldest for %s", q.Queued, seconds(oldest.Seconds())), "add workers, or see whose jobs they are: `meshgen pool`, docs/queue.md")
	} else {
		d.well("queue", "%d queued, %d running", q.Queued, q.Running)
	}
	return ready > 0
}

// lookHere looks at this machine as one that a worker is to run on.
func (d *doctor) lookHere(ctx context.Context) {
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		d.well("kernel", "Linux %s", firstLine(errors.New(string(text))))
	}
	d.lookAtEngine(ctx)
}
