package cli

import (
	"context"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// meshOptions are the flags of `meshgen mesh`.
type meshOptions struct {
	spec    specFlags
	paths   []string
	formats []string
	report  string
	log     string
	threads int
	race    time.Duration
}

func (a *app) meshCommand() *cobra.Command {
	var o meshOptions
	c := &cobra.Command{
		Use:   "mesh FILE -o FILE",
		Short: "Mesh a file on this machine, without a service",
		Long: "Meshes a CAD file (STEP, IGES, BREP, STL) on this machine.\n\n" +
			"The extension of the output names its format: " + strings.Join(known(), " ") + ".\n" +
			"The engine is the program \"engine\" beside this one, or MESHGEN_ENGINE.",
		Example: "  meshgen mesh part.step -o part.msh\n" +
			"  meshgen mesh part.step -o part.msh -o part.vtu --size 2 --order 2\n" +
			"  meshgen mesh part.step -o part.inp -o part.foam.zip\n" +
			"  meshgen mesh scan.stl --units mm -o scan.msh --format msh2 --report scan.json",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.meshHere(c.Context(), args[0], &o) },
	}
	flags := c.Flags()
	flags.StringArrayVarP(&o.paths, "output", "o", nil, "`file` to write, in the format of its extension; may be given several times")
	flags.StringArrayVar(&o.formats, "format", nil, "format of the -o in the same place: "+spec.FormatList())
	o.spec.add(c)
	flags.StringVar(&o.report, "report", "", "`file` for the report (JSON)")
	flags.StringVar(&o.log, "log", "", "`file` for the mesher's log; - prints it on standard error")
	flags.IntVar(&o.threads, "threads", min(runtime.GOMAXPROCS(0), maxThreads), "threads of the mesher")
	flags.DurationVar(&o.race, "race-after", 0, "`time` after which another way is tried beside the one that runs, in a second engine, such as 10s; the first mesh counts")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(spec.Formats, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// meshResult is what `meshgen mesh --json` prints.
type meshResult struct {
	File     string                `json:"file"`
	Status   string                `json:"status"` // succeeded, failed
	Outputs  []output              `json:"outputs"`
	Spec     spec.Spec             `json:"spec"` // as resolved
	Report   *engine.MeshReport    `json:"report,omitempty"`
	Error    *diagnosis.Diagnosis  `json:"error,omitempty"`
	Warnings []diagnosis.Diagnosis `json:"warnings"`
	Timings  []engine.Timing       `json:"timings"`
	Seconds  float64               `json:"seconds"` // all of it
}

func (a *app) meshHere(ctx context.Context, path string, o *meshOptions) error {
	began := time.Now()
	outs, resolved, err := o.check(path)
	if err != nil {
		return err
	}
	run := &localRun{app: a, threads: o.threads, units: o.spec.units, raceAfter: o.race}
	if err := run.openLog(o.log); err != nil {
		return err
	}
	defer run.close()
	result, err := run.mesh(ctx, path, resolved)
	if err != nil {
		return about(path, err)
	}
	answer := meshResult{
		File: path, Status: "failed", Outputs: []output{}, Spec: resolved, Report: result.Mesh, Error: result.Error,
		Warnings: append([]diagnosis.Diagnosis{}, result.Warnings...), Timings: result.Timings,
	}
	a.warnings(path, result.Warnings)
	if result.Error == nil {
		if answer.Outputs, err = run.deliver(outs, o.report, result.Warnings); err != nil {
			return about(path, err)
		}
		if err := run.complete(answer.Report); err != nil {
			return about(path, err)
		}
		answer.Status = "succeeded"
	}
	if err := run.closeLog(); err != nil {
		return err
	}
	answer.Seconds = engine.Seconds(time.Since(began))
	return a.answer(path, answer, run.unit())
}

// answer prints how it went.
func (a *app) answer(path string, r meshResult, unit string) error {
	if a.json {
		if err := a.print(r); err != nil {
			return err
		}
	}
	if r.Error != nil {
		err := about(path, r.Error)
		a.say(err)
		return told{err}
	}
	if !a.json && !a.quiet {
		s := summaryOfReport(r.Report, r.Timings)
		s.outputs, s.units, s.total = r.Outputs, unit, r.Seconds
		s.print(a.out)
	}
	return nil
}

// maxThreads is far beyond what helps, and what an engine can start for sure: one that cannot ends, as if the part were to blame.
const maxThreads = 1024

// check finds what is wrong with the command line before any work is done.
func (o *meshOptions) check(path string) ([]output, spec.Spec, error) {
	if len(o.paths) == 0 {
		return nil, spec.Spec{}, usage("say where to write the mesh, such as -o part.msh")
	}
	if o.threads < 1 || o.threads > maxThreads {
		return nil, spec.Spec{}, usage("--threads must be 1 to %d (is %d)", maxThreads, o.threads)
	}
	if o.race < 0 {
		return nil, spec.Spec{}, usage("--race-after must not be negative (is %s)", o.race)
	}
	outs, err := outputs(o.paths, o.formats)
	if err != nil {
		return nil, spec.Spec{}, err
	}
	var formats []string
	for _, out := range outs {
		formats = append(formats, out.Format)
	}
	_, resolved, err := o.spec.spec(formats)
	if err != nil {
		return nil, resolved, err
	}
	var written []named
	for _, path := range o.paths {
		written = append(written, named{"-o", path})
	}
	written = append(written, named{"--report", o.report})
	if o.log != "-" {
		written = append(written, named{"--log", o.log})
	}
	return outs, resolved, writable(written, named{"the part", path}, named{"--spec", o.spec.file})
}
