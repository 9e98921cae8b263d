package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// root is the checkout, seen from this folder.
const root = "../.."

// Variable is one that a process of ours reads.
type Variable struct {
	Name, Default string
	Readers       []string // api, worker, meshgen; empty for all
}

var (
	sectionLine  = regexp.MustCompile(`^## [^(]*(?:\(([a-z, ]+)\))?`)
	variableLine = regexp.MustCompile("^\\| `(MESHGEN_[A-Z0-9_]+)` \\| (.*?) \\| ")
)

// Variables reads docs/configuration.md, which is generated from the product's Config structs.
func Variables() ([]Variable, error) {
	text, err := os.ReadFile(filepath.Join(root, "docs/configuration.md"))
	if err != nil {
		return nil, err
	}
	var out []Variable
	var readers []string
	for line := range strings.Lines(string(text)) {
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			readers = nil
			if m[1] != "" {
				readers = strings.Split(m[1], ", ")
			}
		}
		if m := variableLine.FindStringSubmatch(line); m != nil {
			out = append(out, Variable{Name: m[1], Default: strings.Trim(m[2], "`"), Readers: readers})
		}
	}
	if len(out) < 20 {
		return nil, fmt.Errorf("docs/configuration.md: only %d variables found", len(out))
	}
	return out, nil
}

// MustSet reports whether an installation has to set a variable: its default means this machine, a folder that a read-only
// file system does not let be written, or a number of CPUs that is the machine's and not the container's.
func MustSet(v Variable) bool {
	return strings.Contains(v.Default, "127.0.0.1") || strings.Contains(v.Default, "temporary directory") ||
		v.Name == "MESHGEN_ENGINES" || v.Name == "MESHGEN_THREADS"
}

// Duration returns a constant of the product's that is written as a number of units, as 30 * time.Minute.
func Duration(file, name string) (time.Duration, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, 0)
	if err != nil {
		return 0, err
	}
	var out time.Duration
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name || len(spec.Values) != 1 {
			return true
		}
		product, ok := spec.Values[0].(*ast.BinaryExpr)
		if !ok {
			return true
		}
		number, isNumber := product.X.(*ast.BasicLit)
		unit, isUnit := product.Y.(*ast.SelectorExpr)
		if isNumber && isUnit {
			n, _ := strconv.Atoi(number.Value)
			out = time.Duration(n) * map[string]time.Duration{"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour}[unit.Sel.Name]
		}
		return true
	})
	if out == 0 {
		return 0, fmt.Errorf("%s: no duration %s", file, name)
	}
	return out, nil
}
