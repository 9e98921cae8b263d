package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
)

func (a *app) poolCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pool",
		Short: "Show the workers, their engines and the queue",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			service, err := a.connect()
			if err != nil {
				return err
			}
			p, err := service.Pool(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.print(p)
			}
			a.printPool(p)
			return nil
		},
	}
}

func (a *app) printPool(p types.Pool) {
	q := p.Queue
	line := fmt.Sprintf("%d queued, %d waiting, %d running", q.Queued, q.Waiting, q.Running)
	if q.Queued > 0 {
		line += ", the oldest ready for " + seconds(q.OldestSeconds)
	}
	a.out.line(a.out.paint(dim, "queue") + "  " + line)
	a.printClasses(q)
	if len(p.Workers) == 0 {
		a.remark("no worker has reported itself: nothing will be meshed")
		return
	}
	a.out.line("")
	t := newTable("WORKER", "HOST", "SINCE", "DEVICE", ">THREADS", ">BUSY", ">WARM", ">OTHER", ">CRASHED", ">RECYCLED", ">MEMORY", "ENGINE")
	for _, w := range p.Workers {
		states := map[string]int{}
		var rss int64
		for _, e := range w.Pool.Engines {
			rss += e.RSS
			switch e.State {
			case "busy":
				states[e.State]++
			case "warm", "speculating":
				states["warm"]++
			default:
				states["other"]++
			}
		}
		recycled := 0
		for _, n := range w.Pool.Recycled {
			recycled += n
		}
		t.row(w.ID, w.Host, moment(w.Started), w.Device, count(w.Threads),
			fmt.Sprintf("%d/%d", states["busy"], w.Pool.Capacity), count(states["warm"]), count(states["other"]),
			count(w.Pool.Crashes), count(recycled), size(rss), w.Engine.EngineVersion)
	}
	t.print(a.out, nil)
	for _, w := range p.Workers {
		if w.Pool.LastStartError != "" {
			a.remark("%s: the last start of an engine failed: %s", w.ID, printable(w.Pool.LastStartError))
		}
	}
}

// printClasses tells what waits of each class, for how long one more would wait, and how fast the work goes.
func (a *app) printClasses(q types.Queue) {
	for _, class := range []struct {
		name string
		types.ClassQueue
	}{{"interactive", q.Interactive}, {"batch", q.Batch}} {
		line := fmt.Sprintf("       %d %s wait", class.Waiting, class.name)
		if class.WaitSeconds != nil {
			line += ", one more would for about " + seconds(*class.WaitSeconds)
		}
		a.out.line(line)
	}
	if q.MedianSeconds > 0 {
		a.out.line(fmt.Sprintf("       %.3g a minute, %s each", q.PerMinute, seconds(q.MedianSeconds)))
	}
	a.out.line(fmt.Sprintf("       yours: %d wait, %d run", q.Yours.Waiting, q.Yours.Running))
}

// release is the version of a release; the linker sets it (-X meshgen/internal/cli.release=1.2.3).
var release string

// version returns the release, or the commit that the program was built from.
func version() string {
	if release != "" {
		return release
	}
	if commit, dirty := commit(); commit != "" {
		if dirty {
			return commit + "+changes"
		}
		return commit
	}
	return "devel"
}

// commit returns what the build says of its source.
func commit() (hash string, dirty bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", false
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			hash = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	return hash, dirty
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			platform := runtime.GOOS + "/" + runtime.GOARCH
			if a.json {
				hash, _ := commit()
				return a.print(map[string]string{"version": version(), "commit": hash, "go": runtime.Version(), "platform": platform})
			}
			_, err := fmt.Fprintf(a.out.w, "meshgen %s (%s, %s)\n", version(), runtime.Version(), platform)
			return err
		},
	}
}
