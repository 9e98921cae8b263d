package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"meshgen/bench/times"
)

// report is the tables, in Markdown. They depend on no machine.
type report struct{ strings.Builder }

func (r *report) header(o options, files []time.Duration) {
	fmt.Fprintf(r, "# How many workers\n\nMade by `make simulate`: %d engines a worker, seed %d. A job takes what one of the %d files of `%s` took, and %s: ",
		o.engines, o.seed, len(files), filepath.Base(o.times), overhead)
	fmt.Fprintf(r, "%.1f s on average, %.1f s in the median, %.1f s at most.\n", mean(files).Seconds(), times.Median(files).Seconds(), times.Quantile(files, 1).Seconds())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

func (r *report) fleets(runs []fleet) {
	fmt.Fprint(r, "\n## Workers that stay\n\nPeople ask at random times, steadily.\n\n| jobs/h | workers | busy | waiting: median s | p95 s | p99 s | worker hours for 1,000 jobs |\n|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, f := range runs {
		fmt.Fprintf(r, "| %.0f | %d | %.0f %% | %s | %s | %s | %.2f |\n", f.perHour, f.workers, 100*f.busy, seconds(f.wait(0.5)), seconds(f.wait(0.95)), seconds(f.wait(0.99)),
			1000*f.workerTime.Hours()/float64(f.jobs))
	}
}

func (r *report) scaling(runs []scaled) {
	fmt.Fprintf(r, "\n## Workers that come and go\n\nAn hour in which the load rises from nothing to 8,000 jobs an hour and falls again, and twice 150 jobs come at once: %d jobs. ", runs[0].jobs)
	fmt.Fprint(r, "The chart's defaults are 4 jobs a worker, 1 to 10 workers, and a cooldown of 5 min; a worker takes 20 s from the decision to its first job.\n\n")
	fmt.Fprint(r, "| | waiting: median s | p95 s | p99 s | worker hours | busy | most workers |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, s := range runs {
		most := 0
		for _, m := range s.course {
			most = max(most, m.workers)
		}
		fmt.Fprintf(r, "| %s | %s | %s | %s | %.1f | %.0f %% | %d |\n", s.name, seconds(s.wait(0.5)), seconds(s.wait(0.95)), seconds(s.wait(0.99)), s.workerTime.Hours(), 100*s.busy, most)
	}
}
