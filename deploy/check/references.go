package check

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// named is what a module declares.
type named struct {
	variables, locals, outputs, modules, things map[string]hcl.Range
}

func (m *Module) declared() named {
	n := named{map[string]hcl.Range{}, map[string]hcl.Range{}, map[string]hcl.Range{}, map[string]hcl.Range{}, map[string]hcl.Range{}}
	for _, b := range m.blocks {
		switch b.Type {
		case "variable":
			n.variables[b.Labels[0]] = b.DefRange()
		case "output":
			n.outputs[b.Labels[0]] = b.DefRange()
		case "module":
			n.modules[b.Labels[0]] = b.DefRange()
		case "locals":
			for name, a := range b.Body.Attributes {
				n.locals[name] = a.NameRange
			}
		case "resource":
			n.things[strings.Join(b.Labels, ".")] = b.DefRange()
		case "data", "ephemeral":
			n.things[b.Type+"."+strings.Join(b.Labels, ".")] = b.DefRange()
		}
	}
	return n
}

// Roots that are no names of the module's.
var given = []string{"each", "count", "self", "path", "terraform"}

// checkReferences looks that every name is declared, every declaration used and described, and every module called as it
// asks to be.
func (m *Module) checkReferences() {
	declared := m.declared()
	used := map[string]bool{}
	for _, b := range m.blocks {
		if b.Type == "terraform" {
			continue
		}
		for _, t := range traversals(b.Body, nil) {
			m.resolve(b, t, declared, used)
		}
	}
	for name, at := range declared.variables {
		if !used["var."+name] {
			m.find("unused", at, "variable %s is not used", name)
		}
	}
	for name, at := range declared.locals {
		if !used["local."+name] {
			m.find("unused", at, "local %s is not used", name)
		}
	}
	for _, b := range m.blocks {
		if b.Type != "variable" && b.Type != "output" {
			continue
		}
		if text(b.Body, "description") == "" {
			m.find("described", b.DefRange(), "%s %s has no description", b.Type, b.Labels[0])
		}
		if _, ok := b.Body.Attributes["type"]; b.Type == "variable" && !ok {
			m.find("typed", b.DefRange(), "variable %s has no type", b.Labels[0])
		}
	}
	for _, call := range m.of("module") {
		m.checkCall(call)
	}
}

func (m *Module) resolve(in *hclsyntax.Block, t hcl.Traversal, declared named, used map[string]bool) {
	part := func(i int) string { return step(t, i) }
	root, at := t.RootName(), t.SourceRange()
	missing := func(kind, name string) { m.find("reference", at, "%s %s is not declared", kind, name) }
	switch {
	case slices.Contains(given, root):
	case root == "var":
		used["var."+part(1)] = used["var."+part(1)] || in.Type != "variable"
		if _, ok := declared.variables[part(1)]; !ok {
			missing("variable", part(1))
		}
	case root == "local":
		used["local."+part(1)] = true
		if _, ok := declared.locals[part(1)]; !ok {
			missing("local", part(1))
		}
	case root == "module":
		if _, ok := declared.modules[part(1)]; !ok {
			missing("module", part(1))
		} else if output := part(2); output != "" {
			if called, err := m.called(part(1)); err == nil {
				if _, ok := called.declared().outputs[output]; !ok {
					m.find("reference", at, "module %s has no output %s", part(1), output)
				}
			}
		}
	case root == "data", root == "ephemeral":
		if name := root + "." + part(1) + "." + part(2); !has(declared.things, name) {
			missing(root, name)
		}
	case strings.HasPrefix(root, "aws_"), root == "terraform_data":
		if name := root + "." + part(1); !has(declared.things, name) {
			missing("resource", name)
		}
	case root == "aws" && in.Type == "module", in.Type == "resource" && root == "aws": // a provider
	case in.Type == "variable" || in.Type == "resource" && len(t) == 1: // a type, or a name within ignore_changes
	default:
		missing("name", root)
	}
}

func has(m map[string]hcl.Range, name string) bool { _, ok := m[name]; return ok }

// traversals returns every reference within a body, those to the iterators of its dynamic blocks left out.
func traversals(body *hclsyntax.Body, iterators []string) []hcl.Traversal {
	var out []hcl.Traversal
	for _, a := range body.Attributes {
		for _, t := range a.Expr.Variables() {
			if !slices.Contains(iterators, t.RootName()) {
				out = append(out, t)
			}
		}
	}
	for _, b := range body.Blocks {
		below := iterators
		if b.Type == "dynamic" {
			below = append(slices.Clone(iterators), b.Labels[0])
		}
		out = append(out, traversals(b.Body, below)...)
	}
	return out
}

// called opens the module that a call names.
func (m *Module) called(name string) (*Module, error) {
	for _, b := range m.of("module") {
		if b.Labels[0] == name {
			return OpenModule(filepath.Join(m.dir, text(b.Body, "source")))
		}
	}
	return nil, filepath.ErrBadPattern
}

func (m *Module) checkCall(call *hclsyntax.Block) {
	target, err := OpenModule(filepath.Join(m.dir, text(call.Body, "source")))
	if err != nil {
		m.find("module", call.DefRange(), "module %s: %v", call.Labels[0], err)
		return
	}
	for name, a := range call.Body.Attributes {
		if slices.Contains([]string{"source", "version", "providers", "for_each", "count", "depends_on"}, name) {
			continue
		}
		if !has(target.declared().variables, name) {
			m.find("module", a.NameRange, "module %s has no variable %s", call.Labels[0], name)
		}
	}
	for _, v := range target.of("variable") {
		_, optional := v.Body.Attributes["default"]
		if _, ok := call.Body.Attributes[v.Labels[0]]; !ok && !optional {
			m.find("module", call.DefRange(), "module %s needs %s", call.Labels[0], v.Labels[0])
		}
	}
}

// step returns the name at a place of a reference.
func step(t hcl.Traversal, i int) string {
	if i < len(t) {
		if a, ok := t[i].(hcl.TraverseAttr); ok {
			return a.Name
		}
	}
	return ""
}
