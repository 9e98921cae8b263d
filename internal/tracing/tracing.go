// Package tracing tells an OpenTelemetry collector what was done for whom and when: spans, from a click in the browser through the
// API, the queue, the worker and the stages of the engine. It is off unless an endpoint is set, and then costs nothing.
//
// It speaks OTLP over HTTP in JSON, which every collector takes at the same address as protobuf. The SDK's exporter for HTTP
// (otlptracehttp 1.47) brings gRPC, by the package of OTLP's messages, and with it html/template, for which the linker keeps
// all methods of all packages: 16 MB on top of the API's 26. Sampling, batches and the resource are the SDK's, with its variables
// (OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_RESOURCE_ATTRIBUTES).
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Config says where spans go.
type Config struct {
	// Endpoint of an OTLP receiver that takes HTTP, such as http://collector:4318. Without one, and without that of traces, nothing is traced.
	Endpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	// TracesEndpoint is the whole address for traces, and goes before the other.
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"`
	// Headers are sent along: name=value,name=value, the values URL-encoded.
	Headers string `env:"OTEL_EXPORTER_OTLP_HEADERS"`
	// Protocol: what speaks HTTP will do; gRPC is refused.
	Protocol string `env:"OTEL_EXPORTER_OTLP_PROTOCOL"`
	// Disabled switches all off.
	Disabled bool `env:"OTEL_SDK_DISABLED" envDefault:"false"`
}

// address returns where spans are sent, "" for nowhere.
func (c Config) address() string {
	switch {
	case c.Disabled:
		return ""
	case c.TracesEndpoint != "":
		return c.TracesEndpoint
	case c.Endpoint != "":
		return strings.TrimSuffix(c.Endpoint, "/") + "/v1/traces"
	}
	return ""
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	address := c.address()
	if address == "" {
		return nil
	}
	var bad []error
	if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		bad = append(bad, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %q is not the http or https address of a collector", address))
	}
	if c.Protocol == "grpc" {
		bad = append(bad, errors.New("OTEL_EXPORTER_OTLP_PROTOCOL: gRPC is not spoken; set http/json and the collector's port for HTTP, mostly 4318"))
	}
	if _, err := c.headers(); err != nil {
		bad = append(bad, err)
	}
	return errors.Join(bad...)
}

func (c Config) headers() (map[string]string, error) {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(c.Headers, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil { // without the value, which may be a secret
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: %q is not name=value", strings.TrimSpace(name))
		}
		headers[strings.TrimSpace(name)] = value
	}
	return headers, nil
}

// Off returns a tracer that makes no spans.
func Off() trace.Tracer { return noop.NewTracerProvider().Tracer(scope) }

// scope names what makes the spans.
const scope = "meshgen"

// stopWithin bounds how long the end of a process waits for a collector.
const stopWithin = 3 * time.Second

// Start returns the tracer of a process, nil where nothing is traced, and what sends the last of its spans.
func (c Config) Start(process string, log *slog.Logger) (tracer trace.Tracer, stop func(), err error) {
	if c.address() == "" {
		return nil, func() {}, nil
	}
	headers, err := c.headers()
	if err != nil {
		return nil, nil, err
	}
	// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before our name.
	of, err := sdkresource.Merge(sdkresource.NewSchemaless(attribute.String("service.name", "meshgen-"+process)), sdkresource.Environment())
	if err != nil {
		return nil, nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(newExporter(c.address(), headers, log)), sdk.WithResource(of))
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		_ = provider.Shutdown(ctx) // the exporter says what it could not send
	}
	return provider.Tracer(scope), stop, nil
}

const header = "traceparent" // W3C Trace Context

// Under returns a context whose spans are children of the span that a traceparent names, if it names one.
func Under(ctx context.Context, traceparent string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{header: traceparent})
}

// Traceparent names the span of a context for those who are told of it, "" if there is none.
func Traceparent(ctx context.Context) string {
	c := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, c)
	return c[header]
}

// ID returns the trace that a traceparent belongs to, for logs: "" if it names none.
func ID(traceparent string) string {
	of := trace.SpanContextFromContext(Under(context.Background(), traceparent))
	if !of.IsValid() {
		return ""
	}
	return of.TraceID().String()
}
