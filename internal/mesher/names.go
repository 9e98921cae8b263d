package mesher

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// solidNames returns the name of each solid in the CAD file, empty where it has none.
//
// Gmsh names a solid of a STEP file by its path through the assembly, "Shapes/assembly/bolt_1/bolt", where the last part is
// the product. Some systems write the name of a body on the body itself, which the library drops: it is looked up in the
// text of the file.
func (j *job) solidNames(solids []gmsh.DimTag) []string {
	out := make([]string, len(solids))
	var bodies map[string]string
	if j.req.Source.Format == engine.STEP {
		if text, err := os.ReadFile(j.req.Source.Path); err == nil {
			bodies = bodyNames(text)
		}
	}
	for i, s := range solids {
		path, err := gmsh.EntityName(s)
		if err != nil {
			continue
		}
		product := lastPart(path)
		if body, ok := bodies[product]; ok {
			out[i] = printable(body)
			continue
		}
		out[i] = cleanName(path)
	}
	return out
}

// lastPart returns the product of a path, without the layers that Gmsh appends: "Shapes/nut_1/nut & & 256".
func lastPart(path string) string {
	path, _, _ = strings.Cut(path, " & & ")
	parts := strings.Split(path, "/")
	for len(parts) > 1 {
		// names that OpenCASCADE gives to the solid within a product
		last := parts[len(parts)-1]
		if last != "SOLID" && last != "COMPOUND" && !strings.HasPrefix(last, "=>[") {
			break
		}
		parts = parts[:len(parts)-1]
	}
	return strings.TrimSpace(parts[len(parts)-1])
}

// printable drops what cannot be shown: some systems end a name with a control character.
func printable(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name))
}

// cleanName returns the part of a path that a person gave, or nothing.
func cleanName(path string) string {
	name := printable(lastPart(path))
	if name == "Shapes" || strings.HasPrefix(name, "Open CASCADE STEP translator") {
		return "" // what is written where nobody gave a name
	}
	return name
}

// safeGroupName keeps a name within what the formats can hold: no quotes, at most 127 bytes with a number
// appended (Gmsh 4.1).
func safeGroupName(name string) string {
	name = strings.ReplaceAll(name, `"`, "'")
	const limit = 120
	for len(name) > limit {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	return name
}

// count returns "1 face", "2 faces".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// capital returns a phrase as the beginning of a sentence.
func capital(phrase string) string { return strings.ToUpper(phrase[:1]) + phrase[1:] }
