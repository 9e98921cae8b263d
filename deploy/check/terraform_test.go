package check

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/require"
)

const terraformDir = "../terraform"

func schema(t *testing.T) map[string]*Block {
	t.Helper()
	s, err := Schema("testdata/aws.json")
	require.NoError(t, err)
	return s
}

func TestTerraform_NothingIsWrong(t *testing.T) {
	modules, err := Modules(terraformDir)
	require.NoError(t, err)
	require.Greater(t, len(modules), 9)
	for _, m := range modules {
		require.Empty(t, m.Check(schema(t)))
	}
}

// What stands in testdata/terraform is wrong, each at the lines that say so: "# wrong: RULE", at the line itself.
func TestTerraform_WhatIsWrongIsFound(t *testing.T) {
	mark := regexp.MustCompile(`# wrong: ([a-z, ]+)$`)
	modules, err := Modules("testdata/terraform")
	require.NoError(t, err)
	rules := map[string]bool{}
	for _, m := range modules {
		want, have := []string{}, []string{}
		content, err := os.ReadFile(filepath.Join(m.dir, "main.tf"))
		require.NoError(t, err)
		for i, line := range strings.Split(string(content), "\n") {
			if found := mark.FindStringSubmatch(line); found != nil {
				for _, rule := range strings.Split(found[1], ", ") {
					rules[rule] = true
					want = append(want, fmt.Sprintf("%s/main.tf:%d [%s]", m.dir, i+1, rule))
				}
			}
		}
		for _, f := range m.Check(schema(t)) {
			have = append(have, fmt.Sprintf("%s [%s]", f.Place, f.Rule))
		}
		slices.Sort(want)
		slices.Sort(have)
		require.Equal(t, slices.Compact(want), slices.Compact(have))
	}
	require.Equal(t, []string{"actions", "bucket", "described", "encryption", "module", "network", "principals", "redis", "reference",
		"resources", "schema", "secret", "typed", "unused"}, slices.Sorted(maps.Keys(rules)), "every rule can fail")
}

// keys returns the keys of every object within an expression.
func keys(e hclsyntax.Expression) []string {
	var out []string
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if o, ok := n.(*hclsyntax.ObjectConsExpr); ok {
			for _, item := range o.Items {
				if key, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok {
					out = append(out, hcl.ExprAsKeyword(key.Wrapped))
				}
			}
		}
		return nil
	})
	return out
}

// locals returns what the locals of a module set, by name.
func locals(t *testing.T, dir string) map[string]hclsyntax.Expression {
	t.Helper()
	m, err := OpenModule(filepath.Join(terraformDir, dir))
	require.NoError(t, err)
	out := map[string]hclsyntax.Expression{}
	for _, b := range m.of("locals") {
		for name, a := range b.Body.Attributes {
			out[name] = a.Expr
		}
	}
	return out
}

// variablesOf returns the variables that a program is given: those of all, its own, and its secrets.
func variablesOf(t *testing.T, module string) []string {
	t.Helper()
	out := append(keys(locals(t, ".")["environment"]), keys(locals(t, module)["environment"])...)
	data, err := OpenModule(filepath.Join(terraformDir, "modules/data"))
	require.NoError(t, err)
	for _, o := range data.of("output") {
		if o.Labels[0] == "secret_arns" {
			out = append(out, keys(o.Body.Attributes["value"].Expr)...)
		}
	}
	return out
}

func TestTerraform_EveryVariableIsOneOfTheProducts_AndThoseThatMustBeSetAre(t *testing.T) {
	variables, err := Variables()
	require.NoError(t, err)
	for program, module := range map[string]string{"api": "modules/api", "worker": "modules/workers"} {
		have := variablesOf(t, module)
		for _, name := range have {
			require.True(t, slices.ContainsFunc(variables, func(v Variable) bool { return v.Name == name }), name)
		}
		for _, v := range variables {
			if MustSet(v) && (len(v.Readers) == 0 || slices.Contains(v.Readers, program)) {
				require.Contains(t, have, v.Name, program)
			}
		}
	}
}

func TestTerraform_AStopEndsNoJob(t *testing.T) {
	longest, err := Duration("internal/spec/spec.go", "MaxTimeLimit")
	require.NoError(t, err)
	v, bad := locals(t, "modules/workers")["drain_minutes"].Value(nil)
	require.False(t, bad.HasErrors())
	minutes, _ := v.AsBigFloat().Int64()
	require.Greater(t, time.Duration(minutes)*time.Minute, longest)
}

// A worker writes under the keys of jobs, and nowhere else but where its check writes.
func TestTerraform_AWorkerWritesItsPrefixOnly(t *testing.T) {
	m, err := OpenModule(filepath.Join(terraformDir, "modules/workers"))
	require.NoError(t, err)
	writes := 0
	for _, b := range m.of("data") {
		for _, s := range inner(b.Body, "statement") {
			if slices.Contains(texts(s.Attributes["actions"].Expr), "s3:PutObject") {
				writes++
				require.Equal(t, []string{"${}/t/*/jobs/*", "${}/check/*"}, texts(s.Attributes["resources"].Expr))
			}
		}
	}
	require.Equal(t, 1, writes)
}
