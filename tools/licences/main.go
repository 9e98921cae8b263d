// Command licences reads the bills of materials (CycloneDX, JSON) that it is given and prints under which licence each of
// their components is. It fails where one has a licence that is not on the list, or none that is known.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fits are the licences that programs of ours may be linked with and shipped under.
var fits = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense", "Zlib", "CC0-1.0"}

// known corrects what detection makes of a component's text, by a look at it.
var known = map[string]string{
	"github.com/pressly/goose/v3":                   "MIT",          // a file that names two holders
	"kernel.org/pub/linux/libs/security/libcap/psx": "BSD-3-Clause", // or GPL-2.0, as one likes
}

// misread are texts that detection names otherwise.
var misread = map[string]string{"BSD-Source-Code": "BSD-3-Clause"} // of the Go project

type bill struct {
	Components []struct {
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		Licenses []licence `json:"licenses"`
		Evidence struct {
			Licenses []licence `json:"licenses"`
		} `json:"evidence"`
	} `json:"components"`
}

type licence struct {
	Expression string `json:"expression"`
	License    struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"license"`
}

func (l licence) name() string {
	for _, name := range []string{l.License.ID, l.Expression, l.License.Name} {
		if name != "" {
			if better, ok := misread[name]; ok {
				return better
			}
			return name
		}
	}
	return ""
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: licences BILL.cdx.json …")
		os.Exit(2)
	}
	bad := 0
	for _, path := range os.Args[1:] {
		components, refused, err := read(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, "licences:", err)
			os.Exit(1)
		}
		var counts []string
		for _, name := range slices.Sorted(maps.Keys(components)) {
			counts = append(counts, fmt.Sprintf("%d %s", components[name], name))
		}
		fmt.Printf("%-22s %s\n", filepath.Base(path), strings.Join(counts, ", "))
		for _, r := range refused {
			fmt.Fprintf(os.Stderr, "licences: %s: %s\n", filepath.Base(path), r)
		}
		bad += len(refused)
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// read returns how many components are under which licence, and those that do not fit.
func read(path string) (map[string]int, []string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var b bill
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	counts := map[string]int{}
	var refused []string
	for _, c := range b.Components {
		name := known[c.Name]
		for _, l := range append(c.Licenses, c.Evidence.Licenses...) {
			if name == "" {
				name = l.name()
			}
		}
		counts[name]++
		if !slices.Contains(fits, name) {
			refused = append(refused, fmt.Sprintf("%s %s has the licence %q", c.Name, c.Version, name))
		}
	}
	return counts, refused, nil
}
