package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// What is told of the queue and of the workers is the same from every process of the API: it is asked for when Prometheus
// asks, and those who count take one of them (max by).

// collectTimeout bounds what is asked for, so that Prometheus gets the rest.
const collectTimeout = 2 * time.Second

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("meshgen_"+name, help, labels, nil)
}

// queueCollector asks Postgres how much work there is.
type queueCollector struct{ s *Server }

var (
	jobsDesc   = desc("jobs", "Jobs that are not final: queued (ready to be claimed), waiting or running.", "state")
	oldestDesc = desc("oldest_job_seconds", "Age of the job that has been ready to be claimed longest.")
	classDesc  = desc("queued_jobs", "Jobs that wait for an engine, by class.", "class")
	paceDesc   = desc("jobs_per_minute", "Jobs whose run ended in the last minute.")
)

func (c *queueCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDesc, oldestDesc, classDesc, paceDesc} {
		out <- d
	}
}

func (c *queueCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.s.life, collectTimeout)
	defer cancel()
	q, err := c.s.db.QueueStats(ctx, "")
	if err != nil {
		out <- prometheus.NewInvalidMetric(jobsDesc, err)
		return
	}
	for state, n := range map[string]int{"queued": q.Queued, "waiting": q.Waiting, "running": q.Running} {
		out <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(n), state)
	}
	for class, n := range map[store.Class]int{store.Interactive: q.Interactive, store.Batch: q.Batch} {
		out <- prometheus.MustNewConstMetric(classDesc, prometheus.GaugeValue, float64(n), string(class))
	}
	out <- prometheus.MustNewConstMetric(paceDesc, prometheus.GaugeValue, q.PerMinute)
	out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, q.OldestSeconds)
}

// workersCollector reads what the workers last said of themselves.
type workersCollector struct{ s *Server }

var (
	workersDesc    = desc("workers", "Workers that reported themselves in the last 15 seconds.")
	capacityDesc   = desc("engine_capacity", "Requests that a worker can run at once.", "worker")
	enginesDesc    = desc("engines", "Engines of a worker, by state.", "worker", "state")
	startedDesc    = desc("engines_started_total", "Engines that became ready since the worker started.", "worker")
	startFailsDesc = desc("engine_start_failures_total", "Engines that did not become ready.", "worker")
	crashesDesc    = desc("engine_crashes_total", "Engines that died by themselves.", "worker")
	replacedDesc   = desc("engines_replaced_total", "Engines that were replaced, by cause.", "worker", "cause")
	guessesDesc    = desc("speculations_total", "Speculations of a worker: begun, used (by a mesh), dropped (for a request, mostly) and failed.", "worker", "event")
	guessSumDesc   = desc("speculation_seconds_total", "Wall time of the speculations that ended.", "worker")
	claimsDesc     = desc("claims_total", "Meshes that a worker took since it started, by where their part was kept.", "worker", "part")
	endedDesc      = desc("jobs_ended_total", "Jobs that a worker ended, by succeeded or the code of the failure.", "worker", "end")
	stageRunsDesc  = desc("stage_runs_total", "How often a stage was gone through, in jobs that ended.", "worker", "stage")
	stageSumDesc   = desc("stage_seconds_total", "Time spent in a stage, in jobs that ended.", "worker", "stage")
)

func (c *workersCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		workersDesc, capacityDesc, enginesDesc, startedDesc, startFailsDesc, crashesDesc, replacedDesc, guessesDesc, guessSumDesc, claimsDesc, endedDesc, stageRunsDesc, stageSumDesc,
	} {
		out <- d
	}
}

func (c *workersCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.s.life, collectTimeout)
	defer cancel()
	reports, err := c.s.queue.Workers(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(workersDesc, err)
		return
	}
	n := 0
	for _, report := range reports {
		var w reported
		if json.Unmarshal(report, &w) == nil { // else of a version that is too far from ours
			n++
			collectWorker(w, out)
		}
	}
	out <- prometheus.MustNewConstMetric(workersDesc, prometheus.GaugeValue, float64(n))
}

// reported is what the metrics read of a worker's report. The tally is of all tenants' jobs, so the API shows it nowhere else.
type reported struct {
	types.Worker
	Tally struct {
		Ended  map[string]int
		Stages map[string]struct {
			Runs    int
			Seconds float64
		}
	}
}

func collectWorker(w reported, out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{w.ID}, labels...)...)
	}
	count := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, append([]string{w.ID}, labels...)...)
	}
	states := map[string]int{"starting": 0, "warm": 0, "speculating": 0, "busy": 0, "dying": 0}
	for _, e := range w.Pool.Engines {
		states[e.State]++
	}
	for state, n := range states {
		gauge(enginesDesc, float64(n), state)
	}
	gauge(capacityDesc, float64(w.Pool.Capacity))
	count(startedDesc, float64(w.Pool.Started))
	count(startFailsDesc, float64(w.Pool.StartFailures))
	count(crashesDesc, float64(w.Pool.Crashes))
	for cause, n := range w.Pool.Recycled {
		count(replacedDesc, float64(n), cause)
	}
	g := w.Pool.Speculations
	for event, n := range map[string]int{"begun": g.Begun, "used": g.Used, "dropped": g.Dropped, "failed": g.Failed} {
		count(guessesDesc, float64(n), event)
	}
	count(guessSumDesc, g.Seconds)
	for part, n := range map[string]int{"here": w.Claims.Here, "elsewhere": w.Claims.Elsewhere, "nowhere": w.Claims.Nowhere} {
		count(claimsDesc, float64(n), part)
	}
	for end, n := range w.Tally.Ended {
		count(endedDesc, float64(n), end)
	}
	for stage, t := range w.Tally.Stages {
		count(stageRunsDesc, float64(t.Runs), stage)
		count(stageSumDesc, t.Seconds, stage)
	}
}
