package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
	m.registry.MustRegister(m.requests, m.streams, m.uploaded, &queueCollector{s}, &workersCollector{s},
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
