package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
)

type report struct {
	options    options
	took       time.Duration
	faults     tally
	recoveries []recovery
	verdict    verdict
}

func (r report) String() string {
	var b strings.Builder
	v := r.verdict
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Chaos")
	line("")
	line("%d jobs, seed %d, by %d clients, %d workers of one engine each, in %s. %s; load %s.", v.asked, r.options.seed, r.options.clients, r.options.workers,
		r.took.Round(time.Second), machine.Processor(), machine.Load())
	line("")
	line("| | |")
	line("|---|--:|")
	line("| faults | %d |", r.faults.total())
	line("| lost: acknowledged and gone, or another end than was told | %d |", v.lost)
	line("| doubled: two meshes for one key, or a file twice | %d |", v.doubled)
	line("| stuck: not at an end | %d |", v.stuck)
	line("| meshed although it should have failed | %d |", v.unfit)
	line("| calls that a patient client gave up | %d |", len(v.clientErr))
	line("| files read back whose size or sha256 is not their record's, of %d | %d |", v.files, len(v.wrongFiles))
	line("| objects that nothing names and nobody will sweep (%d wait to be swept) | %d |", v.awaited, v.leaked)
	line("| engines that outlived their workers | %d |", v.processes)
	line("| files left in the scratch folder | %d |", len(v.leftovers))
	line("")
	line("How they ended: %s. Attempts: %s.", words(v.statuses), words(v.attempts))
	if len(v.failures) > 0 {
		line("Of the jobs that nothing was wrong with, these failed, each with the reason: %s.", words(v.failures))
	}
	line("Cancel, from the call to the final status:")
	line("")
	line("| | cancels | median ms | p99 ms | worst ms |")
	line("|---|--:|--:|--:|--:|")
	line("| while no fault was under way | %s |", spread(v.canceled(func(faults []string) bool { return len(faults) == 0 })))
	line("| while the API and PostgreSQL were there, whatever else was not | %s |",
		spread(v.canceled(func(faults []string) bool { return !slices.ContainsFunc(faults, needed) })))
	line("| all, outages of the two included | %s |", spread(v.canceled(func([]string) bool { return true })))
	line("")
	line("| fault | times | until the next mesh was done, median | worst | cancels meanwhile, worst |")
	line("|---|--:|--:|--:|--:|")
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		recovered, canceled := " | ", ""
		if at := slices.IndexFunc(r.recoveries, func(c recovery) bool { return c.fault == name }); at >= 0 {
			recovered = fmt.Sprintf("%.1f s | %.1f s", r.recoveries[at].median.Seconds(), r.recoveries[at].worst.Seconds())
		}
		if took := v.canceled(func(faults []string) bool { return slices.Equal(faults, []string{name}) }); len(took) > 0 {
			canceled = fmt.Sprintf("%d ms", slices.Max(took).Milliseconds())
		}
		line("| %s | %d | %s | %s |", name, r.faults[name], recovered, canceled)
	}
	for _, bad := range slices.Concat(v.clientErr, v.wrongFiles, v.leftovers) {
		line("\n    %s", bad)
	}
	return b.String()
}

// spread tells of times in cells of a table.
func spread(times []time.Duration) string {
	n := len(times)
	if n == 0 {
		return "0 | | |"
	}
	slices.Sort(times)
	return fmt.Sprintf("%d | %d | %d | %d", n, times[n/2].Milliseconds(), times[min(n-1, n*99/100)].Milliseconds(), times[n-1].Milliseconds())
}

func words(t tally) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(t)) {
		all = append(all, fmt.Sprintf("%s %d", name, t[name]))
	}
	return strings.Join(all, ", ")
}
