package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"meshgen/internal/testenv"
)

// collector takes traces by OTLP over HTTP, and reads them as the OpenTelemetry Collector does.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans map[string][]tracedSpan // by trace
	bad   []error
}

type tracedSpan struct {
	ptrace.Span
	process string
}

func newCollector(t *testing.T) *collector {
	c := &collector{spans: map[string][]tracedSpan{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c.take(r); err != nil {
			c.mu.Lock()
			c.bad = append(c.bad, err)
			c.mu.Unlock()
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("X-Scope") != "a b" {
		return fmt.Errorf("%s %s with %v", r.Method, r.URL.Path, r.Header)
	}
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
	if err != nil {
		return fmt.Errorf("%w: %s", err, body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range traces.ResourceSpans().All() {
		process, _ := of.Resource().Attributes().Get("service.name")
		for _, scope := range of.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				id := span.TraceID().String()
				c.spans[id] = append(c.spans[id], tracedSpan{span, process.Str()})
			}
		}
	}
	return nil
}

// trace returns the spans of a trace.
func (c *collector) trace(id string) []tracedSpan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans[id])
}

func has(spans []tracedSpan, name string) bool {
	return slices.ContainsFunc(spans, func(s tracedSpan) bool { return s.Name() == name })
}

// The page names a trace; the API, the queue, the worker, the stages of its engine and the store are all parts of it.
func TestTrace_LeadsFromTheClickToTheStages(t *testing.T) {
	c := newCollector(t)
	s := newSite(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_HEADERS=x-scope=a%20b", "OTEL_BSP_SCHEDULE_DELAY=50",
		"MESHGEN_SPECULATE=0s") // else curves and faces may be there before they are asked for, and no stage of this job
	s.hire(testenv.Engine(t))
	g, err := s.upload("part.step", part(t, ""))
	require.NoError(t, err)

	const trace, click = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/v1/meshes", s.port),
		strings.NewReader(fmt.Sprintf(`{"geometry_id": %q}`, g.ID)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Prefer", "wait=25")
	req.Header.Set("Traceparent", "00-"+trace+"-"+click+"-01")
	answer, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	answer.Body.Close()

	require.Eventually(t, func() bool {
		spans := c.trace(trace)
		return has(spans, "job mesh") && has(spans, "POST /v1/meshes")
	}, patience, 20*time.Millisecond)
	require.Empty(t, c.bad)
	spans := c.trace(trace)
	byID := map[string]tracedSpan{}
	for _, span := range spans {
		byID[span.SpanID().String()] = span
	}
	parents := map[string]string{}
	for _, span := range spans {
		parent, ours := byID[span.ParentSpanID().String()]
		parents[span.Name()] = parent.process + " " + parentName(parent, ours)
		switch {
		case span.Name() == "POST /v1/meshes":
			require.Equal(t, click, span.ParentSpanID().String())
			continue
		case !ours:
			t.Fatalf("%s of %s hangs in the air", span.Name(), span.process)
		case span.process == parent.process:
			require.LessOrEqual(t, parent.StartTimestamp(), span.StartTimestamp(), span.Name())
		}
		require.LessOrEqual(t, span.StartTimestamp(), span.EndTimestamp(), span.Name())
	}
	for name, parent := range map[string]string{
		"queued": "meshgen-api POST /v1/meshes", "job mesh": "meshgen-api POST /v1/meshes",
		"fetch": "meshgen-worker job mesh", "put msh": "meshgen-worker job mesh", "upload": "meshgen-worker job mesh", "finish": "meshgen-worker job mesh",
		"mesh1d": "meshgen-worker engine delaunay", "mesh2d": "meshgen-worker engine delaunay", "mesh3d": "meshgen-worker engine delaunay",
	} {
		require.Equal(t, parent, parents[name], name)
	}
	for _, process := range []string{"api", "worker"} {
		require.Eventually(t, func() bool { return s.log.says(`"process":"`+process+`"`, `"trace":"`+trace+`"`) }, patience, 20*time.Millisecond,
			"the log of the %s names the trace", process)
	}
}

func parentName(parent tracedSpan, ours bool) string {
	if !ours {
		return ""
	}
	return parent.Name()
}

// A collector that is away costs no job anything.
func TestTrace_CollectorMayBeAway(t *testing.T) {
	s := newSite(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY=50")
	s.hire(testenv.Engine(t))
	g, err := s.upload("part.step", part(t, ""))
	require.NoError(t, err)
	s.follow(g.ID, isDone)
	require.Eventually(t, func() bool { return s.log.says("traces are lost") }, patience, 20*time.Millisecond)
}

// said is the log of processes, as they write it.
type said struct{ testenv.Log }

// says reports whether a line has all of the parts.
func (l *said) says(parts ...string) bool {
	for line := range strings.Lines(l.String()) {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) }) {
			return true
		}
	}
	return false
}
