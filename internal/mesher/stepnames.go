package mesher

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// bodies are the instances of a STEP file on the way from a product to the solids that represent it:
//
//	product ← product_definition_formation ← product_definition ← product_definition_shape
//	        ← shape_definition_representation → shape_representation (— relationship —) → solids
//
// Each map leads from the number of an instance to what it refers to.
type bodies struct {
	products, formations, definitions, shapes map[string]string
	solids                                    map[string]string   // names
	items                                     map[string][]string // of representations
	represented                               [][2]string         // product_definition_shape, representation
	related                                   [][2]string         // representations that stand for each other
}

// bodyNames returns, by the name of a product, the name of the one solid that represents it, where it has one solid with a
// name, and no other product is called the same.
func bodyNames(text []byte) map[string]string {
	b := bodies{
		products: map[string]string{}, formations: map[string]string{}, definitions: map[string]string{},
		shapes: map[string]string{}, solids: map[string]string{}, items: map[string][]string{},
	}
	for statement := range stepStatements(text) {
		if number, keyword, arguments, ok := stepInstance(statement); ok {
			b.add(number, keyword, arguments)
		}
	}
	for rep, items := range b.items {
		b.items[rep] = slices.DeleteFunc(items, func(item string) bool { _, solid := b.solids[item]; return !solid })
	}
	for _, r := range b.related {
		if len(b.items[r[0]]) == 0 {
			b.items[r[0]] = b.items[r[1]]
		} else if len(b.items[r[1]]) == 0 {
			b.items[r[1]] = b.items[r[0]]
		}
	}
	uses := map[string]int{}
	for _, name := range b.products {
		uses[name]++
	}
	out := map[string]string{}
	for _, r := range b.represented {
		product, ok := b.products[b.formations[b.definitions[b.shapes[r[0]]]]]
		if !ok || uses[product] != 1 {
			continue
		}
		if solids := b.items[r[1]]; len(solids) == 1 && b.solids[solids[0]] != "" {
			out[product] = b.solids[solids[0]]
		}
	}
	return out
}

func (b *bodies) add(number, keyword string, arguments []byte) {
	argument := func(i int) string {
		if all := splitArguments(arguments); i < len(all) {
			return all[i]
		}
		return ""
	}
	switch keyword {
	case "PRODUCT":
		b.products[number] = stepString(argument(1))
	case "PRODUCT_DEFINITION_FORMATION", "PRODUCT_DEFINITION_FORMATION_WITH_SPECIFIED_SOURCE":
		b.formations[number] = argument(2)
	case "PRODUCT_DEFINITION", "PRODUCT_DEFINITION_WITH_ASSOCIATED_DOCUMENTS":
		b.definitions[number] = argument(2)
	case "PRODUCT_DEFINITION_SHAPE":
		b.shapes[number] = argument(2)
	case "SHAPE_DEFINITION_REPRESENTATION":
		b.represented = append(b.represented, [2]string{argument(0), argument(1)})
	case "SHAPE_REPRESENTATION_RELATIONSHIP":
		b.related = append(b.related, [2]string{argument(2), argument(3)})
	case "SHAPE_REPRESENTATION", "ADVANCED_BREP_SHAPE_REPRESENTATION":
		list := strings.Trim(argument(1), "()")
		b.items[number] = splitArguments([]byte(list))
	case "MANIFOLD_SOLID_BREP", "BREP_WITH_VOIDS":
		name := stepString(argument(0))
		if strings.HasPrefix(name, "#") || name == "NONE" {
			name = "" // some systems repeat the number of the instance
		}
		b.solids[number] = name
	}
}

// stepStatements yields the text between semicolons. A semicolon within a string, told by an odd number of quotes before it,
// ends nothing.
func stepStatements(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			end, quotes := 0, 0
			for {
				next := bytes.IndexByte(text[end:], ';')
				if next < 0 {
					return
				}
				quotes += bytes.Count(text[end:end+next], []byte("'"))
				end += next + 1
				if quotes%2 == 0 {
					break
				}
			}
			if !yield(text[:end-1]) {
				return
			}
			text = text[end:]
		}
	}
}

// stepInstance takes "#12 = KEYWORD(arguments)" apart; instances of several types at once are none here.
func stepInstance(statement []byte) (number, keyword string, arguments []byte, ok bool) {
	left, right, found := bytes.Cut(statement, []byte("="))
	left, right = bytes.TrimSpace(left), bytes.TrimSpace(right)
	if !found || len(left) == 0 || left[0] != '#' || len(right) == 0 {
		return "", "", nil, false
	}
	// only words of P, S, M, B and A matter, and most instances are of others
	switch right[0] {
	case 'P', 'S', 'M', 'B', 'A':
	default:
		return "", "", nil, false
	}
	word, rest, found := bytes.Cut(right, []byte("("))
	end := bytes.LastIndexByte(rest, ')')
	if !found || end < 0 {
		return "", "", nil, false
	}
	return string(left), string(bytes.TrimSpace(word)), rest[:end], true
}

// splitArguments splits a list at its commas, but not within strings or inner lists.
func splitArguments(list []byte) []string {
	var out []string
	depth, quoted, from := 0, false, 0
	for i, c := range list {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(string(list[from:i])))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(string(list[from:])))
}

// stepString returns what a string argument says.
func stepString(argument string) string {
	if len(argument) < 2 || argument[0] != '\'' || argument[len(argument)-1] != '\'' {
		return ""
	}
	return decodeStep(argument[1 : len(argument)-1])
}

// The escapes of strings in ISO 10303-21: \X2\…\X0\ holds UTF-16 in hexadecimal, \X4\…\X0\ UTF-32, \X\hh and \S\c a byte
// of ISO 8859-1; a quote is doubled.
var stepEscape = regexp.MustCompile(`\\X2\\((?:[0-9A-Fa-f]{4})*)\\X0\\|\\X4\\((?:[0-9A-Fa-f]{8})*)\\X0\\|\\X\\([0-9A-Fa-f]{2})|\\S\\(.)`)

func decodeStep(s string) string {
	s = strings.ReplaceAll(s, "''", "'")
	s = stepEscape.ReplaceAllStringFunc(s, func(escape string) string {
		m := stepEscape.FindStringSubmatch(escape)
		switch {
		case strings.HasPrefix(escape, `\X2\`):
			return string(utf16.Decode(hexUnits[uint16](m[1], 4)))
		case strings.HasPrefix(escape, `\X4\`):
			return string(hexUnits[rune](m[2], 8))
		case m[3] != "":
			return string(hexUnits[rune](m[3], 2))
		}
		return string(rune(m[4][0]) + 0x80)
	})
	return strings.TrimSpace(s)
}

func hexUnits[T uint16 | rune](digits string, size int) []T {
	var out []T
	for ; len(digits) >= size; digits = digits[size:] {
		v, err := strconv.ParseUint(digits[:size], 16, 32)
		if err != nil {
			return out
		}
		out = append(out, T(v))
	}
	return out
}
