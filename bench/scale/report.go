package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/times"
)

// report is the tables, in Markdown.
type report struct{ strings.Builder }

// What is aimed at.
const (
	aimClaims = 2_000 // a second
	aimDelay  = 200 * time.Millisecond
	aimRead   = 20 * time.Millisecond
	aimMemory = 150 << 20
)

func (r *report) header(o options) {
	fmt.Fprintf(r, "# Where one installation ends\n\nMade by `make bench-scale`, %s. Servers, API, clients and workers share the processors.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(r, "| machine | |\n|---|---|\n| processor | %s |\n| kernel | %s |\n| Go | %s |\n", machine.Processor(), machine.Said("uname", "-r"), runtime.Version())
	fmt.Fprintf(r, "| servers | %s; %s; fsync on |\n", machine.Said("postgres", "--version"), machine.Said("redis-server", "--version"))
	fmt.Fprintf(r, "| load average before | %s |\n", machine.Load())
	fmt.Fprint(r, "\n| | measured | aim |\n|---|--:|---|\n")
}

func (r *report) line(what, format string, args ...any) {
	fmt.Fprintf(r, "| %s | %s | |\n", what, fmt.Sprintf(format, args...))
}

func (r *report) aimed(what, measured, aim string, reached bool) {
	fmt.Fprintf(r, "| %s | %s | %s: %s |\n", what, measured, aim, map[bool]string{true: "reached", false: "**missed**"}[reached])
}

func (r *report) claims(o options, queued, claimed float64, waits []time.Duration) {
	r.line(fmt.Sprintf("jobs queued, acknowledged when on disk, by %d clients", 4*o.claimers), "%.0f/s", queued)
	r.aimed(fmt.Sprintf("jobs claimed from a queue of up to %d, %d under way, by %d workers", o.jobs, underWay, o.claimers),
		fmt.Sprintf("%.0f/s", claimed), fmt.Sprintf("%d/s", aimClaims), claimed >= aimClaims)
	r.line("one claim, median and p99", "%s and %s ms", times.Milliseconds(times.Median(waits)), times.Milliseconds(times.Quantile(waits, 0.99)))
}

func (r *report) reads(o options, took []time.Duration, share float64, memory int64) {
	p99 := times.Quantile(took, 0.99)
	r.aimed(fmt.Sprintf("status reads with a key, %.0f/s in an open loop for %s: p99", o.readRate, o.seconds),
		times.Milliseconds(p99)+" ms", times.Milliseconds(aimRead)+" ms", p99 <= aimRead)
	r.line("… median, p999, worst", "%s, %s, %s ms", times.Milliseconds(times.Median(took)), times.Milliseconds(times.Quantile(took, 0.999)), times.Milliseconds(times.Quantile(took, 1)))
	r.line("… processors that the API took", "%.2f", share)
	r.aimed("… memory of the API, at most", mib(memory), mib(aimMemory), memory <= aimMemory)
}

func (r *report) streams(o options, opening time.Duration, wanted int, delays []time.Duration, lost int, share float64, grown, most int64) {
	p99 := times.Quantile(delays, 0.99)
	r.line(fmt.Sprintf("%d streams of events on %d meshes opened, with %d keys", o.clients, o.subjects, o.keys), "%.1f s", opening.Seconds())
	r.aimed(fmt.Sprintf("%.0f events/s, %d heard each second: delay from the due time to the client, p99", o.eventRate, int(float64(wanted)/o.seconds.Seconds())),
		times.Milliseconds(p99)+" ms", times.Milliseconds(aimDelay)+" ms", p99 <= aimDelay)
	r.line("… median, worst", "%s, %s ms", times.Milliseconds(times.Median(delays)), times.Milliseconds(times.Quantile(delays, 1)))
	r.aimed("… events that a client should have heard, and did not; streams that ended", fmt.Sprintf("%d; %d", wanted-len(delays), lost), "0; 0", len(delays) == wanted && lost == 0)
	r.line("… processors that the API took", "%.2f", share)
	r.line("… memory of the API: for the streams; at most, of all this run", "%s; %s", mib(grown), mib(most))
}

func mib(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }
