//go:build schemas

// Command providers reads what `terraform providers schema -json` says and writes testdata/aws.json: of each type that our
// modules use, which arguments and blocks it takes and which it has to be given. What the module data calls a resource is
// named "resource.TYPE", "data.TYPE" or "ephemeral.TYPE".
//
//	terraform -chdir=examples/large providers schema -json | go -C deploy/check run -tags schemas ./providers > testdata/aws.json
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"meshgen/deploy/check"
)

type block struct {
	Attributes map[string]struct {
		Required, Optional bool
	} `json:"attributes"`
	BlockTypes map[string]struct {
		Block    block `json:"block"`
		MinItems int   `json:"min_items"`
	} `json:"block_types"`
}

// deepest is how deep blocks are kept: the statements of a firewall go on for ever. What lies deeper is not checked.
const deepest = 4

func (b block) reduce(depth int) *check.Block {
	if depth > deepest {
		return &check.Block{Open: true}
	}
	out := &check.Block{Arguments: map[string]bool{}, Blocks: map[string]*check.Block{}}
	for name, a := range b.Attributes {
		if a.Required || a.Optional {
			out.Arguments[name] = a.Required
		}
	}
	for name, inner := range b.BlockTypes {
		r := inner.Block.reduce(depth + 1)
		r.Required = inner.MinItems > 0
		out.Blocks[name] = r
	}
	return out
}

func main() {
	var said struct {
		ProviderSchemas map[string]struct {
			Resources map[string]struct{ Block block } `json:"resource_schemas"`
			Data      map[string]struct{ Block block } `json:"data_source_schemas"`
			Ephemeral map[string]struct{ Block block } `json:"ephemeral_resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&said); err != nil {
		fmt.Fprintln(os.Stderr, "providers:", err)
		os.Exit(1)
	}
	used, err := check.Types("../terraform")
	if err != nil {
		fmt.Fprintln(os.Stderr, "providers:", err)
		os.Exit(1)
	}
	out := map[string]*check.Block{}
	for _, p := range said.ProviderSchemas {
		for kind, types := range map[string]map[string]struct{ Block block }{"resource": p.Resources, "data": p.Data, "ephemeral": p.Ephemeral} {
			for name, t := range types {
				if key := kind + "." + name; used[key] {
					out[key] = t.Block.reduce(0)
				}
			}
		}
	}
	// A type a line.
	sep := "{\n"
	for _, key := range slices.Sorted(maps.Keys(out)) {
		line, err := json.Marshal(out[key])
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s%q: %s", sep, key, line)
		sep = ",\n"
	}
	fmt.Print("\n}\n")
}
