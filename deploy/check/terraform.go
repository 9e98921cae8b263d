package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Finding is something that is wrong, and where.
type Finding struct {
	Rule, Place, Message string
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s [%s]", f.Place, f.Message, f.Rule) }

// Module is one folder of Terraform.
type Module struct {
	dir      string
	blocks   []*hclsyntax.Block
	findings []Finding
}

// OpenModule parses the .tf files of a folder.
func OpenModule(dir string) (*Module, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no .tf", dir)
	}
	m := &Module{dir: dir}
	parser := hclparse.NewParser()
	for _, name := range files {
		file, bad := parser.ParseHCLFile(name)
		if bad.HasErrors() {
			return nil, bad
		}
		m.blocks = append(m.blocks, file.Body.(*hclsyntax.Body).Blocks...)
	}
	return m, nil
}

// Modules opens every folder below dir that holds .tf files.
func Modules(dir string) ([]*Module, error) {
	var out []*Module
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if strings.HasPrefix(d.Name(), ".terraform") {
			return fs.SkipDir
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.tf")); len(files) > 0 {
			m, err := OpenModule(path)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// Types returns the types that modules below dir use, as "resource.aws_s3_bucket".
func Types(dir string) (map[string]bool, error) {
	modules, err := Modules(dir)
	out := map[string]bool{}
	for _, m := range modules {
		for _, b := range m.blocks {
			if key := typeKey(b); key != "" && strings.Contains(key, ".aws_") {
				out[key] = true
			}
		}
	}
	return out, err
}

func typeKey(b *hclsyntax.Block) string {
	switch b.Type {
	case "resource", "data", "ephemeral":
		return b.Type + "." + b.Labels[0]
	}
	return ""
}

func (m *Module) find(rule string, at hcl.Range, format string, args ...any) {
	place := fmt.Sprintf("%s:%d", filepath.ToSlash(at.Filename), at.Start.Line)
	m.findings = append(m.findings, Finding{rule, place, fmt.Sprintf(format, args...)})
}

// Check returns what is wrong with the module, in the order of its files.
func (m *Module) Check(schema map[string]*Block) []Finding {
	m.findings = nil
	m.checkSchema(schema)
	m.checkReferences()
	m.checkPolicies()
	slices.SortStableFunc(m.findings, func(a, b Finding) int { return cmp.Compare(a.Place, b.Place) })
	return m.findings
}

// of returns the blocks of one type.
func (m *Module) of(kind string) []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, b := range m.blocks {
		if b.Type == kind {
			out = append(out, b)
		}
	}
	return out
}

// resources returns the resources of one type.
func (m *Module) resources(name string) []*hclsyntax.Block {
	return slices.DeleteFunc(m.of("resource"), func(b *hclsyntax.Block) bool { return b.Labels[0] != name })
}

// inner returns the blocks of one type within a body; what a dynamic block makes counts.
func inner(body *hclsyntax.Body, kind string) []*hclsyntax.Body {
	var out []*hclsyntax.Body
	for _, b := range body.Blocks {
		switch {
		case b.Type == kind:
			out = append(out, b.Body)
		case b.Type == "dynamic" && b.Labels[0] == kind:
			for _, content := range b.Body.Blocks {
				if content.Type == "content" {
					out = append(out, content.Body)
				}
			}
		}
	}
	return out
}

// literal returns the value of an argument that needs nothing else to be known, or a null.
func literal(body *hclsyntax.Body, name string) cty.Value {
	a, ok := body.Attributes[name]
	if !ok {
		return cty.NilVal
	}
	v, bad := a.Expr.Value(nil)
	if bad.HasErrors() {
		return cty.NilVal
	}
	return v
}

func isTrue(body *hclsyntax.Body, name string) bool {
	v := literal(body, name)
	return v != cty.NilVal && v.Type() == cty.Bool && v.True()
}

func text(body *hclsyntax.Body, name string) string {
	if v := literal(body, name); v != cty.NilVal && v.Type() == cty.String {
		return v.AsString()
	}
	return ""
}

// texts returns the parts of a list that are plain text, and of templates what is plain in them.
func texts(e hcl.Expression) []string {
	var out []string
	if e == nil {
		return nil
	}
	hclsyntax.VisitAll(e.(hclsyntax.Expression), func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.TemplateExpr:
			var all strings.Builder
			for _, part := range n.Parts {
				if l, ok := part.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String {
					all.WriteString(l.Val.AsString())
				} else {
					all.WriteString("${}")
				}
			}
			out = append(out, all.String())
		}
		return nil
	})
	return out
}

// Block is what a type takes: its arguments, each with whether it has to be given, and its blocks.
type Block struct {
	Arguments map[string]bool   `json:"arguments,omitempty"`
	Blocks    map[string]*Block `json:"blocks,omitempty"`
	Required  bool              `json:"required,omitempty"`
	Open      bool              `json:"open,omitempty"` // not looked into
}

// Schema reads testdata/aws.json.
func Schema(file string) (map[string]*Block, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out map[string]*Block
	return out, json.Unmarshal(content, &out)
}

// What Terraform itself takes in every resource, data source and so on.
var (
	metaArguments = []string{"count", "for_each", "depends_on", "provider"}
	metaBlocks    = []string{"lifecycle", "provisioner", "connection"}
)

func (m *Module) checkSchema(schema map[string]*Block) {
	for _, b := range m.blocks {
		key := typeKey(b)
		if !strings.Contains(key, ".aws_") {
			continue
		}
		type_, ok := schema[key]
		if !ok {
			m.find("schema", b.DefRange(), "%s is not known: write testdata/aws.json anew", key)
			continue
		}
		m.checkBody(strings.Join(b.Labels, "."), b.Body, type_, true, b.DefRange())
	}
}

func (m *Module) checkBody(where string, body *hclsyntax.Body, type_ *Block, top bool, at hcl.Range) {
	if type_.Open {
		return
	}
	for name, a := range body.Attributes {
		if _, ok := type_.Arguments[name]; !ok && !(top && slices.Contains(metaArguments, name)) {
			m.find("schema", a.NameRange, "%s takes no argument %s", where, name)
		}
	}
	for name, required := range type_.Arguments {
		if _, ok := body.Attributes[name]; required && !ok {
			m.find("schema", at, "%s needs the argument %s", where, name)
		}
	}
	for _, b := range body.Blocks {
		kind := b.Type
		if kind == "dynamic" {
			kind = b.Labels[0]
		} else if top && slices.Contains(metaBlocks, kind) {
			continue
		}
		if _, ok := type_.Blocks[kind]; !ok {
			m.find("schema", b.DefRange(), "%s takes no block %s", where, kind)
		}
	}
	for kind, below := range type_.Blocks {
		found := inner(body, kind)
		if below.Required && len(found) == 0 {
			m.find("schema", at, "%s needs a block %s", where, kind)
		}
		for _, b := range found {
			m.checkBody(where+"."+kind, b, below, false, b.SrcRange)
		}
	}
}
