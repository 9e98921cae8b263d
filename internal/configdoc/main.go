// Command configdoc prints docs/configuration.md: every MESHGEN_* variable, read from the Config structs of the packages
// that own them, with the comments that stand there.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// packages own the variables, in the order of the page. What each process reads is said in the title.
var packages = []struct{ dir, title string }{
	{"internal/startup", "Every process"},
	{"internal/tracing", "Traces (api, worker): variables that OpenTelemetry has named"},
	{"internal/store", "Postgres (api, worker)"},
	{"internal/queue", "Redis (api, worker)"},
	{"internal/blob", "S3 (api, worker)"},
	{"internal/jobs", "Jobs (api, worker): the same for all processes of an installation"},
	{"internal/api", "API (api)"},
	{"internal/oidc", "Identity provider (api)"},
	{"internal/webhooks", "Webhooks (api)"},
	{"internal/fetch", "Files fetched by their address (api)"},
	{"internal/page", "Page in the browser (api)"},
	{"internal/worker", "Worker (worker)"},
	{"internal/pool", "Engines (worker, meshgen)"},
}

func main() {
	if err := write(os.Stdout, "."); err != nil {
		fmt.Fprintln(os.Stderr, "configdoc:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, root string) error {
	fmt.Fprint(w, "# Configuration\n\nEverything is set by environment variables. This page is generated from the `Config` structs (`make generate`).\nDurations are written as `90s` or `5m`, amounts of memory as `512MiB` or `2GiB`.\n")
	for _, p := range packages {
		variables, err := read(filepath.Join(root, p.dir))
		if err != nil {
			return fmt.Errorf("%s: %w", p.dir, err)
		}
		if len(variables) == 0 {
			return fmt.Errorf("%s: no Config with env tags", p.dir)
		}
		fmt.Fprintf(w, "\n## %s\n\n| variable | default | what it is |\n|---|---|---|\n", p.title)
		for _, v := range variables {
			fmt.Fprintf(w, "| `%s` | %s | %s |\n", v.name, v.value, v.doc)
		}
	}
	return nil
}

type variable struct{ name, value, doc string }

// read returns the variables of the struct named Config in the package in dir.
func read(dir string) ([]variable, error) {
	var out []variable
	fset := token.NewFileSet()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != dir {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			t, ok := n.(*ast.TypeSpec)
			if !ok || t.Name.Name != "Config" {
				return true
			}
			s, ok := t.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range s.Fields.List {
				if v, ok := field(f); ok {
					out = append(out, v)
				}
			}
			return false
		})
		return nil
	})
	return out, err
}

func field(f *ast.Field) (variable, bool) {
	if f.Tag == nil {
		return variable{}, false
	}
	tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
	name, _, _ := strings.Cut(tag.Get("env"), ",")
	if name == "" {
		return variable{}, false
	}
	v := variable{name: name}
	if d := tag.Get("envDefault"); d != "" {
		v.value = "`" + d + "`"
	}
	// The comment above says what it is; one behind says what an empty default stands for, if it begins so.
	v.doc = oneLine(f.Doc)
	behind := oneLine(f.Comment)
	if rest, ok := strings.CutPrefix(behind, "default: "); ok {
		v.value, behind = rest, ""
	}
	v.doc = strings.ReplaceAll(strings.TrimSpace(v.doc+" "+behind), "|", "\\|")
	return v, true
}

func oneLine(c *ast.CommentGroup) string {
	return strings.Join(strings.Fields(c.Text()), " ")
}
