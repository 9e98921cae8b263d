//go:build schemas

// Command schemas writes testdata/kubernetes.json: the JSON schemas of the kinds that the chart uses, out of the modules
// that define them, without their descriptions.
//
//	go -C deploy/check run -tags schemas ./schemas > testdata/kubernetes.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// The oldest versions that the chart is meant for would do; these are what was current when it was written.
const (
	kubernetes = "k8s.io/kubernetes@v1.34.1"
	keda       = "github.com/kedacore/keda/v2@v2.18.0"
)

var kinds = []string{
	"io.k8s.api.apps.v1.Deployment", "io.k8s.api.batch.v1.Job", "io.k8s.api.core.v1.Secret", "io.k8s.api.core.v1.Service",
	"io.k8s.api.core.v1.ServiceAccount", "io.k8s.api.networking.v1.Ingress", "io.k8s.api.networking.v1.NetworkPolicy",
	"io.k8s.api.policy.v1.PodDisruptionBudget",
}

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

func write() error {
	text, err := os.ReadFile(filepath.Join(module(kubernetes), "api/openapi-spec/swagger.json"))
	if err != nil {
		return err
	}
	var swagger struct {
		Definitions map[string]map[string]any `json:"definitions"`
	}
	if err := json.Unmarshal(text, &swagger); err != nil {
		return err
	}
	definitions := map[string]any{}
	var take func(name string)
	take = func(name string) {
		if _, ok := definitions[name]; ok {
			return
		}
		d, ok := swagger.Definitions[name]
		if !ok {
			panic("no definition " + name)
		}
		definitions[name] = nil // references may go round
		definitions[name] = strip(d, take)
	}
	for _, kind := range kinds {
		take(kind)
	}
	// Quantities and ports are numbers or texts; the document says text.
	definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = map[string]any{"type": []string{"string", "number"}}
	definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = map[string]any{"type": []string{"string", "integer"}}

	index := map[string]string{}
	for _, kind := range kinds {
		parts := strings.Split(kind, ".")
		group, version, name := parts[3], parts[4], parts[5]
		switch group {
		case "core":
			group = ""
		case "networking":
			group = "networking.k8s.io/"
		default:
			group += "/"
		}
		index[group+version+"/"+name] = kind
	}
	for _, name := range []string{"scaledobjects", "triggerauthentications"} {
		text, err := os.ReadFile(filepath.Join(module(keda), "config/crd/bases/keda.sh_"+name+".yaml"))
		if err != nil {
			return err
		}
		var crd struct {
			Spec struct {
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct {
						OpenAPIV3Schema map[string]any `json:"openAPIV3Schema"`
					}
				}
			}
		}
		if err := yaml.Unmarshal(text, &crd); err != nil {
			return err
		}
		v := crd.Spec.Versions[0]
		schema := strip(v.Schema.OpenAPIV3Schema, take).(map[string]any)
		take("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
		schema["properties"].(map[string]any)["metadata"] = ref("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
		definitions["sh.keda."+crd.Spec.Names.Kind] = schema
		index["keda.sh/"+v.Name+"/"+crd.Spec.Names.Kind] = "sh.keda." + crd.Spec.Names.Kind
	}
	for _, kind := range []string{"ServiceMonitor", "PodMonitor"} {
		definitions["com.coreos.monitoring."+kind] = monitor(kind)
		index["monitoring.coreos.com/v1/"+kind] = "com.coreos.monitoring." + kind
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(map[string]any{
		"$schema": "http://json-schema.org/draft-07/schema#",
		"source":  []string{kubernetes, keda, "Apache-2.0"},
		"kinds":   index, "definitions": definitions,
	})
}

// monitor is what the chart says to the Prometheus Operator, by its reference: its module is too much to fetch for that.
func monitor(kind string) map[string]any {
	closed := func(required []string, properties map[string]any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": false, "required": required, "properties": properties}
	}
	text := map[string]any{"type": "string"}
	endpoints := map[string]string{"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}[kind]
	return closed([]string{"apiVersion", "kind", "metadata", "spec"}, map[string]any{
		"apiVersion": text, "kind": text, "metadata": ref("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
		"spec": closed([]string{"selector", endpoints}, map[string]any{
			"selector": ref("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"),
			endpoints: map[string]any{"type": "array", "items": closed([]string{"port"}, map[string]any{
				"port": text, "path": text, "interval": map[string]any{"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"},
			})},
		}),
	})
}

// strip returns a schema without its descriptions, and closed: what it does not know is refused.
func strip(schema any, take func(string)) any {
	switch s := schema.(type) {
	case []any:
		out := make([]any, len(s))
		for i := range s {
			out[i] = strip(s[i], take)
		}
		return out
	case map[string]any:
		if target, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(target, "#/definitions/")
			take(name)
			return ref(name)
		}
		out := map[string]any{}
		for key, value := range s {
			switch {
			case key == "properties":
				properties := map[string]any{}
				for name, p := range value.(map[string]any) {
					properties[name] = strip(p, take)
				}
				out[key] = properties
			case key == "description", key == "format", key == "default", key == "example", strings.HasPrefix(key, "x-kubernetes"):
			default:
				out[key] = strip(value, take)
			}
		}
		if s["x-kubernetes-int-or-string"] == true {
			return map[string]any{"type": []string{"string", "integer"}}
		}
		if _, ok := out["properties"]; ok && s["x-kubernetes-preserve-unknown-fields"] != true {
			out["additionalProperties"] = false
		}
		return out
	}
	return schema
}

func ref(name string) map[string]any { return map[string]any{"$ref": "#/definitions/" + name} }

// module fetches a module and returns its folder.
func module(path string) string {
	out, err := exec.Command("go", "mod", "download", "-json", path).Output()
	if err != nil {
		panic(fmt.Errorf("%s: %w: %s", path, err, out))
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		panic(err)
	}
	return got.Dir
}
