package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// Chart renders a Helm chart. Helm's own engine carries the client of Kubernetes, which takes minutes to compile; this is
// the part of it that our chart needs, and `make chart` compares the two.
type Chart struct {
	dir    string
	meta   map[string]any
	values map[string]any
}

// Object is one object of Kubernetes.
type Object map[string]any

// OpenChart reads the chart in dir.
func OpenChart(dir string) (*Chart, error) {
	c := &Chart{dir: dir}
	for name, into := range map[string]*map[string]any{"Chart.yaml": &c.meta, "values.yaml": &c.values} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c, nil
}

// Values returns the chart's values with others laid over them.
func (c *Chart) Values(over map[string]any) map[string]any { return merge(c.values, over) }

func merge(under, over map[string]any) map[string]any {
	out := maps.Clone(under)
	for name, value := range over {
		inner, isMap := value.(map[string]any)
		if below, ok := out[name].(map[string]any); ok && isMap {
			value = merge(below, inner)
		}
		out[name] = value
	}
	return out
}

// Render returns the text of each template, by file name, with release "mesh" in namespace "default".
func (c *Chart) Render(values map[string]any) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(c.dir, "templates", "*"))
	if err != nil {
		return nil, err
	}
	all := template.New("chart").Option("missingkey=error")
	all.Funcs(sprig.TxtFuncMap()).Funcs(template.FuncMap{
		"toYaml":   toYAML,
		"fromYaml": func(text string) (v map[string]any, err error) { return v, yaml.Unmarshal([]byte(text), &v) },
		"toJson":   func(v any) (string, error) { text, err := json.Marshal(v); return string(text), err },
		"required": func(message string, v any) (any, error) {
			if v == nil || v == "" {
				return nil, errors.New(message)
			}
			return v, nil
		},
		"include": func(name string, data any) (string, error) {
			var out strings.Builder
			err := all.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
	})
	if _, err := all.ParseFiles(files...); err != nil {
		return nil, err
	}
	data := map[string]any{
		"Values":  values,
		"Chart":   map[string]any{"Name": c.meta["name"], "Version": c.meta["version"], "AppVersion": c.meta["appVersion"]},
		"Release": map[string]any{"Name": "mesh", "Namespace": "default", "Service": "Helm"},
	}
	out := map[string]string{}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, name, data); err != nil {
			return nil, err
		}
		out[name] = text.String()
	}
	return out, nil
}

func toYAML(v any) (string, error) {
	text, err := yaml.Marshal(v)
	return strings.TrimSuffix(string(text), "\n"), err
}

// Objects renders the chart and reads what comes out, with duplicate keys refused.
func (c *Chart) Objects(over map[string]any) ([]Object, error) {
	files, err := c.Render(c.Values(over))
	if err != nil {
		return nil, err
	}
	var out []Object
	for name, text := range files {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for _, document := range strings.Split("\n"+text, "\n---") {
			var o Object
			if err := yaml.UnmarshalStrict([]byte(document), &o); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", name, err, document)
			}
			if o != nil {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

// at returns what lies at a path such as spec.template.spec, or nil. Numbers are places in a list.
func (o Object) at(path string) any {
	var v any = map[string]any(o)
	for part := range strings.SplitSeq(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(inner) {
				return nil
			}
			v = inner[i]
		default:
			return nil
		}
	}
	return v
}

func (o Object) kind() string { return fmt.Sprint(o["kind"]) }
func (o Object) name() string { return fmt.Sprint(o.at("metadata.name")) }
