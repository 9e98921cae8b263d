package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// metrics are what Prometheus asks for, on a port of their own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	streams  *prometheus.GaugeVec
	uploaded prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "meshgen_http_request_duration_seconds", Help: "Time from a request to the end of its answer, by route. Streams of events are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route", "method", "status"}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "meshgen_sse_clients", Help: "Clients that follow a stream of events, by what it is about.",
		}, []string{"stream"}),
		uploaded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "meshgen_upload_bytes_total", Help: "Bytes of CAD files received through the API.",
		}),
	}
	for _, stream := range []string{streamMesh, streamGeometry, streamTenant} {
		m.streams.WithLabelValues(stream)
	}
	m.registry.MustRegister(m.requests, m.streams, m.uploaded, &queueCollector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts a request that has been answered. Paths without a route are one series, else strangers could make more.
func (m *metrics) observe(route, method string, status int, took time.Duration) {
	switch {
	case route == "" || route == "/*":
		route = "none"
	case strings.HasSuffix(route, "/events"):
		return
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		Registry: m.registry, ErrorHandling: promhttp.ContinueOnError, // the rest is worth having while Postgres is away
	}))
	return mux
}

// queueCollector asks Postgres how much work there is, when Prometheus asks us.
type queueCollector struct{ s *Server }

var (
	classDesc  = prometheus.NewDesc("meshgen_queued_jobs", "Jobs that wait for an engine, by class.", []string{"class"}, nil)
	paceDesc   = prometheus.NewDesc("meshgen_jobs_per_minute", "Jobs whose run ended in the last minute.", nil, nil)
	jobsDesc   = prometheus.NewDesc("meshgen_jobs", "Jobs that are not final: queued (ready to be claimed), waiting or running.", []string{"state"}, nil)
	claimsDesc = prometheus.NewDesc("meshgen_claims_total", "Meshes that a worker took since it started, by where their part was kept.", []string{"worker", "part"}, nil)
	oldestDesc = prometheus.NewDesc("meshgen_oldest_job_seconds", "Age of the job that has been ready to be claimed longest.", nil, nil)
)

func (c *queueCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDesc, oldestDesc, classDesc, paceDesc, claimsDesc} {
		out <- d
	}
}

func (c *queueCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.s.life, 2*time.Second)
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
	c.collectClaims(ctx, out)
}

func (c *queueCollector) collectClaims(ctx context.Context, out chan<- prometheus.Metric) {
	reports, err := c.s.queue.Workers(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(claimsDesc, err)
		return
	}
	for _, report := range reports {
		var w types.Worker
		if json.Unmarshal(report, &w) != nil { // of a version that is too far from ours
			continue
		}
		for part, n := range map[string]int{"here": w.Claims.Here, "elsewhere": w.Claims.Elsewhere, "nowhere": w.Claims.Nowhere} {
			out <- prometheus.MustNewConstMetric(claimsDesc, prometheus.CounterValue, float64(n), w.ID, part)
		}
	}
}
